/** `npm run check -- plaid`, as it is typed: findings on standard output, and a status that tells. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { playPlaid, type PlayedPlaid } from "../providers/plaid/fixture/server.ts";

let plaid: PlayedPlaid;
before(async () => {
  plaid = await playPlaid();
});
after(() => plaid.close());

async function check(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["src/main.ts", "check", ...args], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  const [status] = (await once(child, "close")) as [number];
  return { status, out, err };
}

const keys = () => ({
  PLAID_CLIENT_ID: plaid.world.clientId,
  PLAID_SECRET: plaid.world.secret,
  PLAID_BASE_URL: plaid.url,
});

test("what is wrong is named, what is well too, and the last line counts them", async () => {
  const { status, out, err } = await check(["plaid"], keys());
  const lines = out.trimEnd().split("\n");
  assert.equal(lines[0], "✓ Plaid accepts the keys in its environment sandbox.");
  assert.match(lines.at(-2) ?? "", /^✗ BOWLINE_PUBLIC_URL is not set/);
  assert.equal(lines.at(-1), "7 well, 1 to mend");
  assert.deepEqual([status, err], [1, ""]);
});

test("refused keys end the check, and are shown to nobody", async () => {
  const { status, out, err } = await check(["plaid"], { ...keys(), PLAID_SECRET: "a-wrong-secret" });
  assert.match(out, /^✗ Plaid refuses the keys \(INVALID_API_KEYS\)/);
  assert.equal(status, 1);
  assert.ok(!`${out}${err}`.includes("a-wrong-secret"));
});

test("nothing to check, and nobody to check, are said in a sentence", async () => {
  const unset = await check(["plaid"]);
  assert.deepEqual([unset.status, unset.out], [1, ""]);
  assert.match(unset.err, /^PLAID_CLIENT_ID and PLAID_SECRET are not set/);
  const half = await check(["plaid"], { PLAID_CLIENT_ID: "a" });
  assert.match(half.err, /^PLAID_SECRET is missing/);
  const stranger = await check(["moonbank"]);
  assert.equal(stranger.status, 2);
  assert.match(stranger.err, /^"moonbank" is no provider that can be checked; there is plaid\.\n$/);
  const uri = await check(["plaid", "nowhere"], keys());
  assert.deepEqual([uri.status, uri.out], [1, ""]);
  assert.match(uri.err, /^"nowhere" is no redirect URI/);
});
