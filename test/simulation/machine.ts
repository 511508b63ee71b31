/**
 * A gateway process of the simulation: the engine that production runs, with a door, a database and a way out that lead
 * into the simulated world. It can die at every await, stall, and lose a session under a statement; its dead promises
 * stay open for ever, as nothing of a killed process goes on.
 */
import type pg from "pg";
import { openRecorder } from "../../src/actions/activity.ts";
import type { Gateway } from "../../src/actions/gateway.ts";
import type { Millis } from "../../src/core/door.ts";
import { createEngine } from "../../src/engine.ts";
import { patient } from "../../src/patience.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";
import { overPool, type Sessions } from "../../src/store/database.ts";
import { freeAll } from "../../src/store/tasks.ts";
import { openTarget, type Target } from "../../src/webhooks/guard.ts";
import type { Ended, Session } from "./sessions.ts";
import type { Life } from "./scheduler.ts";
import { FARM, type Machine, RING, SALT, type World } from "./world.ts";

/** A look for work: put off while there is none. */
const LOOK = 250;

class SessionEnded extends Error {
  code = "57P01";
}

export function startMachine(world: World, name: string): Machine {
  const { scheduler, dice, bank } = world;
  const held = new Set<Session>();
  const death = Promise.withResolvers<void>();
  const skew = dice.below(2 * world.faults.skew + 1) - world.faults.skew;
  const life: Life = { alive: true, stalledUntil: -Infinity };

  async function kill(): Promise<void> {
    if (!life.alive) return;
    life.alive = false;
    world.trace(`${name} dies`);
    for (const session of held) {
      await bank.cutOff(session);
      bank.give(session);
      await world.locksFreed(session);
    }
    held.clear();
    death.resolve();
  }

  /** One thing asked of the world: its effect and its answer are two moments, and death may come before each. */
  function act<T>(label: string, effect: () => Promise<(() => T) | null>, before: Millis, after: Millis): Promise<T> {
    const { faults } = world;
    const fate = dice.below(10_000);
    const isLast = fate < faults.dies;
    if (!isLast && fate < faults.dies + faults.stalls) {
      life.stalledUntil = scheduler.now() + dice.below(faults.stallsFor);
      world.trace(`${name} stalls`);
    }
    const diesFirst = isLast && dice.chance(50);
    return new Promise<T>((resolve, reject) => {
      scheduler.after(before, life, async () => {
        world.trace(`${name} ${label}`);
        if (diesFirst) return kill();
        const answer = await effect();
        if (isLast) return kill();
        if (answer === null) return;
        scheduler.after(after, life, () => {
          try {
            resolve(answer());
          } catch (error) {
            reject(error);
          }
        });
      });
    });
  }

  /** The statement; what waits for a lock is answered when it has it. */
  function statement(session: Session & { broken?: true }, query: string | pg.QueryConfig, alone: boolean) {
    const text = typeof query === "string" ? query : query.text;
    const cut =
      text !== "rollback" && dice.below(10_000) < world.faults.cut ? (dice.chance(50) ? "before" : "after") : null;
    const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
    const told = (ended: Ended): void => (ended.ok ? resolve(ended.result) : reject(ended.error));
    const gone = (): void => reject(new SessionEnded("terminating connection due to administrator command"));
    const done = async (ended: Ended): Promise<() => void> => {
      // Where the task is somebody else's by now, no row is met, and what was begun is given up.
      const isTurn = !alone && text.startsWith("update task set lease_until = greatest");
      if (isTurn && ended.ok && ended.result.rowCount) session.turn = (query as pg.QueryConfig).values ?? [];
      if (ended.ok && (alone || text === "commit")) await world.written(text);
      if (text === "commit" || text === "rollback") {
        delete session.turn;
      }
      if (alone || text === "commit" || text === "rollback") await world.locksFreed(session);
      if (cut === null) return () => told(ended);
      await lose();
      return gone;
    };
    const lose = async (): Promise<void> => {
      session.broken = true;
      world.watch.forgot();
      await bank.cutOff(session);
      await world.locksFreed(session);
    };
    void act(
      `sql ${text.slice(0, 50).replaceAll(/\s+/g, " ")}`,
      async () => {
        if (session.broken) return () => reject(new Error("Connection terminated"));
        if (cut === "before") {
          await lose();
          return gone;
        }
        // Before the commit: once the lock is free, the next one has the turn.
        if (text === "commit" && session.turn) await world.watch.turnIsKept(session.client, session.turn);
        const ended = await bank.run(session, query);
        if (ended !== null) return done(ended);
        world.waits({ session, life, goOn: async (late) => void scheduler.after(latency(), life, await done(late)) });
        return null;
      },
      latency(),
      latency(),
    );
    return promise;
  }

  const latency = (): Millis => (dice.chance(80) ? 0 : dice.below(8));

  const sessions: Sessions = {
    async query(query) {
      const session = borrow();
      try {
        return await statement(session, query, true);
      } finally {
        giveBack(session);
      }
    },
    async connect() {
      const session = borrow();
      return {
        query: (query) => statement(session, query, false),
        release: () => giveBack(session),
      };
    },
    end: async () => undefined,
  };

  function borrow(): Session & { broken?: true } {
    const session: Session & { broken?: true } = bank.take();
    delete session.broken;
    held.add(session);
    return session;
  }

  function giveBack(session: Session): void {
    if (!life.alive) return;
    held.delete(session);
    bank.give(session);
  }

  const door: Gateway["door"] = {
    now: () => scheduler.now() + skew,
    wall: () => scheduler.now() + skew,
    random: (bytes) => Uint8Array.from({ length: bytes }, () => dice.below(256)),
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          callOff();
          reject(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
        };
        if (signal?.aborted) return reject(new Error("aborted"));
        const callOff = scheduler.after(
          ms,
          life,
          () => {
            signal?.removeEventListener("abort", stop);
            resolve();
          },
          ms === LOOK,
        );
        signal?.addEventListener("abort", stop, { once: true });
      }),
    fetch: (url, init) => orAborted(init?.signal, () => world.network.fetch(url, init ?? {}, act)),
  };

  /** What is written is judged by the guard itself; names resolve as the simulated world says. */
  const guard = openTarget([], async (host) => (host.endsWith(".internal") ? ["10.0.0.7"] : ["203.0.114.7"]));
  const target: Target = {
    problemOf: guard.problemOf,
    post: (url, headers, body, signal) => orAborted(signal, () => world.network.post(url, headers, body, act)),
    close: async () => undefined,
  };

  const quiet = () => undefined;
  const { onlyOne, publicUrl } = world;
  const db = overPool(sessions);
  const engine = createEngine(
    {
      accountId: "the-account",
      target,
      operator: { url: "https://operator.test/hooks", secrets: [world.operatorSecret] },
      db,
      door,
      ring: RING,
      salt: SALT,
      providers: new Map([["SANDBOX", sandbox(FARM)]]),
      farm: { ...FARM, seed: world.farmSeed },
      publicUrl,
      log: {
        info: quiet,
        warn: quiet,
        error: (facts, sentence) => world.complained(name, facts, sentence),
      },
      count: { call: quiet, job: quiet, inbound: quiet },
      ...(world.keepsActivity && { activity: openRecorder(() => engine.gateway, quiet) }),
    },
    { width: 4 },
  );
  const machine: Machine = Object.assign(life, { name, gateway: engine.gateway, engine, dead: death.promise, kill });
  void patient(
    async () => {
      // As the data folder's lock says it: whoever starts alone knows that what is in hand is nobody's.
      if (onlyOne) await freeAll(db);
      await engine.begin();
    },
    quiet,
    door,
    new AbortController().signal,
  ).catch((error: Error) => world.complained(name, { err: error }, "The start failed"));
  return machine;
}

/** Whoever leaves hears no answer; what was asked may have its effect all the same. */
function orAborted<T>(signal: AbortSignal | null | undefined, asked: () => Promise<T>): Promise<T> {
  if (!signal) return asked();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    // Nothing is sent by whoever has given up already.
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    asked()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}
