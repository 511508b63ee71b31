/** One box for any id. Where it names one connection, that is opened at once. */
import { useEffect, useRef } from "preact/hooks";
import type { State } from "../core/status/table.ts";
import { ask, useData } from "./api.ts";
import { isTyping, openConnection } from "./list-page.tsx";
import { Badge, Shown } from "./parts.tsx";
import { addressOf, go } from "./route.ts";

interface Found {
  connections: { id: string; state: State; institutionName: string | null; externalCustomerId: string | null }[];
  endpoint: { id: string; name: string } | null;
}

const pathOf = (q: string) => `/search?${new URLSearchParams({ q }).toString()}`;

export function SearchBox() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const q = field.current?.value.trim() ?? "";
    if (q === "") return;
    const found = await ask<Found>("GET", pathOf(q)).catch(() => null);
    const [only, ...others] = found?.connections ?? [];
    if (only && others.length === 0) openConnection(only.id);
    else if (found?.endpoint) go(addressOf(`deliveries/${found.endpoint.id}`));
    else go(addressOf("search", { q }));
  }

  return (
    <form class="search" role="search" aria-label="Any id" onSubmit={(event) => void submit(event)}>
      <label class="hidden" for="search">
        Find by any id
      </label>
      <input
        id="search"
        ref={field}
        type="search"
        placeholder="Find by any id  /"
        autocomplete="off"
        spellcheck={false}
      />
    </form>
  );
}

export function SearchPage({ q }: { q: string }) {
  const asked = useData<Found>(q === "" ? null : pathOf(q));
  return (
    <>
      <h1>Search</h1>
      <p>
        Looked for <code>{q}</code>: ids of ours of every kind, your ids of customers, the provider’s ids of
        connections, and request ids.
      </p>
      <Shown asked={asked}>
        {({ connections }) =>
          connections.length === 0 ? (
            <p class="nothing">Nothing here goes by that. Ids are matched whole.</p>
          ) : (
            <ul class="hits">
              {connections.map((one) => (
                <li key={one.id}>
                  <a href={addressOf(`connections/${one.id}`)}>{one.externalCustomerId ?? one.id}</a>
                  <span>{one.institutionName}</span>
                  <Badge state={one.state} />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </>
  );
}
