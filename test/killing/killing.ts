/**
 * Real processes of one gateway (everything in one, an API, two workers) are killed at named points while an
 * application links, refreshes, deletes and sets up endpoints, while the banks write, and while the database is killed
 * and its sessions are ended. Then nothing is killed any more, and what was acknowledged is looked for.
 */
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { createClient } from "../fleet/client.ts";
import { openOutside } from "../fleet/outside.ts";
import { freePort } from "../fleet/port.ts";
import { type Mortal, mortal } from "../fleet/process.ts";
import { dice } from "../search/dice.ts";
import { judge, restless, type Verdict } from "./judge.ts";
import { countOf, type Deaths, kill, noDeaths } from "./killers.ts";
import { createProfile, heal, live, nothingYet, type People, type Told } from "./people.ts";

export interface Options {
  seed: number;
  connections: number;
  /** How many die, roughly: the more, the less is acknowledged between two of them. */
  deaths: number;
  say(sentence: string): void;
  /** What the processes say. */
  log(text: string): void;
  /** Damage that is done at the very end, by name, one after another: the judge has to see each. */
  damage?: Readonly<Record<string, string>>;
}

export interface Outcome extends Verdict {
  told: Told;
  deaths: Deaths;
  again: ReadonlyMap<string, number>;
  /** Deliveries that came more than once. */
  doubled: number;
  seconds: { killing: number; calming: number };
  /** What the judge had to say of each damage, and of nothing before it. */
  seen: Record<string, string[]>;
}

const TELL_EVERY = 5_000;
/** So much of the gateway's time may be needed until what failed has been tried again. */
const STEP = "PT20M";
const STEPS = 100;
/** A day and its spread in such steps: what is probed once a day is waited for. */
const STILL = 85;
const SETTLING = 30_000;

export async function killing({ seed, connections, deaths: wanted, say, log, damage = {} }: Options): Promise<Outcome> {
  const received = new Map<string, Map<string, number>>();
  const ports = [await freePort(), await freePort()];
  const doors = ports.map((port) => `http://127.0.0.1:${port}`);
  const chance = dice(seed);
  let isFailing = true;
  const outside = await openOutside({
    doors: () => doors,
    durable: true,
    receive(path, id) {
      // Some fail, and some take it without a word: those come once more.
      if (isFailing && chance.chance(2)) return 500;
      const known = received.get(path) ?? new Map<string, number>();
      received.set(path, known.set(id, (known.get(id) ?? 0) + 1));
      return isFailing && chance.chance(1) ? null : 200;
    },
  });
  const environment = (port = 0) => ({ ...outside.env, BOWLINE_PORT: String(port) });
  const victims: Mortal[] = [
    mortal("everything", "serve", environment(ports[0]), log),
    mortal("api", "api", environment(ports[1]), log),
    mortal("worker 1", "worker", environment(), log),
    mortal("worker 2", "worker", environment(), log),
  ];
  const client = createClient(() => doors);
  const told = nothingYet();
  const people: People = { client, told, seed, connections, receiver: outside.env["BOWLINE_TEST_RECEIVER"] ?? "" };
  const deaths = noDeaths();
  const reporting = setInterval(
    () =>
      say(
        `${told.linked.size} of ${connections} linked, ${told.refreshed.size} refreshes, ` +
          `${told.deleted.size} deletes; ` +
          `${countOf(deaths)} deaths, ${deaths.sessions} sessions ended, ${client.waiting.size} asked`,
      ),
    TELL_EVERY,
  );
  let since = performance.now();
  const lap = (): number => {
    const seconds = (performance.now() - since) / 1000;
    since = performance.now();
    return seconds;
  };
  try {
    await Promise.all(victims.map((victim) => victim.start()));
    say("All are up.");
    await createProfile(people, "first");
    lap();
    let isDone = false;
    const lives = live(people).finally(() => {
      isDone = true;
    });
    const { sql, postmaster } = outside;
    const progress = () => told.linked.size + told.refreshed.size + told.deleted.size;
    // About two of three who are linked ask for more, and who is killed beside the processes is the database.
    const every = Math.max(2, Math.round((connections * 1.7 * (victims.length + 1)) / wanted));
    const isOver = () => isDone;
    await Promise.all([lives, kill({ seed, victims, sql, postmaster, isOver, deaths, progress, every })]);
    const killed = lap();
    isFailing = false;
    say(`Everybody was told, and ${countOf(deaths)} died; now it grows calm.`);
    await calm(people, outside, say);
    // The banks have nothing more to tell, and no time passes: what they told last is read.
    await outside.post.end();
    await settled(outside.sql, performance.now() + SETTLING);
    const calming = lap();
    const verdict = await judge({ outside, told, received });
    const seen: Outcome["seen"] = {};
    const known = new Set(verdict.bad);
    for (const [name, statement] of Object.entries(damage)) {
      await outside.sql.query(statement);
      const { bad } = await judge({ outside, told, received });
      seen[name] = bad.filter((sentence) => !known.has(sentence));
      for (const sentence of bad) known.add(sentence);
    }
    const doubled = [...received.values()].flatMap((one) => [...one.values()]).filter((times) => times > 1).length;
    const seconds = { killing: killed, calming };
    return { ...verdict, told, deaths, again: client.again, doubled, seconds, seen };
  } finally {
    clearInterval(reporting);
    for (const victim of victims) victim.kill();
    await Promise.all(victims.map((victim) => victim.ended()));
    await outside.end();
  }
}

async function settled(sql: pg.Pool, end: number): Promise<void> {
  while ((await restless(sql)).size > 0 && performance.now() < end) await wait(100);
}

/** The banks are well, and time passes until nothing is left to do. What stays restless is the judge's. */
async function calm(
  { client, told }: People,
  { sql, setOffset, healBanks }: Awaited<ReturnType<typeof openOutside>>,
  say: (sentence: string) => void,
): Promise<void> {
  for (const id of told.troubled) await heal({ client, told }, id);
  // What was asked before and given up may be carried out after: the gateway has to find out by itself that it is over.
  const late = await healBanks();
  if (late > 0) say(`${late} banks were told of trouble late, and are well.`);
  let before = "";
  for (let step = 0, still = 0; step < STEPS && still < STILL; step++) {
    const left = await restless(sql);
    if (left.size === 0) return;
    const now = [...left].map(([what, count]) => `${count} ${what}`).join(", ");
    still = now === before ? still + 1 : 0;
    if (now !== before) say(`Still ${now}.`);
    before = now;
    await wait(500);
    if (!left.has("tasks in hand") || still > 3) {
      await client.ask("POST", "/sandbox/clock", { advance: STEP });
      const { rows } = await sql.query<{ value: number }>("select value from setting where name = 'clock-offset'");
      setOffset(rows[0]?.value ?? 0);
    }
  }
}
