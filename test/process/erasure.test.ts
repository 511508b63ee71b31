// What a deleted customer leaves behind: of everything that was recognisable, nothing, neither in the tables nor, once
// it is compacted, in a file of the data folder.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import pg from "pg";
import { runningBeside } from "../../src/postgres/beside.ts";
import { run } from "../command/run.ts";
import { ask, type Json, KEY, link, linuxOnly, scratch, stop, until, up } from "./process.ts";

// The fake bank's own memory lies in this database, and no bank forgets whoever has disconnected. It takes its
// customer's name from the first 40 letters of this one, and so does not know it whole.
const PERSON = {
  externalId: `${"a customer of ours who will go ".padEnd(40, ".")}erase-me-8d41c7`,
  name: { firstName: "Zephyrine", lastName: "Quillfeather" },
  email: "zephyrine.8d41c7@quillfeather.example",
  phone: "+15550198847",
};

/** As it may stand in a row or a file: itself, and in what bytes are written as. */
function formsOf(secret: Buffer): Buffer[] {
  const text = secret.toString("latin1");
  // Three places that a text may have in a longer one's base64: whatever stands around it, the middle is the same.
  const base64 = [0, 1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), secret])
      .toString("base64")
      .slice(by === 0 ? 0 : 4, -4),
  );
  const hex = secret.toString("hex");
  const forms = [hex, hex.toUpperCase(), encodeURIComponent(text), JSON.stringify(text).slice(1, -1), ...base64];
  return [
    secret,
    Buffer.from(text, "utf16le"),
    ...forms.filter((form) => form.length >= 6).map((one) => Buffer.from(one)),
  ];
}

type Named = ReadonlyMap<string, Buffer>;

const foundIn = (bytes: Buffer, secrets: Named): string[] =>
  [...secrets].filter(([, secret]) => formsOf(secret).some((form) => bytes.includes(form))).map(([name]) => name);

/** Every row of every table as text, bytes in hex and as they are. */
async function tables(folder: string): Promise<Map<string, Buffer>> {
  const there = await runningBeside(folder);
  assert.ok(there, "no database runs");
  const client = new pg.Client(there);
  await client.connect();
  try {
    const { rows: names } = await client.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public' order by 1",
    );
    const found = new Map<string, Buffer>();
    for (const { name } of names) {
      const { rows } = await client.query<{ text: string }>(`select t::text as text from "${name}" t`);
      const text = rows.map((row) => row.text).join("\n");
      const bytes = [...text.matchAll(/\\x([0-9a-f]{8,})/g)].map(([, hex = ""]) => Buffer.from(hex, "hex"));
      found.set(name, Buffer.concat([Buffer.from(text), ...bytes]));
    }
    return found;
  } finally {
    await client.end();
  }
}

/** The wrapped keys of what is sealed: who has destroyed these can't open it, whatever else is found. */
async function wrappedKeys(folder: string, customerId: string): Promise<Map<string, Buffer>> {
  const client = new pg.Client((await runningBeside(folder)) as pg.ClientConfig);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; sealed: Buffer }>(
      `select 'credential' as name, credential as sealed from provider_connection where customer_id = $1
       union all select 'identifiers of ' || a.id, a.sealed_identifiers from account a
         join provider_connection p on p.home = a.home and p.id = a.provider_connection_id where p.customer_id = $1
       union all select 'person', sealed_person from customer where id = $1`,
      [customerId],
    );
    const sealed = rows.filter((row) => row.sealed !== null);
    return new Map(
      sealed.map((row) => [`key of ${row.name}`, row.sealed.subarray(2 + (row.sealed[1] ?? 0)).subarray(0, 60)]),
    );
  } finally {
    await client.end();
  }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));

