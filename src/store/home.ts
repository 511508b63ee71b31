/**
 * Where a row lives, and what its id is.
 *
 * A home is a keyed hash of the natural key by which a thing is first looked for; ids carry it from then on. The key
 * is the installation's salt, so that nobody outside can tell which customers share a shard, or aim at one.
 */
import { createHmac } from "node:crypto";
import type { Door } from "../core/door.ts";
import { type Home, type Kind, makeId } from "../core/ids.ts";

export type HomeKind = "customer" | "signpost" | "idempotency" | "inbound";

/** The home of a natural key, as PostgreSQL's bigint prints it. */
export function homeFor(salt: Uint8Array, kind: HomeKind, ...key: readonly string[]): Home {
  const hash = createHmac("sha256", salt)
    .update(JSON.stringify([kind, ...key]))
    .digest();
  return hash.readBigInt64BE(0).toString();
}

/** A home for a thing that is never looked for by a natural key. */
export const randomHome = (door: Door): Home => Buffer.from(door.random(8)).readBigInt64BE(0).toString();

export const mint = (door: Door, kind: Kind, home: Home): string => makeId(kind, home, door.random(8));

/** An id that the same words give again: institutions, which are found by their provider's name for them. */
export function idFor(kind: Kind, home: Home, ...key: readonly string[]): string {
  return makeId(kind, home, createHmac("sha256", "").update(JSON.stringify(key)).digest().subarray(0, 8));
}

/** Finds a customer by an address or a number without keeping it readable. */
export const hashOfContact = (salt: Uint8Array, kind: string, contact: string): Buffer =>
  createHmac("sha256", salt).update(`contact ${kind} ${contact}`).digest();

/** Tells one account's numbers again without keeping them readable. */
export const hashOfNumber = (salt: Uint8Array, numbers: string): Buffer =>
  createHmac("sha256", salt).update(`account numbers ${numbers}`).digest();
