/**
 * `npm run kill`: the long form, `-- --connections 2000 --deaths 100 --seed 1`. The seed draws who dies where and in
 * which order, and what everybody asks.
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { writeTable } from "../fleet/write.ts";
import { countOf } from "./killers.ts";
import { killing } from "./killing.ts";
import { report } from "./report.ts";

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "2000" },
    deaths: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    log: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const [connections, deaths, seed] = [values.connections, values.deaths, values.seed].map(Number) as [
  number,
  number,
  number,
];
const since = performance.now();
const say = (sentence: string): void => {
  console.log(`${String(Math.round((performance.now() - since) / 1000)).padStart(4)} s  ${sentence}`);
};
say(`${connections} connections, seed ${seed}, on ${availableParallelism()} × ${cpus()[0]?.model}`);
const log = (text: string): void => {
  if (values.log) process.stderr.write(text);
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const outcome = await killing({ connections, deaths, seed, say, log });
const date = new Date().toISOString().slice(0, 10);
const table = report(outcome, { connections, seed, date, load: loadavg()[1] ?? 0 });
console.log(`\n${table}\n`);
if (values.write) writeTable("kill", table);
for (const sentence of outcome.bad.slice(0, 40)) console.log(`✗ ${sentence}`);
const again = `--connections ${connections} --deaths ${deaths} --seed ${seed}`;
console.log(
  outcome.bad.length === 0
    ? `Nothing acknowledged was lost and nothing doubled, over ${countOf(outcome.deaths)} deaths.`
    : `${outcome.bad.length} broken. Again: npm run kill -- ${again}`,
);
process.exit(outcome.bad.length === 0 ? 0 : 1);
