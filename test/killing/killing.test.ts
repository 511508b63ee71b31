// The short form of `npm run kill`: real processes die at named points, and nothing that was acknowledged is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { countOf } from "./killers.ts";
import { killing } from "./killing.ts";
import { pointsOf } from "./points.ts";

const SEED = Number(process.env["BOWLINE_TEST_SEED"] ?? 7);
const CONNECTIONS = 100;
const DEATHS = 12;

/** What must not pass unseen; each stands for a way in which something could be lost or doubled. */
const DAMAGE = {
  "an entry is lost": "delete from transaction where id = (select min(id) from transaction where removed_at is null)",
  "an entry is doubled": `insert into transaction (home, id, account_id, ref, amount, currency, description, category,
      status, transaction_date, changed_at)
    select home, id || 'x', account_id, ref || 'x', amount, currency, description, category,
      status, transaction_date, changed_at from transaction where removed_at is null order by id limit 1`,
  "a balance is old": `update account set current_amount = current_amount + 1
    where id = (select min(id) from account where left_at is null and current_amount is not null)`,
  "a link is lost": `update customer set external_id = 'nobody'
    where id = (select min(id) from customer where external_id like 'person %')`,
  "a deletion is undone": `update connection set deleted_at = null
    where id = (select min(id) from connection where deleted_at is not null)`,
  "a refresh is forgotten": "update refresh set finished_at = null where id = (select min(id) from refresh)",
  "a webhook of a bank is lost": "delete from inbound where id = (select min(id) from inbound where verified)",
  "an event leaves a gap": "delete from event where id = (select min(id) from event where sequence = 2)",
  "a delivery is only said to be one": `insert into delivery
      (home, profile_id, event_id, connection_id, position, status, next_at, made_at)
    select home, profile_id, 'evt_that_never_was', connection_id, position, 'DELIVERED', next_at, made_at
      from delivery limit 1`,
};

test("what is acknowledged while processes, database and sessions die is there once", {
  timeout: 240_000,
}, async (t) => {
  const said: string[] = [];
  const { bad, checked, deaths, told, seconds, seen } = await killing({
    seed: SEED,
    connections: CONNECTIONS,
    deaths: DEATHS,
    say: (sentence) => said.push(sentence),
    log: () => undefined,
    damage: DAMAGE,
  });
  t.diagnostic(
    `seed ${SEED} (BOWLINE_TEST_SEED), ${CONNECTIONS} connections, ${countOf(deaths)} deaths at ` +
      `${[...deaths.at.keys()].join("; ")}, ${deaths.elsewhere} elsewhere, ${deaths.database} of the database, ` +
      `${deaths.sessions} sessions, ${Math.round(seconds.killing)} s and ${Math.round(seconds.calming)} s`,
  );
  assert.deepEqual(bad, [], said.join("\n"));
  assert.equal(told.linked.size, CONNECTIONS);
  assert.ok(deaths.at.size > 0 && deaths.database > 0 && deaths.sessions > 0, "every kind of death was died");
  for (const [what, count] of Object.entries(checked)) assert.ok(count > 0, `nothing was looked at: ${what}`);
  for (const [name, sentences] of Object.entries(seen))
    assert.ok(sentences.length > 0, `it passes unseen that ${name}`);
});

test("the points are those of the source, and each role has its own", () => {
  const [all, api, worker] = [pointsOf("serve"), pointsOf("api"), pointsOf("worker")];
  for (const point of ["before commit: start link", "after commit: hold", "before commit: delete"])
    assert.ok(api.includes(point) && !worker.includes(point), point);
  for (const point of ["after commit: observe run", "before commit: publish events", "after call: webhook"])
    assert.ok(worker.includes(point) && !api.includes(point), point);
  assert.deepEqual([...new Set([...api, ...worker])].sort(), [...all].sort());
});
