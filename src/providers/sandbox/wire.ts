// The farm's shapes, as far as they are read. Whatever does not fit is an unreadable answer.
import { createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import { dateOf } from "./amounts.ts";

/** Until the year 9999: what is later is no time. */
const Seconds = z.int().nonnegative().max(253_402_300_799);
const Ref = z.string().min(1);
const IsoDate = z.iso.date();
/** A day of the calendar, as 20261122. */
const Day = z.int().refine((day) => IsoDate.safeParse(dateOf(day)).success, "is no day");
const Want = z.enum(["BAL", "NUM", "WHO", "TXN", "POS", "TRD"]);

export const Fault = z.object({
  fault: z.object({ code: z.string().min(1), words: z.string(), again: Seconds.optional() }),
});

export const State = z.object({
  present: z.boolean(),
  ends: Seconds.nullable(),
  more: z.boolean(),
  reached: z.literal(true).optional(),
  standing: z.array(z.object({ code: z.string(), acct: Ref.optional() })),
  lacks: z.array(Want),
  asof: z.partialRecord(Want, Seconds),
});
export type State = z.infer<typeof State>;

export const Wanted = z.object({ wants: z.array(Want) });
export const Passed = z.object({ pass: z.string().min(1) });
export const Stated = z.object({ state: State });
export const Opened = z.object({
  sitting: z.string(),
  door: z.string().optional(),
  anew: z.literal(true).optional(),
});
export const Traded = z.object({
  line: Ref,
  grant: Ref,
  house: z.object({ id: z.string(), name: z.string() }),
  state: State,
});

/** A line that was opened elsewhere, by its grant. */
export const Handed = z.object({
  line: z.string().min(1),
  house: z.object({ id: z.string().min(1), name: z.string() }),
  wants: z.array(Want),
  state: State,
});

/** Of a repair: a line of its own, with a grant, or the mended one. */
export const Mended = z.union([Traded, Stated]);

/** A step of the customer's: one more is asked for, or a slip is there. */
export const Step = z.union([
  z.object({ step: z.literal("done"), slip: z.string() }),
  z.object({ step: z.literal("answer"), sitting: z.string(), ask: z.string(), among: z.array(z.string()).optional() }),
  z.object({
    step: z.literal("accounts"),
    sitting: z.string(),
    accounts: z.array(z.object({ no: Ref, title: z.string() })),
  }),
]);
export type Step = z.infer<typeof Step>;

export const Houses = z.object({
  houses: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      aka: z.array(z.string()),
      land: z.string(),
      offers: z.array(Want),
      rank: z.int32(),
    }),
  ),
});

const Kind = z.enum(["current", "saver", "card", "loan", "depot"]);
const Named = { no: Ref, kind: Kind, title: z.string(), tail: z.string() };

/** What a slip would open. `line` is null where each link gets a line of its own. */
export const Looked = z.object({
  house: z.string(),
  line: Ref.nullable(),
  accounts: z.array(z.object({ kind: Kind, title: z.string(), tail: z.string() })),
});

/** `fault` stands before the other form: an account that does not answer tells no balance. */
export const Accounts = z.object({
  accounts: z.array(
    z.union([
      z.object({ ...Named, fault: z.string() }),
      z.object({ ...Named, cur: z.number(), ledger: z.number().int(), free: z.number().int().optional() }),
    ]),
  ),
  state: State,
});
export type Account = z.infer<typeof Accounts>["accounts"][number];

export const Entry = z.object({
  no: Ref,
  acct: Ref,
  was: z.string().optional(),
  minor: z.number().int(),
  cur: z.number(),
  text: z.string(),
  sort: z.string(),
  booked: z.boolean(),
  day: Day,
  bookday: Day.optional(),
});
export type Entry = z.infer<typeof Entry>;

export const Entries = z.object({
  added: z.array(Entry),
  changed: z.array(Entry),
  gone: z.array(z.string()),
  more: z.boolean(),
  place: z.string(),
  faults: z.array(z.object({ code: z.string(), acct: Ref })),
  asof: Seconds,
});

export const Numbers = z.object({
  rows: z.array(
    z.discriminatedUnion("scheme", [
      z.object({ acct: Ref, scheme: z.literal("us"), number: z.string(), route: z.string() }),
      z.object({ acct: Ref, scheme: z.literal("gb"), number: z.string(), sort: z.string() }),
      z.object({ acct: Ref, scheme: z.literal("iban"), iban: z.string(), bic: z.string() }),
    ]),
  ),
});

export const Holders = z.object({
  rows: z.array(
    z.object({
      acct: Ref,
      holder: z.object({ called: z.array(z.string()), mail: z.array(z.string()), call: z.array(z.string()) }),
    }),
  ),
});

const Faults = z.array(z.object({ code: z.string(), acct: Ref }));

const Position = z.object({
  acct: Ref,
  no: Ref,
  name: z.string(),
  tick: z.string().nullable(),
  isin: z.string().nullable(),
  sort: z.string(),
  /** Thousandths. */
  pieces: z.number().int(),
  paid: z.number().int().nullable(),
  quote: z.number().int().nullable(),
  worth: z.number().int().nullable(),
  cur: z.number(),
});
export type Position = z.infer<typeof Position>;
export const Positions = z.object({ held: z.array(Position), faults: Faults, asof: Seconds });

const Trade = z.object({
  no: Ref,
  acct: Ref,
  paper: z.string().nullable(),
  tick: z.string().nullable(),
  deed: z.string(),
  pieces: z.number().int().nonnegative(),
  minor: z.number().int(),
  cur: z.number(),
  booked: z.boolean(),
  day: Day,
  bookday: Day.optional(),
});
export type Trade = z.infer<typeof Trade>;
export const Trades = z.object({ trades: z.array(Trade), more: z.boolean(), faults: Faults, asof: Seconds });

export const Known = z.object({ house: z.string(), user: z.string() });
export const Closed = z.object({ closed: z.string() });
export const Set = z.object({ set: z.boolean() });

/** What is kept as a text of its own has to be one. */
const Name = z.string().regex(/^[\x21-\x7e]{1,100}$/);

/** What the farm posts, and the key by which it is checked: DER in base64, good until so many seconds. */
export const Posted = z.object({ letter: Name, line: Name, news: Name });
export const publicKeyOf = (key: string): KeyObject =>
  createPublicKey({ key: Buffer.from(key, "base64"), format: "der", type: "spki" });

/** What opens as none is no key, and is not kept as one. */
const isKey = (key: string): boolean => {
  try {
    return publicKeyOf(key).asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
};

export const PostKey = z.object({ key: z.string().refine(isKey), until: Seconds });
