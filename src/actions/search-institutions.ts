/**
 * Institutions by what people type. Each process keeps the directory in memory and, before it answers, asks the
 * database for what has changed since; the first search after a start reads it whole.
 */
import { type Directory, createDirectory } from "../core/search/directory.ts";
import { ranked, type Standing } from "../core/search/ranking.ts";
import type { Product } from "../core/products.ts";
import { changedSince, NOTHING_SEEN, type Seen } from "../store/catalogue.ts";
import type { Database } from "../store/database.ts";
import { type Filters, getInstitutions, type Institution } from "../store/institutions.ts";

interface Entry {
  id: string;
  name: string;
  rank: number;
  reach: Reach;
}

/** Where and what for. Few differ, so the same is kept once: it would be a third of the memory. */
interface Reach {
  countries: readonly string[];
  offers: Readonly<Record<string, readonly Product[]>>;
}

export interface Found {
  institution: Institution;
  /** Where it stands among what was found. */
  standing: Standing;
}

export interface FoundPage {
  rows: Found[];
  remaining: number;
}

export interface FoundPlace {
  side: "before" | "after";
  at: Standing;
}

/** So many rows are put in without a pause for other requests. */
const AT_ONCE = 250;

interface Copy {
  directory: Directory<Entry>;
  reaches: Map<string, Reach>;
  seen: Seen;
  /** Changes are read by one search for all that wait. */
  reading: Promise<void> | null;
}

const copies = new WeakMap<Database, Copy>();

const emptyCopy = () => ({
  directory: createDirectory<Entry>(),
  reaches: new Map<string, Reach>(),
  seen: NOTHING_SEEN,
});

export async function searchInstitutions(
  db: Database,
  text: string,
  filters: Filters,
  place: FoundPlace | null,
  limit: number,
): Promise<FoundPage> {
  const copy: Copy = copies.get(db) ?? { ...emptyCopy(), reading: null };
  copies.set(db, copy);
  copy.reading ??= readChanges(db, copy).finally(() => {
    copy.reading = null;
  });
  await copy.reading;
  const found = copy.directory.find(text, (entry) => fits(entry, filters));
  // A bank that was renamed or has become more popular since is still where its page ended.
  const end = place && { side: place.side, at: found.find(({ id }) => id === place.at.id) ?? place.at };
  const { page, remaining } = ranked(found, end, limit);
  const standings = new Map(page.map(({ id, name, rank, score }) => [id, { id, name, rank, score }]));
  const rows = (await getInstitutions(db, [...standings.keys()])).flatMap((institution) => {
    const standing = standings.get(institution.id);
    return standing ? [{ institution, standing }] : [];
  });
  return { rows, remaining };
}

async function readChanges(db: Database, copy: Copy): Promise<void> {
  for (;;) {
    const changed = await changedSince(db, copy.seen, AT_ONCE);
    for (const { id, institution, seen } of changed) {
      if (institution) {
        const { name, rank, aliases, hosts } = institution;
        copy.directory.put({ id, name, rank, reach: reachOf(copy, institution) }, { names: [name, ...aliases], hosts });
      } else {
        copy.directory.remove(id);
      }
      copy.seen = seen;
    }
    if (changed.length === AT_ONCE) continue;
    if (copy.directory.waste <= Math.max(copy.directory.size, AT_ONCE)) return;
    // Half of it leads to nothing any more: it is made anew.
    Object.assign(copy, emptyCopy());
  }
}

function reachOf({ reaches }: Copy, { countries, offers }: Institution): Reach {
  const key = JSON.stringify([countries, offers]);
  const reach = reaches.get(key) ?? { countries, offers };
  reaches.set(key, reach);
  return reach;
}

/** As `fitting` says it in SQL. */
function fits({ reach: { countries, offers } }: Entry, wanted: Filters): boolean {
  if (wanted.countries && !wanted.countries.some((country) => countries.includes(country))) return false;
  return Object.entries(offers).some(
    ([provider, products]) =>
      (!wanted.providers || wanted.providers.includes(provider)) &&
      ((wanted.mayBeUnknown && products.length === 0) ||
        (wanted.products ?? []).every((product) => products.includes(product))),
  );
}
