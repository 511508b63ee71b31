import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST, together } from "../../src/http/together.ts";

/** Questions that wait until they are answered by hand. */
function desk() {
  const asked: { items: readonly string[]; answer(text: string): void; fail(): void }[] = [];
  const ask = (items: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      asked.push({ items, answer: resolve, fail: () => reject(new Error("away")) });
    });
  return { asked, find: together(ask) };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("who comes while it is asked is asked for next, with all who came meanwhile", async () => {
  const { asked, find } = desk();
  const first = find("a");
  await turn();
  const later = [find("b"), find("c"), find("b")];
  await turn();
  assert.equal(asked.length, 1);
  asked[0]?.answer("as it was");
  assert.equal(await first, "as it was");
  await turn();
  assert.deepEqual(asked[1]?.items, ["b", "c", "b"]);
  asked[1].answer("as it is");
  assert.deepEqual(await Promise.all(later), ["as it is", "as it is", "as it is"]);
  const last = find("d");
  await turn();
  asked[2]?.answer("alone");
  assert.equal(await last, "alone");
});

test("a failure is those who shared it, not those who came after", async () => {
  const { asked, find } = desk();
  const first = find("a");
  await turn();
  const later = find("b");
  asked[0]?.fail();
  await assert.rejects(first, /away/);
  await turn();
  asked[1]?.answer("well again");
  assert.equal(await later, "well again");
});

test("one statement has so many and no more, and the rest come after it, in order", async () => {
  const { asked, find } = desk();
  const first = find("a");
  await turn();
  const crowd = Array.from({ length: MOST + 1 }, (_, n) => find(String(n)));
  asked[0]?.answer("");
  await first;
  await turn();
  assert.equal(asked.length, 2);
  assert.equal(asked[1]?.items.length, MOST);
  asked[1].answer("full");
  await crowd[0];
  await turn();
  assert.deepEqual(asked[2]?.items, [String(MOST)]);
  const after = find("z");
  await turn();
  assert.equal(asked.length, 3);
  asked[2].answer("");
  await turn();
  assert.deepEqual(asked[3]?.items, ["z"]);
  asked[3].answer("last");
  assert.equal(await after, "last");
});
