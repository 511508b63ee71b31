/** What is read of a running gateway from outside: its memory by /proc, the rest by its metrics and its database. */
import { readFileSync } from "node:fs";
import type pg from "pg";
import { KEY } from "../fleet/outside.ts";

export interface Sample {
  /** Seconds since the day began. */
  at: number;
  /** The gateway's time of day, in hours. */
  hour: number;
  rss: number;
  pss: number;
  heap: number;
  handles: number;
  files: number;
  due: number;
}

const MEGA = 1024 * 1024;

/** In MB; the rollup tells what is the process's own share. */
export function memoryOf(pid: number): { rss: number; pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
  return { rss: kilobytes("Rss") / 1024, pss: kilobytes("Pss") / 1024 };
}

export type Metrics = ReadonlyMap<string, number>;

export async function metricsOf(door: string): Promise<Metrics> {
  const text = await (await fetch(`${door}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })).text();
  const lines = text.matchAll(/^([a-z_]+(?:\{.*\})?) ([\d.e+]+)$/gm);
  return new Map([...lines].map(([, name = "", value]) => [name, Number(value)]));
}

/** The sum of every series of that name whose labels have `with`. */
export const total = (metrics: Metrics, name: string, having = ""): number =>
  [...metrics].reduce(
    (sum, [key, value]) => (key.split("{")[0] === name && key.includes(having) ? sum + value : sum),
    0,
  );

export async function sample(pid: number, door: string, sql: pg.Pool, at: number, hour: number): Promise<Sample> {
  const metrics = await metricsOf(door);
  const { rows } = await sql.query<{ due: string }>(DUE, [new Date(Date.now()).toISOString()]);
  return {
    at,
    hour,
    ...memoryOf(pid),
    heap: total(metrics, "nodejs_heap_size_used_bytes") / MEGA,
    handles: total(metrics, "nodejs_active_handles_total"),
    files: total(metrics, "process_open_fds"),
    due: Number(rows[0]?.due),
  };
}

/** What is due and in nobody's hands, on the gateway's clock. */
const DUE = `select count(*) as due from task where lease_until <= $1::timestamptz and run_at <= $1::timestamptz
  + coalesce((select (value)::text::bigint from setting where name = 'clock-offset'), 0) * interval '1 millisecond'`;

/** From a histogram: the bound below which such a share of the observations lies; Infinity: none is high enough. */
export function quantile(metrics: Metrics, name: string, having: string, share: number): number {
  const bounds = new Map<number, number>();
  for (const [key, value] of metrics) {
    const le = /le="([^"]+)"/.exec(key)?.[1];
    if (le === undefined || !key.startsWith(`${name}_bucket`) || !key.includes(having)) continue;
    const bound = le === "+Inf" ? Infinity : Number(le);
    bounds.set(bound, (bounds.get(bound) ?? 0) + value);
  }
  const sorted = [...bounds].sort(([a], [b]) => a - b);
  const all = sorted.at(-1)?.[1] ?? 0;
  return sorted.find(([, count]) => count >= all * share)?.[0] ?? Number.NaN;
}

/** By which the value grows in an hour of real time, by least squares. */
export function slope(samples: readonly { at: number; value: number }[]): number {
  const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
  const at = mean(samples.map((one) => one.at));
  const value = mean(samples.map((one) => one.value));
  const over = samples.reduce((sum, one) => sum + (one.at - at) * (one.value - value), 0);
  const under = samples.reduce((sum, one) => sum + (one.at - at) ** 2, 0);
  return under === 0 ? 0 : (over / under) * 3600;
}
