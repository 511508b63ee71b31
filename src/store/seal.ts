/**
 * Envelope encryption of provider secrets.
 *
 * Each value has a data key of its own, which is wrapped by a key of the ring; both use AES-256-GCM with the row's
 * identity as associated data, so that a sealed value copied to another row does not open. The wrapping key's name is
 * written in front: the first key of the ring seals, any key of it opens, and so keys can be rotated row by row.
 *
 * Layout: 1 byte version · 1 byte length of the key's name · name · 60 bytes wrapped data key · rest sealed text.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Door } from "../core/door.ts";

export interface Ring {
  /** Newest first. */
  keys: readonly { name: string; key: Uint8Array }[];
}

/** The sealed value can't be opened: wrong ring, or a value that was moved or changed. */
export class SealBroken extends Error {
  override name = "SealBroken";
}

const VERSION = 1;
const NONCE = 12;
const TAG = 16;
const KEY = 32;
const WRAPPED = NONCE + KEY + TAG;

/** Reads `name:base64` pairs, comma between, newest first. Throws a sentence that says what is wrong with which key. */
export function readRing(text: string): Ring {
  const keys = text.split(",").map((part) => {
    const [name = "", encoded = "", ...rest] = part.trim().split(":");
    const key = Buffer.from(encoded, "base64");
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(name) || rest.length > 0)
      throw new RangeError(`key "${name}" must be written name:base64, the name of 1 to 32 letters, digits, - or _`);
    if (key.length !== KEY) throw new RangeError(`key "${name}" must be ${KEY} bytes in base64, and has ${key.length}`);
    return { name, key };
  });
  const names = new Set(keys.map(({ name }) => name));
  if (names.size !== keys.length) throw new RangeError("two keys of the ring have the same name");
  return { keys };
}

export function seal(ring: Ring, door: Pick<Door, "random">, text: string, row: string): Buffer {
  const [wrapping] = ring.keys;
  if (!wrapping) throw new RangeError("the key ring is empty");
  const dataKey = door.random(KEY);
  return envelope(wrapping, door, dataKey, encrypt(dataKey, door.random(NONCE), Buffer.from(text), row), row);
}

export function open(ring: Ring, sealed: Uint8Array, row: string): string {
  const { dataKey, box } = unwrapped(ring, sealed, row);
  try {
    return decrypt(dataKey, box, row).toString();
  } catch (cause) {
    throw new SealBroken(`key "${sealedBy(sealed)}" does not open ${row}`, { cause });
  }
}

function envelope(
  { name, key }: Ring["keys"][number],
  door: Pick<Door, "random">,
  dataKey: Uint8Array,
  box: Uint8Array,
  row: string,
): Buffer {
  const wrapped = encrypt(key, door.random(NONCE), dataKey, `key of ${row}`);
  return Buffer.concat([Buffer.from([VERSION, name.length]), Buffer.from(name), wrapped, box]);
}

function unwrapped(ring: Ring, sealed: Uint8Array, row: string): { dataKey: Buffer; box: Uint8Array } {
  const wrapping = ring.keys.find(({ name }) => name === sealedBy(sealed));
  if (!wrapping) throw new SealBroken(`no key "${sealedBy(sealed)}" in the ring opens ${row}`);
  const start = 2 + wrapping.name.length;
  try {
    const dataKey = decrypt(wrapping.key, sealed.subarray(start, start + WRAPPED), `key of ${row}`);
    return { dataKey, box: sealed.subarray(start + WRAPPED) };
  } catch (cause) {
    throw new SealBroken(`key "${wrapping.name}" does not open ${row}`, { cause });
  }
}

/** The same secret under the ring's first key; null: it is so already. The text itself is not opened. */
export function reseal(ring: Ring, door: Pick<Door, "random">, sealed: Uint8Array, row: string): Buffer | null {
  const [wrapping] = ring.keys;
  if (!wrapping || sealedBy(sealed) === wrapping.name) return null;
  const { dataKey, box } = unwrapped(ring, sealed, row);
  return envelope(wrapping, door, dataKey, box, row);
}

/** The name of the key that a value was sealed with. */
export function sealedBy(sealed: Uint8Array): string {
  if (sealed[0] !== VERSION) throw new SealBroken(`a sealed value of version ${sealed[0]} is not known here`);
  return Buffer.from(sealed.subarray(2, 2 + (sealed[1] ?? 0))).toString();
}

function encrypt(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, row: string): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(row));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, box: Uint8Array, row: string): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, NONCE)).setAAD(Buffer.from(row));
  decipher.setAuthTag(box.subarray(box.length - TAG));
  return Buffer.concat([decipher.update(box.subarray(NONCE, box.length - TAG)), decipher.final()]);
}