test("A deleted customer leaves a tombstone and nothing else", { timeout: 180_000, ...linuxOnly }, async () => {
  const folder = scratch();
  const running = await up({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY });
  const good = async (method: string, path: string, body?: Json): Promise<Json> => {
    const answer = await ask(method, `${running.at}${path}`, body);
    assert.ok(answer.status < 300, `${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const customer = String((await good("POST", "/accounts/customers", PERSON))["id"]);
  const id = await link(running.at, PERSON.externalId);
  await until(
    async () => (await good("GET", `/bank-linking/connections/${id}`))["lastSuccessAt"] !== null,
    "the first read",
  );
  await good("POST", `/bank-linking/connections/${id}/refresh`, {});
  const accounts = await good("GET", `/bank-linking/accounts?connectionId=${id}&limit=100`);
  const bought = async (of: string): Promise<Json[]> =>
    (await good("GET", `/bank-linking/transactions?connectionId=${of}&limit=100`))[
      "financialAccountTransactions"
    ] as Json[];
  await until(async () => (await bought(id)).length > 0, "transactions");

  const secrets = new Map<string, Buffer>();
  const add = (name: string, value: unknown): void => {
    if (typeof value === "string" && value.length >= 6) secrets.set(`${name} ${value}`, Buffer.from(value));
  };
  for (const [name, value] of Object.entries({ ...PERSON, ...PERSON.name })) add(name, value);
  const mine = accounts["financialAccounts"] as Json[];
  for (const one of mine) collect(one, add);
  for (const one of (await bought(id)).slice(0, 8)) {
    add("transaction", one["id"]);
    add("description", one["description"]);
  }
  for (const [name, key] of await wrappedKeys(folder, customer)) secrets.set(name, key);
  const kinds = new Set([...secrets.keys()].map((name) => name.split(" ")[0]));
  for (const kind of ["email", "phone", "lastName", "externalId", "accountNumber", "transaction", "key"])
    assert.ok(kinds.has(kind), `no ${kind} to look for among ${[...kinds].join(", ")}`);
  const before = new Set([...(await tables(folder)).values()].flatMap((bytes) => foundIn(bytes, secrets)));
  assert.ok(
    before.has("key of credential") && before.has(`externalId ${PERSON.externalId}`),
    "the search finds nothing",
  );

  await good("DELETE", `/bank-linking/connections/${id}`);
  await good("DELETE", `/accounts/customers/${customer}`);
  const left = async (): Promise<string[]> =>
    [...(await tables(folder))].flatMap(([table, bytes]) => foundIn(bytes, secrets).map((name) => `${table}: ${name}`));
  await until(
    async () => !(await left()).some((one) => one.includes("key of credential")),
    "the end of the revocation",
  );
  assert.deepEqual(await left(), []);
  // Who comes now buys at the same shops, and has accounts of the same kinds.
  const other = await link(running.at, "who stays");
  await until(async () => (await bought(other)).length > 0, "the other's transactions");
  for (const name of await left()) secrets.delete(name.slice(name.indexOf(": ") + 2));
  assert.ok(secrets.size > 20 && [...secrets.keys()].some((name) => name.startsWith("accountNumber")));
  const early = await run(["compact"], { BOWLINE_DATA: folder });
  assert.match(early.err, /^A gateway runs on this data folder: stop it, compact, and start it again\.\n$/);
  await stop(running);

  const inFiles = (): string[] =>
    filesIn(folder).flatMap((file) => foundIn(readFileSync(file), secrets).map((name) => `${file}: ${name}`));
  assert.notEqual(inFiles().length, 0, "the files have nothing even before they are compacted: is this search good?");
  const compacted = await run(["compact"], { BOWLINE_DATA: folder });
  assert.equal(compacted.err, "Nothing that was deleted is left in the database's files.\n");
  assert.deepEqual(inFiles(), []);

  const again = await up({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY });
  const tombstone = (await ask("GET", `${again.at}/bank-linking/connections/${id}`)).body;
  assert.equal(tombstone["status"], "DELETED");
  assert.equal((await ask("GET", `${again.at}/bank-linking/connections/${other}`)).body["status"], "ACTIVE");
  await stop(again);
});

/** Every text of an account, under its own name. The bank's is in the directory of banks, and nobody's secret. */
function collect(value: unknown, add: (name: string, value: unknown) => void, name = ""): void {
  if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value)) collect(inner, add, Array.isArray(value) ? name : key);
  else if (name !== "institutionName" && /name|number|email|phone|street|line|address|description/i.test(name))
    add(name, value);
}
