/** `bowline backup FILE`: the whole database in one file, while the gateway runs. */
import { closeSync, createWriteStream, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createGzip } from "node:zlib";
import { StartRefused } from "../config.ts";
import { BackupRefused, dump } from "../store/backup.ts";
import { keyFile } from "../store/key-file.ts";
import type { Command } from "./command.ts";
import { withSite } from "./database.ts";

export const backup: Command = {
  takes: "FILE",
  needs: "the database",
  count: [1, 1],
  does: "Writes the whole database to a file, of one moment, also while the gateway runs",
  tells:
    "Everything that the gateway keeps, of one moment, compressed. Readable by its owner alone: customers' accounts " +
    "and transactions are in it as they are.\n" +
    "Provider credentials and account numbers are in it sealed, and the key ring is not in it, so that " +
    "the file alone " +
    "opens no bank. Keep the ring in another place than the backups (the file secret-keys of the data folder, or " +
    "BOWLINE_SECRET_KEYS): without it a restored installation can't be started. The ring is made once " +
    "and changes only " +
    "when you change it, so one copy serves all backups.",
  examples: [
    ["bowline backup bowline-$(date +%F).backup", "Every night, from cron."],
    ["cp data/secret-keys /another/place/", "Once: the key ring of the built-in database."],
  ],
  async run(given) {
    const [path = ""] = given.args;
    const draft = `${path}.part`;
    const file = fresh(path, draft);
    try {
      const { rows, ring } = await withSite(given, async ({ pool, site }) => {
        const zip = createGzip();
        const written = zip.pipe(createWriteStream("", { fd: file, autoClose: false }));
        const ended = once(written, "finish");
        ended.catch(() => undefined);
        const client = await pool.connect();
        try {
          const rows = await dump(client, zip, given.door.wall());
          zip.end();
          await ended;
          return { rows, ring: site.folder === null ? "BOWLINE_SECRET_KEYS" : keyFile(site.folder) };
        } finally {
          client.release();
        }
      });
      fsyncSync(file);
      closeSync(file);
      renameSync(draft, path);
      given.say(`${rows} rows are in ${path}. Keep its key ring (${ring}) in another place.`);
      return 0;
    } catch (error) {
      rmSync(draft, { force: true });
      if (error instanceof BackupRefused) throw new StartRefused(error.message);
      throw error;
    }
  },
};

/** There is no half backup under the file's own name, and no older one is lost. */
function fresh(path: string, draft: string): number {
  try {
    closeSync(openSync(path, "wx", 0o600));
    rmSync(path);
    return openSync(draft, "w", 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EEXIST" ? "is there already" : `can't be written (${code})`;
    throw new StartRefused(`${path} ${why}; name another file.`);
  }
}
