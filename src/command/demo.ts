/** `npm run demo`: fills a running gateway with made-up customers, and shows how far it is. */
import type { Config } from "../config.ts";
import { StartRefused } from "../config.ts";
import type { Door } from "../core/door.ts";
import { askGateway, gatewayUrl, sentenceOf } from "./ask-gateway.ts";
import type { Command } from "./command.ts";
import { bar } from "./progress.ts";

const LIVES = 2000;
const BATCH = 10;
/** Lives are played side by side; more than the machine has cores gains nothing. */
const LANES = 4;

export async function runDemo(
  config: Config,
  door: Door,
  write: (text: string) => void,
  lives = LIVES,
): Promise<{ lives: number; played: number; ms: number; url: string }> {
  const url = gatewayUrl(config);
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

async function batch(config: Config, door: Door, url: string, first: number, end: number): Promise<number> {
  const { status, body } = await askGateway(config, door, {
    method: "POST",
    path: "/dashboard/data/demo",
    headers: { "x-bowline-operator": "1" },
    body: { first, end },
  });
  if (typeof body["played"] !== "number")
    throw new StartRefused(sentenceOf(body) ?? `The gateway at ${url} answered ${status}.`);
  return body["played"];
}

export const demo: Command = {
  takes: "",
  needs: "a running gateway",
  count: [0, 0],
  does: "Fills a running gateway with made-up customers: some in each of the 23 states",
  tells:
    "Plays the lives of 2,000 customers of the fake banks, a year of history each, and shows how far it is. It " +
    "changes nothing the second time. The gateway must have fake banks (BOWLINE_SANDBOX=on).",
  examples: [["bowline demo", "Then look at http://127.0.0.1:4400/dashboard"]],
  async run({ config, door, say }) {
    const { lives, played, ms, url } = await runDemo(config, door, (text) => process.stderr.write(text));
    const seconds = (ms / 1000).toFixed(1);
    say(
      played === 0
        ? `All ${lives} customers of the demo are there already; nothing was changed. Look at ${url}/dashboard`
        : `${played} customers with a year behind them in ${seconds} s. Look at ${url}/dashboard`,
    );
    return 0;
  },
};
