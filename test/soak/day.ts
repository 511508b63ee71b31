/** The fill, the day, and what is measured on the way. */
import { setTimeout as wait } from "node:timers/promises";
import type { State } from "../../src/core/status/table.ts";
import { institutionId } from "../../src/store/institutions.ts";
import { type Client, createClient } from "../fleet/client.ts";
import { openOutside, type Outside } from "../fleet/outside.ts";
import { freePort } from "../fleet/port.ts";
import { mortal } from "../fleet/process.ts";
import { dice } from "../search/dice.ts";
import { type Metrics, metricsOf, type Sample, sample, slope, total } from "./gauge.ts";
import { growth, rowsOf } from "./tables.ts";

export interface Options {
  minutes: number;
  connections: number;
  seed: number;
  say(sentence: string): void;
}

export interface Outcome {
  wanted: number;
  linked: number;
  fill: number;
  /** Real seconds, and how many of the gateway's hours went by in them. */
  day: { seconds: number; hours: number; waited: number };
  samples: Sample[];
  rows: { before: Map<string, number>; after: Map<string, number> };
  bytes: { before: number; after: number };
  metrics: { before: Metrics; after: Metrics };
  calls: { made: number; naive: number; perRead: number };
  troubles: number;
  letters: { taken: number; p50: number; p99: number; refused: number };
  deliveries: { taken: number; p50: number; p99: number };
  bad: string[];
}

const HOUR = 3_600_000;
const DAY_HOURS = 24;
/** Most sit at banks that do not write, so that the cadence is what is measured; the others stand for what banks do. */
const HOUSES = [
  ["bank-lost-post", 80],
  ["bank-copper-mesa", 8],
  ["bank-doubled-post", 3],
  ["bank-disordered-post", 3],
  ["bank-flaky", 4],
  ["bank-slow", 2],
] as const;
const TROUBLES: readonly (readonly [State, number])[] = [
  ["DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE", 8],
  ["RECONNECT_REQUIRED/LOGIN_REQUIRED", 8],
  ["DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE", 2],
  ["PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS", 1],
  ["UNDETERMINED/AGGREGATION_TIMEOUT", 1],
];
/** One in ten meets trouble in the day; two of three of those are well again after some hours. */
const TROUBLED = 0.1;
const PRODUCTS = ["BALANCES"];
const LINES = 24;
/** The fill may take so much of the time; who is not linked by then is not there. */
const FILL_SHARE = 0.4;
const TICK = 250;
/** So many may be due before the clock waits. */
const BEHIND = 300;
const CADENCE_HOURS = 6;
/** By so much a gateway's own memory may grow in an hour of real time, of what it has, over the second half. */
const FLAT = 0.25;

