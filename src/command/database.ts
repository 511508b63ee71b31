/** How commands work on the database: beside a gateway that runs, or alone. */
import pg from "pg";
import type { Config } from "../config.ts";
import { StartRefused } from "../config.ts";
import type { Door } from "../core/door.ts";
import { openSite, refused, type Site } from "../site.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { migrate, schemaOf } from "../store/migrate.ts";
import type { Given } from "./command.ts";

export interface Opened {
  site: Site;
  db: Database;
  pool: pg.Pool;
}

/** The site, with whatever stands in its database; nothing is brought up to date. */
export async function withSite<T>(
  { config, door, say }: { config: Config; door: Door; say: Given["say"] },
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const site = await openSite(config, door, say, "beside");
  const pool = new pg.Pool({ connectionTimeoutMillis: 3000, ...site.connection, max: 2 });
  pool.on("error", () => undefined);
  const db = openDatabase({ ...site.connection, max: 4 }, () => undefined);
  try {
    return await work({ site, db, pool });
  } catch (error) {
    throw refused(error);
  } finally {
    await pool.end().catch(() => undefined);
    await db.close().catch(() => undefined);
    await site.stop();
  }
}

/**
 * The same, at this version's schema. Where a gateway may be running, its database is not changed under it: it has
 * to be of this version already.
 */
export const withDatabase = <T>(given: Given, work: (opened: Opened) => Promise<T>): Promise<T> =>
  withSite(given, async (opened) => {
    const { at, newest } = await schemaOf(opened.pool);
    if (at === 0 || (at < newest && opened.site.isOurs)) await migrate(opened.pool);
    else if (at !== newest)
      throw new StartRefused(
        `The database has schema ${at} and this version of Bowline has ${newest}: run \`bowline migrate\` first, ` +
          "or use the version that the gateway runs.",
      );
    return work(opened);
  });
