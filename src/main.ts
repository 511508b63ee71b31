/** The front door: reads the command and the settings, starts the parts, and stops them in order. */
import { readConfig, StartRefused, withoutEffect } from "./config.ts";
import { realDoor } from "./door.ts";
import { type Role, serve } from "./serve.ts";
import { openSite } from "./site.ts";
import { welcome } from "./welcome.ts";

const ROLES = ["serve", "api", "worker"] as const satisfies readonly Role[];
/** Handles of the design that this version does not have; each says so and fails. */
const LATER: Record<string, string> = {
  check: "check tries a provider's credentials; it is not built yet. `npm start` with the provider's keys shows what it refuses.",
  demo: "demo fills a running gateway; it is not built yet. `POST /sandbox/connections` links fake banks one by one.",
  simulate: "simulate runs the simulated fleet; it is not built yet. `npm test` runs every test there is.",
};
const STOP_WITHIN = 10_000;
const LOOK_FOR_PARENT = 250;

/** Progress and trouble go to standard error; what a script may want to read goes to standard output. */
const say = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`);
};

async function main(command: string): Promise<number> {
  const later = LATER[command];
  if (later) return refuse(later, 2);
  const role = ROLES.find((one) => one === command);
  if (!role) return refuse(`"${command}" is no command; there are ${ROLES.join(", ")}.`, 2);

  const began = Date.now();
  const config = readConfig(process.env);
  for (const name of withoutEffect(process.env)) say(`${name} is set, and has no effect in this version yet.`);
  const asked = whenAsked();
  const door = realDoor();
  const site = await openSite(config, door, say);
  let running: Awaited<ReturnType<typeof serve>> | null = null;
  try {
    const starting = serve(config, role, site, door, say);
    running = await Promise.race([starting, asked]);
    if (running) {
      process.stdout.write(welcome(config, role, running, site.folder, Date.now() - began));
      const why = await Promise.race([asked, site.lost]);
      if (why !== null) return refuse(why, 1);
    }
    return 0;
  } finally {
    const late = setTimeout(() => process.exit(1), STOP_WITHIN);
    await running?.stop();
    await site.stop();
    clearTimeout(late);
    if (running) say("Stopped.");
  }
}

function refuse(sentence: string, status: number): number {
  say(sentence);
  return status;
}

/** Resolves with null when the process is asked to stop: by a signal, however often, or by npm's going away. */
function whenAsked(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(null));
    if (process.env["npm_lifecycle_event"] === undefined) return;
    // npm that is told to end takes its shell along and leaves us: notice, and end too.
    const parent = process.ppid;
    const look = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(look);
      resolve(null);
    }, LOOK_FOR_PARENT);
    look.unref();
  });
}

try {
  process.exit(await main(process.argv[2] ?? "serve"));
} catch (error) {
  // What a person can mend is told in a sentence; anything else is a bug, and is shown whole.
  const isTold = error instanceof StartRefused || (error as Error).name === "StartRefusal";
  say(isTold ? (error as Error).message : ((error as Error).stack ?? String(error)));
  process.exit(1);
}
