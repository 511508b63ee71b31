/**
 * The sessions of a real PostgreSQL, under the scheduler: one statement at a time, each with its two moments, the one
 * at which it has its effect and the one at which its answer arrives. Locks are the database's own; whoever waits for
 * one waits while the others go on.
 */
import pg from "pg";
import { getTypeParser } from "../../src/store/database.ts";

export interface Session {
  client: pg.Client;
  pid: number;
  /** Of the transaction: whose turn it says it is, as home, subject, kind and fence. */
  turn?: readonly unknown[];
  /** A statement that waits for other sessions' locks. */
  waiting: { answer: Promise<Ended>; for: readonly Session[] } | null;
}

export type Ended = { ok: true; result: pg.QueryResult } | { ok: false; error: Error };

export interface Bank {
  /** A session that nobody has. They are all open beforehand: opening one takes real time, and no virtual one. */
  take(): Session;
  give(session: Session): void;
  /** The end of the statement, or null where it waits for a lock that another session has. */
  run(session: Session, statement: string | pg.QueryConfig): Promise<Ended | null>;
  /** Of a statement that waited: its end, or null where it waits still. */
  look(session: Session): Promise<Ended | null>;
  /** As the server does when a client is gone: what was open is undone. */
  cutOff(session: Session): Promise<void>;
  /** Settings for all sessions; no plan outlives them. */
  plan(settings: string): Promise<void>;
  /** For the world itself, beside all that is simulated. */
  monitor: pg.Client;
  end(): Promise<void>;
}

/** As many as all machines of a world may have at once. */
const MOST = 20;
/** Longer than a statement takes, shorter than anybody minds: then it is asked whether it waits for a lock. */
const MOMENT = 2;

export async function openBank(url: string): Promise<Bank> {
  const free: Session[] = [];
  const all: Session[] = [];
  const byPid = new Map<number, Session>();
  const monitor = await open(url);

  for (let at = 0; at < MOST; at++) {
    const client = await open(url);
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    const session: Session = { client, pid: rows[0]?.pid ?? 0, waiting: null };
    all.push(session);
    byPid.set(session.pid, session);
  }
  free.push(...all);

  async function blockersOf(session: Session): Promise<Session[]> {
    const { rows } = await monitor.query<{ pids: number[] }>({
      name: "blockers",
      text: "select pg_blocking_pids($1) as pids",
      values: [session.pid],
    });
    return (rows[0]?.pids ?? []).flatMap((pid) => byPid.get(pid) ?? []);
  }

  /** Whoever closes a circle is the one that the database undoes: its own check is the only one still to come. */
  async function closesCircle(session: Session): Promise<boolean> {
    const seen = new Set<Session>();
    const next = await blockersOf(session);
    for (let one = next.pop(); one; one = next.pop()) {
      if (one === session) return true;
      if (seen.has(one)) continue;
      seen.add(one);
      if (one.waiting) next.push(...(await blockersOf(one)));
    }
    return false;
  }

  async function endOf(session: Session, answer: Promise<Ended>): Promise<Ended | null> {
    for (;;) {
      const ended = await Promise.race([answer, moment()]);
      if (ended) {
        session.waiting = null;
        return ended;
      }
      const blockers = await blockersOf(session);
      if (blockers.length === 0) continue;
      session.waiting = { answer, for: blockers };
      if (!(await closesCircle(session))) return null;
    }
  }

  return {
    take() {
      const session = free.pop();
      // As a server says it that has no more to give.
      if (!session) throw Object.assign(new Error("sorry, too many clients already"), { code: "53300" });
      return session;
    },
    give: (session) => void free.push(session),
    run(session, statement) {
      const answer = session.client.query(statement as pg.QueryConfig).then(
        (result): Ended => ({ ok: true, result }),
        (error: Error): Ended => ({ ok: false, error }),
      );
      return endOf(session, answer);
    },
    look: (session) => (session.waiting ? endOf(session, session.waiting.answer) : Promise.resolve(null)),
    async cutOff(session) {
      if (session.waiting) {
        await monitor.query("select pg_cancel_backend($1)", [session.pid]);
        await session.waiting.answer;
        session.waiting = null;
      }
      // The cancellation may have come as the statement ended, and hits this one instead.
      await session.client.query("rollback").catch(() => session.client.query("rollback"));
      delete session.turn;
    },
    async plan(settings) {
      await Promise.all(all.map(({ client }) => client.query(`discard plans; ${settings}`)));
    },
    monitor,
    end: async () => {
      await Promise.all([monitor, ...all.map(({ client }) => client)].map((client) => client.end()));
    },
  };
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser } });
  await client.connect();
  // A circle is found at once; nothing else in here goes by real time. A plan that looks at values comes and goes with
  // how often a session ran the statement before: in an earlier seed, too.
  await client.query(`set deadlock_timeout = '1ms'; set client_min_messages = error; set jit = off;
    set plan_cache_mode = force_generic_plan`);
  return client;
}

const moment = (): Promise<null> => new Promise((resolve) => void setTimeout(resolve, MOMENT, null));
