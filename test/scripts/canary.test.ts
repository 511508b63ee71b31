// The look for secrets finds each of them in each place, however it is written, and tells nobody what it was.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ALLOWED, ENTRANCES, type Entrance, OUTLETS, type Outlet, scan, verdict } from "../../scripts/canary.ts";

const folder = mkdtempSync(join(tmpdir(), "bowline-canary-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const entrances = Object.keys(ENTRANCES) as Entrance[];
const outlets = Object.keys(OUTLETS) as Outlet[];
const secretOf = (entrance: Entrance) => `sécret & of the ${entrance} 7f3a`;
let runs = 0;

/** Each a run of its own: what it kept, and what it knew of as secret. */
function run(lines: readonly string[], secrets: readonly [string, string][] = entrances.map((e) => [e, secretOf(e)])) {
  const name = `run${++runs}-`;
  writeFileSync(join(folder, `${name}1.kept`), lines.map((line) => `${line}\n`).join(""));
  writeFileSync(join(folder, `${name}2.secrets`), secrets.map((secret) => `${JSON.stringify(secret)}\n`).join(""));
  return scan(folder, name);
}

const filler = "x ".repeat(700_000);
const clean = outlets.map((outlet) => `${outlet}\tsomewhere\tnothing of note ${filler}`);

test("A run that shows no secret is well, in which every outlet and every entrance was seen", () => {
  const { well, text } = verdict(run(clean), true);
  assert.ok(well, text);
  assert.match(text, /^✓ canaries: 11 secrets of 11 kinds in 9\.8 MB of 7 outlets$/);
});

test("Every secret is found in every outlet, and neither is it nor what follows it printed", () => {
  for (const outlet of outlets)
    for (const entrance of entrances) {
      const secret = secretOf(entrance);
      const scanned = run([`log\tbefore\tnothing`, `${outlet}\ta planted leak\tand then ${secret} and more`]);
      assert.deepEqual(scanned.findings, [{ entrance, outlet, where: "a planted leak and then ", as: "as it is" }]);
      const { well, text } = verdict(scanned, false);
      assert.equal(well, false);
      assert.ok(!text.includes(secret) && !text.includes("and more"));
    }
});

test("It is found in base64 wherever it begins, percent-encoded, and where it lies across two pieces of a file", () => {
  const secret = secretOf("API key");
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  for (const [as, text] of [
    ["in base64", base64(secret)],
    ["in base64", base64(`u:${secret}`)],
    ["in base64", base64(`:${secret}:b`)],
    ["in base64", base64(`abc${secret}!`)],
    ["in a URL", `?q=${encodeURIComponent(secret)}`],
  ] as const)
    assert.deepEqual(
      run([`log\tit\t${text}`]).findings.map((finding) => finding.as),
      [as],
      text,
    );
  for (const before of [2 ** 20 - 20, 2 ** 20 - 1])
    assert.equal(run([`log\tit\t${"y".repeat(before)}${secret}`]).findings.length, 1);
});

test("What is allowed in one place is not in another", () => {
  const token = secretOf("connect token");
  assert.deepEqual(run([`url\tGET\t/connect?connectToken=${token}`]).findings, []);
  for (const line of [
    `url\tGET\t/elsewhere?connectToken=${token}`,
    `url\tGET\t/connect?connectToken=${secretOf("API key")}`,
    `log\tGET\t/connect?connectToken=${token}`,
    `browser\t/connect page\t${token}`,
  ])
    assert.equal(run([line]).findings.length, 1, line);
  for (const { why } of ALLOWED) assert.ok(why.length > 20);
});

test("A whole run in which an outlet or an entrance was not seen is not well; a part of one may be", () => {
  for (const at of outlets.keys()) {
    const scanned = run(clean.toSpliced(at, 1));
    assert.deepEqual([verdict(scanned, true).well, verdict(scanned, false).well], [false, true]);
    assert.match(verdict(scanned, true).text, new RegExp(`nothing was kept for: ${outlets[at]}$`));
  }
  const few = run(clean, [["API key", secretOf("API key")]]);
  assert.match(verdict(few, true).text, /nothing was kept for: connect token/);
});

test("What is too short or too plain to be told from chance is no secret", () => {
  const scanned = run(
    ["log\tit\tshort aaaaaaaaaaaaaaaaaaaa"],
    [
      ["API key", "short"],
      ["API key", "a".repeat(20)],
    ],
  );
  assert.deepEqual([scanned.findings, scanned.secrets.size], [[], 0]);
});
