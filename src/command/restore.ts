/** `bowline restore FILE`: a backup into an installation that nobody has used yet. */
import { copyFileSync, createReadStream, constants, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import { type Config, StartRefused } from "../config.ts";
import { defaultFolder } from "../postgres/folder.ts";
import { type Backup, BackupRefused, isEmpty, load, openBackup } from "../store/backup.ts";
import { keyFile } from "../store/key-file.ts";
import { migrate, schemaOf } from "../store/migrate.ts";
import { open, SealBroken } from "../store/seal.ts";
import { type Command, type Given, optionOf } from "./command.ts";
import { type Opened, withSite } from "./database.ts";

export const restore: Command = {
  takes: "FILE [--keys FILE]",
  needs: "an idle database",
  count: [1, 1],
  does: "Loads a backup into an empty installation",
  tells:
    "Loads what `bowline backup` wrote, whole or not at all: into a new data folder, or an empty database of " +
    "DATABASE_URL, that no gateway has started on. A backup of an older version is brought up to this one. Ids, " +
    "history, API keys and schedules come back as they were, and at its next start the gateway goes on " +
    "where the backup " +
    "ended.\n" +
    "The key ring that the backup was made with has to be there: --keys copies the file secret-keys into " +
    "the new data " +
    "folder; with DATABASE_URL, BOWLINE_SECRET_KEYS is set to it. A ring that does not fit is refused.\n" +
    "Do not let the old installation run beside the restored one: both would read the same banks and " +
    "send the same webhooks.",
  options: { keys: { value: "FILE", means: "The key ring of the installation that was backed up: its secret-keys." } },
  examples: [
    [
      "BOWLINE_DATA=/srv/bowline bowline restore bowline.backup --keys secret-keys",
      "Then BOWLINE_DATA=… bowline serve",
    ],
    [
      "DATABASE_URL=postgres://… BOWLINE_SECRET_KEYS=main:… bowline restore bowline.backup",
      "Onto a server of one's own.",
    ],
  ],
  async run(given) {
    const [path = ""] = given.args;
    if (!existsSync(path)) throw new StartRefused(`There is no ${path}; name a file that \`bowline backup\` wrote.`);
    // Looked at before anything is made.
    const { head } = await opened(path);
    const takeBack = bringRing(given);
    const rows = await withSite(given, (there) => bringAll(there, path)).catch((error: unknown) => {
      takeBack();
      throw error;
    });
    given.say(`${rows} rows of ${head.at} are back. Start the gateway; let no other run on the same data.`);
    return 0;
  },
};

async function opened(path: string): Promise<Backup> {
  const file = createReadStream(path);
  const source = file.pipe(createGunzip());
  file.on("error", (error) => source.destroy(error));
  try {
    return await openBackup(source as AsyncIterable<Buffer>);
  } catch (error) {
    throw told(path, error);
  }
}

/** What the file is not, in a sentence; everything else as it is. */
function told(path: string, error: unknown): unknown {
  const { code = "" } = error as { code?: string };
  if (error instanceof BackupRefused) return new StartRefused(`${path} ${error.message}.`);
  if (code === "Z_BUF_ERROR")
    return new StartRefused(`${path} ends in the middle: it was cut off; take another backup.`);
  // 22 and 23: what the database can't read as what it should be, or what contradicts the rest.
  if (/^(Z_|22|23)/.test(code))
    return new StartRefused(
      `${path} is no backup of a gateway, or was changed; name a file that \`bowline backup\` wrote.`,
    );
  return error;
}

/** Answers what undoes it: after a restore that failed, the right one must find the place as it was. */
function bringRing(given: Given): () => void {
  const { config } = given;
  const keys = optionOf(given, "keys");
  if (config.DATABASE_URL !== null || config.BOWLINE_SECRET_KEYS !== null) {
    if (keys === undefined) return () => undefined;
    throw new StartRefused("--keys is for the built-in database; here BOWLINE_SECRET_KEYS is the key ring: set that.");
  }
  const folder = folderOf(config);
  const place = keyFile(folder);
  if (keys === undefined) {
    if (existsSync(place)) return () => undefined;
    throw new StartRefused(
      `The backup's key ring is missing: add --keys FILE, the secret-keys of the installation that was backed up.`,
    );
  }
  const isNew = !existsSync(folder);
  try {
    mkdirSync(folder, { recursive: true });
    copyFileSync(keys, place, constants.COPYFILE_EXCL);
    return () => rmSync(isNew ? folder : place, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST")
      throw new StartRefused(`${folder} has a key ring already: restore into a new data folder, or leave --keys away.`);
    throw new StartRefused(
      `The key ring ${keys} can't be copied to ${place} (${code}); correct --keys or BOWLINE_DATA.`,
    );
  }
}

const folderOf = ({ BOWLINE_DATA }: Config): string =>
  BOWLINE_DATA ?? defaultFolder(dirname(join(import.meta.dirname, "..")));

async function bringAll({ pool, site }: Opened, path: string): Promise<number> {
  if (site.folder !== null && site.isOurs !== true)
    throw new StartRefused("A gateway runs on this data folder: stop it, or restore into a new one.");
  if (!(await isEmpty(pool)))
    throw new StartRefused("This installation is in use: restore into a new data folder, or an empty database.");
  const backup = await opened(path);
  const { newest } = await schemaOf(pool);
  if (backup.head.schema > newest)
    throw new StartRefused(
      `${path} has schema ${backup.head.schema}, and this version knows ${newest}; use a newer one.`,
    );
  await migrate(pool, backup.head.schema, false);
  const client = await pool.connect();
  let rows = 0;
  try {
    await client.query("begin");
    rows = await load(client, backup);
    const { rows: check } = await client.query<{ value: string }>("select value from setting where name = 'key-check'");
    open(site.ring, Buffer.from(check[0]?.value ?? "", "base64"), "setting key-check");
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    if (error instanceof SealBroken)
      throw new StartRefused(
        `The key ring is not the backup's: ${error.message}. Give the ring that it was made with.`,
      );
    throw told(path, error);
  } finally {
    client.release();
  }
  await migrate(pool);
  return rows;
}
