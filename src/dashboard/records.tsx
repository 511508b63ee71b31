/** The other records of a connection: what was told of it and to whom, what its provider sent, its forced refreshes. */
import { useState } from "preact/hooks";
import { ask, type Refused, useData } from "./api.ts";
import type { ToldEvent } from "./connection.ts";
import { DeedButton } from "./deed.tsx";
import { useNews } from "./live.ts";
import { Pager, Shown, When } from "./parts.tsx";
import { addressOf } from "./route.ts";
import { sentenceOf } from "./words.ts";

interface Props {
  id: string;
  query: URLSearchParams;
}

interface Paged {
  count: number;
  remaining: number;
}

/** A page of a connection's list, with its place in the address. */
function usePage<T>(id: string, query: URLSearchParams, path: string) {
  const asked = useData<T & Paged>(`${path}${path.includes("?") ? "&" : "?"}limit=50${placeOf(query)}`);
  useNews(asked.again, (news) => news.connectionId === id);
  const side = query.has("after") ? "after" : query.has("before") ? "before" : null;
  const show = query.get("show") ?? undefined;
  const pager = (told: Paged, keys: { key: string }[]) => (
    <Pager
      count={told.count}
      remaining={told.remaining}
      side={side}
      first={keys[0]?.key}
      last={keys.at(-1)?.key}
      to={(at) => addressOf(`connections/${id}`, { show, ...at })}
    />
  );
  return { asked, pager };
}

function placeOf(query: URLSearchParams): string {
  const side = ["after", "before"].find((one) => query.has(one));
  return side === undefined ? "" : `&${side}=${encodeURIComponent(query.get(side) ?? "")}`;
}

export function ToldEvents({ id, query }: Props) {
  const path = `/bank-linking/connections/${id}/events`;
  const { asked, pager } = usePage<{ events: ToldEvent[] }>(id, query, path);
  const [said, say] = useState("");

  async function replay(eventId: string, profileId: string, name: string): Promise<void> {
    try {
      await ask("POST", `/notifications/webhooks/${profileId}/replay`, { eventId });
      say(`Sent to ${name} again.`);
      asked.again();
    } catch (error) {
      say((error as Refused).message);
    }
  }

  return (
    <>
      <p class="said" role="status">
        {said}
      </p>
      <Shown asked={asked}>
        {(told) => (
          <>
            {told.events.length === 0 && <p class="nothing">Nothing was told, or it is forgotten by now.</p>}
            <ol class="records">
              {told.events.map((event) => (
                <li key={event.id}>
                  <div>
                    <strong>{sentenceOf(event.type)}</strong> <When at={event.at} />
                    <span class="aside">
                      no. {event.sequence} · {event.id}
                    </span>
                  </div>
                  {event.deliveries.length === 0 && <span class="none">no endpoint asked for it</span>}
                  {event.deliveries.map(({ webhookProfileId, name, status, tries, reason }) => (
                    <div key={webhookProfileId} class="delivery">
                      <a href={addressOf(`deliveries/${webhookProfileId}`)}>{name}</a>
                      <span class={`badge ${DELIVERY_TONES[status]}`}>{sentenceOf(status)}</span>
                      <span class="aside">
                        {tries} {tries === 1 ? "try" : "tries"}
                        {reason !== null && ` · ${reason}`}
                      </span>
                      <DeedButton does="replayDeliveries" onClick={() => void replay(event.id, webhookProfileId, name)}>
                        Replay<span class="hidden"> event {event.sequence}</span>
                      </DeedButton>
                    </div>
                  ))}
                </li>
              ))}
            </ol>
            {pager(told, told.events)}
          </>
        )}
      </Shown>
    </>
  );
}

export const DELIVERY_TONES = { DELIVERED: "good", PENDING: "slow", FAILED: "bad" } as const;

interface Received {
  id: string;
  kind: string | null;
  receivedAt: string;
  times: number;
  isVerified: boolean;
  outcome: string;
  key: string;
}

export function ReceivedWebhooks({ id, query }: Props) {
  const { asked, pager } = usePage<{ receivedWebhooks: Received[] }>(
    id,
    query,
    `/received-webhooks?connectionId=${id}`,
  );
  return (
    <Shown asked={asked}>
      {(told) => (
        <>
          {told.receivedWebhooks.length === 0 && (
            <p class="nothing">The provider sent none in the last two weeks. Reads find out all the same.</p>
          )}
          <ol class="records">
            {told.receivedWebhooks.map((one) => (
              <li key={one.id}>
                <strong>{one.kind ?? "Unreadable"}</strong> <When at={one.receivedAt} />
                <span class="aside">
                  {sentenceOf(one.outcome)}
                  {one.times > 1 && ` · came ${one.times} times`}
                  {!one.isVerified && " · not verified yet"} · {one.id}
                </span>
              </li>
            ))}
          </ol>
          {pager(told, told.receivedWebhooks)}
        </>
      )}
    </Shown>
  );
}

interface Refresh {
  id: string;
  products: string[];
  status: "RUNNING" | "FINISHED";
  outcome: string | null;
  requestedAt: string;
  finishedAt: string | null;
  notBefore: string | null;
  parts: { accountId: string | null; product: string; outcome: string; cause: { code: string } | null }[];
  requestId: string;
  key: string;
}

const OUTCOME_TONES: Record<string, string> = {
  SUCCEEDED: "good",
  PARTIAL: "part",
  FAILED: "bad",
  TIMED_OUT: "unknown",
};

const productsOf = ({ products }: Refresh): string =>
  products.length === 0 ? "Everything" : products.map(sentenceOf).join(", ");

export function Refreshes({ id, query }: Props) {
  const path = `/bank-linking/connections/${id}/refreshes`;
  const { asked, pager } = usePage<{ refreshes: Refresh[] }>(id, query, path);
  return (
    <Shown asked={asked}>
      {(told) => (
        <>
          {told.refreshes.length === 0 && <p class="nothing">Nobody asked for a refresh yet.</p>}
          <ol class="records">
            {told.refreshes.map((one) => (
              <li key={one.id}>
                <div>
                  <strong>{productsOf(one)}</strong> <When at={one.requestedAt} />{" "}
                  <span class={`badge ${OUTCOME_TONES[one.outcome ?? ""] ?? "slow"}`}>
                    {sentenceOf(one.outcome ?? one.status)}
                  </span>
                  <span class="aside">
                    {one.id} · request {one.requestId}
                    {one.notBefore !== null && ` · not before ${one.notBefore}`}
                  </span>
                </div>
                {one.parts.length > 0 && (
                  <ul class="parts">
                    {one.parts.map((part, i) => (
                      <li key={i}>
                        {sentenceOf(part.product)}
                        {part.accountId !== null && (
                          <>
                            {" of "}
                            <code>{part.accountId}</code>
                          </>
                        )}
                        : {sentenceOf(part.outcome).toLowerCase()}
                        {part.cause !== null && <code>{part.cause.code}</code>}
                      </li>
                    ))}
                  </ul>
                )}
              </li>
            ))}
          </ol>
          {pager(told, told.refreshes)}
        </>
      )}
    </Shown>
  );
}
