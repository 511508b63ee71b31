/** What Prometheus reads: connections by state, calls by provider, jobs by kind. Labels are closed sets. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Count } from "../actions/gateway.ts";
import { STATES } from "../core/status/table.ts";
import type { Sql } from "../store/database.ts";

export interface Metrics {
  count: Count;
  /** Lines of the activity log, by what became of them. */
  activity(end: "written" | "dropped", lines: number): void;
  text(): Promise<string>;
}

/** From a worker at rest to a queue that an operator has to hear of. */
const LATE = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600];

export function createMetrics(sql: Sql): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const calls = new Counter({
    name: "bowline_provider_calls_total",
    help: "Calls to providers, by how they were answered.",
    labelNames: ["provider", "verb", "answer"],
    registers,
  });
  const jobs = new Counter({
    name: "bowline_jobs_total",
    help: "Tasks that ended, by kind and end.",
    labelNames: ["kind", "end"],
    registers,
  });
  const late = new Histogram({
    name: "bowline_task_lag_seconds",
    help: "How long tasks were due before they were taken in hand, by kind.",
    labelNames: ["kind"],
    buckets: LATE,
    registers,
  });
  const inbound = new Counter({
    name: "bowline_provider_webhooks_total",
    help: "Webhooks of providers, by what became of them.",
    labelNames: ["provider", "end"],
    registers,
  });
  const activities = new Counter({
    name: "bowline_activity_lines_total",
    help: "Lines of the activity log, by whether they were written or dropped.",
    labelNames: ["end"],
    registers,
  });
  const connections = new Gauge({
    name: "bowline_connections",
    help: "Connections by state and provider.",
    labelNames: ["state", "provider"],
    registers: [],
    async collect() {
      const rows = await sql.rows<{ state: string; provider: string | null; count: string }>(
        "select state, provider, count(*) from connection group by state, provider",
      );
      this.reset();
      // Every row of the table is there, so that a state nobody is in reads 0 and not nothing.
      for (const state of STATES) this.set({ state, provider: "" }, 0);
      for (const { state, provider, count } of rows) this.set({ state, provider: provider ?? "" }, Number(count));
    },
  });
  const incidents = new Gauge({
    name: "bowline_open_incidents",
    help: "Alarms for the operator that stand, by kind.",
    labelNames: ["kind"],
    registers: [],
    async collect() {
      const rows = await sql.rows<{ kind: string; count: string }>(
        "select kind, count(*) from incident where closed_at is null group by kind",
      );
      this.reset();
      for (const { kind, count } of rows) this.set({ kind }, Number(count));
    },
  });
  // These two read the database when they are asked, and so have a name here.
  for (const gauge of [connections, incidents]) registry.registerMetric(gauge);
  return {
    count: {
      call: (provider, verb, answer) => calls.inc({ provider, verb, answer }),
      job: (kind, end) => jobs.inc({ kind, end }),
      late: (kind, ms) => late.observe({ kind }, ms / 1000),
      inbound: (provider, end) => inbound.inc({ provider, end }),
    },
    activity: (end, lines) => activities.inc({ end }, lines),
    text: () => registry.metrics(),
  };
}
