/** Endpoints and what became of what was sent to them. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, type Refused, useData } from "./api.ts";
import { DeedButton } from "./deed.tsx";
import { useNews } from "./live.ts";
import { Pager, Shown, When } from "./parts.tsx";
import { DELIVERY_TONES } from "./records.tsx";
import { addressOf, go } from "./route.ts";
import { counted, now, sentenceOf } from "./words.ts";
import { DAY } from "../core/status/policy.ts";

interface Profile {
  id: string;
  name: string;
  url: string;
  status: "ACTIVE" | "DISABLED";
  disabledBecause: string | null;
  failingSince: string | null;
}

interface Standing {
  id: string;
  pending: number;
  failed: number;
  oldestPendingAt: string | null;
}

interface Delivery {
  eventId: string;
  eventType: string;
  connectionId: string;
  status: keyof typeof DELIVERY_TONES;
  tries: number;
  madeAt: string;
  lastTryAt: string | null;
  nextTryAt: string | null;
  reason: string | null;
  key: string;
}

export function DeliveriesPage({ id, query }: { id: string | undefined; query: URLSearchParams }) {
  const profiles = useData<{ webhookProfiles: Profile[] }>("/notifications/webhooks?limit=100");
  const standings = useData<{ endpoints: Standing[] }>("/endpoints");
  useNews(() => {
    profiles.again();
    standings.again();
  });
  return (
    <>
      <h1>Deliveries</h1>
      <Shown asked={profiles}>
        {({ webhookProfiles }) => {
          const chosen = webhookProfiles.find((one) => one.id === id);
          if (webhookProfiles.length === 0)
            return (
              <p class="nothing">
                No endpoint hears of anything yet. <code>POST /notifications/webhooks</code> makes one.
              </p>
            );
          return (
            <>
              <ul class="cards endpoints">
                {webhookProfiles.map((one) => (
                  <Endpoint
                    key={one.id}
                    one={one}
                    standing={standings.data?.endpoints.find((each) => each.id === one.id)}
                    isChosen={one.id === id}
                  />
                ))}
              </ul>
              {chosen && <Log one={chosen} query={query} looked={standings.again} />}
            </>
          );
        }}
      </Shown>
    </>
  );
}

function Endpoint({ one, standing, isChosen }: { one: Profile; standing: Standing | undefined; isChosen: boolean }) {
  const health = one.status === "DISABLED" ? "lost" : one.failingSince === null ? "good" : "bad";
  const said =
    one.status === "DISABLED"
      ? `Off: ${sentenceOf(one.disabledBecause ?? "").toLowerCase()}`
      : one.failingSince === null
        ? "Well"
        : "Failing";
  return (
    <li>
      <h2>
        <a href={addressOf(`deliveries/${one.id}`)} aria-current={isChosen ? "true" : undefined}>
          {one.name}
        </a>{" "}
        <span class={`badge ${health}`}>{said}</span>
      </h2>
      <p>
        <code>{one.url}</code>
      </p>
      <p>
        {counted(standing?.pending ?? 0)} waiting
        {standing?.oldestPendingAt && (
          <>
            {" "}
            (the oldest <When at={standing.oldestPendingAt} />)
          </>
        )}{" "}
        · {counted(standing?.failed ?? 0)} given up
        {one.failingSince !== null && (
          <>
            {" "}
            · failing since <When at={one.failingSince} />
          </>
        )}
      </p>
    </li>
  );
}

function Log({ one, query, looked }: { one: Profile; query: URLSearchParams; looked: () => void }) {
  const status = query.get("status") ?? "";
  const [said, say] = useState("");
  const title = useRef<HTMLHeadingElement>(null);
  // Of many endpoints the list is long, and what was chosen is below it.
  useEffect(() => title.current?.focus(), [one.id]);
  const side = query.has("after") ? "after" : query.has("before") ? "before" : null;
  const asks = new URLSearchParams({
    limit: "50",
    ...(status && { status }),
    ...(side && { [side]: query.get(side) ?? "" }),
  });
  const base = `/notifications/webhooks/${one.id}`;
  const asked = useData<{ deliveries: Delivery[]; count: number; remaining: number }>(
    `${base}/deliveries?${asks.toString()}`,
  );
  useNews(asked.again);

  async function replay(body: object): Promise<void> {
    try {
      const { count } = await ask<{ count: number }>("POST", `${base}/replay`, body);
      say(`${counted(count)} ${count === 1 ? "is" : "are"} sent again.`);
    } catch (error) {
      say((error as Refused).message);
    }
    asked.again();
    looked();
  }
  async function switchOn(): Promise<void> {
    const said = await ask("PATCH", base, { status: "ACTIVE" }).then(
      () => `${one.name} is on.`,
      (error: Refused) => error.message,
    );
    say(said);
    asked.again();
    looked();
  }
  const failedSince = () => new Date(now() - 30 * DAY).toISOString();

  return (
    <section aria-labelledby="log-title">
      <div class="heading">
        <h2 id="log-title" ref={title} tabIndex={-1}>
          What was sent to {one.name}
        </h2>
        <label>
          Show{" "}
          <select
            value={status}
            onChange={(event) => go(addressOf(`deliveries/${one.id}`, { status: event.currentTarget.value }), "stay")}
          >
            <option value="">all</option>
            {Object.keys(DELIVERY_TONES).map((each) => (
              <option key={each} value={each}>
                {sentenceOf(each).toLowerCase()}
              </option>
            ))}
          </select>
        </label>
        {one.status === "DISABLED" && (
          <DeedButton does="updateWebhookProfile" onClick={() => void switchOn()}>
            Switch on
          </DeedButton>
        )}
        <DeedButton does="replayDeliveries" onClick={() => void replay({ failedSince: failedSince() })}>
          Replay all that failed
        </DeedButton>
      </div>
      <p class="said" role="status">
        {said}
      </p>
      <Shown asked={asked}>
        {({ deliveries, count, remaining }) => (
          <>
            {deliveries.length === 0 && <p class="nothing">None.</p>}
            <ol class="records">
              {deliveries.map((each) => (
                <li key={each.eventId} class="delivery">
                  <strong>{sentenceOf(each.eventType)}</strong>
                  <span class={`badge ${DELIVERY_TONES[each.status]}`}>{sentenceOf(each.status)}</span>
                  <When at={each.lastTryAt ?? each.madeAt} />
                  <a href={addressOf(`connections/${each.connectionId}`, { show: "events" })}>its connection</a>
                  <span class="aside">
                    {each.tries} {each.tries === 1 ? "try" : "tries"}
                    {each.reason !== null && ` · ${each.reason}`}
                    {each.nextTryAt !== null && (
                      <>
                        {" "}
                        · again <When at={each.nextTryAt} />
                      </>
                    )}{" "}
                    · {each.eventId}
                  </span>
                  <DeedButton does="replayDeliveries" onClick={() => void replay({ eventId: each.eventId })}>
                    Replay<span class="hidden"> {each.eventId}</span>
                  </DeedButton>
                </li>
              ))}
            </ol>
            <Pager
              count={count}
              remaining={remaining}
              side={side}
              first={deliveries[0]?.key}
              last={deliveries.at(-1)?.key}
              to={(at) => addressOf(`deliveries/${one.id}`, { status, ...at })}
            />
          </>
        )}
      </Shown>
    </section>
  );
}
