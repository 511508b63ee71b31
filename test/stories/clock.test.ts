/** The sandbox's clock, as those who advance it see it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, type TestGateway } from "./gateway.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway.stop());

const HOUR = 3_600_000;

test("steps that are asked for together are taken one after another, none is swallowed", async () => {
  const step = () => gateway.good("POST", "/sandbox/clock", { advance: "PT1H" });
  const first = Date.parse(String((await step())["now"]));
  const ends = (await Promise.all([step(), step(), step()])).map(({ now }) => Date.parse(String(now)) - first);
  assert.deepEqual(
    ends.map((end) => Math.floor(end / HOUR)).sort((a, b) => a - b),
    [1, 2, 3],
  );
});
