/**
 * Watches the world: after every commit, at every request to a bank, at everything that goes out. What it sees broken
 * ends the seed, with the sentence that was broken.
 */
import type { Instant } from "../../src/core/door.ts";
import { HOUR, MINUTE } from "../../src/core/status/policy.ts";
import { project } from "../../src/core/status/project.ts";
import { type Health, UNSEEN } from "../../src/core/status/health.ts";
import { lineRef } from "../../src/providers/sandbox/farm/line.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";
import { readPlace } from "../../src/providers/sandbox/farm/walk.ts";
import { ALWAYS, NOW_AND_THEN, oneStatement } from "./invariants.ts";
import { Broken, FARM, type Watch, type World } from "./world.ts";

const EVERY = { name: "every step", text: oneStatement(ALWAYS) };
const SELDOM = { name: "now and then", text: oneStatement(NOW_AND_THEN) };
const READS = /^\/line\/(pull|accounts|numbers|holders|entries|positions|trades)$/;
const CADENCE = sandbox(FARM).cadence;
/** A hint is a read within so long, once nothing goes wrong any more. */
const FRESH_WITHIN = 10 * MINUTE;

export function openWatch(world: World): Watch {
  const { bank, breaks, scheduler } = world;
  const secrets = new Set([FARM.key, world.operatorSecret]);
  const cursors = new Map<string, Record<string, number>>();
  const grants = new Map<string, string>();
  const heard = new Set<string>();
  /** Until when a bank has asked to be left alone, and since when it has. */
  const quiet = new Map<string, { until: Instant; since: Instant }>();
  let steps = 0;

  async function rows<Row>(name: string, text: string, values: unknown[] = []): Promise<Row[]> {
    return (await bank.monitor.query({ name, text, values })).rows as Row[];
  }

  async function holds({ name, text }: typeof EVERY): Promise<void> {
    const [first] = await rows<{ name: string; detail: string }>(name, text, [iso(scheduler.now())]);
    if (first) breaks(new Broken(`${first.name}: ${first.detail}`));
  }

  async function cursorsMove(): Promise<void> {
    for (const { id, cursor } of await rows<{ id: string; cursor: string }>("cursors", CURSORS)) {
      const told = readPlace(cursor)?.told ?? {};
      const before = cursors.get(id) ?? {};
      for (const [account, upTo] of Object.entries(before)) {
        if ((told[account] ?? 0) < upTo) breaks(new Broken(`the cursor went back: ${id}, account ${account}`));
      }
      cursors.set(id, told);
    }
  }

  /** The columns are what the projection says, as of the last write: until its own horizon, nothing else is true. */
  async function columnsAreProjected(): Promise<void> {
    for (const row of await rows<Projected>("projected", PROJECTED)) {
      const { id, state, stateSince, health, wakeAt, superseded, ...acts } = row;
      const given = Object.fromEntries(Object.entries(acts).filter(([, value]) => value !== null));
      // Of two machines' clocks the one that is ahead has said how late it is.
      const now = Math.max(stateSince, Math.min(scheduler.now(), wakeAt - 1));
      const said = project(health ?? UNSEEN, { ...given, superseded, cadence: CADENCE } as never, now);
      if (said.state !== state)
        breaks(new Broken(`the columns are not the projection: ${id} is ${state}, projected ${said.state}`));
    }
  }

  return {
    secrets,
    letters: 0,
    /** Whoever lost the task to another writes nothing more of it. */
    async turnIsKept(within, [home, subject, kind, fence]) {
      const { rows: found } = await within.query<{ fence: string }>(TURN, [home, subject, kind]);
      const [task] = found;
      if (task && task.fence !== String(fence))
        breaks(new Broken(`one run at a time: a ${String(kind)} wrote out of turn`));
    },
    async step() {
      steps += 1;
      await holds(EVERY);
      if (steps % 32 === 0) await holds(SELDOM);
      if (steps % 8 === 0) await cursorsMove();
      if (steps % 8 === 4) await columnsAreProjected();
    },
    async asked({ path, headers, query }, answer, isHeard) {
      if (path === "/slips/trade" && answer !== "never") {
        const { reply } = JSON.parse(answer.body) as { reply?: { line: string; grant: string } };
        if (reply) grants.set(reply.line, reply.grant);
        // The customer is there: then the bank's limits do not count.
        quiet.clear();
      }
      const grant = headers["x-grant"];
      if (grant !== undefined) secrets.add(grant);
      if (answer === "never" || grant === undefined) return;
      const now = scheduler.now();
      const told = quiet.get(grant);
      // What was under way when the bank said so is not held against anybody.
      const isEarly = told !== undefined && now < told.until && now > told.since + MINUTE;
      // Two customers who share a login learn of its limit one by one.
      if (READS.test(path) && query["after"] === undefined && isEarly && (await isAlone(grant)))
        breaks(new Broken(`a limit was not kept: ${path} at ${new Date(now).toISOString()}`));
      const again = /"again":(\d+)/.exec(answer.body)?.[1];
      if (answer.status === 429 && again && isHeard) quiet.set(grant, { until: Number(again) * 1000, since: now });
      if (path === "/line/pull") await pulled(grant);
    },
    forgot() {
      for (const [grant, { since }] of quiet) if (scheduler.now() - since < MINUTE) quiet.delete(grant);
    },
    posted(url, headers, body) {
      const all = `${url} ${JSON.stringify(headers)} ${body}`;
      for (const secret of secrets) if (all.includes(secret)) breaks(new Broken(`a secret went out to ${url}`));
    },
    hinted({ letter, line }, by) {
      world.watch.letters += 1;
      // What is posted twice is one hint, however late the second comes.
      const isNew = !heard.has(letter);
      heard.add(letter);
      if (!isNew || !world.isCalm()) return;
      const at = scheduler.now();
      scheduler.after(FRESH_WITHIN, null, async () => {
        for (const { id, state, sent, allowed } of await rows<Hinted>("hinted", HINTED, [line])) {
          const isStale = (sent ?? 0) < at - MINUTE && (allowed ?? 0) < at;
          if (isStale && by.alive) breaks(new Broken(`not read within 10 minutes of a webhook: ${id}, ${state}`));
        }
      });
    },
    async anAccountOf(connectionId) {
      const [one] = await world.peek<{ id: string }>(ACCOUNT_OF, [connectionId]);
      return one?.id ?? null;
    },
    async aGrantOf(house, username) {
      const ref = lineRef(world.farmSeed, FARM.key, house, username);
      return grants.get(ref) ?? null;
    },
  };

  async function isAlone(grant: string): Promise<boolean> {
    const [line] = [...grants].find(([, given]) => given === grant) ?? [];
    return (await rows("sharers", SHARERS, [line])).length === 1;
  }

  /** A live read of the bank that nobody asked for costs somebody money. */
  async function pulled(grant: string): Promise<void> {
    const [row] = await rows<{ open: string }>("asked for", ASKED_FOR, [iso(scheduler.now() - HOUR)]);
    if (Number(row?.open ?? 0) === 0) breaks(new Broken(`a live call that nobody asked for (${grant.length})`));
  }
}

