/** The connections that the filters leave, newest first. */
import { useEffect } from "preact/hooks";
import { useData } from "./api.ts";
import { type Connection, stateOf } from "./connection.ts";
import { askedWith, Filters, listWith } from "./filters.tsx";
import { useNews } from "./live.ts";
import { Badge, Pager, Shown, When } from "./parts.tsx";
import { addressOf, go } from "./route.ts";
import { ACTOR_NAMES } from "./words.ts";

const LIMIT = 50;

export function ListPage({ query, providers }: { query: URLSearchParams; providers: readonly string[] }) {
  const path = `/bank-linking/connections?${askedWith(query, LIMIT)}`;
  const asked = useData<{ connections: Connection[]; count: number; remaining: number }>(path);
  useNews(asked.again);
  useMoveByKeys();
  const side = query.has("after") ? "after" : query.has("before") ? "before" : null;
  return (
    <>
      <h1>Connections</h1>
      <Filters query={query} providers={providers} />
      <Shown asked={asked}>
        {({ connections, count, remaining }) => (
          <>
            {connections.length === 0 ? (
              <p class="nothing">No connection is like this.</p>
            ) : (
              <table class="list">
                <thead>
                  <tr>
                    <th scope="col">Customer</th>
                    <th scope="col">Bank</th>
                    <th scope="col">State</th>
                    <th scope="col">Since</th>
                    <th scope="col">Cause</th>
                    <th scope="col">Last good read</th>
                    <th scope="col">Who acts</th>
                  </tr>
                </thead>
                <tbody>
                  {connections.map((one) => (
                    <Line key={one.id} one={one} />
                  ))}
                </tbody>
              </table>
            )}
            <Pager
              count={count}
              remaining={remaining}
              side={side}
              first={connections[0]?.key}
              last={connections.at(-1)?.key}
              to={(place) => listWith(query, place)}
            />
          </>
        )}
      </Shown>
    </>
  );
}

function Line({ one }: { one: Connection }) {
  return (
    <tr>
      <th scope="row">
        <a href={addressOf(`connections/${one.id}`)}>{one.externalCustomerId ?? one.customerId}</a>
      </th>
      <td data-name="Bank">{one.institutionName ?? <span class="none">none yet</span>}</td>
      <td data-name="State">
        <Badge state={stateOf(one)} />
      </td>
      <td data-name="Since">
        <When at={one.stateSince} />
      </td>
      <td data-name="Cause">{one.cause === null ? <span class="none">–</span> : <code>{one.cause.code}</code>}</td>
      <td data-name="Last good read">
        <When at={one.lastSuccessAt} />
      </td>
      <td data-name="Who acts">{ACTOR_NAMES[one.nextStep.actor]}</td>
    </tr>
  );
}

/** j and k go down and up through the lines, as in a terminal; Enter opens, since a link has the focus. */
function useMoveByKeys(): void {
  useEffect(() => {
    const move = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const step = { j: 1, k: -1 }[event.key];
      if (step === undefined) return;
      const links = [...document.querySelectorAll<HTMLAnchorElement>("table.list tbody th a")];
      const at = links.findIndex((link) => link === document.activeElement);
      links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
    };
    addEventListener("keydown", move);
    return () => removeEventListener("keydown", move);
  }, []);
}

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable);

/** Used by the search box, too: where a look-up leads to one connection, it is shown at once. */
export const openConnection = (id: string): void => go(addressOf(`connections/${id}`));
