/** What happened to a connection, newest first, and a ribbon of the states that it was in. */
import { type State } from "../core/status/table.ts";
import { useData } from "./api.ts";
import { type Connection, type Entry, stateOf } from "./connection.ts";
import { useNews } from "./live.ts";
import { Badge, Pager, Shown } from "./parts.tsx";
import { addressOf } from "./route.ts";
import { dayOf, NAMES, now, sentenceOf, spanOf, stampOf, toneOf } from "./words.ts";

const LIMIT = 100;

interface Told {
  timeline: Entry[];
  count: number;
  remaining: number;
}

export function Timeline({ one, query }: { one: Connection; query: URLSearchParams }) {
  const place = new URLSearchParams({ limit: String(LIMIT) });
  for (const side of ["after", "before"]) if (query.has(side)) place.set(side, query.get(side) ?? "");
  const asked = useData<Told>(`/bank-linking/connections/${one.id}/timeline?${place.toString()}`);
  useNews(asked.again, (news) => news.connectionId === one.id);
  const side = query.has("after") ? "after" : query.has("before") ? "before" : null;
  return (
    <Shown asked={asked}>
      {({ timeline, count, remaining }) => (
        <>
          {side === null && <Ribbon one={one} entries={timeline} whole={remaining === 0} />}
          {byDay(timeline).map(([day, entries]) => (
            <section key={day} class="day">
              <h3>{day}</h3>
              <ol class="timeline">
                {entries.map((entry) => (
                  <li key={entry.id} class={entry.kind}>
                    <time dateTime={entry.at} title={stampOf(entry.at)}>
                      {entry.at.slice(11, 19)}
                    </time>
                    <div>
                      <What entry={entry} />
                    </div>
                  </li>
                ))}
              </ol>
            </section>
          ))}
          <Pager
            count={count}
            remaining={remaining}
            side={side}
            first={timeline[0]?.key}
            last={timeline.at(-1)?.key}
            to={(at) => addressOf(`connections/${one.id}`, at)}
          />
        </>
      )}
    </Shown>
  );
}

/** What belongs to one instant is told with its effect on top, as the newest of it. */
const ORDER: readonly Entry["kind"][] = ["state", "observation", "act", "session"];
const inOrder = (a: Entry, b: Entry): number =>
  a.at === b.at ? ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) : a.at < b.at ? 1 : -1;

function byDay(entries: Entry[]): [string, Entry[]][] {
  const days = new Map<string, Entry[]>();
  for (const entry of [...entries].sort(inOrder)) {
    const day = dayOf(entry.at);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return [...days];
}

function What({ entry: { kind, detail } }: { entry: Entry }) {
  if (kind === "state")
    return (
      <>
        <Badge state={detail["from"] as State} /> → <Badge state={detail["to"] as State} />
        {isRaw(detail["cause"]) && <code>{detail["cause"].code}</code>}
      </>
    );
  if (kind === "observation") return <Observed detail={detail as unknown as Observed} />;
  return <Done kind={kind} detail={detail} />;
}

interface Raw {
  code: string;
  message?: string;
  httpStatus?: number;
  requestId?: string;
}

const isRaw = (value: unknown): value is Raw => typeof value === "object" && value !== null && "code" in value;

interface Observed {
  run: string;
  kind: "run" | "probe";
  forced: string[];
  calls: Record<string, number>;
  succeeded: string[];
  troubles: { scope: string; state: State; raw: Raw }[];
  ours?: boolean;
  needsCustomer?: boolean;
  accountsListed?: number;
}

function Observed({ detail }: { detail: Observed }) {
  const calls = Object.values(detail.calls).reduce((sum, count) => sum + count, 0);
  const isGood = detail.troubles.length === 0 && !detail.ours && !detail.needsCustomer;
  const forced = detail.forced.length > 0 ? ", asked for" : "";
  return (
    <>
      <strong>{detail.kind === "probe" ? "A look" : `A read${forced}`}</strong>
      {isGood ? ": all well" : detail.ours ? ": stopped by our own side" : ""}
      {detail.needsCustomer && ": the customer is needed"}
      {detail.accountsListed !== undefined && `, ${detail.accountsListed} accounts`}
      <span class="aside">
        {calls} {calls === 1 ? "call" : "calls"} · {detail.run}
      </span>
      {detail.troubles.map(({ scope, state, raw }, i) => (
        <p key={i} class="met">
          <span class={`badge ${toneOf(state)}`}>{NAMES[state]}</span> <code>{raw.code}</code>
          {raw.httpStatus !== undefined && ` HTTP ${raw.httpStatus}`}
          {scope !== "*" && ` of ${scope}`}
          {raw.requestId !== undefined && ` · request ${raw.requestId}`}
          {raw.message !== undefined && <q>{raw.message}</q>}
        </p>
      ))}
    </>
  );
}

function Done({ kind, detail }: { kind: Entry["kind"]; detail: Record<string, unknown> }) {
  const { act, step, raw, ...rest } = detail;
  const name = kind === "session" ? `In the widget: ${String(step)}` : sentenceOf(String(act));
  const known = Object.entries(rest).filter(([, value]) => typeof value === "string" || Array.isArray(value));
  return (
    <>
      <strong>{name}</strong>
      {isRaw(raw) && <code>{raw.code}</code>}
      {known.length > 0 && (
        <span class="aside">{known.map(([key, value]) => `${key} ${[value].flat().join(", ")}`).join(" · ")}</span>
      )}
    </>
  );
}

const WIDTH = 1000;
const HEIGHT = 26;

/** As far back as this page of the timeline goes; where it goes back to the beginning, from there on. */
function Ribbon({ one, entries, whole }: { one: Connection; entries: Entry[]; whole: boolean }) {
  const moves = entries.filter(({ kind }) => kind === "state").reverse();
  const end = now();
  const begin = Date.parse(whole ? one.createdAt : (entries.at(-1)?.at ?? one.createdAt));
  const first = (moves[0]?.detail["from"] as State | undefined) ?? stateOf(one);
  const spans = [
    { state: first, from: begin },
    ...moves.map(({ at, detail }) => ({ state: detail["to"] as State, from: Date.parse(at) })),
  ].map((span, i, all) => ({ ...span, to: all[i + 1]?.from ?? end }));
  const x = (at: number) => (WIDTH * (at - begin)) / Math.max(1, end - begin);
  const said = spans.map(({ state, from, to }) => `${NAMES[state]} for ${spanOf(to - from)}`).join(", ");
  return (
    <figure class="ribbon">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`States so far: ${said}`}
      >
        {spans.map(({ state, from, to }) => (
          // The shortest trouble is still to be seen.
          <rect
            key={from}
            class={toneOf(state)}
            x={Math.min(x(from), WIDTH - 3)}
            width={Math.max(3, x(to) - x(from))}
            height={HEIGHT}
          >
            <title>{`${NAMES[state]} for ${spanOf(to - from)}`}</title>
          </rect>
        ))}
      </svg>
      <figcaption>
        <span>{dayOf(new Date(begin).toISOString())}</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}
