/**
 * A worker is killed before and after every commit and every provider call of a repair that makes a new link, the
 * question about two accounts that are alike included, and another one goes on. Ids of ours outlive all of it.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { answerAccounts } from "../../src/actions/answer-accounts.ts";
import { mintRefreshIds, requestRefresh } from "../../src/actions/refresh.ts";
import { openSession } from "../../src/actions/session.ts";
import { mintStartIds } from "../../src/actions/start-link.ts";
import { mintRepairIds, startRepair } from "../../src/actions/start-repair.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { institutionId } from "../../src/store/institutions.ts";
import { dump } from "./dump.ts";
import { goThrough, hireTwo, linkBy, misbehave } from "./life.ts";
import { createWorld, type Hands, type World } from "./world.ts";

const BANK = institutionId("SANDBOX", "bank-relinks-alike");
/** The one place where a crash loses what can't be asked for again. */
const ORPHANS = /^relink: (after call: SANDBOX finishRepair|before commit: obtained)$/;

const unlessAsked = (error: unknown): void => {
  if (!(error instanceof Refusal && error.code === "QUESTION_OPEN")) throw error;
};

/** The customer tells the accounts that are alike apart by what is on them. */
async function answerBy({ gateway }: Hands, token: string): Promise<void> {
  const { questions } = (await openSession(gateway, token)).session;
  const asked = questions ?? [];
  const said = asked.flatMap(({ before, now }) =>
    now.map(({ id, balance }) => ({ now: id, before: before.find((one) => one.balance === balance)?.id ?? null })),
  );
  await answerAccounts(gateway, token, said.length > 0 ? said : [{ now: "1", before: null }]);
}

async function relinked(world: World, killAt?: number) {
  const { first, second, ask, end } = await hireTwo(world, killAt);
  const ids = mintStartIds(second.gateway, "Cleo");
  const visit = { customer: "Cleo", user: "cleo", bank: BANK, products: ["BALANCES", "TRANSACTIONS"] as const };
  const connection = await linkBy(second, visit, ids);
  await second.worker.drain();
  const kept = await idsIn(world);
  await misbehave(second, connection);
  world.pass(1000);
  await requestRefresh(second.gateway, connection, null, mintRefreshIds(second.gateway, connection), "request");
  await second.worker.drain();
  const repair = mintRepairIds(second.gateway, connection);
  const { token } = await startRepair(second.gateway, connection, repair);
  await ask("relink", (by) => goThrough(by, token, BANK, "cleo").catch(unlessAsked));
  await ask("answer", (by) => answerBy(by, token));
  assert.equal(first.reached.length > 0, true);
  return { ...(await end()), kept: { before: kept, after: await idsIn(world) } };
}

const idsIn = async ({ database }: World): Promise<string[]> => {
  const text = `select id from account where left_at is null
    union all select id from transaction where removed_at is null order by id`;
  return (await database.pool.query<{ id: string }>(text)).rows.map(({ id }) => id);
};

/** The farm's references on a new line are nobody's to foretell: what is compared is all the rest. */
const bare = (left: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(left).map(([table, rows]) => [
      table,
      (rows as unknown[])
        .map((row) => JSON.stringify(row).replaceAll(/\b(ln|ac|en)_[A-Za-z0-9]{16}(b?)/g, "$1$2"))
        .sort(),
    ]),
  );

async function aLife(killAt?: number) {
  const world = await createWorld();
  try {
    const { points, killed, kept } = await relinked(world, killAt);
    const { rows } = await world.database.pool.query<{ kind: string }>("select kind from incident order by kind");
    return { left: bare(await dump(world.database.pool)), points, killed, kept, incidents: rows };
  } finally {
    await world.end();
  }
}

let undisturbed: Awaited<ReturnType<typeof aLife>>;
before(async () => {
  undisturbed = await aLife();
});

test("an undisturbed relink keeps every id and reaches every kind of point", async () => {
  const { kept, points, incidents, left } = undisturbed;
  assert.ok(kept.before.length > 20);
  assert.deepEqual(kept.after, kept.before);
  assert.deepEqual(incidents, []);
  const names = ["hold", "intend", "obtained", "listed", "named", "signpost", "finished", "answered", "rematched"];
  const expected = [...names.map((name) => `commit: ${name}`), "call: SANDBOX finishRepair", "call: SANDBOX remove"];
  const reached = new Set(points.map((point) => point.slice(point.indexOf(" ") + 1)));
  assert.deepEqual(
    expected.flatMap((name) => [`before ${name}`, `after ${name}`]).filter((name) => !reached.has(name)),
    [],
  );
  assert.deepEqual((await aLife()).left, left);
});

test("a worker killed at any point of a relink leaves what an undisturbed one leaves", async (t) => {
  const { points, left } = undisturbed;
  const taken = [...points.keys()].filter((at) => points.indexOf(points[at] ?? "") === at);
  t.diagnostic(`${taken.length} of ${points.length} points`);
  assert.ok(taken.length > 50, `${taken.length} points`);
  for (const at of taken) {
    const point = points[at] ?? "";
    await t.test(`${at}: ${point}`, async () => {
      const life = await aLife(at);
      assert.equal(life.killed, point.slice(point.indexOf(": ") + 2));
      assert.deepEqual(life.kept.after, life.kept.before);
      assert.deepEqual(life.left, left);
      assert.deepEqual(
        life.incidents.map(({ kind }) => kind),
        ORPHANS.test(point) ? ["orphan"] : [],
      );
    });
  }
});
