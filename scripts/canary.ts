/**
 * Looks for secrets where none may stand. The tests' gateways keep in a folder what they print, answer and send, and
 * beside it every secret that was put in or handed out (test/canary.ts); here the one is searched for the other, as it
 * is and as it looks when it is percent-encoded or in base64.
 */
import { closeSync, globSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

/** What a secret opens, or tells. */
export const ENTRANCES = {
  "API key": "a key that an application or operator sends",
  "connect token": "what opens one customer's session",
  "operator's cookie": "what the operator's pages got for a key",
  "webhook secret": "what deliveries are signed with; a made key is told in a field of the same name",
  "key ring": "BOWLINE_SECRET_KEYS",
  "database password": "in DATABASE_URL",
  "provider credential": "the gateway's own, with a provider",
  "provider token": "what reads one customer's accounts at a provider",
  "processor token": "what lets a processor reach an account",
  "bank password": "typed by a customer at the bank, its one-time codes too",
  "account number": "a full one, or an IBAN",
} as const;
export type Entrance = keyof typeof ENTRANCES;

/** Where they may not be found. */
export const OUTLETS = {
  log: "what a process prints, on both outputs",
  metrics: "what /metrics answers",
  error: "the body of an answer of 400 or more",
  webhook: "what is sent to an endpoint of the application or the operator, headers and body",
  url: "request lines and referers, as they are sent and as servers see them",
  record: "activity log, timeline, events, audit log, alarms, unmapped codes",
  browser: "address, page, storage and script-readable cookies of the connect page and the operator's pages",
} as const;
export type Outlet = keyof typeof OUTLETS;

export interface Place {
  entrance: Entrance;
  outlet: Outlet;
  /** Where in the outlet, as the finding names it. */
  where: RegExp;
  why: string;
}

/** Where a secret is meant to stand: its only use is there. An answer that shows one once is no outlet at all. */
export const ALLOWED: readonly Place[] = [
  {
    entrance: "API key",
    outlet: "log",
    where: /(^| )API key {4}$| -H "Authorization: Bearer $/,
    why: "A first start shows the key that it makes, once, with a call to paste: nobody else could.",
  },
  {
    entrance: "connect token",
    outlet: "url",
    where: /\/connect\?connectToken=$/,
    why: "The contract has it in the widget's address: four hours, masked in logs, taken out of the address bar.",
  },
  {
    entrance: "connect token",
    outlet: "browser",
    where: /^\/connect(\/returned)? storage /,
    why: "The customer's own tab keeps it, so that a reload goes on where it was; it ends with the tab.",
  },
  {
    entrance: "connect token",
    outlet: "browser",
    where: / src="[^"]*\/connect\?connectToken=$/,
    why: "An application's own page names the widget's address in its frame: it was handed that address.",
  },
  {
    entrance: "connect token",
    outlet: "browser",
    where: /^\/bank-linking\/connect\/twin answer .*"repairToken":"$/,
    why: "A customer who has the bank already may repair that connection instead, and is handed the token for it.",
  },
];

/** Shorter ones would be found by chance. */
export const SHORTEST = 10;
const LONGEST = 4096;
const CHUNK = 1 << 20;
const BITS = 22;

export interface Finding {
  entrance: Entrance;
  outlet: Outlet;
  where: string;
  /** Never the secret itself: this is printed. */
  as: string;
}

export interface Scanned {
  findings: Finding[];
  secrets: Map<Entrance, number>;
  outlets: Map<Outlet, number>;
  bytes: number;
}

interface Needle {
  bytes: Buffer;
  entrance: Entrance;
  as: string;
}

/** What can be used as a secret: long enough, and not one letter over and over, as a hostile input may be. */
export const isMarked = (secret: string): boolean =>
  secret.length >= SHORTEST && secret.length <= LONGEST && new Set(secret).size >= 5;

/** In base64 a text looks in three ways, by where it begins in what was encoded; the ends mix with what is beside. */
function encodings(secret: string): [string, string][] {
  const inBase64 = [0, 1, 2].map((before): [string, string] => {
    const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]).toString("base64");
    return ["in base64", whole.replace(/=+$/, "").slice(before === 0 ? 0 : before + 1, -1)];
  });
  const inUrl = encodeURIComponent(secret);
  return [["as it is", secret], ...inBase64, ...(inUrl === secret ? [] : [["in a URL", inUrl] as [string, string]])];
}

/** Rolls over each SHORTEST bytes once, however many secrets there are. */
function hashOf(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let n = 0; n < SHORTEST; n++) hash = (Math.imul(hash, 31) + (bytes[at + n] ?? 0)) | 0;
  return hash;
}
const LEAVES = ((): number => {
  let power = 1;
  for (let n = 1; n < SHORTEST; n++) power = Math.imul(power, 31);
  return power;
})();

