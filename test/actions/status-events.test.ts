/** A change of state writes exactly one status-change event, and no change none: over many turns of a bank's mood. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sandboxHeal, sandboxLink, sandboxTrouble } from "../../src/actions/sandbox.ts";
import { mintStartIds, mintTwinIds } from "../../src/actions/start-link.ts";
import type { State } from "../../src/core/status/table.ts";
import { getConnection } from "../../src/store/connections.ts";
import { createWorld } from "../crash/world.ts";

const HOUR = 3_600_000;
/** Some twice in a row, some healed between: moves, and turns that move nothing. */
const MOODS: readonly (State | "well")[] = [
  "well",
  "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  "well",
  "well",
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE",
  "UNRECOVERABLE/OTHER",
  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS",
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE",
  "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE",
  "well",
];

test("each move is told once, in order and without gaps, and nothing else is", async () => {
  const world = await createWorld();
  const { gateway, worker, close } = await world.hire();
  try {
    const link = { externalCustomerId: "ada", institutionId: null, products: null };
    const { id } = await sandboxLink(gateway, link, mintStartIds(gateway, "ada"));
    const seen: State[] = ["IN_PROGRESS", "ACTIVE"];
    for (const mood of MOODS) {
      await worker.drain();
      world.pass(HOUR);
      if (mood === "well") await sandboxHeal(gateway, id);
      else await sandboxTrouble(gateway, id, { state: mood }, mintTwinIds(gateway, id));
      await worker.drain();
      const state = (await getConnection(gateway.db, id))?.state;
      assert.ok(state);
      if (state !== seen.at(-1)) seen.push(state);
    }
    const { rows } = await world.database.pool.query(
      "select sequence::int, type, payload from event where connection_id = $1 order by sequence",
      [id],
    );
    assert.deepEqual(
      rows.map(({ sequence }) => sequence as number),
      rows.map((_, at) => at + 1),
      "without gaps",
    );
    const name = (status: string, reason: string | null) => (reason === null ? status : `${status}/${reason}`);
    const moves = rows
      .filter(({ type }) => type === "BANK_LINKING_CONNECTION_STATUS_CHANGE")
      .map(({ payload: p }) => [name(p.oldStatus, p.oldStatusReason), name(p.newStatus, p.newStatusReason)]);
    assert.deepEqual(
      moves,
      seen.slice(1).map((state, at) => [seen[at], state]),
    );
    assert.ok(seen.length > 8, `the moods led through ${seen.join(", ")}`);
  } finally {
    await close();
    await world.end();
  }
});