const iso = (at: Instant): string => new Date(at).toISOString();

interface Projected extends Record<string, unknown> {
  id: string;
  state: string;
  stateSince: Instant;
  health: Health | null;
  wakeAt: Instant;
  superseded: boolean;
}

interface Hinted {
  id: string;
  state: string;
  sent: Instant | null;
  allowed: Instant | null;
}

const CURSORS = `select id, cursor_base as cursor from provider_connection
  where closed_at is null and cursor_base is not null`;

const PROJECTED = `select c.id, c.state, c.state_since as "stateSince", p.health, c.wake_at as "wakeAt",
    c.started_at as "startedAt",
    c.held_at as "heldAt", c.finished_at as "finishedAt", c.deleted_at as "deletedAt", p.linked_at as "linkedAt",
    p.reconnected_at as "reconnectedAt", c.products as asked,
    exists (select from connection o where o.home = c.home and o.provider_connection_id = c.provider_connection_id
       and o.finished_at is not null and o.deleted_at is null and c.finished_at is not null
       and (o.claimed_at, o.id) > (c.claimed_at, c.id)) as superseded
  from connection c left join provider_connection p on p.home = c.home and p.id = c.provider_connection_id`;

const HINTED = `select p.id, c.state, p.last_sent_at as sent, p.next_refresh_allowed_at as allowed
  from provider_connection p join connection c on c.home = p.home and c.provider_connection_id = p.id
  where p.ref = $1 and p.closed_at is null and c.deleted_at is null and c.finished_at is not null
    and c.status in ('ACTIVE', 'PARTIALLY_ACTIVE') and c.reason is distinct from 'INACTIVE_DUPLICATE'`;

const SHARERS = "select 1 from provider_connection where ref = $1 and closed_at is null";

const TURN = "select fence from task where home = $1 and subject = $2 and kind = $3";

const ACCOUNT_OF = `select a.id from account a join connection c on c.home = a.home
  and c.provider_connection_id = a.provider_connection_id where c.id = $1 and a.left_at is null order by a.ref limit 1`;

const ASKED_FOR = `select count(*) as open from refresh where finished_at is null or finished_at > $1`;
