/** The first page is the table: each row with how many stand in it and how they moved, and the picture beside it. */
import type { Actor } from "../core/status/next-step.ts";
import type { State, Status } from "../core/status/table.ts";
import { useData } from "./api.ts";
import { isLinked, LINKED } from "./filters.tsx";
import { useNews } from "./live.ts";
import { Shown } from "./parts.tsx";
import { Picture } from "./picture.tsx";
import { addressOf, go } from "./route.ts";
import { ACTOR_NAMES, counted, NAMES, setNow, toneOf } from "./words.ts";

interface Span {
  in: number;
  out: number;
}

interface Row {
  state: State;
  status: Status;
  statusReason: string | null;
  meaning: string;
  actor: Actor;
  count: number;
  lastDay: Span;
  lastWeek: Span;
}

interface States {
  now: string;
  total: number;
  states: Row[];
  moves: { from: State; to: State; lastDay: number; lastWeek: number }[];
}

const SPANS = { day: "in the last 24 hours", week: "in the last 7 days" } as const;

export function TablePage({ query }: { query: URLSearchParams }) {
  const span = query.get("span") === "week" ? "week" : "day";
  const asked = useData<States>("/bank-linking/states");
  useNews(asked.again);
  if (asked.data) setNow(asked.data.now);
  return (
    <>
      <h1 class="hidden">The table</h1>
      <Shown asked={asked}>
        {(told) => (
          <>
            <Turns states={told.states} />
            <div class="two">
              <Table states={told.states} />
              <section aria-labelledby="moves-title">
                <div class="heading">
                  <h2 id="moves-title">Moves</h2>
                  <div class="choice" role="group" aria-label="Moves of which time">
                    {(["day", "week"] as const).map((one) => (
                      <button
                        key={one}
                        type="button"
                        aria-pressed={span === one}
                        onClick={() => go(addressOf("", { span: one === "week" ? one : undefined }), "stay")}
                      >
                        {one === "day" ? "24 hours" : "7 days"}
                      </button>
                    ))}
                  </div>
                </div>
                <Picture
                  span={SPANS[span]}
                  counts={new Map(told.states.map(({ state, count }) => [state, count]))}
                  flows={told.moves
                    .map(({ from, to, lastDay, lastWeek }) => ({
                      from,
                      to,
                      count: span === "day" ? lastDay : lastWeek,
                    }))
                    .filter(({ count }) => count > 0)}
                />
              </section>
            </div>
          </>
        )}
      </Shown>
    </>
  );
}

/** Who has to act, before anything else: that is what an operator comes for. */
function Turns({ states }: { states: Row[] }) {
  const live = states.filter(({ status }) => isLinked(status));
  const sum = (rows: Row[]) => rows.reduce((all, { count }) => all + count, 0);
  const all = sum(live);
  const healthy = sum(live.filter(({ status }) => status === "ACTIVE"));
  const share = all === 0 ? "–" : `${((100 * healthy) / all).toFixed(1)} %`;
  const turn = (actor: Actor) => sum(live.filter((row) => row.actor === actor));
  return (
    <ul class="turns">
      <li>
        <a href={addressOf("connections", { state: LINKED })}>
          <strong>{counted(all)}</strong> linked
        </a>
      </li>
      <li>
        <a href={addressOf("connections", { state: "ACTIVE" })}>
          <strong>{share}</strong> active
        </a>
      </li>
      {(["operator", "customer", "institution", "provider"] as const).map((actor) => (
        <li key={actor}>
          <a href={addressOf("connections", { state: LINKED, actor })}>
            <strong>{counted(turn(actor))}</strong>{" "}
            {actor === "operator" ? "wait for you" : `wait for the ${ACTOR_NAMES[actor].toLowerCase()}`}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Table({ states }: { states: Row[] }) {
  const most = Math.max(1, ...states.map(({ count }) => count));
  return (
    <table class="states">
      <caption class="hidden">The 23 rows of the table</caption>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col" class="wide">
            Who acts
          </th>
          <th scope="col" class="number">
            Count
          </th>
          <th scope="col" class="number">
            24 h
          </th>
          <th scope="col" class="number">
            7 d
          </th>
        </tr>
      </thead>
      <tbody>
        {states.map((row, i) => (
          <tr key={row.state} class={classOf(row, states[i - 1])}>
            <th scope="row">
              <a href={addressOf("connections", { state: row.state })} title={row.meaning}>
                {NAMES[row.state]}
              </a>
              <code>
                {row.status}
                {row.statusReason !== null && (
                  <>
                    <wbr />/{row.statusReason}
                  </>
                )}
              </code>
            </th>
            <td class="wide">{ACTOR_NAMES[row.actor]}</td>
            <td class="number count">
              <Bar share={Math.sqrt(row.count / most)} />
              {counted(row.count)}
            </td>
            <Moved span={row.lastDay} />
            <Moved span={row.lastWeek} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const classOf = (row: Row, before: Row | undefined): string =>
  [toneOf(row.state), row.status !== before?.status && "first", row.count === 0 && "zero"].filter(Boolean).join(" ");

const WIDTH = 64;

/** By the root of the count: one row holds nearly all, and the others are what is looked for. */
const Bar = ({ share }: { share: number }) => (
  <svg class="bar" width={WIDTH} height="6" aria-hidden="true">
    <rect x={WIDTH * (1 - share)} width={WIDTH * share} height="6" rx="3" />
  </svg>
);

const Moved = ({ span }: { span: Span }) => (
  <td class="number moved">
    {span.in === 0 && span.out === 0 ? (
      <span class="none">–</span>
    ) : (
      <>
        <span class={span.in === 0 ? "none" : ""}>+{counted(span.in)}</span>{" "}
        <span class={span.out === 0 ? "none" : ""}>−{counted(span.out)}</span>
      </>
    )}
  </td>
);
