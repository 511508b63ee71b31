/** The ground that every seed begins on: one migrated database, brought back to the same rows before each. */
import pg from "pg";
import type { Gateway } from "../../src/actions/gateway.ts";
import { learnInstitutions } from "../../src/actions/learn-institutions.ts";
import { createFarm } from "../../src/providers/sandbox/farm/farm.ts";
import { forgetfulMemory } from "../../src/providers/sandbox/farm/memory.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";
import { openDatabase } from "../../src/store/database.ts";
import { checkRing } from "../../src/store/settings.ts";
import { freshDatabase } from "../database.ts";
import { type Dice, dice as diceOf } from "../search/dice.ts";
import { type Bank, openBank } from "./sessions.ts";
import { FARM, RING, SALT, START } from "./world.ts";

export interface Ground {
  bank: Bank;
  /** As before the first seed, and with ways of its own to look for rows. */
  level(seed: number): Promise<void>;
  end(): Promise<void>;
}

export async function openGround(): Promise<Ground> {
  const database = await freshDatabase();
  await learnBanks(database.url);
  const kept = await keepRows(database.url);
  const bank = await openBank(database.url);
  return {
    bank,
    async level(seed) {
      await bank.monitor.query(kept);
      await bank.plan(waysOf(diceOf(seed)));
    },
    async end() {
      await bank.end();
      await database.drop();
    },
  };
}

/** What an installation knows before its first customer: its banks, and that its ring fits. */
async function learnBanks(url: string): Promise<void> {
  const db = openDatabase({ connectionString: url }, () => undefined);
  const clock = { now: () => START, wall: () => START };
  const farm = createFarm({ memory: forgetfulMemory(), clock, seed: "ground", key: FARM.key });
  const quiet = () => undefined;
  const door: Gateway["door"] = {
    ...clock,
    random: (bytes) => new Uint8Array(bytes).fill(1),
    wait: (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("stopped")))),
    fetch: async (at) => {
      const { pathname, searchParams } = new URL(at);
      const query = Object.fromEntries(searchParams);
      const headers = { "x-farm-key": FARM.key };
      const answer = await farm.handle({ method: "GET", path: pathname, query, headers, body: "" });
      if (answer === "never") throw new Error("the farm tells its banks");
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    },
  };
  await checkRing(db, door, RING);
  await learnInstitutions(
    {
      accountId: "the-account",
      db,
      door,
      ring: RING,
      salt: SALT,
      providers: new Map([["SANDBOX", sandbox(FARM)]]),
      log: { info: quiet, warn: quiet, error: quiet },
      count: { call: quiet, job: quiet, inbound: quiet },
      publicUrl: null,
      farm: null,
      target: {
        problemOf: async () => null,
        post: () => Promise.reject(new Error("none")),
        close: async () => undefined,
      },
      operator: null,
      poke: quiet,
    },
    "SANDBOX",
  );
  await db.close();
}

/**
 * Where a statement leaves the order of rows open, the plan decides it; so plans differ from seed to seed, and for one
 * seed they are the same, whatever ran before it and however long ago.
 */
const WAYS = ["hashjoin", "mergejoin", "nestloop", "seqscan", "indexscan", "bitmapscan"] as const;

const waysOf = (dice: Dice): string =>
  WAYS.map((way) => `set enable_${way} = ${dice.chance(25) ? "off" : "on"}`).join("; ");

/** Answers the statements that bring everything back to what is there now. */
async function keepRows(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public' order by 1",
    );
    await client.query("create schema ground");
    const filled: string[] = [];
    for (const { name } of rows) {
      const { rowCount } = await client.query(`select from "${name}" limit 1`);
      if (rowCount === 0) continue;
      filled.push(name);
      await client.query(`create table ground."${name}" as table public."${name}"`);
    }
    const all = rows.map(({ name }) => `public."${name}"`).join(", ");
    const back = filled.map((name) => `insert into public."${name}" select * from ground."${name}"`);
    return [`truncate ${all}`, ...back].join("; ");
  } finally {
    await client.end();
  }
}
