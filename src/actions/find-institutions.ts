/** The banks that a session may choose from, found by what the customer types. */
import type { Instant } from "../core/door.ts";
import { type Directory, directoryOf, find, type Findable } from "../core/search.ts";
import { MINUTE } from "../core/status/policy.ts";
import type { Connection } from "../store/connections.ts";
import { allInstitutions, type Institution } from "../store/institutions.ts";
import type { Gateway } from "./gateway.ts";

type Entry = Institution & Findable;

/** Banks come and go by the day; a minute is soon enough, and spares a query for every letter typed. */
const KEPT = MINUTE;
const kept = new WeakMap<Gateway["db"], { at: Instant; directory: Promise<Directory<Entry>> }>();

export async function findInstitutions(
  gateway: Gateway,
  connection: Pick<Connection, "products" | "regions">,
  typed: string,
  most: number,
): Promise<Institution[]> {
  const { entries, words } = await directory(gateway);
  const countries = connection.regions.map((region) => region.slice(0, 2));
  const open = entries.filter(({ item }) => {
    const isServed = Object.keys(item.providers).some((name) => gateway.providers.has(name));
    const isThere = countries.length === 0 || item.countries.some((country) => countries.includes(country));
    const offers = item.products.length === 0 || connection.products.every((one) => item.products.includes(one));
    return isServed && isThere && offers;
  });
  return find({ entries: open, words }, typed, most);
}

/** A bank that is not listed here may be in the picker of a provider that brings its own. */
export const hasOwnPicker = (gateway: Gateway): boolean =>
  [...gateway.providers.keys()].some((name) => name !== "SANDBOX");

function directory(gateway: Gateway): Promise<Directory<Entry>> {
  const now = gateway.door.now();
  const known = kept.get(gateway.db);
  if (known && Math.abs(now - known.at) < KEPT) return known.directory;
  const read = allInstitutions(gateway.db).then((rows) =>
    directoryOf(rows.map((row) => ({ ...row, alias: row.domain }))),
  );
  kept.set(gateway.db, { at: now, directory: read });
  // What could not be read is asked for again by the next one.
  read.catch(() => kept.delete(gateway.db));
  return read;
}
