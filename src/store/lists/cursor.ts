/**
 * The `key` of every listed record: where it stands in its list, opaque to clients. It holds no secret and opens
 * nothing; the check in front is there so that a key that was cut, changed or taken from another list is refused by
 * name instead of answering an arbitrary page.
 */
import { createHmac } from "node:crypto";
import type { Key, Place } from "./page.ts";
import { Refusal } from "../../core/refusal.ts";

export type ListName =
  | "connections"
  | "accounts"
  | "transactions"
  | "transaction changes"
  | "holdings"
  | "investment transactions"
  | "institutions"
  | "institutions by name"
  | "activities by turn"
  | "customers"
  | "timeline"
  | "refreshes"
  | "events"
  | "connection events"
  | "deliveries"
  | "received-webhooks"
  | "webhooks"
  | "incidents"
  | "audit entries"
  | "unmapped codes";

const CHECK = 9;

const check = (salt: Uint8Array, list: ListName, body: string): Buffer =>
  createHmac("sha256", salt).update(`cursor ${list} ${body}`).digest().subarray(0, CHECK);

export function cursorOf(salt: Uint8Array, list: ListName, key: Key): string {
  const body = JSON.stringify(key);
  return Buffer.concat([check(salt, list, body), Buffer.from(body)]).toString("base64url");
}

/** Where the page begins, or null: at the list's own beginning. */
export function placeOf(
  salt: Uint8Array,
  list: ListName,
  asked: { before?: string | undefined; after?: string | undefined },
): Place | null {
  if (asked.before !== undefined && asked.after !== undefined) {
    throw new Refusal("BAD_REQUEST", "[before] and [after] exclude each other; send one of them.");
  }
  const side = asked.before !== undefined ? "before" : "after";
  const text = asked[side];
  if (text === undefined) return null;
  const bytes = Buffer.from(text, "base64url");
  const body = bytes.subarray(CHECK).toString();
  if (!check(salt, list, body).equals(bytes.subarray(0, CHECK))) {
    throw new Refusal(
      "BAD_REQUEST",
      `[${side}] is no key of this list; send the \`key\` of a record that it answered.`,
    );
  }
  return { side, key: JSON.parse(body) as Key };
}
