// What judges the soaked day can say no: memory that climbs, tables that grow, and shares of a histogram.
import assert from "node:assert/strict";
import { test } from "node:test";
import { placed } from "../fleet/write.ts";
import { flatness } from "./day.ts";
import { quantile, slope } from "./gauge.ts";
import { growth } from "./tables.ts";

const day = (pss: (n: number) => number) => Array.from({ length: 40 }, (_, n) => ({ at: n * 10, pss: pss(n) }));

test("memory that climbs over the second half is told, and memory that only warmed up is not", () => {
  assert.deepEqual(flatness(day((n) => 200 + Math.min(n, 15) * 10)), []);
  assert.match(flatness(day((n) => 200 + n * 10)).join(), /memory climbs by \d+ MB/);
  assert.match(flatness(day(() => 200).slice(0, 4)).join(), /too few samples/);
});

test("a table that grows is told, unless time forgets it", () => {
  const before = new Map([
    ["task", 1_000],
    ["event", 10],
    ["connection", 500],
  ]);
  const after = new Map([
    ["task", 3_000],
    ["event", 9_000],
    ["connection", 505],
  ]);
  assert.deepEqual(growth(before, after), ["task grew from 1000 to 3000 rows"]);
  assert.deepEqual(growth(before, before), []);
});

test("a line's slope is by the hour, and a share of a histogram is the bound that holds it", () => {
  const line = [0, 1, 2, 3].map((at) => ({ at: at * 60, value: 5 + at }));
  assert.equal(Math.round(slope(line)), 60);
  const metrics = new Map([
    ['lag_bucket{le="1",kind="a"}', 50],
    ['lag_bucket{le="5",kind="a"}', 99],
    ['lag_bucket{le="+Inf",kind="a"}', 100],
    ['lag_bucket{le="1",kind="b"}', 0],
  ]);
  assert.deepEqual(
    [0.5, 0.9, 0.999].map((share) => quantile(metrics, "lag", 'kind="a"', share)),
    [1, 5, Infinity],
  );
});

test("a table is put between its marks, and a page without them is refused", () => {
  const page = "a\n<!-- soak: begin -->\nold\n<!-- soak: end -->\nb\n";
  assert.equal(placed(page, "soak", "new"), "a\n<!-- soak: begin -->\n\nnew\n\n<!-- soak: end -->\nb\n");
  assert.throws(() => placed("a", "soak", "new"), /has no place for soak/);
});
