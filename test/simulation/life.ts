/** One seed, from its storm to its calm: what is left is held against the truth. */
import { changeWebhook, createWebhook, replay, rotateSecret, testWebhook } from "../../src/actions/webhooks.ts";
import type { Instant } from "../../src/core/door.ts";
import { DAY, HOUR, MINUTE } from "../../src/core/status/policy.ts";
import { heal, trouble } from "../../src/providers/sandbox/control.ts";
import { BANK_ROWS } from "../../src/providers/sandbox/farm/troubles.ts";
import { makeId } from "../../src/core/ids.ts";
import { askOf, isRefused } from "./client.ts";
import { openPeople } from "./people.ts";
import type { Bank } from "./sessions.ts";
import { atLast } from "./truth.ts";
import { createWorld } from "./create-world.ts";
import { Broken, FARM, type Receiver, type World } from "./world.ts";

export interface Told {
  seed: number;
  /** Null: all was as it must be. */
  broken: string | null;
  hash: string;
  /** Virtual. */
  milliseconds: number;
  steps: number;
  /** All that happened where that was asked for; of a seed that broke something the end of it. */
  log: string[];
  deaths: number;
  counts: { events: number; deliveries: number; letters: number; connections: number };
}

const ENDPOINT = makeId("webhook", "0", Buffer.alloc(8, 1));
/** A cadence and its spread: by then every login has been read in peace once. */
const CALM_FOR = 7 * HOUR;
/** The farthest that a look at what only others could mend is put off, and a retry of a delivery. */
const MOST_CALM = { probes: 28 * HOUR, retries: 4 * DAY } as const;

/** What takes longer than this comes never to rest. */
const MOST_STEPS = 60_000;

export async function live(seed: number, bank: Bank, keepLog: boolean): Promise<Told> {
  const world = createWorld(seed, bank, keepLog);
  const { scheduler, mix } = world;
  const begin = scheduler.now();
  const isOver = () => {
    if (scheduler.steps() > MOST_STEPS) world.breaks(new Broken("it comes to rest: it does not"));
    return world.broken !== null;
  };
  void endpoint(world);
  const people = openPeople(world);
  void badDays(world);

  await scheduler.until(begin + mix.stormy, () => isOver() || scheduler.steps() >= mix.moments);
  world.calm();
  void healAll(world);
  const calm = scheduler.now();
  let isHealed = false;
  for (let length = CALM_FOR; !isOver(); length += HOUR) {
    await scheduler.until(calm + length, isOver);
    // Somebody may have been about to make trouble when the storm ended.
    if (!isHealed) void healAll(world);
    isHealed = people.gone();
    const { logins, deliveries } = await openEnds(bank);
    const most = deliveries > 0 && logins === 0 ? MOST_CALM.retries : MOST_CALM.probes;
    if ((people.gone() && logins + deliveries === 0) || length >= most) break;
  }
  if (!isOver()) await atLast(world, people);
  for (const machine of world.machines) await machine.kill();
  return {
    seed,
    broken: world.broken?.message ?? null,
    hash: world.hash(),
    milliseconds: scheduler.now() - begin,
    steps: scheduler.steps(),
    log: keepLog || world.broken ? world.log : [],
    deaths: world.deaths,
    counts: await countsOf(world, world.receiver),
  };
}

