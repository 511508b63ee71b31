/** The front door: reads the command and the settings, starts the parts, and stops them in order. */
import { readConfig, StartRefused } from "./config.ts";
import { runDemo } from "./demo.ts";
import { realDoor } from "./door.ts";
import { type Role, type Running, serve } from "./serve.ts";
import { openSite } from "./site.ts";
import { welcome } from "./welcome.ts";

const ROLES = ["serve", "api", "worker"] as const satisfies readonly Role[];
/** Handles of the design that this version does not have; each says so and fails. */
const LATER: Record<string, string> = {
  check: "check tries a provider's credentials; it is not built yet. `npm start` with its keys shows what it refuses.",
  simulate: "simulate runs the simulated fleet; it is not built yet. `npm test` runs every test there is.",
};
/** For requests and tasks in hand; what takes longer is cut off as by a crash, and is taken up at the next start. */
const STOP_WITHIN = 10_000;
/** A database that recovers or stops for longer is left to it; the next start finds it. */
const GIVE_UP_AFTER = 45_000;
const LOOK_FOR_PARENT = 250;

/** Progress and trouble go to standard error; what a script may want to read goes to standard output. */
const say = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`);
};

async function main(command: string): Promise<number> {
  const later = LATER[command];
  if (later) return refuse(later, 2);
  if (command === "demo") return demo();
  const role = ROLES.find((one) => one === command);
  if (!role) return refuse(`"${command}" is no command; there are ${ROLES.join(", ")}, demo.`, 2);

  const began = Date.now();
  const config = readConfig(process.env);
  const asked = whenAsked();
  const door = realDoor();
  const site = await openSite(config, door, say);
  const lost = site.lost.then((sentence) => {
    throw new StartRefused(sentence);
  });
  let running: Running | null = null;
  try {
    running = await Promise.race([serve(config, role, site, door, say, asked), lost]);
    process.stdout.write(welcome(config, role, running, site.folder, Date.now() - began));
    await Promise.race([whenAborted(asked), lost]);
  } catch (error) {
    if (error !== asked.reason) throw error;
  } finally {
    if (running) await within(STOP_WITHIN, running.stop());
    await site.stop();
    if (running || asked.aborted) say("Stopped.");
  }
  return 0;
}

async function demo(): Promise<number> {
  const { lives, played, ms, url } = await runDemo(readConfig(process.env), realDoor(), (text) =>
    process.stderr.write(text),
  );
  const seconds = (ms / 1000).toFixed(1);
  say(
    played === 0
      ? `All ${lives} customers of the demo are there already; nothing was changed. Look at ${url}/dashboard`
      : `${played} customers with a year behind them in ${seconds} s. Look at ${url}/dashboard`,
  );
  return 0;
}

function refuse(sentence: string, status: number): number {
  say(sentence);
  return status;
}

/** Aborted when the process is asked to stop: by a signal, however often, or by npm's going away. */
function whenAsked(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(() => process.exit(1), GIVE_UP_AFTER).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  if (process.env["npm_lifecycle_event"] === undefined) return controller.signal;
  // npm that is told to end takes its shell along and leaves us: notice, and end too.
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    stop();
  }, LOOK_FOR_PARENT);
  look.unref();
  return controller.signal;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

try {
  process.exit(await main(process.argv[2] ?? "serve"));
} catch (error) {
  // What a person can mend is told in a sentence; anything else is a bug, and is shown whole.
  const isTold = error instanceof StartRefused || (error as Error).name === "StartRefusal";
  say(isTold ? (error as Error).message : ((error as Error).stack ?? String(error)));
  process.exit(1);
}
