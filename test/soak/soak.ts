/**
 * `npm run soak -- --minutes 30 --connections 20000`: a day of a whole fleet in minutes. One gateway, as `npm start`
 * has it, beside banks of their own process; banks that are slow, fail and misbehave, banks that write, endpoints that
 * hang and fail. The clock is moved on evenly, and waits where the gateway falls behind.
 */
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { writeTable } from "../fleet/write.ts";
import { soak } from "./day.ts";
import { report } from "./report.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    connections: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
  },
});
const since = performance.now();
const say = (sentence: string): void => {
  console.log(`${String(Math.round((performance.now() - since) / 1000)).padStart(5)} s  ${sentence}`);
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const load = loadavg()[1] ?? 0;
const machine = `${availableParallelism()} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
say(`A day of ${values.connections} connections in ${values.minutes} minutes, on ${machine}; load ${load.toFixed(1)}.`);
const outcome = await soak({
  minutes: Number(values.minutes),
  connections: Number(values.connections),
  seed: Number(values.seed),
  say,
});
const machineLoad = `${load.toFixed(1)} at the start, ${(loadavg()[1] ?? 0).toFixed(1)} at the end`;
const table = report(outcome, { date: new Date().toISOString().slice(0, 10), machine, load: machineLoad });
console.log(`\n${table}\n`);
for (const sentence of outcome.bad) console.log(`✗ ${sentence}`);
console.log(outcome.bad.length === 0 ? "The day was borne." : `${outcome.bad.length} not as they should be.`);
if (values.write) writeTable("soak", table);
process.exit(outcome.bad.length === 0 ? 0 : 1);