/** The application's own endpoint: made, changed, rotated, and asked again for what it may have missed. */
async function endpoint(world: World): Promise<void> {
  const { scheduler, dice, watch } = world;
  const ask = askOf(world);
  const url = "https://application.test/hooks";
  const wanted = { name: "application", url, eventTypes: [], eventVersion: "2026-05-01" };
  watch.secrets.add((await ask("make an endpoint", (gateway) => createWebhook(gateway, ENDPOINT, wanted))).secret);
  const deeds: readonly ((now: Instant) => Promise<unknown>)[] = [
    async (now) => {
      const rotated = await ask("rotate", (gateway) => rotateSecret(gateway, ENDPOINT, `rotation-${now}`));
      watch.secrets.add(rotated.secret);
    },
    (now) => ask("replay what failed", (gateway) => replay(gateway, ENDPOINT, { failedSince: now - DAY })),
    (now) => ask("replay all", (gateway) => replay(gateway, ENDPOINT, { from: 0, to: now })),
    (now) => ask("test", (gateway) => testWebhook(gateway, ENDPOINT, `request-${now}`)),
    (now) => ask("rename", (gateway) => changeWebhook(gateway, ENDPOINT, { name: `application ${now}` })),
    // Where nobody may be led to; each is refused.
    () => ask("move inside", (gateway) => changeWebhook(gateway, ENDPOINT, { url: "https://db.internal/hooks" })),
    () => ask("move home", (gateway) => changeWebhook(gateway, ENDPOINT, { url: "http://0x7f.1/hooks" })),
  ];
  while (!world.isCalm()) {
    await scheduler.sleep(dice.below(8 * HOUR));
    await dice.pick(deeds)(scheduler.now()).catch(isRefused);
  }
}

/** Troubles begin and end at the banks. */
async function badDays(world: World): Promise<void> {
  const { scheduler, dice } = world;
  while (!world.isCalm()) {
    await scheduler.sleep(MINUTE + dice.below(4 * HOUR));
    if (!dice.chance(world.faults.troubled)) continue;
    const refs = await linesOf(world);
    if (refs.length === 0) continue;
    const ref = dice.pick(refs);
    if (dice.chance(30)) await heal(callOf(world), FARM, ref);
    else {
      const wanted = { state: dice.pick(BANK_ROWS), linkedAt: scheduler.now() - HOUR, now: scheduler.now() };
      await trouble(callOf(world), FARM, ref, wanted);
    }
  }
}

async function healAll(world: World): Promise<void> {
  for (const ref of await linesOf(world)) await heal(callOf(world), FARM, ref);
}

async function linesOf(world: World): Promise<string[]> {
  const open = "select distinct ref from provider_connection where closed_at is null order by ref";
  return (await world.peek<{ ref: string }>(open)).map(({ ref }) => ref);
}

/** The world's own hand at the banks' desk: always there, at once. */
const callOf = ({ farm, scheduler }: World) => ({
  now: scheduler.now,
  wall: scheduler.now,
  fetch: async (url: string, init?: RequestInit) => {
    const { pathname } = new URL(url);
    const answer = await farm.handle({
      method: init?.method ?? "GET",
      path: pathname,
      query: {},
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: typeof init?.body === "string" ? init.body : "",
    });
    if (answer === "never") throw new Error("the desk answers");
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  },
});

/** What has not come to its end yet. */
async function openEnds(bank: Bank): Promise<{ logins: number; deliveries: number }> {
  const { rows } = await bank.monitor.query<{ logins: string; deliveries: string }>(
    `select (select count(*) from connection where finished_at is not null and deleted_at is null
               and status <> 'ACTIVE' and reason is distinct from 'INACTIVE_DUPLICATE')
          + (select count(*) from provider_connection where closed_at is not null and credential is not null)
          + (select count(*) from refresh where finished_at is null) as logins,
       (select count(*) from delivery where status = 'PENDING') as deliveries`,
  );
  return { logins: Number(rows[0]?.logins), deliveries: Number(rows[0]?.deliveries) };
}

async function countsOf({ bank, watch }: World, receiver: Receiver): Promise<Told["counts"]> {
  const { rows } = await bank.monitor.query<{ events: string; connections: string }>(
    "select (select count(*) from event) as events, (select count(*) from connection) as connections",
  );
  const deliveries = [...receiver.taken.values()].reduce((sum, ids) => sum + ids.size, 0);
  const [row] = rows;
  return {
    events: Number(row?.events),
    connections: Number(row?.connections),
    deliveries,
    letters: watch.letters,
  };
}
