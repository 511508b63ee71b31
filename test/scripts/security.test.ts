// The rows of the security page name what is there, and enough of them.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/imports.ts";
import { ROWS } from "../../scripts/print/security.ts";

test("Each row has an id of its own, in order, and says where it is seen or why it is not so", () => {
  const order = ROWS.map(({ id }) => id.split(".").map(Number));
  for (const [at, { id, by, in: places, not }] of ROWS.entries()) {
    assert.match(id, /^([1-9]|1[0-7])\.[1-9]\d?\.[1-9]\d?$/);
    assert.ok((by?.length ?? 0) + (places?.length ?? 0) > 0 || not !== undefined, id);
    const [before, here] = [order[at - 1], order[at]];
    if (before && here) assert.ok(rank(before) < rank(here), `${id} stands behind its place, or twice`);
  }
  const held = ROWS.filter(({ not, level }) => not === undefined && level <= 2);
  assert.ok(held.length >= 60, `${held.length} rows hold`);
});

const rank = ([chapter = 0, section = 0, row = 0]: readonly number[]): number => chapter * 10_000 + section * 100 + row;

test("Every path that a row names is there, and every test is one", () => {
  for (const { id, by = [], in: places = [] } of ROWS) {
    for (const path of [...by, ...places]) assert.ok(existsSync(join(ROOT, path)), `${id}: ${path}`);
    for (const path of by) assert.match(path, /^test\/(providers$|.*\.test\.ts$)/, id);
  }
});
