/** The parts of a simulated world, as they know of each other. */
import type pg from "pg";
import type { Gateway } from "../../src/actions/gateway.ts";
import type { Instant } from "../../src/core/door.ts";
import type { Engine } from "../../src/engine.ts";
import type { FarmRequest } from "../../src/providers/sandbox/farm/office.ts";
import type { Answered } from "../../src/webhooks/guard.ts";
import type { Farm, FarmAnswer } from "../../src/providers/sandbox/farm/farm.ts";
import type { FarmMemory, Json } from "../../src/providers/sandbox/farm/memory.ts";
import { readRing } from "../../src/store/seal.ts";
import type { Dice } from "../search/dice.ts";
import type { Faults, Mix } from "./faults.ts";
import type { Network } from "./network.ts";
import type { Life, Scheduler } from "./scheduler.ts";
import type { Bank, Ended, Session } from "./sessions.ts";

export const START = Date.UTC(2026, 4, 1);
export const RING = readRing(`sim:${Buffer.alloc(32, 7).toString("base64")}`);
export const SALT = Buffer.alloc(32, 9);
export const FARM = { baseUrl: "https://farm.test", key: "farm-key-that-nobody-may-see" };
export const PUBLIC = "https://gateway.test";

/** Something that must never be was. */
export class Broken extends Error {
  override name = "Broken";
}

export interface Machine extends Life {
  name: string;
  gateway: Gateway;
  engine: Engine;
  /** Resolves when it has died. */
  dead: Promise<void>;
  kill(): Promise<void>;
}

export interface Receiver {
  take(url: string, headers: Record<string, string>, body: string): Answered | null;
  /** Ids of the events that were answered with a 2xx, per endpoint. */
  taken: Map<string, Set<string>>;
}

export interface Watch {
  /** A transaction was committed. */
  step(): Promise<void>;
  /** One is about to be committed that says whose turn it is: home, subject, kind and fence of the task. */
  turnIsKept(within: pg.Client, turn: readonly unknown[]): Promise<void>;
  asked(request: FarmRequest, answer: FarmAnswer | "never", isHeard: boolean): Promise<void>;
  /** A machine died or lost its session: what it was told a moment ago may not be written down. */
  forgot(): void;
  posted(url: string, headers: Record<string, string>, body: string): void;
  /** A letter of a bank was received with a 2xx, for the first time or once more. */
  hinted(posted: { letter: string; line: string }, by: Machine): void;
  anAccountOf(connectionId: string): Promise<string | null>;
  /** What a bank gave for a login, so that it may be brought in from elsewhere. */
  aGrantOf(house: string, username: string): Promise<string | null>;
  /** Everything that may never be seen outside its column. */
  secrets: Set<string>;
  letters: number;
}

export interface Waiting {
  session: Session;
  life: Life;
  goOn(ended: Ended): Promise<void>;
}

export interface World {
  seed: number;
  mix: Mix;
  dice: Dice;
  scheduler: Scheduler;
  bank: Bank;
  farm: Farm;
  memory: FarmMemory;
  farmSeed: string;
  network: Network;
  receiver: Receiver;
  watch: Watch;
  faults: Faults;
  onlyOne: boolean;
  keepsActivity: boolean;
  publicUrl: string;
  operatorSecret: string;
  machines: Machine[];
  deaths: number;
  waits(one: Waiting): void;
  /** The session's transaction has ended: whoever waited for its locks may go on. */
  locksFreed(by: Session): Promise<void>;
  /** A transaction, or a statement of its own, was committed. */
  written(text: string): Promise<void>;
  /** A process said that something failed that never should. */
  complained(machine: string, facts: object, sentence: string): void;
  trace(line: string): void;
  /** One that lives; waits for it. */
  anyMachine(): Promise<Machine>;
  /** The storm is over: from now on nothing goes wrong any more. */
  calm(): void;
  isCalm(): boolean;
  calmSince: Instant;
  now(): Instant;
  line(ref: string): Promise<Json>;
  /** A question of the world's own to the database: a moment like any other, so that nobody else's is under way. */
  peek<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The first thing that was broken; null: nothing was. */
  broken: Error | null;
  breaks(error: Error): void;
  hash(): string;
  log: string[];
}
