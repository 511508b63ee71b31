// Chance without chance: what is drawn depends on the words alone, so the same seed has the same banks for ever.
import { createHash } from "node:crypto";

export type Draw = (below: number) => number;

const digest = (parts: readonly (string | number)[]): Buffer =>
  createHash("sha256").update(JSON.stringify(parts)).digest();

/** A row of whole numbers, each from 0 up to, not including, `below`. */
export function draw(...parts: readonly (string | number)[]): Draw {
  let bytes = digest(parts);
  let at = 0;
  return (below) => {
    if (at + 4 > bytes.length) {
      bytes = createHash("sha256").update(bytes).digest();
      at = 0;
    }
    const number = bytes.readUInt32BE(at);
    at += 4;
    return number % below;
  };
}

/** A name of 16 letters that nobody can guess back. */
export const mark = (...parts: readonly (string | number)[]): string =>
  digest(parts).toString("base64url").replaceAll(/[-_]/g, "x").slice(0, 16);

/** So many decimal digits. */
export function digits(of: Draw, count: number): string {
  let text = "";
  while (text.length < count) text += String(of(10));
  return text;
}
