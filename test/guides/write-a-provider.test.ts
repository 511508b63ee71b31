// A provider from nothing, in a checkout of its own: what the generator writes is in order, and the guide leads from
// there to one that passes the suite.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { ROOT } from "../../scripts/imports.ts";
import { follow } from "./follow.ts";

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** What is in the repository, or would be by the next commit, and the packages of this one. */
function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), "bowline-provider-"));
  folders.push(folder);
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  const files = listed.toString().split("\0").filter(Boolean);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file), { errorOnExist: false });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

const node = (folder: string, ...args: string[]) => {
  const { PATH = "", HOME = "" } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env: { PATH, HOME },
    encoding: "utf8",
  });
  return { status, said: `${stdout}${stderr}` };
};

const limit = { timeout: 300_000 };

test("A new provider of two words is in order, and the suite says what to do next and nothing else", limit, () => {
  const folder = checkout();
  const made = node(folder, "scripts/new-provider.ts", "tin-bank");
  assert.equal(made.status, 0, made.said);
  assert.match(made.said, /npm test -- providers\/tin-bank/);
  for (const args of [
    ["node_modules/typescript/bin/tsc", "-p", ".", "--noEmit"],
    ["node_modules/oxlint/bin/oxlint", "--deny-warnings", "src/providers", "test/providers/tin-bank", "scripts/print"],
    ["node_modules/@biomejs/biome/bin/biome", "format", "."],
    ["node_modules/knip/bin/knip.js"],
    ["scripts/print.ts", "--check"],
    ["test/house.test.ts"],
  ]) {
    const { status, said } = node(folder, ...args);
    assert.equal(status, 0, `${args.join(" ")}: ${said}`);
  }
  const suite = node(folder, "scripts/test.ts", "providers/tin-bank");
  assert.equal(suite.status, 1);
  const why = suite.said.split("\n").filter((line) => /Error: /.test(line));
  assert.ok(why.length > 5);
  for (const line of why)
    assert.match(line, /POST \/sessions: begin a customer's session, .* in test\/providers\/tin-bank\/fixture\.ts\./);
  assert.match(readFileSync(join(folder, "docs/config.md"), "utf8"), /TIN_BANK_URL/);

  const again = node(folder, "scripts/new-provider.ts", "tin-bank");
  assert.deepEqual([again.status, /is there already/.test(again.said)], [2, true]);
  for (const name of ["", "Tin", "../tin", "tin bank", "constructor", "new"])
    assert.equal(node(folder, "scripts/new-provider.ts", name).status, 2);
});

test("Whoever follows docs/guides/write-a-provider.md has a provider", limit, (t) =>
  follow(t, "docs/guides/write-a-provider.md", checkout()),
);
