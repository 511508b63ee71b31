/**
 * Which addresses a webhook may reach. IPv4: all but those that are not of the public internet. IPv6: only what is
 * given out as global unicast, without the ranges that carry an IPv4 address inside, behind which anything may stand.
 *
 * Sources: the registries of special-purpose addresses, https://www.iana.org/assignments/iana-ipv4-special-registry and
 * https://www.iana.org/assignments/iana-ipv6-special-registry.
 */
import { isIP } from "node:net";

export interface Range {
  /** As it was written. */
  text: string;
  family: 4 | 6;
  first: bigint;
  last: bigint;
}

const FORBIDDEN: readonly [range: string, what: string][] = [
  ["0.0.0.0/8", "this network"],
  ["10.0.0.0/8", "a private network"],
  ["100.64.0.0/10", "a carrier's network"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "a private network"],
  ["192.0.0.0/24", "set aside for protocols"],
  ["192.0.2.0/24", "set aside for documents"],
  ["192.31.196.0/24", "set aside for AS112"],
  ["192.52.193.0/24", "set aside for relays"],
  ["192.88.99.0/24", "a 6to4 relay"],
  ["192.168.0.0/16", "a private network"],
  ["192.175.48.0/24", "set aside for AS112"],
  ["198.18.0.0/15", "set aside for measurements"],
  ["198.51.100.0/24", "set aside for documents"],
  ["203.0.113.0/24", "set aside for documents"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
  ["::1/128", "loopback"],
  ["::/128", "this host"],
  ["::ffff:0:0/96", "an IPv4 address in IPv6"],
  ["::/96", "an IPv4 address in IPv6"],
  ["64:ff9b::/96", "an IPv4 address in IPv6 (NAT64)"],
  ["64:ff9b:1::/48", "an IPv4 address in IPv6 (NAT64)"],
  ["2002::/16", "an IPv4 address in IPv6 (6to4)"],
  ["2001::/32", "an IPv4 address in IPv6 (Teredo)"],
  ["2001::/23", "set aside for protocols"],
  ["2001:db8::/32", "set aside for documents"],
  ["2620:4f:8000::/48", "set aside for AS112"],
  ["3fff::/20", "set aside for documents"],
  ["fc00::/7", "a private network"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "site-local"],
  ["ff00::/8", "multicast"],
];

const GLOBAL_UNICAST = "2000::/3";

/** Reads `address/bits`, or one address; throws a sentence that says what is wrong. */
export function readRange(text: string): Range {
  const [address = "", bits, ...rest] = text.trim().split("/");
  const value = numberOf(address);
  if (value === null) throw new RangeError(`"${text}" is no IP address or range; write it like 10.1.0.0/16`);
  const family = isIP(address) === 6 ? 6 : 4;
  const width = family === 6 ? 128 : 32;
  const length = bits === undefined ? width : Number(bits);
  if (rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits)) || length > width)
    throw new RangeError(`"${text}" must end with a length from 0 to ${width}, like ${address}/${width}`);
  const size = 1n << BigInt(width - length);
  const first = (value / size) * size;
  if (first !== value)
    throw new RangeError(`"${text}" has bits set behind its length; write the range's first address`);
  return { text: text.trim(), family, first, last: first + size - 1n };
}

const forbidden = FORBIDDEN.map(([text, what]) => ({ range: readRange(text), what }));
const global = readRange(GLOBAL_UNICAST);

/** Null: it may be reached. Otherwise what kind of address it is. */
export function forbids(address: string, allow: readonly Range[]): string | null {
  const [plain = ""] = address.split("%");
  const value = numberOf(plain);
  if (value === null) return "no IP address";
  const family = isIP(plain) === 6 ? 6 : 4;
  const inside = (range: Range) => range.family === family && value >= range.first && value <= range.last;
  if (allow.some(inside)) return null;
  const found = forbidden.find(({ range }) => inside(range));
  if (found) return found.what;
  // An interface made of an IPv4 address, whatever network it claims (ISATAP, RFC 5214).
  if (family === 6 && /^0[02]005efe$/.test(((value >> 32n) & 0xffffffffn).toString(16).padStart(8, "0")))
    return "an IPv4 address in IPv6 (ISATAP)";
  return family === 6 && !inside(global) ? "no global address" : null;
}

function numberOf(address: string): bigint | null {
  const family = isIP(address);
  if (family === 4) return address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  if (family !== 6 || address.includes("%")) return null;
  // The address in its shortest form, without dots; then each of its eight groups.
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = short.split("::");
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const [left, right] = [groups(head), groups(tail ?? "")];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
