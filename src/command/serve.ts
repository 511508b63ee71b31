/** `serve`, `api` and `worker`: starts the parts, waits to be asked to stop, and stops them in order. */
import { StartRefused } from "../config.ts";
import { type Role, type Running, serve } from "../serve.ts";
import { openSite } from "../site.ts";
import { whenAborted, whenAsked, within } from "../stopping.ts";
import { welcome } from "../welcome.ts";
import type { Command, Given } from "./command.ts";

/** For requests and tasks in hand; what takes longer is cut off as by a crash, and is taken up at the next start. */
const STOP_WITHIN = 10_000;

async function run({ config, door, say }: Given, role: Role): Promise<number> {
  const began = door.wall();
  const asked = whenAsked();
  const site = await openSite(config, door, say);
  const lost = site.lost.then((sentence) => {
    throw new StartRefused(sentence);
  });
  let running: Running | null = null;
  try {
    running = await Promise.race([serve(config, role, site, door, say, asked), lost]);
    process.stdout.write(welcome(config, role, running, site.folder, door.wall() - began));
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

const needs = "settings";
const count = [0, 0] as const;

export const serveAll: Command = {
  takes: "",
  needs,
  count,
  does: "Everything in one process: API, workers, dashboard, fake banks, and a database of its own",
  tells:
    "Starts the whole gateway on one port and prints where everything is. The first start makes the database, its " +
    "key ring and an API key in the data folder; the key is shown that once. Ctrl-C stops it in order; after a " +
    "kill, the next start takes up what was in hand.",
  examples: [
    ["bowline serve", "On http://127.0.0.1:4400, with its data in ./data."],
    ["BOWLINE_PORT=8080 BOWLINE_DATA=/var/lib/bowline bowline serve", "Elsewhere."],
  ],
  run: (given) => run(given, "serve"),
};

export const api: Command = {
  takes: "",
  needs,
  count,
  does: "The API alone, for installations of several processes",
  tells:
    "Answers requests and does no due work. Any number of them may share one database, beside at least one worker. " +
    "All processes need the same DATABASE_URL and BOWLINE_SECRET_KEYS.",
  examples: [["DATABASE_URL=postgres://… BOWLINE_SECRET_KEYS=main:… bowline api", "One more API process."]],
  run: (given) => run(given, "api"),
};

export const worker: Command = {
  takes: "",
  needs,
  count,
  does: "The workers alone: reads of banks, webhooks, timers",
  tells:
    "Does what is due and listens nowhere. Any number of them may share one database; each task is in one worker's " +
    "hands at a time, and a worker that dies loses nothing but time.",
  examples: [["DATABASE_URL=postgres://… BOWLINE_SECRET_KEYS=main:… bowline worker", "One more worker."]],
  run: (given) => run(given, "worker"),
};
