/** A provider's webhook: as it comes in, what proves it, and what it says. */
import type { Instant } from "../core/door.ts";
import type { Raw } from "../core/status/health.ts";
import type { Meaning } from "./meaning.ts";

/** A webhook as it came in, before anything of it is believed. */
export interface Incoming {
  method: string;
  /** The full address as it was given to the provider: some sign it. */
  url: string;
  /** Names in small letters. */
  headers: Readonly<Record<string, string>>;
  /** As they came: a signature is over these bytes and no others. */
  body: Uint8Array;
  /** Real time at its receipt: a signature grows old by it, however late it is checked. */
  at: Instant;
}

/** Public keys of the provider's that the gateway keeps for it, so that not every webhook has to ask for one. */
export interface KeyShelf {
  get(name: string): Promise<string | null>;
  put(name: string, key: string, until: Instant): Promise<void>;
}

/** An `Answer` that is bad says that it can't be known now: the key was not to be had. */
export type Verdict = { genuine: true } | { genuine: false; why: string };

/** What a genuine webhook says. It is believed as a hint and no further. */
export interface News {
  /** Tells this message from every other of the provider's; the same when it comes twice. */
  key: string;
  /** The provider's own word for what happened. */
  kind: string;
  /** The provider's own connection id; null: no connection's. */
  ref: string | null;
  meaning: HookMeaning;
  /** With "disconnect": when the access is broken, and the provider's words for why. */
  disconnect?: { at: Instant; raw: Raw };
  /** No map has this kind. Something happened all the same, so it is read as a hint. */
  unmapped?: true;
}

/** `newAccounts` and `disconnect` are the facts that a webhook may tell: no read tells them. */
export type HookMeaning = Extract<Meaning, "hint" | "newAccounts" | "disconnect" | "noChange">;
