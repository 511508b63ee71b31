// A file is cut into its parts the same wherever its pieces happen to end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { entriesOf, linesOf, rowsOf, type Text } from "../../src/command/file-parts.ts";

async function* inPieces(text: string, size: number): Text {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function all<Part>(parts: AsyncGenerator<Part>): Promise<Part[]> {
  const found: Part[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

const SIZES = [1, 2, 3, 7, 1000];

test("Lines, with and without an end to the last; one that is too long is told, and only that one", async () => {
  for (const size of SIZES) {
    assert.deepEqual(await all(linesOf(inPieces("a\n\nb b\nc", size))), ["a", "", "b b", "c"]);
    assert.deepEqual(await all(linesOf(inPieces("a\n", size))), ["a"]);
  }
  const long = `${"x".repeat(3_000_000)}\nafter\n`;
  assert.deepEqual(await all(linesOf(inPieces(long, 65_536))), [null, "after"]);
});

test("Entries of an array, whatever brackets, commas and quotes are in their texts", async () => {
  const entries = [{ a: '],[{"', b: ["\\", '\\"', { c: [1, 2] }] }, [1, [2]], "a,b]", 7, {}, null];
  const wrong = () => new Error("wrong");
  for (const size of SIZES) {
    for (const text of [JSON.stringify(entries), ` ${JSON.stringify(entries, null, 2)}\n `]) {
      const found = await all(entriesOf(inPieces(text, size), wrong));
      assert.deepEqual(
        found.map((one) => JSON.parse(one) as unknown),
        entries,
      );
    }
    assert.deepEqual(await all(entriesOf(inPieces("[ ]", size), wrong)), []);
    for (const bad of ["[1", "[1,]", "[,1]", "[1]]", "[1] x", "x", "", '["a]', "[1}"])
      await assert.rejects(all(entriesOf(inPieces(bad, size), wrong)), /wrong/, bad);
  }
});

test("Rows of CSV", async () => {
  const text = 'a,b,c\r\n"x, ""y""",  z ,"two\nlines"\n\n"",,""""\nlast,1,2';
  for (const size of SIZES) {
    assert.deepEqual(await all(rowsOf(inPieces(text, size))), [
      ["a", "b", "c"],
      ['x, "y"', "z", "two\nlines"],
      ["", "", '"'],
      ["last", "1", "2"],
    ]);
  }
});
