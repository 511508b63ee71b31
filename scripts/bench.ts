// `npm run bench` runs every file of scripts/bench/; `-- NAME…` those that are named; `--write` prints docs/bench.md.
// Each figure stands beside the limit or the peer that was measured in the same run, as a ratio. Status 1: an aim was
// missed, or a benchmark broke; the others are run and printed all the same. Each has a process of its own: what one
// has left behind in memory is not the next one's burden.

import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, platform } from "node:os";
import { join } from "node:path";
import { ROOT } from "./imports.ts";
import { type Line, openReport, paged, printed, type Report } from "./bench/parts/report.ts";

interface Bench {
  name: string;
  /** `small`: sizes that show that it works, and nothing of how fast it is. */
  run(report: Report, small: boolean): Promise<void>;
}

const FOLDER = join(ROOT, "scripts", "bench");
const args = process.argv.slice(2);
const small = args.includes("--small");
const wanted = args.filter((arg) => !arg.startsWith("--"));

const files = readdirSync(FOLDER).filter((file) => file.endsWith(".ts"));
const benches = await Promise.all(files.sort().map(async (file) => (await import(join(FOLDER, file))) as Bench));
const names = benches.map(({ name }) => name);
const strange = wanted.find((name) => !names.includes(name));
if (strange !== undefined) {
  console.error(`There is no benchmark ${strange}; there are ${names.join(", ")}.`);
  process.exit(2);
}

/** In this process, which was begun for it; what it has measured goes to the one that began it. */
async function measure(bench: Bench): Promise<never> {
  const report = openReport(bench.name);
  let isBroken = false;
  try {
    await bench.run(report, small);
  } catch (error) {
    isBroken = true;
    console.error(`${bench.name} broke: ${(error as Error).stack}`);
  }
  process.send?.(report.lines, () => process.exit(isBroken ? 1 : 0));
  return new Promise<never>(() => undefined);
}
const APART = "--apart";
const mine = args.includes(APART) ? benches.find(({ name }) => name === wanted[0]) : undefined;
if (mine) await measure(mine);

const lines: Line[] = [];
const broken: string[] = [];
for (const { name } of benches) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const child = fork(import.meta.filename, [name, APART, ...(small ? ["--small"] : [])]);
  child.on("message", (measured: Line[]) => void lines.push(...measured));
  if ((await once(child, "exit"))[0] !== 0) broken.push(name);
}
console.log(printed(lines));
if (broken.length > 0) console.log(`\nBroken, with nothing measured or half of it: ${broken.join(", ")}.`);
if (args.includes("--write")) {
  const cores = `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? "CPU"}`;
  const load = `load ${loadavg()[0]?.toFixed(1) ?? "unknown"} at the end`;
  const day = new Date().toISOString().slice(0, 10);
  const run = `${[day, cores, platform(), `Node ${process.versions.node}`, load].join(", ")}.`;
  writeFileSync(join(ROOT, "docs", "bench.md"), paged(lines, run));
}
const isMissed = !small && lines.some(({ isMet }) => isMet === false);
process.exit(isMissed || broken.length > 0 ? 1 : 0);
