/**
 * The key ring's rotation, while gateways run. With the ring of the data folder: a new key in front, then everything
 * that is sealed anew under it; running processes take the file's keys up by themselves. With BOWLINE_SECRET_KEYS the
 * operator sets the keys, and this seals. The old key goes when nothing needs it any more.
 */
import { StartRefused } from "../config.ts";
import type { Instant } from "../core/door.ts";
import { widgetLifetime } from "../core/status/policy.ts";
import type { Database } from "../store/database.ts";
import { addKey, dropKey } from "../store/key-file.ts";
import { keysInUse, resealAll } from "../store/rotation.ts";
import { firstSince } from "../store/settings.ts";
import { audited } from "./audited.ts";
import type { Given } from "./command.ts";
import { type Opened, withDatabase } from "./database.ts";
import { bar } from "./progress.ts";

/** How a new key is begun where the settings hold the ring. `{new}` stands for a key made for it. */
const BY_SETTINGS =
  "Everything is sealed by the first key of BOWLINE_SECRET_KEYS. For another one: 1. put the key below BEHIND those " +
  "that are there, in every process, and restart them one by one; 2. put it in FRONT, and restart them again; 3. run " +
  "this command once more, and then `bowline keys drop` of the old one.";

export const rotate = (given: Given): Promise<number> =>
  withDatabase(given, async ({ site, db }) => {
    const { folder, ring } = site;
    const isOurFile = folder !== null && given.config.BOWLINE_SECRET_KEYS === null;
    const begun = await begin(db, async (uses) => {
      if (isBehind(uses, ring.keys[0]?.name)) return true;
      if (!isOurFile) return false;
      const name = addKey(folder, given.door);
      given.say(`The ring has a new first key, ${name}: back ${folder}/secret-keys up again.`);
      return true;
    });
    if (!begun) {
      const name = new Date(given.door.wall()).toISOString().slice(0, 10);
      given.say(BY_SETTINGS);
      given.tell(`${name}:${Buffer.from(given.door.random(32)).toString("base64")}`);
      return 0;
    }
    const first = firstOf(site);
    refuseUnknown(await keysInUse(db), site);
    await firstSince(db, first, given.door.wall());
    const rows = await audited(
      given,
      db,
      "keys rotate",
      () => [first],
      () => sealAnew(given, db, site, first),
    );
    given.say(`${rows} values are sealed anew; all of them are under ${first}.`);
    for (const { name } of ring.keys.slice(1)) given.say(`\`bowline keys drop ${name}\` takes the old key out.`);
    return 0;
  });

async function sealAnew(given: Given, db: Database, { ring }: Opened["site"], first: string): Promise<number> {
  const uses = await keysInUse(db);
  const all = [...uses].reduce((sum, [name, count]) => (name === first ? sum : sum + count), 0);
  let done = 0;
  const draws = process.stderr.isTTY;
  const total = await resealAll(db, given.door, ring, (rows) => {
    done += rows;
    if (draws) process.stderr.write(`\r${bar(done, Math.max(all, done))} ${done} of ${all}`);
  });
  if (draws) process.stderr.write("\n");
  return total;
}

export const status = (given: Given): Promise<number> =>
  withDatabase(given, async ({ site, db }) => {
    const uses = await keysInUse(db);
    for (const [at, { name }] of site.ring.keys.entries())
      given.tell([name, at === 0 ? "seals" : "opens", `${uses.get(name) ?? 0} values`].join("\t"));
    const missing = [...uses.keys()].filter((name) => !site.ring.keys.some((one) => one.name === name));
    for (const name of missing) given.tell([name, "missing from the ring", `${uses.get(name)} values`].join("\t"));
    return missing.length === 0 ? 0 : 1;
  });

export const drop = (given: Given, name: string): Promise<number> =>
  withDatabase(given, async ({ site, db }) => {
    const first = firstOf(site);
    if (!site.ring.keys.some((one) => one.name === name))
      throw new StartRefused(`${name} is no key of the ring; \`bowline keys rotate --status\` shows them.`);
    if (name === first) throw new StartRefused(`${name} is the key that seals; \`bowline keys rotate\` makes another.`);
    await begin(db, async (uses) => {
      const count = uses.get(name) ?? 0;
      if (count > 0)
        throw new StartRefused(`${count} values are still sealed by ${name}; \`bowline keys rotate\` seals them anew.`);
      // Links that are open now are signed by the old key, and what began under it may still be written.
      const until = (await firstSince(db, first, given.door.wall())) + widgetLifetime;
      if (given.door.wall() < until)
        throw new StartRefused(`Links opened before the rotation end at ${iso(until)}; drop ${name} then.`);
      await audited(given, db, "keys drop", [name], async () => {
        if (site.folder !== null && given.config.BOWLINE_SECRET_KEYS === null) dropKey(site.folder, name, given.door);
      });
      return true;
    });
    const where = given.config.BOWLINE_SECRET_KEYS === null ? "is out of the ring" : "may leave BOWLINE_SECRET_KEYS";
    given.say(`${name} ${where}. Backups made before the rotation still need it: keep it with them.`);
    return 0;
  });

const iso = (at: Instant): string => new Date(at).toISOString();

function firstOf({ ring }: Opened["site"]): string {
  const [first] = ring.keys;
  if (!first) throw new StartRefused("The key ring is empty.");
  return first.name;
}

const isBehind = (uses: ReadonlyMap<string, number>, first: string | undefined): boolean =>
  [...uses.keys()].some((name) => name !== first);

function refuseUnknown(uses: ReadonlyMap<string, number>, { ring }: Opened["site"]): void {
  const missing = [...uses.keys()].find((name) => !ring.keys.some((one) => one.name === name));
  if (missing !== undefined)
    throw new StartRefused(
      `${uses.get(missing)} values are sealed by ${missing}, which is not in the ring: put it back.`,
    );
}

/** One at a time: two that rotate at once would make two keys. */
const begin = <T>(db: Database, work: (uses: Map<string, number>) => Promise<T>): Promise<T> =>
  db.tx("keys", async (sql) => {
    await sql.row("select 1 from setting where name = 'key-check' for update");
    return work(await keysInUse(sql));
  });
