// The bench of the operator's lists works, at a size that says nothing of speed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, run } from "../../scripts/bench/dashboard.ts";

test("It measures every filter and the table, each beside a bare statement", async () => {
  const lines: string[] = [];
  const figures = await run((line) => lines.push(line), { connections: 300, rounds: 2 });
  assert.equal(name, "dashboard");
  assert.equal(new Set(figures.map(({ what }) => what)).size, 12);
  for (const { what, p95, bareP95, ratio } of figures)
    assert.ok(
      [p95, bareP95, ratio].every((figure) => figure > 0),
      what,
    );
  assert.equal(lines.length, 1 + figures.length);
});
