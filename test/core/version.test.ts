// Which dated version a client gets for the one that it asks for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { VERSION, versionFor } from "../../src/core/compatibility.ts";

const KNOWN = ["2021-10-27", "2022-11-10", "2023-12-19"];

test("The newest that is not newer; the oldest where all are; the latest where none is asked for", () => {
  const cases: [asked: string | undefined, got: string | null][] = [
    [undefined, "2023-12-19"],
    ["2023-12-19", "2023-12-19"],
    ["2023-12-18", "2022-11-10"],
    ["2030-01-01", "2023-12-19"],
    ["2021-10-27", "2021-10-27"],
    ["2001-01-01", "2021-10-27"],
    ["yesterday", null],
    ["2023-13-01", null],
    ["2023-12-19T00:00:00Z", null],
    ["", null],
  ];
  for (const [asked, got] of cases) assert.equal(versionFor(asked, KNOWN), got, asked ?? "none");
  assert.equal(versionFor("2001-01-01"), VERSION);
});
