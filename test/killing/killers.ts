/**
 * Who kills what, and in which order: drawn from the seed, for each victim by itself. When it comes to pass is the
 * machine's affair; what comes after what is not.
 */
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import type { Mortal } from "../fleet/process.ts";
import { type Dice, dice } from "../search/dice.ts";
import { pointsOf } from "./points.ts";

export interface Deaths {
  /** Died where they were told to, by point. */
  at: Map<string, number>;
  /** Did not pass there in time, and died where they stood. */
  elsewhere: number;
  database: number;
  /** Sessions that the database was told to end. */
  sessions: number;
}

export interface Scene {
  seed: number;
  victims: readonly Mortal[];
  sql: pg.Pool;
  postmaster(): number | null;
  /** True: no more of it. */
  isOver(): boolean;
  /** How much was acknowledged so far: each victim dies about as often as `every` more are, so that things get on. */
  progress(): number;
  every: number;
  deaths: Deaths;
}

export const noDeaths = (): Deaths => ({ at: new Map(), elsewhere: 0, database: 0, sessions: 0 });

export const countOf = ({ at, elsewhere, database }: Deaths): number =>
  [...at.values()].reduce((sum, one) => sum + one, elsewhere + database);

/** A point that is not passed by then is none of this load's. */
const PATIENCE = 6_000;
const MOST_PASSAGES = 3;
const LOOK = 20;

/** Resolves when enough has been acknowledged since, or when it is over. */
async function gotOn({ progress, isOver, every }: Scene, chance: Dice): Promise<void> {
  const enough = progress() + Math.ceil(every / 2) + chance.below(every);
  while (!isOver() && progress() < enough) await wait(LOOK);
}

/** Resolves when it is over and everybody is up again. */
export async function kill(scene: Scene): Promise<void> {
  await Promise.all([...scene.victims.map((victim, at) => huntOne(scene, victim, at)), huntDatabase(scene)]);
}

async function huntOne(scene: Scene, victim: Mortal, place: number): Promise<void> {
  const { seed, isOver, deaths } = scene;
  const chance = dice(seed * 31 + place);
  const points = pointsOf(victim.role);
  for (;;) {
    await gotOn(scene, chance);
    if (isOver()) return;
    const point = chance.pick(points);
    const ended = victim.ended();
    victim.dieAt({ dieAt: point, passage: 1 + chance.below(MOST_PASSAGES) });
    const died = await Promise.race([ended.then(() => true), wait(PATIENCE, false)]);
    if (died) deaths.at.set(point, (deaths.at.get(point) ?? 0) + 1);
    else {
      deaths.elsewhere++;
      victim.kill();
      await ended;
    }
    await victim.start();
  }
}

async function huntDatabase(scene: Scene): Promise<void> {
  const { seed, sql, postmaster, isOver, deaths } = scene;
  const chance = dice(seed * 31 + 17);
  for (let turn = 0; ; turn++) {
    await gotOn(scene, chance);
    if (isOver()) return;
    const way = turn % 3;
    const pid = way === 0 ? postmaster() : null;
    if (pid !== null) {
      process.kill(pid, "SIGKILL");
      deaths.database++;
      continue;
    }
    const share = way === 1 ? 1 : 0.3;
    const ended = await sql
      .query(
        `select count(pg_terminate_backend(pid)) as sessions from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and random() < $1`,
        [share],
      )
      .catch(() => null);
    deaths.sessions += Number((ended?.rows[0] as { sessions: string } | undefined)?.sessions ?? 0);
  }
}
