/**
 * Due work: one row per subject and kind, updated in place.
 *
 * `run_at` is on the gateway's clock. A claim is a conditional update that sets a lease, in real time, and raises the
 * fence; whoever finishes a task names the fence that it claimed, so that a worker whose lease ran out finds nothing
 * to finish. The reschedule commits together with what the work wrote.
 */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";

export const TASK_KINDS = [
  "finish",
  "aggregate",
  "probe",
  "revoke",
  "deliver",
  "tell",
  "inbound",
  "letters",
  "sweep",
  "catalogue",
] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** Renewed while the work lives (`queue/lease.ts`). Clocks of machines that share a database must agree better. */
export const LEASE = 10_000;

export interface Task {
  home: Home;
  subject: string;
  kind: TaskKind;
  runAt: Instant;
  fence: string;
  /** How many times in a row it was tried without a good end. */
  attempt: number;
  /** Since when it is tried. */
  since: Instant;
  payload: Buffer | null;
}

const COLUMNS = `task.home, task.subject, task.kind, task.run_at as "runAt", task.fence, task.attempt, task.since,
  task.payload`;

/**
 * Makes the task, or makes it due no later than `runAt`. A task in hand stays in hand, and is due once more at its end:
 * what made it due may have come too late for the run under way.
 */
export async function makeDue(
  sql: Sql,
  home: Home,
  subject: string,
  kind: TaskKind,
  runAt: Instant,
  now: Instant,
  payload: Buffer | null = null,
): Promise<void> {
  await sql.run(
    `insert into task (home, subject, kind, run_at, since, payload) values ($1, $2, $3, $4, $5, $6)
     on conflict (home, subject, kind) do update set
       run_at = least(task.run_at, excluded.run_at), again_at = least(task.again_at, excluded.run_at),
       payload = coalesce(excluded.payload, task.payload)`,
    [home, subject, kind, stamp(runAt), stamp(now), payload],
  );
}

/** Makes the task where there is none; one that sleeps sleeps on. */
export const keepTask = (sql: Sql, home: Home, subject: string, kind: TaskKind, now: Instant): Promise<number> =>
  sql.run(
    `insert into task (home, subject, kind, run_at, since) values ($1, $2, $3, $4, $4)
     on conflict (home, subject, kind) do nothing`,
    [home, subject, kind, stamp(now)],
  );

/**
 * Takes up to `most` due tasks, in an order that leaves nothing to chance. No row locks across shards: candidates are
 * read, then taken by a condition that a second claimer finds false.
 */
export const claimTasks = (
  sql: Sql,
  now: Instant,
  wall: Instant,
  leaseUntil: Instant,
  kinds: readonly TaskKind[],
  most: number,
): Promise<Task[]> =>
  sql.rows(
    `with due as (
       select home, subject, kind, fence from task
        where run_at <= $1 and lease_until <= $2 and kind = any($4)
        order by run_at, kind, home, subject limit $5
     )
     update task set lease_until = $3, fence = task.fence + 1, again_at = 'infinity' from due
      where task.home = due.home and task.subject = due.subject and task.kind = due.kind and task.fence = due.fence
        and task.lease_until <= $2
     returning ${COLUMNS}`,
    [stamp(now), stamp(wall), stamp(leaseUntil), kinds, most],
  );

/** Takes this one task although it may not be due: for whoever has just made it and means to do it at once. */
export const claimTask = (
  sql: Sql,
  home: Home,
  subject: string,
  kind: TaskKind,
  wall: Instant,
  leaseUntil: Instant,
): Promise<Task | null> =>
  sql.row(
    `update task set lease_until = $5, fence = fence + 1, again_at = 'infinity'
      where home = $1 and subject = $2 and kind = $3 and lease_until <= $4 returning ${COLUMNS}`,
    [home, subject, kind, stamp(wall), stamp(leaseUntil)],
  );

/**
 * Is the task still this claimer's? Asked in every transaction of the work; `leaseUntil` renews the lease, so that a
 * long run keeps it for as long as it gets on. False: somebody else has the task now, or it was given back: a renewal
 * that comes after the end must not take into nobody's hands what may be due again.
 */
export async function holds(sql: Sql, task: Task, leaseUntil?: Instant): Promise<boolean> {
  const held = await sql.run(
    `update task set lease_until = greatest(lease_until, $5)
      where home = $1 and subject = $2 and kind = $3 and fence = $4 and lease_until > '-infinity'`,
    [task.home, task.subject, task.kind, task.fence, stamp(leaseUntil ?? -Infinity)],
  );
  return held > 0;
}

