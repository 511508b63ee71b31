// The key ring rotated under a gateway that runs, as it is typed.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../command/run.ts";
import { ask, KEY, link, linuxOnly, scratch, stop, until, up } from "./process.ts";

test("A gateway goes on under a ring that is rotated beside it", { timeout: 120_000, ...linuxOnly }, async () => {
  const folder = scratch();
  const running = await up({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY });
  const file = join(folder, "secret-keys");
  const names = (): string[] =>
    readFileSync(file, "utf8")
      .trim()
      .split(",")
      .map((pair) => pair.split(":")[0] ?? "");
  const command = (...typed: string[]) => run(["keys", ...typed], { BOWLINE_DATA: folder });
  const numbers = async (id: string): Promise<number> => {
    const { body } = await ask("GET", `${running.at}/bank-linking/accounts?connectionId=${id}&limit=100`);
    const accounts = body["financialAccounts"] as { identifiers: { ach: { accountNumber: string | null } } | null }[];
    return accounts.filter(({ identifiers }) => identifiers !== null).length;
  };
  const linked = async (customer: string): Promise<string> => {
    const id = await link(running.at, customer);
    await until(async () => (await numbers(id)) > 0, `the numbers of ${customer}'s accounts`);
    return id;
  };
  const before = await linked("before");
  const had = await numbers(before);

  const rotated = await command("rotate");
  assert.equal(rotated.status, 0, rotated.err);
  const [fresh = "", ...others] = names();
  assert.match(fresh, /^\d{4}-\d\d-\d\d$/);
  assert.deepEqual(others, ["main"]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(rotated.err, new RegExp(`\\d+ values are sealed anew; all of them are under ${fresh}\\.`));

  // The process that was running all the time opens what is sealed anew, and seals by the new key.
  assert.equal(await numbers(before), had);
  await linked("after");
  const status = await command("rotate", "--status");
  assert.match(status.out, new RegExp(`^${fresh}\tseals\t\\d+ values\nmain\topens\t0 values\n$`));

  const early = await command("drop", "main");
  assert.deepEqual([early.status, names().length], [1, 2]);
  assert.match(early.err, /Links opened before the rotation end at \d{4}-[^;]+Z; drop main then\./);
  const sealing = await command("drop", fresh);
  assert.deepEqual([sealing.status, names().length], [1, 2]);
  assert.match(sealing.err, /is the key that seals/);
  const strange = await command("drop", "nobody");
  assert.match(strange.err, /nobody is no key of the ring/);
  await stop(running);

  // Another start finds a ring that fits.
  const again = await up({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY });
  assert.equal((await ask("GET", `${again.at}/bank-linking/connections/${before}`)).status, 200);
  await stop(again);
});
