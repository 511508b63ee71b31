import assert from "node:assert/strict";
import { test } from "node:test";
import { together } from "../../src/http/together.ts";

/** Questions that wait until they are answered by hand. */
function desk() {
  const asked: { key: string; answer(text: string): void; fail(): void }[] = [];
  const ask = (key: string) =>
    new Promise<string>((resolve, reject) => {
      asked.push({ key, answer: resolve, fail: () => reject(new Error("away")) });
    });
  return { asked, find: together(ask) };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("who comes while it is asked is answered by the next asking, with all who came meanwhile", async () => {
  const { asked, find } = desk();
  const first = find("key");
  await turn();
  const later = [find("key"), find("key"), find("key")];
  await turn();
  assert.equal(asked.length, 1);
  asked[0]?.answer("as it was");
  assert.equal(await first, "as it was");
  await turn();
  assert.equal(asked.length, 2);
  asked[1]?.answer("as it is");
  assert.deepEqual(await Promise.all(later), ["as it is", "as it is", "as it is"]);
  const last = find("key");
  await turn();
  asked[2]?.answer("alone");
  assert.equal(await last, "alone");
});

test("other keys do not wait, and a failure is those who shared it, not those who came after", async () => {
  const { asked, find } = desk();
  const first = find("one");
  const other = find("two");
  await turn();
  const later = find("one");
  assert.deepEqual(
    asked.map(({ key }) => key),
    ["one", "two"],
  );
  asked[0]?.fail();
  asked[1]?.answer("two's");
  await assert.rejects(first, /away/);
  assert.equal(await other, "two's");
  await turn();
  asked[2]?.answer("well again");
  assert.equal(await later, "well again");
});
