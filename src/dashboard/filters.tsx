/** The filters of the list of connections. They live in the address, and are what the API is asked with. */
import { ACTORS } from "../core/status/next-step.ts";
import { DAY, HOUR } from "../core/status/policy.ts";
import { type Status, TABLE } from "../core/status/table.ts";
import { addressOf, go } from "./route.ts";
import { ACTOR_NAMES, NAMES, now, sentenceOf } from "./words.ts";

/** Stands for every status of a connection that holds a bank. */
export const LINKED = "LINKED";
const STATUSES = [...new Set(TABLE.map(({ status }) => status))];
const UNLINKED: readonly Status[] = ["IN_PROGRESS", "EXPIRED", "DELETED"];
export const isLinked = (status: Status): boolean => !UNLINKED.includes(status);

const SINCE = { "1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY } as const;
const SINCE_NAMES: Record<keyof typeof SINCE, string> = {
  "1h": "the last hour",
  "24h": "the last 24 hours",
  "7d": "the last 7 days",
  "30d": "the last 30 days",
};
const NAMES_OF_FILTERS = ["state", "actor", "provider", "institution", "customer", "since"] as const;

/** To the minute, so that a page that looks again asks the same. */
const MINUTE = 60_000;

export function askedWith(query: URLSearchParams, limit: number): string {
  const asked = new URLSearchParams({ limit: String(limit) });
  const set = (name: string, value: string | null) => {
    if (value !== null && value !== "") asked.set(name, value);
  };
  const state = query.get("state") ?? "";
  // What is no filter is asked for all the same: the API says what is wrong with it.
  if (state === LINKED) set("statuses", STATUSES.filter(isLinked).join(","));
  else if (state.startsWith("all ")) set("statuses", state.slice(4));
  else set("states", state);
  set("actors", query.get("actor"));
  set("serviceProviders", query.get("provider"));
  set("institutionName", query.get("institution"));
  set("externalCustomerId", query.get("customer"));
  const asks = query.get("since");
  const since = SINCE[asks as keyof typeof SINCE];
  if (since === undefined) set("stateSince", asks);
  else set("stateSince", new Date(Math.floor((now() - since) / MINUTE) * MINUTE).toISOString());
  set("after", query.get("after"));
  set("before", query.get("before"));
  return asked.toString();
}

/** The address of another page of the same list, or of the same list with another filter. */
export const listWith = (query: URLSearchParams, change: Record<string, string | undefined>): string => {
  const kept = Object.fromEntries(NAMES_OF_FILTERS.map((name) => [name, query.get(name) ?? undefined]));
  return addressOf("connections", { ...kept, ...change });
};

export function Filters({ query, providers }: { query: URLSearchParams; providers: readonly string[] }) {
  const set = (event: Event) => {
    const field = event.currentTarget as HTMLSelectElement | HTMLInputElement;
    go(listWith(query, { [field.name]: field.value.trim() }), "stay");
  };
  const value = (name: (typeof NAMES_OF_FILTERS)[number]) => query.get(name) ?? "";
  const isFiltered = NAMES_OF_FILTERS.some((name) => value(name) !== "");
  return (
    <form class="filters" role="search" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <div>
        <label for="state">State</label>
        <select id="state" name="state" value={value("state")} onChange={set}>
          <option value="">any</option>
          <option value={LINKED}>all that are linked</option>
          {STATUSES.map((status) => {
            const rows = TABLE.filter((row) => row.status === status);
            return (
              <optgroup key={status} label={status}>
                {rows.length > 1 && <option value={`all ${status}`}>{sentenceOf(status)}, all</option>}
                {rows.map(({ state }) => (
                  <option key={state} value={state}>
                    {NAMES[state]}
                  </option>
                ))}
              </optgroup>
            );
          })}
        </select>
      </div>
      <div>
        <label for="actor">Who acts</label>
        <select id="actor" name="actor" value={value("actor")} onChange={set}>
          <option value="">any</option>
          {ACTORS.map((actor) => (
            <option key={actor} value={actor}>
              {ACTOR_NAMES[actor]}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label for="since">In its state since</label>
        <select id="since" name="since" value={value("since")} onChange={set}>
          <option value="">any time</option>
          {Object.entries(SINCE_NAMES).map(([since, name]) => (
            <option key={since} value={since}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label for="provider">Provider</label>
        <select id="provider" name="provider" value={value("provider")} onChange={set}>
          <option value="">any</option>
          {providers.map((provider) => (
            <option key={provider}>{provider}</option>
          ))}
        </select>
      </div>
      <div>
        <label for="institution">Bank</label>
        <input
          id="institution"
          name="institution"
          value={value("institution")}
          placeholder="part of its name"
          onChange={set}
        />
      </div>
      <div>
        <label for="customer">Customer</label>
        <input id="customer" name="customer" value={value("customer")} placeholder="your id of them" onChange={set} />
      </div>
      {isFiltered && <a href={addressOf("connections")}>Clear</a>}
    </form>
  );
}
