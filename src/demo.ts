/** `npm run demo`: fills a running gateway with made-up customers, and shows how far it is. */
import type { Config } from "./config.ts";
import { StartRefused } from "./config.ts";
import type { Door } from "./core/door.ts";

const LIVES = 2000;
const BATCH = 10;
/** Lives are played side by side; more than the machine has cores gains nothing. */
const LANES = 4;
const WIDTH = 32;

export async function runDemo(
  config: Config,
  door: Door,
  write: (text: string) => void,
  lives = LIVES,
): Promise<{ lives: number; played: number; ms: number; url: string }> {
  const host = config.BOWLINE_HOST === "0.0.0.0" || config.BOWLINE_HOST === "::" ? "127.0.0.1" : config.BOWLINE_HOST;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${config.BOWLINE_PORT}`;
  const began = door.wall();
  let [next, done, played] = [0, 0, 0];

  async function lane(): Promise<void> {
    while (next < lives) {
      const first = next;
      next = Math.min(lives, first + BATCH);
      const fresh = await batch(config, door, url, first, next);
      played += fresh;
      done += Math.min(lives, first + BATCH) - first;
      write(`\r${bar(done, lives)} ${done} of ${lives}`);
    }
  }

  await Promise.all(Array.from({ length: LANES }, lane));
  write("\n");
  return { lives, played, ms: door.wall() - began, url };
}

function bar(done: number, all: number): string {
  const full = Math.round((WIDTH * done) / all);
  return `[${"█".repeat(full)}${"·".repeat(WIDTH - full)}]`;
}

async function batch(config: Config, door: Door, url: string, first: number, end: number): Promise<number> {
  const key = config.BOWLINE_API_KEY;
  let answer: Response;
  try {
    answer = await door.fetch(`${url}/dashboard/data/demo`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-bowline-operator": "1",
        ...(key !== null && { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ first, end }),
    });
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    throw new StartRefused(
      `No gateway answers at ${url} (${code ?? "no answer"}): run \`npm start\` in another terminal first.`,
      { cause: error },
    );
  }
  const body = (await answer.json().catch(() => ({}))) as { played?: number; message?: string };
  if (answer.status === 401)
    throw new StartRefused(`The gateway at ${url} asks for a key: set BOWLINE_API_KEY to one of its API keys.`);
  if (body.played === undefined)
    throw new StartRefused(body.message ?? `The gateway at ${url} answered ${answer.status}.`);
  return body.played;
}