export async function soak({ minutes, connections, seed, say }: Options): Promise<Outcome> {
  const began = performance.now();
  const left = (): number => minutes * 60_000 - (performance.now() - began);
  const chance = dice(seed);
  const port = await freePort();
  const door = `http://127.0.0.1:${port}`;
  const taken = new Set<string>();
  const outside = await openOutside({
    doors: () => [door],
    durable: true,
    receive(path, id) {
      if (path === "/hooks/hangs") return "hang";
      if (chance.chance(2)) return 503;
      taken.add(`${path} ${id}`);
      return 200;
    },
  });
  let noise = "";
  const env = { ...outside.env, BOWLINE_PORT: String(port) };
  const gateway = mortal("gateway", "serve", env, (text) => {
    noise = (noise + text).slice(-2_000);
  });
  try {
    await gateway.start();
    const client = createClient(() => [door]);
    const ids = await fill({ client, connections, seed, say, until: performance.now() + left() * FILL_SHARE });
    const fillTook = (performance.now() - began) / 1000;
    for (const name of ["well", "hangs"]) {
      const url = `${outside.env["BOWLINE_TEST_RECEIVER"]}/hooks/${name}`;
      await client.ask("POST", "/notifications/webhooks", { name, url }, `profile ${name}`);
    }
    const pid = gateway.pid() ?? 0;
    // What the fill left to do is not the day's.
    await until(outside, say);
    const rowsBefore = await rowsOf(outside.sql);
    const bytesBefore = await bytesOf(outside);
    const before = await metricsOf(door);
    const callsBefore = readsOf(outside);
    const lettersBefore = outside.post.taken.size;
    const day = await live({ outside, client, door, pid, ids, chance, say, milliseconds: left() - 20_000 });
    const metrics = { before, after: await metricsOf(door) };
    const rows = { before: rowsBefore, after: await rowsOf(outside.sql) };
    const bytes = { before: bytesBefore, after: await bytesOf(outside) };
    const made = readsOf(outside) - callsBefore;
    const runs = change(metrics, "bowline_jobs_total", 'kind="aggregate",end="done"');
    const perRead = runs === 0 ? 0 : made / Math.max(1, runs + change(metrics, "bowline_jobs_total", 'kind="probe"'));
    const naive = ids.length * (day.hours / CADENCE_HOURS) * perRead;
    const { took } = outside.post;
    const factor = day.hours / (day.seconds / 3600);
    const bad = [
      ...growth(rows.before, rows.after),
      ...flatness(day.samples),
      ...["failed"].flatMap((end) => {
        const count = change(metrics, "bowline_jobs_total", `end="${end}"`);
        return count === 0 ? [] : [`${count} tasks ${end}; the gateway said: ${noise.slice(-500)}`];
      }),
      ...(day.hours < 1 ? ["the day was too short to be judged"] : []),
    ];
    return {
      wanted: connections,
      linked: ids.length,
      fill: fillTook,
      day,
      samples: day.samples,
      rows,
      bytes,
      metrics,
      calls: { made, naive, perRead },
      troubles: day.troubles,
      letters: {
        taken: outside.post.taken.size - lettersBefore,
        p50: ranked(took, 0.5),
        p99: ranked(took, 0.99),
        refused: [...outside.post.refused.values()].reduce((sum, one) => sum + one, 0),
      },
      deliveries: await deliveriesOf(outside, factor, taken.size),
      bad,
    };
  } finally {
    gateway.kill();
    await gateway.ended();
    await outside.end();
  }
}

const change = ({ before, after }: Outcome["metrics"], name: string, having: string): number =>
  total(after, name, having) - total(before, name, having);

const ranked = (list: readonly number[], share: number): number =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length * share)] ?? Number.NaN;

/** The calls that banks answer with data or status: what a provider bills and limits. */
const readsOf = ({ calls }: Outside): number =>
  [...calls].reduce((sum, [name, count]) => (/ \/line(\/|$)/.test(name) ? sum + count : sum), 0);

const bytesOf = async ({ sql }: Outside): Promise<number> =>
  Number((await sql.query<{ size: string }>("select pg_database_size(current_database()) as size")).rows[0]?.size);

async function deliveriesOf({ sql }: Outside, factor: number, taken: number): Promise<Outcome["deliveries"]> {
  const { rows } = await sql.query<{ p50: number; p99: number }>(
    `select percentile_cont(0.5) within group (order by late) as p50,
            percentile_cont(0.99) within group (order by late) as p99
       from (select extract(epoch from d.last_at - e.at)::float8 * 1000 as late
               from delivery d join event e on e.home = d.home and e.id = d.event_id
               join webhook_profile w on w.id = d.profile_id
              where w.name = 'well' and d.status = 'DELIVERED' and d.tries = 1) as one`,
  );
  return { taken, p50: (rows[0]?.p50 ?? Number.NaN) / factor, p99: (rows[0]?.p99 ?? Number.NaN) / factor };
}

interface Filling {
  client: Client;
  connections: number;
  seed: number;
  until: number;
  say(sentence: string): void;
}

/** Through the API, as an application would: many at once. */
async function fill({ client, connections, seed, until, say }: Filling): Promise<string[]> {
  const ids: string[] = [];
  let next = 0;
  const line = async (): Promise<void> => {
    while (next < connections && performance.now() < until) {
      const n = next++;
      const bank = dice(seed * 1_000_003 + n).weighed(HOUSES);
      const customer = { externalCustomerId: `soak-${n}`, institutionId: institutionId("SANDBOX", bank) };
      const made = await client.ask("POST", "/sandbox/connections", { ...customer, products: PRODUCTS }, `soak ${n}`);
      if (made.status !== 200) throw new Error(`a link was refused: ${JSON.stringify(made.body)}`);
      ids.push(String(made.body["id"]));
    }
  };
  const telling = setInterval(() => say(`${ids.length} of ${connections} linked`), 15_000);
  try {
    await Promise.all(Array.from({ length: LINES }, line));
  } finally {
    clearInterval(telling);
  }
  say(`${ids.length} of ${connections} linked.`);
  return ids;
}

