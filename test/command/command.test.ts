// The commands as they are typed: the help, the one that was meant, and those that ask a running gateway.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ROOT } from "../../scripts/imports.ts";
import { openReceiver } from "../webhooks/receiver.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";
import { startGateway, type TestGateway } from "../stories/gateway.ts";
import { run } from "./run.ts";

const NAMES = ["serve", "api", "worker", "demo", "explain", "trigger", "replay", "keys", "check", "migrate"];

let gateway: TestGateway;
let database: TestDatabase;
before(async () => {
  gateway = await startGateway({ BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8" });
  database = await freshDatabase();
});
after(async () => {
  await gateway.stop();
  await database.drop();
});

const asking = () => ({ BOWLINE_URL: gateway.url, BOWLINE_API_KEY: gateway.key });

test("The help names every command, and each command's help has an example of it", async () => {
  const { status, out } = await run(["help"]);
  assert.equal(status, 0);
  for (const name of NAMES) assert.match(out, new RegExp(`^  ${name} +\\S`, "m"), name);
  const each = await Promise.all(NAMES.map((name) => run(["help", name])));
  for (const [at, one] of each.entries()) {
    const name = NAMES[at] ?? "";
    assert.equal(one.status, 0, name);
    assert.match(one.out, new RegExp(`\nExamples?:\n\n  (\\w+=\\S+ )*bowline ${name}`), name);
  }
  assert.equal((await run(["keys", "--help"])).out, (await run(["help", "keys"])).out);
});

test("What was mistyped is told with what was meant, and the status is 2", async () => {
  const cases: [string[], RegExp][] = [
    [["explian"], /^"explian" is no command; did you mean `explain`\? /],
    [["hlep"], /did you mean `help`\?/],
    [["xyzzy"], /^"xyzzy" is no command; `bowline help` lists them\.\n$/],
    [["help", "kyes"], /did you mean `keys`\?/],
    [["replay"], /^`bowline replay` takes other arguments: type `bowline replay ENDPOINT/],
    [["replay", "whp_1", "--evnt", "x"], /^`bowline replay` was not understood \(Unknown option '--evnt'\)/],
    [["explain", "PLAYD", "X"], /did you mean PLAID\?/],
    [["trigger", "con_1", "ACTIV"], /^"ACTIV" is no state; did you mean ACTIVE\?/],
    [
      ["trigger", "con_1", "RECONNECT_REQUIRED/OTHER", "--accounts", "x"],
      /^--accounts: "x" is no account; name how many/,
    ],
    [
      ["trigger", "con_1", "heal", "--accounts", "2"],
      /^heal ends all troubles of the connection; leave --accounts out/,
    ],
    [["keys", "create", "a\tb"], /^The label has a tab, .*; type one line of plain text/],
    [["keys", "destroy", "x"], /^`bowline keys` lists, creates, revokes, rotates and drops/],
  ];
  for (const [args, sentence] of cases) {
    const { status, out, err } = await run(args);
    assert.match(err, sentence, args.join(" "));
    assert.deepEqual([status, out], [2, ""], args.join(" "));
  }
});

test("The version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  for (const typed of ["version", "--version"]) {
    const { status, out, err } = await run([typed]);
    assert.deepEqual([status, out, err], [0, `${version}\n`, ""]);
  }
});

test("A provider's code is explained without a gateway; one that nobody has seen is never healthy", async () => {
  const known = await run(["explain", "plaid", "item_login_required"]);
  assert.equal(known.status, 0);
  assert.match(known.out, /^PLAID ITEM_LOGIN_REQUIRED leads to\n {2}RECONNECT_REQUIRED\/LOGIN_REQUIRED\n/);
  assert.match(known.out, /who must act: customer/);
  const quota = await run(["explain", "PLAID", "TRANSACTIONS_LIMIT"]);
  assert.match(quota.out, /no connection's state changes/);
  const strange = await run(["explain", "PLAID", "ITEM_LOGIN_REQIRED"]);
  assert.equal(strange.status, 1);
  assert.match(strange.out, /UNDETERMINED\/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE/);
  assert.match(strange.out, /Did you mean ITEM_LOGIN_REQUIRED\?/);
});

test("Trigger breaks and heals a fake bank, and explain says why", async () => {
  const id = await gateway.link();
  await gateway.aggregated(id);
  const broken = await run(["trigger", id, "RECONNECT_REQUIRED/LOGIN_REQUIRED"], asking());
  assert.deepEqual([broken.status, broken.err], [0, ""]);
  await gateway.until(id, "RECONNECT_REQUIRED/LOGIN_REQUIRED");
  const told = await run(["explain", id], asking());
  assert.equal(told.status, 0, told.err);
  assert.match(told.out, /^state +RECONNECT_REQUIRED\/LOGIN_REQUIRED, since \d{4}-/m);
  assert.match(told.out, /^why +the provider said BANK-400[12]/m);
  assert.match(told.out, /^who acts +customer: /m);
  assert.match(told.out, /^next +\d{4}-.*One look a day/m);
  assert.match(told.out, /^you may +refresh, reconnect/m);
  assert.equal((await run(["trigger", id, "heal"], asking())).status, 0);
  await gateway.good("POST", `/bank-linking/connections/${id}/refresh`, {});
  await gateway.until(id, "ACTIVE");
});

test("Trigger sends an endpoint a test event, and replay delivers again what it names", async (t) => {
  const receiver = await openReceiver();
  t.after(() => receiver.close());
  const eventTypes = ["BANK_LINKING_CONNECTION_COMPLETED"];
  const wanted = { name: "here", url: receiver.url, eventTypes };
  const endpoint = String((await gateway.good("POST", "/notifications/webhooks", wanted))["id"]);
  const tested = await run(["trigger", endpoint], asking());
  assert.equal(tested.status, 0, tested.out + tested.err);
  await gateway.link();
  await receiver.until(2);
  const [test, completed] = receiver.received;
  assert.deepEqual([test?.json.eventType, completed?.json.eventType], ["WEBHOOK_TEST", ...eventTypes]);
  const again = await run(["replay", endpoint, "--event", completed?.json.eventId ?? ""], asking());
  assert.deepEqual([again.status, again.out, again.err], [0, "1\n", ""]);
  await receiver.until(3);
  assert.equal(receiver.received[2]?.json.eventId, completed?.json.eventId);
  const missing = await run(["replay", endpoint], asking());
  assert.match(missing.err, /^Say what to replay: --event ID/);
});

test("Keys are made, taken and revoked beside a running gateway's database", async () => {
  const ring = `main:${randomBytes(32).toString("base64")}`;
  const env = { DATABASE_URL: database.url, BOWLINE_SECRET_KEYS: ring };
  const made = await run(["keys", "create", "billing service"], env);
  assert.equal(made.status, 0, made.err);
  assert.match(made.out, /^bow_\S+\n$/);
  const [id = ""] = (await run(["keys", "list"], env)).out.split("\t");
  assert.match(id, /^key_/);
  assert.equal((await run(["keys", "revoke", id], env)).status, 0);
  assert.match((await run(["keys", "list"], env)).out, /\trevoked \d{4}-/);
  const twice = await run(["keys", "revoke", id], env);
  assert.deepEqual([twice.status, /is no API key in use/.test(twice.err)], [1, true]);
  assert.match((await run(["migrate"], env)).out, /^The schema is \d+ already\.\n$/);
});

test("Without a gateway, or with a key that it does not know, the mend is told", async () => {
  const nobody = await run(["explain", "con_2Ab9cDeFgHiJkLmNpQrStU"], { BOWLINE_URL: "http://127.0.0.1:9" });
  assert.match(nobody.err, /^No gateway answers at http:\/\/127\.0\.0\.1:9 /);
  assert.equal(nobody.status, 1);
  const stranger = await run(["explain", "con_2Ab9cDeFgHiJkLmNpQrStU"], {
    ...asking(),
    BOWLINE_API_KEY: "k".repeat(20),
  });
  assert.match(stranger.err, /set BOWLINE_API_KEY to one of its API keys/);
});
