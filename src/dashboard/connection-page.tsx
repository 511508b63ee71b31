/** One connection: how it is and why on top, what may be done about it, and below everything that happened to it. */
import type { Actor } from "../core/status/next-step.ts";
import { rowOf } from "../core/status/table.ts";
import { Actions } from "./actions.tsx";
import { useData } from "./api.ts";
import { type Connection, stateOf } from "./connection.ts";
import { useNews } from "./live.ts";
import { Badge, Copy, Shown, When } from "./parts.tsx";
import { ReceivedWebhooks, Refreshes, ToldEvents } from "./records.tsx";
import { addressOf } from "./route.ts";
import { Timeline } from "./timeline.tsx";
import { agoOf, now, sentenceOf, spanOf, stampOf } from "./words.ts";

const VIEWS = [
  ["", "Timeline"],
  ["events", "Webhooks out"],
  ["received", "Webhooks in"],
  ["refreshes", "Refreshes"],
] as const;

interface Props {
  id: string;
  query: URLSearchParams;
  sandbox: boolean;
}

export function ConnectionPage({ id, query, sandbox }: Props) {
  const asked = useData<Connection>(`/bank-linking/connections/${encodeURIComponent(id)}`);
  useNews(asked.again, (news) => news.connectionId === id);
  return (
    <Shown asked={asked}>
      {(one) => (
        <>
          <Head one={one} />
          <Why one={one} />
          <Actions one={one} sandbox={sandbox} done={asked.again} />
          {one.status === "DELETED" ? <ToldEvents id={id} query={query} /> : <Record one={one} query={query} />}
        </>
      )}
    </Shown>
  );
}

function Head({ one }: { one: Connection }) {
  const details = one.serviceProviderDetails;
  return (
    <>
      <p class="crumbs">
        <a href={addressOf("connections")}>Connections</a> /{" "}
        <a href={addressOf("connections", { customer: one.externalCustomerId ?? undefined })}>
          {one.externalCustomerId ?? one.customerId}
        </a>
      </p>
      <div class="title">
        <h1>
          {one.institutionName ?? "No bank yet"}{" "}
          <span>for {one.externalCustomerId ?? "a customer without a name"}</span>
        </h1>
        <Badge state={stateOf(one)} />
      </div>
      <dl class="facts">
        <Fact name="Connection">
          <Copy text={one.id} name="the connection’s id" />
        </Fact>
        <Fact name="Provider">
          {details === null ? "none yet" : details.serviceProvider}{" "}
          {details?.serviceProviderConnectionId && (
            <Copy text={details.serviceProviderConnectionId} name="the provider’s id" />
          )}
        </Fact>
        <Fact name="Products">
          {[...one.products, ...one.optionalProducts.map((product) => `${product} (optional)`)].join(", ")}
        </Fact>
        <Fact name="Created">
          <When at={one.createdAt} />
        </Fact>
        {/* What was read of it is erased with it: that is not "never". */}
        {one.status !== "DELETED" && (
          <>
            <Fact name="Last good read">
              <When at={one.lastSuccessAt} />
            </Fact>
            <Fact name="Last attempt">
              <When at={one.lastAttemptAt} />
            </Fact>
          </>
        )}
        {Object.entries(one.dataAsOf).map(([product, at]) => (
          <Fact key={product} name={`${sentenceOf(product)} as of`}>
            <When at={at} />
          </Fact>
        ))}
        {(one.duplicateConnectionIds ?? []).map((other) => (
          <Fact key={other} name={other === one.activeDuplicateConnectionId ? "Served by" : "Its duplicate"}>
            <a href={addressOf(`connections/${other}`)}>{other}</a>
          </Fact>
        ))}
        {one.replacesConnectionId !== null && (
          <Fact name="Replaces">
            <a href={addressOf(`connections/${one.replacesConnectionId}`)}>{one.replacesConnectionId}</a>
          </Fact>
        )}
      </dl>
    </>
  );
}

const Fact = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const TURNS: Record<Actor, string> = {
  customer: "The customer has to act.",
  institution: "The bank has to act.",
  provider: "The provider has to act.",
  operator: "You have to act.",
  nobody: "Nobody has to act.",
};

function Why({ one }: { one: Connection }) {
  const state = stateOf(one);
  const { actor, what, at, why } = one.nextStep;
  return (
    <div class="why">
      <section aria-labelledby="why-title">
        <h2 id="why-title">Why</h2>
        <p>
          {rowOf(state).meaning} It has been so for{" "}
          <time dateTime={one.stateSince} title={stampOf(one.stateSince)}>
            {spanOf(now() - Date.parse(one.stateSince))}
          </time>
          .
        </p>
        {one.cause !== null && (
          <p class="cause">
            <code>{one.cause.code}</code>
            {one.cause.httpStatus !== null && ` · HTTP ${one.cause.httpStatus}`}
            {one.cause.scope !== "*" && ` · of ${one.cause.scope}`}
            {one.cause.at !== null && (
              <>
                {" "}
                · met <When at={one.cause.at} />
              </>
            )}
            {one.cause.message !== null && <q>{one.cause.message}</q>}
          </p>
        )}
        <p class="enum">
          <code>{state}</code>
        </p>
      </section>
      <section aria-labelledby="next-title">
        <h2 id="next-title">What happens next</h2>
        <p>
          <strong>{TURNS[actor]}</strong> {what}
        </p>
        <p>
          {at === null ? (
            "The gateway does nothing more of its own accord."
          ) : (
            <>
              The gateway acts <time dateTime={at}>{agoOf(at)}</time> ({stampOf(at)}): {why}
            </>
          )}
        </p>
        {one.nextRefreshAllowedAt !== null && (
          <p>
            The provider’s limit allows the next read <When at={one.nextRefreshAllowedAt} />.
          </p>
        )}
      </section>
    </div>
  );
}

function Record({ one, query }: { one: Connection; query: URLSearchParams }) {
  const shown = query.get("show") ?? "";
  return (
    <section aria-labelledby="record-title">
      <h2 id="record-title" class="hidden">
        What happened
      </h2>
      <nav class="views" aria-label="What happened">
        {VIEWS.map(([view, name]) => (
          <a
            key={view}
            href={addressOf(`connections/${one.id}`, { show: view })}
            aria-current={view === shown ? "true" : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      {shown === "events" && <ToldEvents id={one.id} query={query} />}
      {shown === "received" && <ReceivedWebhooks id={one.id} query={query} />}
      {shown === "refreshes" && <Refreshes id={one.id} query={query} />}
      {shown === "" && <Timeline one={one} query={query} />}
    </section>
  );
}
