/** `bowline compact`: what is deleted leaves the disk, too. */
import { StartRefused } from "../config.ts";
import { rewriteServer, rewriteTables } from "../store/compact.ts";
import type { Command } from "./command.ts";
import { withDatabase } from "./database.ts";

export const compact: Command = {
  takes: "",
  needs: "an idle database",
  count: [0, 0],
  does: "Rewrites the database, so that nothing deleted is left in its files",
  tells:
    "A deleted customer can't be read through the database any more, but PostgreSQL leaves the bytes in its files " +
    "until it needs their place, and in its log until that is used anew. This rewrites the tables, their statistics " +
    "and the log. Stop the gateway before; for that time it takes as much room as the database has " +
    "already.\n" +
    "With DATABASE_URL it rewrites the tables alone: the log, its archive and replicas are the server's own matter. " +
    "Backups are rewritten by nobody: let them end when the data in them has to.",
  examples: [["bowline compact", "After customers have asked to be forgotten, or every month."]],
  run: (given) =>
    withDatabase(given, async ({ site, pool }) => {
      if (site.folder !== null && !site.isOurs)
        throw new StartRefused("A gateway runs on this data folder: stop it, compact, and start it again.");
      const client = await pool.connect();
      try {
        if (!site.isOurs) {
          await rewriteTables(client);
          given.say("The tables are rewritten. The server's log and its archive are the server's own matter.");
        } else if (await rewriteServer(client)) given.say("Nothing that was deleted is left in the database's files.");
        else throw new StartRefused("The tables are rewritten, but the log keeps segments: run this once more.");
      } finally {
        client.release();
      }
      return 0;
    }),
};
