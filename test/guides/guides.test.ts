// Every block of every guide, run against a gateway: what a guide says is so, or this fails.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { describe, test } from "node:test";
import { ROOT } from "../../scripts/imports.ts";
import { differs } from "./answer.ts";
import { blocksOf } from "./blocks.ts";
import { follow } from "./follow.ts";

/** It makes a provider in a checkout of its own: write-a-provider.test.ts. */
const ELSEWHERE = "docs/guides/write-a-provider.md";

const PAGES = ["README.md", "docs/link-by-calls.md", ...globSync("docs/guides/*.md", { cwd: ROOT }).sort()];

/** What a reader of the guides needs besides npm. */
const missing = ["bash", "curl", "jq"].filter((program) => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return false;
  } catch {
    return true;
  }
});

const options = { timeout: 540_000, skip: missing.length > 0 && `install ${missing.join(" and ")}` };

for (const page of PAGES.filter((page) => page !== ELSEWHERE)) {
  test(`Whoever follows ${page} gets what it says`, options, (t) => follow(t, page));
}

describe("What follows the guides", () => {
  const page = (...lines: string[]): string => lines.join("\n");

  test("finds blocks, files, reasons and answers", () => {
    const blocks = blocksOf(
      page(
        "```sh",
        "echo 1",
        "```",
        "```json",
        "1",
        "```",
        "  ```js",
        "  // a.mjs",
        "  1;",
        "  ```",
        "```html",
        "```",
      ) + page("", "<!-- not run: it costs money -->", "```sh", "pay", "```"),
    );
    assert.deepEqual(
      blocks.map(({ line, file, notRun, answer }) => [line, file, notRun, answer?.text]),
      [
        [1, null, null, "1\n"],
        [7, "a.mjs", null, undefined],
        [14, null, "it costs money", undefined],
      ],
    );
    assert.throws(() => blocksOf(page("```json", "{}", "```")), /Line 1: no block that prints/);
    assert.throws(() => blocksOf(page("```sh", "echo")), /no end/);
  });

  test("tells an answer that is as shown from one that is not", () => {
    const shown = (language: string, text: string) =>
      blocksOf(page("```sh", "```", `\`\`\`${language}`, text, "```"))[0]!.answer!;
    const json = shown("json", '{"id": "con_…", "list": [1, "…"], "none": null}');
    assert.equal(differs(json, '{"id":"con_x","list":[1,2],"none":null,"more":1}'), null);
    for (const wrong of [
      '{"id":"acc_x","list":[1],"none":null}',
      '{"id":"con_","list":[],"none":null}',
      "oh",
      '{"id":"con_","list":[1]}',
    ])
      assert.notEqual(differs(json, wrong), null, wrong);
    assert.notEqual(differs(shown("json", "[1]"), "[1,2]"), null);
    const text = shown("text", "a … c\n…\nend");
    for (const right of ["a b c\nend\n", "a b c\n1\n2\nend"]) assert.equal(differs(text, right), null, right);
    for (const wrong of ["a b\nend", "a b c\nend\nmore", ""]) assert.notEqual(differs(text, wrong), null, wrong);
  });
});