/** Has anything made the task due since it was taken in hand? */
export async function isDueAgain(sql: Sql, task: Task): Promise<boolean> {
  const row = await sql.row(
    "select 1 from task where home = $1 and subject = $2 and kind = $3 and again_at < 'infinity'",
    [task.home, task.subject, task.kind],
  );
  return row !== null;
}

/** Gives the task back with its next time; Infinity lets it sleep until it is made due. */
export async function reschedule(sql: Sql, task: Task, runAt: Instant, attempt: number): Promise<void> {
  await sql.run(
    `update task set run_at = least($5, again_at), attempt = $6, lease_until = '-infinity'
      where home = $1 and subject = $2 and kind = $3 and fence = $4`,
    [task.home, task.subject, task.kind, task.fence, stamp(runAt), attempt],
  );
}

export async function setRunAt(sql: Sql, home: Home, subject: string, kind: TaskKind, runAt: Instant): Promise<void> {
  await sql.run("update task set run_at = $4 where home = $1 and subject = $2 and kind = $3", [
    home,
    subject,
    kind,
    stamp(runAt),
  ]);
}

/** Before a call that can't be repeated: whoever comes after a crash sees that it was begun. */
export const countTry = (sql: Sql, { home, subject, kind }: Task): Promise<number> =>
  sql.run("update task set attempt = attempt + 1 where home = $1 and subject = $2 and kind = $3", [
    home,
    subject,
    kind,
  ]);

export const keepPayload = (sql: Sql, { home, subject, kind }: Task, payload: Buffer): Promise<number> =>
  sql.run("update task set payload = $4 where home = $1 and subject = $2 and kind = $3", [
    home,
    subject,
    kind,
    payload,
  ]);

/** What is due earlier is due then. A removal at the provider is not put off. */
export const putOffTasks = (sql: Sql, home: Home, subject: string, until: Instant): Promise<number> =>
  sql.run(
    "update task set run_at = $3 where home = $1 and subject = $2 and run_at < $3 and kind in ('aggregate', 'probe')",
    [home, subject, stamp(until)],
  );

export const endTask = (sql: Sql, home: Home, subject: string, kind: TaskKind): Promise<number> =>
  sql.run("delete from task where home = $1 and subject = $2 and kind = $3", [home, subject, kind]);

export const getTask = (sql: Sql, home: Home, subject: string, kind: TaskKind): Promise<Task | null> =>
  sql.row(`select ${COLUMNS} from task where home = $1 and subject = $2 and kind = $3`, [home, subject, kind]);

/** The next instant at which anything is due, and how many tasks are in hand now. */
export async function horizon(sql: Sql, wall: Instant): Promise<{ next: Instant | null; inHand: number }> {
  const row = await sql.row<{ next: Instant | null; inHand: string }>(
    `select least((select min(run_at) from task where run_at < 'infinity' and lease_until <= $1),
                  (select min(wake_at) from connection where wake_at < 'infinity')) as next,
            (select count(*) from task where lease_until > $1) as "inHand"`,
    [stamp(wall)],
  );
  return { next: row?.next ?? null, inHand: Number(row?.inHand ?? 0) };
}

/** Takes the task from whoever has it in hand, and lets it sleep. */
export const takeBack = (sql: Sql, home: Home, subject: string, kind: TaskKind): Promise<number> =>
  sql.run(
    `update task set fence = fence + 1, lease_until = '-infinity', run_at = 'infinity'
      where home = $1 and subject = $2 and kind = $3`,
    [home, subject, kind],
  );

/** Takes every task from whoever had it: for a start that knows that nobody else is there. */
export const freeAll = (sql: Sql): Promise<number> =>
  sql.run("update task set fence = fence + 1, lease_until = '-infinity' where lease_until > '-infinity'");

/** Is the task in somebody's hands now? */
export async function isInHand(sql: Sql, home: Home, subject: string, kind: TaskKind, wall: Instant): Promise<boolean> {
  const row = await sql.row("select 1 from task where home = $1 and subject = $2 and kind = $3 and lease_until > $4", [
    home,
    subject,
    kind,
    stamp(wall),
  ]);
  return row !== null;
}
