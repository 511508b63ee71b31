// What a provider's reader may be told, and what it may make of it: true answers, spoilt in one place or as a whole.
import assert from "node:assert/strict";
import fc from "fast-check";
import { isDecimal } from "../../src/core/money.ts";
import { plainDate } from "../../src/providers/conformance-investments.ts";
import type { Answer, Call } from "../../src/providers/provider.ts";
import { transportTrouble } from "../../src/providers/reading.ts";

export interface Exchange {
  url: string;
  status: number;
  headers: [string, string][];
  body: string;
}

const OUTAGE = "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";

/** As a text, so that it may be what no value can be. */
const VALUES = [
  ..."null true 0 -1 7.5 1e400 -1e400 123456789012345678901234567890.123456789 [] {} [[]] [null]".split(" "),
  ...[
    "",
    " ",
    "NaN",
    "Infinity",
    "usd",
    "US$",
    "2026-02-30",
    "not a date",
    "0000-00-00",
    "\u0000",
    "__proto__",
    "\ud800",
  ].map((text) => JSON.stringify(text)),
  `"${"x".repeat(100_000)}"`,
  `${"[".repeat(3000)}${"]".repeat(3000)}`,
];

export type Spoil =
  | { kind: "value"; at: number; value: string }
  | { kind: "drop" | "twice"; at: number }
  | { kind: "body"; status: number; body: string }
  | { kind: "cut"; part: number };

const WHOLE = ["", "<html>Back soon.</html>", "null", "[]", "7", '""', "{", "{}", "\uFEFF{}", "NaN"];

export const spoils: fc.Arbitrary<Spoil> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("value"), at: fc.nat(), value: fc.constantFrom(...VALUES) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("drop", "twice"), at: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("body"),
      status: fc.constantFrom(200, 201, 204, 400, 404, 418, 500, 502, 503),
      body: fc.constantFrom(...WHOLE),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("cut"), part: fc.double({ min: 0, max: 0.99, noNaN: true }) }),
  },
);

const MARK = "the place that is spoilt";

function placesIn(json: unknown): { in: Record<string, unknown>; name: string }[] {
  if (typeof json !== "object" || json === null) return [];
  const here = json as Record<string, unknown>;
  return Object.keys(here).flatMap((name) => [{ in: here, name }, ...placesIn(here[name])]);
}

export function spoilt({ status, headers, body }: Exchange, spoil: Spoil): Response {
  const answer = (text: string, code = status) => new Response(code === 204 ? null : text, { status: code, headers });
  if (spoil.kind === "body") return answer(spoil.body, spoil.status);
  if (spoil.kind === "cut") return answer(body.slice(0, Math.floor(body.length * spoil.part)));
  const json = JSON.parse(body) as unknown;
  const places = placesIn(json);
  const place = places[spoil.at % places.length];
  assert.ok(place, "a true answer says something");
  if (spoil.kind === "value") {
    place.in[place.name] = MARK;
    return answer(JSON.stringify(json).replace(JSON.stringify(MARK), () => spoil.value));
  }
  if (spoil.kind === "drop") {
    if (Array.isArray(place.in)) place.in.splice(Number(place.name), 1);
    else delete place.in[place.name];
  } else if (Array.isArray(place.in)) place.in.push(place.in[Number(place.name)]);
  return answer(JSON.stringify(json));
}

/** Answers what was recorded, in its order, the one at `at` spoilt; a reader that asks on for ever is stopped. */
export function replaying(call: Call, exchanges: readonly Exchange[], at: number, spoil: Spoil): Call {
  let asked = 0;
  return {
    ...call,
    fetch(url) {
      const exchange = exchanges[asked % exchanges.length];
      assert.ok(exchange && asked < 50, `asked ${asked} times for what takes ${exchanges.length}: ${url}`);
      const { status, headers, body } = exchange;
      const answer = asked === at ? spoilt(exchange, spoil) : new Response(body, { status, headers });
      asked += 1;
      return Promise.resolve(answer);
    },
  };
}

/** Nothing that is stored may be other than the contract's form. */
function wellFormed(facts: unknown, path: string): void {
  if (typeof facts === "number") assert.ok(Number.isFinite(facts), `${path} is ${facts}`);
  // No table takes these.
  if (typeof facts === "string") assert.ok(facts.isWellFormed() && !facts.includes("\0"), `${path} can't be kept`);
  if (typeof facts !== "object" || facts === null) return;
  for (const [name, value] of Object.entries(facts as Record<string, unknown>)) {
    const here: string = `${path}.${Array.isArray(facts) ? "…" : name}`;
    const told = `${here}: ${JSON.stringify(value)?.slice(0, 60)}`;
    if (value !== null && value !== undefined) {
      if (/^(amount|current|available|limit|quantity|price|value|costBasis)$/.test(name) && typeof value !== "object")
        assert.ok(typeof value === "string" && isDecimal(value), told);
      if (name === "currency") assert.ok(/^[A-Z]{3}$/.test(value as string), told);
      if (name.endsWith("Date")) assert.ok(plainDate(value as string), told);
      if (name === "ref" || name === "accountRef") assert.ok(typeof value === "string" && value !== "", told);
    }
    wellFormed(value, here);
  }
}

export async function judge(run: Promise<Answer<unknown>>, spoil: Spoil, isWhole: boolean): Promise<void> {
  const answer = await run.catch((thrown: unknown): Answer<never> => {
    const trouble = transportTrouble(thrown);
    if (trouble === null) throw thrown;
    return { ok: false, trouble };
  });
  if (answer.ok) {
    assert.ok(!isWhole, `${JSON.stringify(spoil)} was taken for good`);
    return wellFormed(answer.facts, "facts");
  }
  const { scope, state, raw } = answer.trouble;
  assert.ok(raw.code !== "" && !/^(ACTIVE|IN_PROGRESS|EXPIRED|DELETED)/.test(state ?? ""), `${scope} ${state}`);
  if (isWhole) assert.deepEqual([scope, state], ["provider", OUTAGE], JSON.stringify(raw));
}

/** No provider says anything so: whatever it is about, the provider is out. */
export const isNoAnswer = (spoil: Spoil): boolean =>
  spoil.kind === "cut" || (spoil.kind === "body" && spoil.status !== 204);
