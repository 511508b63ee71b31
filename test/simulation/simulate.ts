/**
 * `npm run simulate -- --seeds N --from S`: that many seeds, with progress; each that broke something as a line that
 * replays it. `-- --seconds N`: as many as fit. `-- --mutants`: every planted bug, caught or missed. `-- --log`: of the
 * seeds that are run, all that happened. Exit status 1: something was broken, or a mutant missed.
 */
import { createWriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { openTestServer } from "../../scripts/test-server.ts";
import { runSeeds, WIDTH } from "./crew.ts";
import { catchAll } from "./hunt.ts";
import type { Told } from "./life.ts";
import { emptyTotal, type Total, totalOf } from "./total.ts";

const NUMBERS = { seeds: "300", from: "1", seconds: "" };

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: NUMBERS.seeds },
    from: { type: "string", default: NUMBERS.from },
    seconds: { type: "string" },
    mutants: { type: "boolean", default: false },
    log: { type: "boolean", default: false },
  },
});

function whole(name: "seeds" | "from" | "seconds"): number | null {
  const text = values[name];
  if (text === undefined) return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  console.error(`--${name} must be a whole number from 1 on, not "${text}".`);
  process.exit(2);
}

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

const server = await openTestServer();
Object.assign(process.env, server.environment);
let isWell = false;
try {
  isWell = values.mutants ? await hunt() : await sail(whole("seeds") ?? 300, whole("from") ?? 1, whole("seconds"));
} finally {
  await server.close();
}
process.exit(isWell ? 0 : 1);

async function sail(seeds: number, from: number, seconds: number | null): Promise<boolean> {
  const begun = performance.now();
  const isLate = () => seconds !== null && performance.now() - begun > seconds * 1000;
  let next = from;
  let total = emptyTotal();
  const told = (one: Told): void => {
    total = totalOf(total, one);
    if (one.broken !== null) {
      line(`✗ seed ${one.seed}: ${one.broken}`);
      console.log(`  npm run simulate -- --seeds 1 --from ${one.seed} --log`);
    }
    if (one.log.length > 0) {
      const file = `simulation-${one.seed}.log`;
      createWriteStream(file).end(one.log.join("\n"));
      line(`  ${values.log ? "all" : "the last"} that happened: ${file}`);
    }
    progress(total, seconds === null ? seeds : null);
  };
  const isMore = () => !isLate() && (seconds !== null || next < from + seeds);
  await runSeeds({
    next: () => (isMore() ? next++ : null),
    told,
    keepLog: values.log,
    width: Math.min(WIDTH, seeds),
    signal: stop.signal,
  });
  line(sentenceOf(total, (performance.now() - begun) / 1000));
  return total.broken.length === 0 && total.seeds > 0;
}

async function hunt(): Promise<boolean> {
  let missed = 0;
  await catchAll({
    signal: stop.signal,
    told: ({ name, caught, seeds }) => {
      if (caught === null) missed += 1;
      const how = caught === null ? `missed, in ${seeds} seeds` : `caught by seed ${caught.seed}: ${caught.broken}`;
      console.log(`${name}: ${how.split("\n")[0]}`);
    },
  });
  return missed === 0;
}

function progress(total: Total, of: number | null): void {
  if (!process.stdout.isTTY) return;
  process.stdout.write(
    `\r\u001b[K${total.seeds}${of === null ? "" : ` of ${of}`} seeds, ${total.broken.length} broken`,
  );
}

function line(text: string): void {
  if (process.stdout.isTTY) process.stdout.write("\r\u001b[K");
  console.log(text);
}

function sentenceOf({ seeds, broken, hours, steps, deaths, counts }: Total, seconds: number): string {
  const years = (hours / 24 / 365).toFixed(2);
  return (
    `${seeds} seeds, ${broken.length} broken: ${years} simulated years, ${steps} moments, ${deaths} deaths, ` +
    `${counts.connections} connections, ${counts.events} events, ${counts.deliveries} received, ` +
    `${counts.letters} webhooks of banks, in ${Math.round(seconds)} s (${(seconds / seeds).toFixed(2)} s a seed)`
  );
}
