/** `bowline export`: everything out again, as NDJSON. */
import { closeSync, openSync, writeSync } from "node:fs";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { createWriteStream } from "node:fs";
import { StartRefused } from "../config.ts";
import { EVERYTHING } from "../store/audit.ts";
import { EXPORTED, exported, freeze, heldLogins } from "../store/export.ts";
import type { Sql } from "../store/database.ts";
import { open, type Ring } from "../store/seal.ts";
import { type Command, optionOf } from "./command.ts";
import { audited } from "./audited.ts";
import { type Opened, withDatabase } from "./database.ts";

export const exportAll: Command = {
  takes: "[--out FILE] [--secrets-to FILE]",
  needs: "the database",
  count: [0, 0],
  does: "Writes everything out again, line by line, for whoever wants to leave or to look",
  tells:
    "One JSON object a line, its `kind` first: " +
    `${EXPORTED.join(", ")}; what each has in it stands in docs/export.md. The last line, kind "end", ` +
    `counts them, so ` +
    "that half a file is seen to be one. It is all of one moment, also while the gateway runs, and needs " +
    "no more memory " +
    "for more customers.\n" +
    "The providers' credentials are not in it. With --secrets-to they go to a file of their own that nobody else may " +
    "read, in the form that `bowline import` takes: with it, another installation of the same provider keys takes " +
    "over the same connections. Whoever has that file has the access; delete it when it is done. To move an " +
    "installation as it is, ids and history included, use `bowline backup`.",
  options: {
    out: { value: "FILE", means: "There, instead of to standard output; must not be there yet." },
    "secrets-to": { value: "FILE", means: "And the credentials there, for an import; must not be there yet." },
  },
  examples: [
    ["bowline export --out everything.ndjson", "All that is kept of customers, no credentials."],
    ["bowline export --out all.ndjson --secrets-to items.ndjson", "Then elsewhere: bowline import items.ndjson"],
  ],
  async run(given) {
    const out = optionOf(given, "out");
    const secrets = optionOf(given, "secrets-to");
    const write = ({ db, site }: Opened) =>
      db.tx("export", async (sql) => {
        await freeze(sql);
        const stream = out === undefined ? process.stdout : createWriteStream("", { fd: fresh(out) });
        const held = secrets === undefined ? null : await writeSecrets(sql, site.ring, secrets);
        const counts = await writeAll(sql, site.ring, stream, given.door.wall());
        return { ...counts, ...(held !== null && { credentials: held }) };
      });
    const action = secrets === undefined ? "export" : "export --secrets-to";
    const counts = await withDatabase(given, (opened) =>
      audited(given, opened.db, action, [EVERYTHING], () => write(opened)),
    );
    given.say(
      `${Object.entries(counts)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(", ")}.`,
    );
    return 0;
  },
};

/** Made by us, or refused: neither is an older file lost, nor a secret put into one that others may read. */
function fresh(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EEXIST" ? "is there already" : `can't be written (${code})`;
    throw new StartRefused(`${path} ${why}; name another file.`);
  }
}

async function writeAll(sql: Sql, ring: Ring, stream: Writable, now: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const noun of EXPORTED) {
    counts[noun] = 0;
    for await (const row of exported(sql, noun)) {
      const line = JSON.stringify({ kind: noun, ...told(row, ring) });
      if (!stream.write(`${line}\n`)) await once(stream, "drain");
      counts[noun]++;
    }
  }
  stream.write(`${JSON.stringify({ kind: "end", at: iso(now), counts })}\n`);
  if (stream === process.stdout) await new Promise<void>((done) => stream.write("", () => done()));
  else await new Promise<void>((done) => stream.end(done));
  return counts;
}

const iso = (at: unknown): unknown =>
  typeof at === "number" && Number.isFinite(at) ? new Date(at).toISOString() : null;

/** What is sealed here goes out open, under its own name: whoever leaves takes it along. */
const OPENED = { sealedIdentifiers: "identifiers", sealedPerson: "person" } as const;

function told(row: Record<string, unknown>, ring: Ring): Record<string, unknown> {
  const opened = (sealed: unknown): unknown =>
    sealed === null ? null : (JSON.parse(open(ring, sealed as Buffer, String(row["id"]))) as unknown);
  const fields = Object.entries(row).map(([name, value]) => {
    if (name in OPENED) return [OPENED[name as keyof typeof OPENED], opened(value)];
    return [name, /At$|Since$/.test(name) ? iso(value) : value];
  });
  return Object.fromEntries(fields) as Record<string, unknown>;
}

async function writeSecrets(sql: Sql, ring: Ring, path: string): Promise<number> {
  const file = fresh(path);
  let count = 0;
  for await (const { id, credential, ...held } of heldLogins(sql)) {
    const { institutionRef, institutionName } = held;
    const item = {
      externalCustomerId: held.externalId,
      serviceProvider: held.provider,
      providerConnectionId: held.ref,
      accessToken: open(ring, credential, id),
      ...(institutionRef !== null && { institutionId: institutionRef, institutionName }),
      products: held.products,
    };
    writeSync(file, `${JSON.stringify(item)}\n`);
    count++;
  }
  closeSync(file);
  return count;
}
