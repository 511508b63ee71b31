/**
 * Every id says what it names and carries its home.
 *
 * An id is 128 bits, shown as a prefix and 22 base58 characters: 8 bytes of *home*, by which rows are placed and found
 * (a customer's rows lie side by side), and 8 bytes of its own. So any id leads straight to its shard, and an id of
 * another kind is refused by its prefix before any look-up.
 */

/** Prefixes by noun. */
export const PREFIXES = {
  customer: "cus",
  connection: "con",
  providerConnection: "pvc",
  account: "acc",
  transaction: "txn",
  holding: "hld",
  investmentTransaction: "itx",
  refresh: "rfr",
  session: "ses",
  event: "evt",
  entry: "tml",
  run: "run",
  institution: "ins",
  incident: "inc",
  apiKey: "key",
  webhook: "whp",
  attempt: "att",
  inbound: "pwh",
  activity: "act",
  address: "adr",
  audit: "aud",
  processorToken: "ptk",
} as const;

export type Kind = keyof typeof PREFIXES;
/** A signed 64-bit number as PostgreSQL's bigint prints it. */
export type Home = string;

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const LENGTH = 22;

/** `home` is a signed 64-bit number in decimal; `own` is 8 bytes. */
export function makeId(kind: Kind, home: Home, own: Uint8Array): string {
  if (own.length !== 8) throw new RangeError(`an id's own part is 8 bytes, not ${own.length}`);
  // A home that is cut to fit would be another home, and the row be looked for where it is not.
  if (!isHome(home)) throw new RangeError(`"${home}" is no home: a home is a signed number of 64 bits`);
  const low = new DataView(own.buffer, own.byteOffset, 8).getBigUint64(0);
  const value = (BigInt.asUintN(64, BigInt(home)) << 64n) | low;
  const digits = [value / EIGHT / EIGHT, (value / EIGHT) % EIGHT, value % EIGHT].map(eight).join("");
  return `${PREFIXES[kind]}_${digits.slice(-LENGTH)}`;
}

/** So many digits at once fit a plain number, which is ten times as fast as one that may be of any length. */
const EIGHT = 58n ** 8n;
function eight(part: bigint): string {
  let left = Number(part);
  let text = "";
  for (let i = 0; i < 8; i++) {
    text = ALPHABET.charAt(left % 58) + text;
    left = Math.floor(left / 58);
  }
  return text;
}

const isHome = (text: string) => /^-?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);

/** The home that an id carries, or null where the text is no id of that kind. */
export function homeOf(kind: Kind, text: string): Home | null {
  const value = decode(kind, text);
  return value === null ? null : String(BigInt.asIntN(64, value >> 64n));
}

/** What kind of id a text is, for the sentence that refuses it; null where it is none of ours. */
export function kindOf(text: string): Kind | null {
  const kinds = Object.keys(PREFIXES) as Kind[];
  return kinds.find((kind) => decode(kind, text) !== null) ?? null;
}

function decode(kind: Kind, text: string): bigint | null {
  const prefix = `${PREFIXES[kind]}_`;
  if (!text.startsWith(prefix) || text.length !== prefix.length + LENGTH) return null;
  let value = 0n;
  for (const letter of text.slice(prefix.length)) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return null;
    value = value * 58n + BigInt(digit);
  }
  return value < 1n << 128n ? value : null;
}