const UNDONE = `select (select count(*) from task where kind <> 'sweep' and (lease_until > now() or run_at <= now()))
  + (select count(*) from event where position is null) as left`;

async function until({ sql }: Outside, say: (sentence: string) => void): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    const { rows } = await sql.query<{ left: string }>(UNDONE);
    if (Number(rows[0]?.left) <= 2) return;
    if (turn % 40 === 0) say(`The fill leaves ${rows[0]?.left} to do.`);
    await wait(500);
  }
}

interface Living {
  outside: Outside;
  client: Client;
  door: string;
  pid: number;
  ids: readonly string[];
  chance: ReturnType<typeof dice>;
  say(sentence: string): void;
  milliseconds: number;
}

/** Moves the clock, lets banks misbehave and mend, and takes samples. */
async function live({ outside, client, door, pid, ids, chance, say, milliseconds }: Living) {
  const factor = Math.max(1, (DAY_HOURS * HOUR) / milliseconds);
  const start = performance.now();
  const samples: Sample[] = [];
  const mends: { at: number; id: string }[] = [];
  const asked = new Set<Promise<unknown>>();
  let [offset, troubles, waited, looked, told] = [0, 0, 0, -Infinity, 0];
  const passed = (): number => offset + (performance.now() - start);
  const ask = (method: string, id: string, body?: object): void => {
    const one = client.ask(method, `/sandbox/connections/${id}/trouble`, body).finally(() => asked.delete(one));
    one.catch(() => undefined);
    asked.add(one);
  };
  while (passed() < DAY_HOURS * HOUR && performance.now() - start < milliseconds) {
    const now = performance.now() - start;
    if (now - looked > 5_000 || samples.length === 0) {
      looked = now;
      samples.push(await sample(pid, door, outside.sql, now / 1000, passed() / HOUR));
    }
    if ((samples.at(-1)?.due ?? 0) > BEHIND) {
      // It has fallen behind: the day waits, and is looked at again soon.
      waited += TICK;
      looked = Math.min(looked, now - 4_000);
    } else {
      offset += TICK * (factor - 1);
      await outside.sql.query(
        `insert into setting values ('clock-offset', to_jsonb($1::bigint))
         on conflict (name) do update set value = excluded.value`,
        [Math.round(offset)],
      );
      outside.setOffset(Math.round(offset));
      const due = Math.floor((passed() / (DAY_HOURS * HOUR)) * ids.length * TROUBLED);
      for (; troubles < due && asked.size < 8; troubles++) {
        const id = chance.pick(ids);
        ask("POST", id, { state: chance.weighed(TROUBLES) });
        if (chance.chance(66)) mends.push({ at: passed() + (1 + chance.below(8)) * HOUR, id });
      }
      for (let at = mends.findIndex((one) => one.at <= passed()); at >= 0 && asked.size < 16; ) {
        const [one] = mends.splice(at, 1);
        if (one) ask("DELETE", one.id);
        at = mends.findIndex(({ at: then }) => then <= passed());
      }
    }
    if (now - told > 30_000) {
      told = now;
      const { rss = 0, due = 0 } = samples.at(-1) ?? {};
      say(`${(passed() / HOUR).toFixed(1)} h of the day, ${Math.round(rss)} MB, ${due} due, ${troubles} troubles`);
    }
    await wait(TICK);
  }
  await Promise.allSettled(asked);
  const seconds = (performance.now() - start) / 1000;
  return { samples, troubles, seconds, hours: passed() / HOUR, waited: waited / 1000 };
}

/** Memory over the second half of the day. */
export function flatness(samples: readonly Pick<Sample, "at" | "pss">[]): string[] {
  const half = samples.slice(Math.floor(samples.length / 2));
  const last = half.at(-1);
  const first = half[0];
  if (!first || !last || half.length < 4) return ["too few samples to tell whether memory is flat"];
  // What a line through the half climbs from its begin to its end, against what there is.
  const climb = (slope(half.map(({ at, pss }) => ({ at, value: pss }))) * (last.at - first.at)) / 3600;
  return climb > FLAT * first.pss ? [`memory climbs by ${climb.toFixed(0)} MB in half a day`] : [];
}
