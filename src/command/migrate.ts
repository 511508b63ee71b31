/** `bowline migrate`: brings the database up to this version, before its processes are replaced. */
import { migrate as bringUp, schemaOf } from "../store/migrate.ts";
import type { Command } from "./command.ts";
import { withSite } from "./database.ts";

export const migrate: Command = {
  takes: "",
  needs: "the database",
  count: [0, 0],
  does: "Brings the database up to this version's schema",
  tells:
    "Every start of a gateway does this by itself. By hand it is for installations of several processes: migrate, " +
    "then replace them one after another. Running it twice changes nothing; a database that is newer than this " +
    "version is refused and left alone.",
  examples: [["DATABASE_URL=postgres://… BOWLINE_SECRET_KEYS=main:… bowline migrate", "Says from where to where."]],
  run: (given) =>
    withSite(given, async ({ pool }) => {
      const before = await schemaOf(pool);
      await bringUp(pool);
      const { at } = await schemaOf(pool);
      given.tell(before.at === at ? `The schema is ${at} already.` : `The schema was ${before.at} and is ${at}.`);
      return 0;
    }),
};