/** `of`: what the files' names begin with, where those of one process alone are looked at. */
export function scan(folder: string, of = ""): Scanned {
  const secrets = new Map<Entrance, number>();
  const needles = new Map<number, Needle[]>();
  const sieve = new Uint8Array(1 << BITS);
  for (const [secret, entrance] of secretsIn(folder, of)) {
    secrets.set(entrance, (secrets.get(entrance) ?? 0) + 1);
    for (const [as, text] of encodings(secret)) {
      const bytes = Buffer.from(text);
      if (bytes.length < SHORTEST) continue;
      const hash = hashOf(bytes, 0);
      sieve[hash >>> (32 - BITS)] = 1;
      needles.set(hash, [...(needles.get(hash) ?? []), { bytes, entrance, as }]);
    }
  }
  const scanned: Scanned = { findings: [], secrets, outlets: new Map(), bytes: 0 };
  for (const name of globSync(`${of}*.kept`, { cwd: folder })) {
    for (const lines of linesOf(join(folder, name))) {
      scanned.bytes += lines.length;
      count(lines, scanned.outlets);
      search(lines, sieve, needles, scanned.findings);
    }
  }
  return scanned;
}

function secretsIn(folder: string, of: string): Map<string, Entrance> {
  const found = new Map<string, Entrance>();
  for (const name of globSync(`${of}*.secrets`, { cwd: folder })) {
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
      if (line === "") continue;
      const [entrance, secret] = JSON.parse(line) as [Entrance, string];
      if (isMarked(secret)) found.set(secret, entrance);
    }
  }
  return found;
}

/** Whole lines, some megabytes at a time. */
function* linesOf(path: string): Generator<Buffer> {
  const file = openSync(path, "r");
  try {
    let rest = Buffer.alloc(0);
    for (const chunk = Buffer.alloc(CHUNK); ; ) {
      const read = readSync(file, chunk);
      const all = Buffer.concat([rest, chunk.subarray(0, read)]);
      const end = read === 0 ? all.length : all.lastIndexOf(10) + 1;
      if (end > 0) yield all.subarray(0, end);
      rest = all.subarray(end);
      if (read === 0) return;
    }
  } finally {
    closeSync(file);
  }
}

function count(lines: Buffer, outlets: Map<Outlet, number>): void {
  for (let from = 0; from < lines.length; ) {
    const end = lines.indexOf(10, from);
    const outlet = lines.toString("latin1", from, lines.indexOf(9, from)) as Outlet;
    outlets.set(outlet, (outlets.get(outlet) ?? 0) + 1);
    from = end < 0 ? lines.length : end + 1;
  }
}

function search(lines: Buffer, sieve: Uint8Array, needles: Map<number, Needle[]>, into: Finding[]): void {
  if (lines.length < SHORTEST) return;
  let hash = hashOf(lines, 0);
  for (let at = 0; ; at++) {
    if (sieve[hash >>> (32 - BITS)] === 1) {
      const found = needles.get(hash)?.find(({ bytes }) => bytes.compare(lines, at, at + bytes.length) === 0);
      const finding = found && findingAt(lines, at, found);
      if (finding && !isAllowed(finding)) into.push(finding);
    }
    const next = at + SHORTEST;
    if (next >= lines.length) return;
    hash = (Math.imul(hash - Math.imul(lines[at] as number, LEAVES), 31) + (lines[next] as number)) | 0;
  }
}

/** A line is `outlet, tab, where, tab, text`; of the text so much is shown as stands before the secret. */
function findingAt(lines: Buffer, at: number, { entrance, as }: Needle): Finding {
  const head = lines.toString("utf8", lines.lastIndexOf(10, at - 1) + 1, at);
  const [outlet = "", where = "", text = ""] = head.split("\t");
  return { entrance, outlet: outlet as Outlet, where: `${where} ${text.slice(-80)}`, as };
}

const isAllowed = ({ entrance, outlet, where }: Finding): boolean =>
  ALLOWED.some((place) => place.entrance === entrance && place.outlet === outlet && place.where.test(where));

const SHOWN = 20;

/** What to print, and whether it is well. `all`: the whole run was kept, so nothing may be missing. */
export function verdict({ findings, secrets, outlets, bytes }: Scanned, all: boolean): { well: boolean; text: string } {
  const missing = all
    ? [
        ...Object.keys(ENTRANCES).filter((one) => !secrets.has(one as Entrance)),
        ...Object.keys(OUTLETS).filter((one) => !outlets.has(one as Outlet)),
      ]
    : [];
  const said = [
    ...findings.slice(0, SHOWN).map(({ entrance, outlet, where, as }) => `  ${outlet}: ${entrance} ${as}: ${where}…`),
    ...(findings.length > SHOWN ? [`  and ${findings.length - SHOWN} more`] : []),
    ...missing.map((one) => `  nothing was kept for: ${one}`),
  ];
  const total = [...secrets.values()].reduce((sum, each) => sum + each, 0);
  const what = `${total} secrets of ${secrets.size} kinds in ${(bytes / 1e6).toFixed(1)} MB of ${outlets.size} outlets`;
  const well = said.length === 0;
  return { well, text: [`${well ? "✓" : "✗"} canaries: ${what}`, ...said].join("\n") };
}
