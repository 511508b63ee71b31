/**
 * Which entries of several providers' catalogues are one institution. An address that is one bank's everywhere says so;
 * so does the same name in the same country where no address speaks against it. What could be either stays apart:
 * a customer who is sent to a near twin of their bank is worse off than one who sees a bank twice.
 */
import { nameKey } from "./search/fold.ts";

export interface Listing {
  id: string;
  provider: string;
  name: string;
  /** Host names. */
  hosts: readonly string[];
  countries: readonly string[];
  isTest: boolean;
  /** The order in which they were learnt. */
  since: number;
}

type Link = readonly [Listing, Listing];

/**
 * For each listing the id of the one that stands for its institution: the first that was learnt. Which go together
 * depends on no order, and no institution has two listings of one provider.
 */
export function headsOf(listings: readonly Listing[]): Map<string, string> {
  const heads = new Map<string, string>();
  const byAddress = addressLinks(listings);
  const addresses = placesOf(listings, byAddress);
  for (const group of groups(listings, [...byAddress, ...nameLinks(listings, addresses)])) {
    // Too much was linked: what only its name links is let go, and then all of it.
    const parts = isOne(group) && addressesAgree(group, addresses) ? [group] : groups(group, byAddress);
    for (const part of parts.flatMap((one) => (isOne(one) ? [one] : one.map((alone) => [alone])))) {
      const head = part.reduce((first, one) => (isBefore(one, first) ? one : first));
      for (const { id } of part) heads.set(id, head.id);
    }
  }
  return heads;
}

const isBefore = (a: Listing, b: Listing): boolean => a.since < b.since || (a.since === b.since && a.id < b.id);

const isOne = (group: readonly Listing[]): boolean =>
  new Set(group.map(({ provider }) => provider)).size === group.length;

/** Namesakes at addresses of their own are different banks, and whoever has no address may be any of them. */
const addressesAgree = (group: readonly Listing[], addresses: ReadonlyMap<string, string>): boolean =>
  new Set(group.filter(({ hosts }) => hosts.length > 0).map(({ id }) => addresses.get(id))).size <= 1;

/** An address that one provider tells of several banks is a data centre's, and names none of them. */
function addressLinks(listings: readonly Listing[]): Link[] {
  const sharing = gathered(listings, ({ hosts, isTest }) => hosts.map((host) => `${isTest} ${host}`));
  return [...sharing].flatMap((group) => (isOne(group) ? pairs(group).filter(inOneCountry) : []));
}

function nameLinks(listings: readonly Listing[], addresses: ReadonlyMap<string, string>): Link[] {
  const sharing = gathered(listings, ({ name, countries, isTest }) =>
    countries.map((country) => `${isTest} ${country} ${nameKey(name)}`),
  );
  return [...sharing].flatMap((group) => (isOne(group) && addressesAgree(group, addresses) ? pairs(group) : []));
}

const inOneCountry = ([a, b]: Link): boolean =>
  a.countries.length === 0 || b.countries.length === 0 || a.countries.some((country) => b.countries.includes(country));

/** Listings that have a key in common. */
function gathered(listings: readonly Listing[], keysOf: (listing: Listing) => string[]): Iterable<Listing[]> {
  const found = new Map<string, Listing[]>();
  for (const listing of listings) {
    for (const key of new Set(keysOf(listing))) {
      const group = found.get(key);
      if (group) group.push(listing);
      else found.set(key, [listing]);
    }
  }
  return found.values();
}

const pairs = (group: readonly Listing[]): Link[] =>
  group.flatMap((one, at) => group.slice(at + 1).map((other) => [one, other] as const));

/** What is linked, by whatever way round. */
function groups(listings: readonly Listing[], links: readonly Link[]): Listing[][] {
  const places = placesOf(listings, links);
  return [...gathered(listings, ({ id }) => [places.get(id) ?? id])];
}

/** The same text for all that is linked. */
function placesOf(listings: readonly Listing[], links: readonly Link[]): Map<string, string> {
  const above = new Map(listings.map(({ id }) => [id, id]));
  const top = (id: string): string => {
    let at = id;
    for (let next = above.get(at); next !== undefined && next !== at; next = above.get(at)) at = next;
    return at;
  };
  for (const [one, other] of links) if (above.has(one.id) && above.has(other.id)) above.set(top(one.id), top(other.id));
  return new Map(listings.map(({ id }) => [id, top(id)]));
}
