/**
 * A gateway's process that can be told to die: at the so-manieth passage of a named point, as by `kill -9` and with
 * nothing said. Started by `process.ts` alone; no setting of the product leads here.
 */
import { readConfig } from "../../src/config.ts";
import { realDoor } from "../../src/door.ts";
import { type Role, serve } from "../../src/serve.ts";
import { openSite } from "../../src/site.ts";

/** What the parent says. */
export interface Order {
  dieAt: string;
  passage: number;
}

let order: Order | null = null;

async function reach(point: string): Promise<void> {
  if (order === null || order.dieAt !== point || --order.passage > 0) return;
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => undefined);
}

process.on("message", (given: Order) => {
  order = given;
});
// Nobody is left behind by a parent that is gone.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

const say = (sentence: string): boolean => process.stderr.write(`${sentence}\n`);
const door = realDoor();
const config = readConfig(process.env);
const never = new AbortController().signal;
const site = await openSite(config, door, say);
await serve(config, process.argv[2] as Role, site, door, say, never, reach);
process.send?.("up");
