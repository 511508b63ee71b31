/**
 * The simulated world of one seed: virtual time, a farm of banks, the application's endpoint, and gateway processes
 * that come and go on one real database. Everything that chance decides is decided by the seed.
 */
import { createHash } from "node:crypto";
import type { Instant } from "../../src/core/door.ts";
import { createFarm } from "../../src/providers/sandbox/farm/farm.ts";
import { forgetfulMemory } from "../../src/providers/sandbox/farm/memory.ts";
import { dice as diceOf } from "../search/dice.ts";
import { CALM, drawMix } from "./faults.ts";
import { startMachine } from "./machine.ts";
import { createNetwork, type Network } from "./network.ts";
import { openPostOffice } from "./post-office.ts";
import { openReceiver } from "./receiver.ts";
import { createScheduler } from "./scheduler.ts";
import type { Bank } from "./sessions.ts";
import { openWatch } from "./watch.ts";
import { Broken, FARM, PUBLIC, type Receiver, START, type Waiting, type Watch, type World } from "./world.ts";

export function createWorld(seed: number, bank: Bank, keepLog: boolean): World {
  const dice = diceOf(Math.imul(seed, 2_654_435_761));
  const mix = drawMix(dice);
  const farmSeed = `simulation-${seed}`;
  const waiting: Waiting[] = [];
  let mark = 0;
  let hired = 0;
  /** As of the last write; null: not known. */
  let due: Instant | null = null;
  const memory = forgetfulMemory();

  const scheduler = createScheduler({
    start: START + dice.below(86_400_000),
    dice,
    async nextDue() {
      if (due === null) {
        const { rows } = await bank.monitor.query<{ due: number | null }>({ name: "due", text: NEXT_DUE });
        due = rows[0]?.due ?? Infinity;
      }
      return due;
    },
  });
  const clock = { now: scheduler.now, wall: scheduler.now };
  const world: World = {
    seed,
    mix,
    dice,
    scheduler,
    bank,
    memory,
    farmSeed,
    farm: createFarm({ memory, clock, seed: farmSeed, key: FARM.key, ring: (line, at) => post.ring(line, at) }),
    network: undefined as unknown as Network,
    receiver: undefined as unknown as Receiver,
    watch: undefined as unknown as Watch,
    faults: mix.faults,
    onlyOne: mix.machines === 1,
    keepsActivity: mix.keepsActivity,
    publicUrl: PUBLIC,
    operatorSecret: `whsec_${Buffer.alloc(32, 3).toString("base64")}`,
    machines: [],
    deaths: 0,
    calmSince: Infinity,
    broken: null,
    log: [],
    now: scheduler.now,
    waits: (one) => void waiting.push(one),
    async locksFreed(by) {
      for (let at = 0; at < waiting.length; ) {
        const one = waiting[at] as Waiting;
        if (!one.life.alive) {
          waiting.splice(at, 1);
          continue;
        }
        const ended = one.session.waiting?.for.includes(by) ? await bank.look(one.session) : null;
        if (ended === null) {
          at += 1;
          continue;
        }
        waiting.splice(at, 1);
        await one.goOn(ended);
        at = 0;
      }
    },
    async written(text) {
      if (/^\s*select/i.test(text)) return;
      due = null;
      if (text === "commit") await world.watch.step();
    },
    complained(machine, facts, sentence) {
      const { err, kind, stack } = facts as { err?: Error; kind?: string; stack?: unknown };
      if (/bug|failed/i.test(sentence) && err?.name !== "DatabaseAway") {
        world.breaks(
          new Broken(`${machine}: ${sentence}: ${kind ?? ""} ${err?.stack ?? JSON.stringify(stack ?? facts)}`),
        );
      }
    },
    trace(line) {
      const text = `${scheduler.now()} ${line}`;
      mark = (Math.imul(mark, 31) + hashOf(text)) | 0;
      world.log.push(`${new Date(scheduler.now()).toISOString()} ${line}`);
      if (!keepLog && world.log.length > 2 * LAST) world.log.splice(0, LAST);
    },
    async anyMachine() {
      for (;;) {
        const alive = world.machines.filter((one) => one.alive);
        if (alive.length > 0) return dice.pick(alive);
        await scheduler.sleep(1_000);
      }
    },
    calm() {
      world.faults = CALM;
      world.calmSince = scheduler.now();
      for (const machine of world.machines) machine.stalledUntil = -Infinity;
    },
    isCalm: () => world.calmSince < Infinity,
    line: (ref) => memory.change(`line/${ref}`, (document) => ({ document, answer: document })),
    peek: <Row>(text: string, values: readonly unknown[] = []) =>
      new Promise<Row[]>((resolve) => {
        scheduler.after(0, null, async () => resolve((await bank.monitor.query(text, [...values])).rows as Row[]));
      }),
    breaks(error) {
      world.broken ??= error;
    },
    hash: () => createHash("sha256").update(`${mark}/${scheduler.steps()}`).digest("hex").slice(0, 12),
  };
  const post = openPostOffice(world);
  world.receiver = openReceiver(world);
  world.watch = openWatch(world);
  world.network = createNetwork({
    farm: world.farm,
    dice,
    faults: () => world.faults,
    receive: world.receiver.take,
    asked: (...told) => world.watch.asked(...told),
  });

  /** A machine that dies is started again, sooner or later. */
  async function keepRunning(name: string): Promise<void> {
    for (;;) {
      const machine = startMachine(world, `${name}.${++hired}`);
      const at = world.machines.findIndex((one) => one.name.startsWith(`${name}.`));
      if (at >= 0) world.machines.splice(at, 1, machine);
      else world.machines.push(machine);
      await machine.dead;
      world.deaths += 1;
      world.watch.forgot();
      await scheduler.sleep(dice.chance(70) ? dice.below(5_000) : dice.below(600_000));
    }
  }
  for (let at = 0; at < mix.machines; at++) void keepRunning(`m${at + 1}`);
  return world;
}

/** So many lines are told of a seed that broke something. */
const LAST = 500;

/** The next thing that is due, or whose lease runs out. */
const NEXT_DUE = `select least(
  (select min(greatest(run_at, lease_until)) from task where run_at < 'infinity'),
  (select min(wake_at) from connection where wake_at < 'infinity'),
  (select '-infinity'::timestamptz where exists (select 1 from event where position is null))) as due`;

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}
