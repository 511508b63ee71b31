/** What a customer met in Plaid's own pages is told by Plaid, and found in the activity log: a wrong password too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, finishLink, type World } from "../providers/plaid/fixture/world.ts";
import type { Json, TestGateway } from "./gateway.ts";
import { playedPlaid } from "./played-plaid.ts";
import { startLink } from "./walk.ts";

const world: World = createWorld();
let gateway: TestGateway;
playedPlaid(world, (played) => void ({ gateway } = played));

test("wrong passwords in Link are in the activity log, and change nothing", async () => {
  const sitting = await startLink(gateway, "slips", {});
  const { linkToken = "" } = await sitting.choose();
  const link = world.linkTokens.get(linkToken);
  assert.ok(link);
  link.events = [{ name: "SUBMIT_CREDENTIALS" }, { name: "ERROR", code: "INVALID_CREDENTIALS" }];
  const early = await sitting.complete({});
  assert.ok(early.status >= 400, "Link was not finished");
  const done = await sitting.complete({ publicToken: finishLink(world, linkToken) });
  assert.equal(done.status, 200, JSON.stringify(done.body));
  const span = "start=2020-01-01T00:00:00Z&end=2100-01-01T00:00:00Z&limit=100";
  const query = `${span}&actions=WIDGET_EVENT`;
  const { activities } = await gateway.good("GET", `/activity-log?${query}&connectionIds=${sitting.connectionId}`);
  const events = (activities as { attributes: Json; actor: Json }[])
    .map(({ attributes }) => [attributes["by"], attributes["event"], attributes["code"]])
    .filter(([by]) => by === "PLAID");
  assert.deepEqual(events, [
    ["PLAID", "ERROR", "INVALID_CREDENTIALS"],
    ["PLAID", "SUBMIT_CREDENTIALS", null],
  ]);
  const calls = await gateway.good(
    "GET",
    `/activity-log?${span}&actions=OUTBOUND_REQUEST_SERVICE_PROVIDER&connectionIds=${sitting.connectionId}`,
  );
  const listed = calls["activities"] as { id: string; attributes: Json }[];
  assert.ok(listed.some(({ attributes }) => attributes["verb"] === "finishLink"));
  // Nothing of what opens anything is in any of them.
  for (const { id } of listed) {
    const text = JSON.stringify(await gateway.good("GET", `/activity-log/${id}`));
    assert.doesNotMatch(text, /(access|public|link)-sandbox-[\w-]+/);
    for (const secret of [world.secret, world.clientId]) assert.ok(!text.includes(secret));
  }
});
