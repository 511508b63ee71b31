// A backup of a gateway that is being written to, and its restore elsewhere, as they are typed.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { run } from "../command/run.ts";
import { ask, type Json, KEY, link, linuxOnly, scratch, stop, until, up } from "./process.ts";

const limit = { timeout: 120_000, ...linuxOnly };

/** The rows of each table, by column. */
function tablesIn(file: string): Map<string, Record<string, string>[]> {
  const tables = new Map<string, Record<string, string>[]>();
  let open: { rows: Record<string, string>[]; columns: string[] } | null = null;
  for (const line of gunzipSync(readFileSync(file)).toString().trimEnd().split("\n")) {
    if (line === "\\.") open = null;
    else if (open) {
      const cells = line.split("\t");
      open.rows.push(Object.fromEntries(open.columns.map((name, at) => [name, cells[at] ?? ""])));
    } else {
      const said = JSON.parse(line) as { table?: string; columns?: string[] };
      if (said.table === undefined) continue;
      open = { rows: [], columns: said.columns ?? [] };
      tables.set(said.table, open.rows);
    }
  }
  return tables;
}

/** All but the line that says when it was made. */
const bodyOf = (file: string): string => gunzipSync(readFileSync(file)).toString().split("\n").slice(1).join("\n");

test(
  "A backup under writes is of one moment; restored elsewhere it has the same rows, and its connections go on",
  limit,
  async () => {
    const [here, there] = [scratch(), scratch()];
    const folder = dirname(here);
    const file = join(folder, "one.backup");
    const keys = join(here, "secret-keys");
    const env = { BOWLINE_DATA: here, BOWLINE_API_KEY: KEY };
    const running = await up(env);
    const ids = [await link(running.at, "first"), await link(running.at, "second")];

    let writing = true;
    let written = 0;
    const writer = (async () => {
      for (; writing; written++) await link(running.at, `customer ${written}`);
    })();
    await until(() => written > 2, "customers that come in meanwhile");
    const made = await run(["backup", file], { BOWLINE_DATA: here });
    const during = written;
    await until(() => written > during, "another customer after the backup");
    writing = false;
    await writer;
    assert.equal(made.status, 0, made.err);
    assert.match(
      made.err,
      /^\d+ rows are in .*one\.backup\. Keep its key ring \(.*secret-keys\) in another place\.\n$/,
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(
      !gunzipSync(readFileSync(file))
        .toString()
        .includes(readFileSync(keys, "utf8").trim().split(":")[1] ?? "?"),
    );

    const tables = tablesIn(file);
    const connections = tables.get("connection") ?? [];
    assert.ok(connections.length >= 4);
    for (const { id, sequence } of connections) {
      const events = (tables.get("event") ?? []).filter((event) => event["connection_id"] === id);
      assert.equal(String(events.length), sequence, `the events of ${id} are not of the connection's moment`);
    }

    const twice = await run(["backup", file], { BOWLINE_DATA: here });
    assert.equal(twice.status, 1);
    assert.match(twice.err, /is there already; name another file\.\n$/);
    const onto = await run(["restore", file], { BOWLINE_DATA: here });
    assert.match(onto.err, /^A gateway runs on this data folder: stop it, or restore into a new one\.\n$/);
    const shown = async (at: string, id: string | undefined): Promise<Json> =>
      (await ask("GET", `${at}/bank-linking/connections/${id}`)).body;
    const before = await shown(running.at, ids[0]);
    // Commands open the built-in database beside its gateway, and the gateway takes what they made.
    const key = (await run(["keys", "create", "another"], { BOWLINE_DATA: here })).out.trim();
    assert.equal((await ask("GET", `${running.at}/bank-linking/connections`, undefined, key)).status, 200);
    await stop(running);

    const elsewhere = { BOWLINE_DATA: there };
    const ringless = await run(["restore", file], elsewhere);
    assert.equal(ringless.status, 1);
    assert.match(ringless.err, /^The backup's key ring is missing: add --keys FILE/);
    const restored = await run(["restore", file, "--keys", keys], elsewhere);
    assert.equal(restored.status, 0, restored.err);
    const again = join(folder, "two.backup");
    assert.equal((await run(["backup", again], elsewhere)).status, 0);
    assert.equal(bodyOf(again), bodyOf(file), "row by row the same");
    const used = await run(["restore", file], elsewhere);
    assert.match(used.err, /^This installation is in use: restore into a new data folder, or an empty database\.\n$/);

    // With the API key that it had.
    const second = await up({ BOWLINE_DATA: there });
    assert.doesNotMatch(second.said(), /API key {3}|bow_/);
    for (const id of ids) {
      const path = `${second.at}/bank-linking/connections/${id}`;
      const { status, body } = await ask("POST", `${path}/refresh`, {});
      assert.equal(status, 202, JSON.stringify(body));
      const at = String(before["lastSuccessAt"]);
      await until(async () => String((await ask("GET", path)).body["lastSuccessAt"]) > at, `a good read of ${id}`);
      assert.equal((await shown(second.at, id))["status"], "ACTIVE");
    }
    assert.equal((await shown(second.at, ids[0]))["customerId"], before["customerId"]);
    assert.match(await link(second.at, "a new one"), /^con_/);
    await stop(second);
  },
);

test("What is no whole backup, or has another's ring, is refused and leaves nothing behind", limit, async () => {
  const here = scratch();
  const folder = dirname(here);
  const file = join(folder, "one.backup");
  const running = await up({ BOWLINE_DATA: here, BOWLINE_API_KEY: KEY });
  await link(running.at, "somebody");
  await stop(running);
  const keys = join(here, "secret-keys");
  // Beside no gateway it starts the database itself, and stops it.
  assert.equal((await run(["backup", file], { BOWLINE_DATA: here })).status, 0);
  const there = scratch();
  const restored = (path: string, ring = keys) => run(["restore", path, "--keys", ring], { BOWLINE_DATA: there });

  const whole = readFileSync(file);
  const text = gunzipSync(whole).toString();
  const spoilt = (name: string, bytes: Buffer | string): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const cut = text.slice(0, text.indexOf("\n", text.indexOf('"table":"event"') + 200) + 1);
  const fewer = text.replace(/(\{"table":"timeline"[^\n]*\n)[^\n]*\n/, "$1");
  const torn = text.replace(/(\{"table":"timeline"[^\n]*\n)[^\n]*/, "$1no row");
  const early: [string, RegExp][] = [
    [join(folder, "nowhere"), /^There is no .*nowhere; name a file/],
    [spoilt("text", "hello"), /is no backup of a gateway, or was changed/],
    [spoilt("other", gzipSync('{"a":1}\n')), /is no backup of a gateway; name a file/],
    [spoilt("newer", gzipSync(text.replace('"format":1', '"format":2'))), /was written by a newer version/],
  ];
  for (const [path, sentence] of early) {
    const { status, err } = await restored(path);
    assert.match(err, sentence);
    assert.equal(status, 1, path);
  }
  const strange = spoilt("strange-keys", `main:${Buffer.alloc(32, "s").toString("base64")}\n`);
  const wrong = await restored(file, strange);
  assert.match(wrong.err, /^The key ring is not the backup's: key "main" does not open setting key-check/);
  const late: [string, RegExp][] = [
    [spoilt("half", whole.subarray(0, Math.floor(whole.length / 2))), /ends in the middle: it was cut off/],
    [spoilt("cut", gzipSync(cut)), /ends in the middle: it was cut off/],
    [spoilt("fewer", gzipSync(fewer)), /has \d+ rows, and says that it has \d+: it was changed/],
    [spoilt("torn", gzipSync(torn)), /is no backup of a gateway, or was changed/],
    [
      spoilt("ahead", gzipSync(text.replace(/"schema":\d+/, '"schema":9999'))),
      /has schema 9999, and this version knows/,
    ],
  ];
  for (const [path, sentence] of late) {
    const { status, err } = await restored(path);
    assert.match(err, sentence);
    assert.equal(status, 1, path);
  }
  // None of these left anything, no ring either: the whole one still goes in, by the same words.
  assert.ok(!existsSync(there));
  assert.equal((await restored(file)).status, 0);
});
