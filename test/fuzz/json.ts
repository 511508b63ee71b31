// JSON as nobody should send it: fitting a schema, then spoilt in one place or as a text.
import fc from "fast-check";

type Schema = Record<string, unknown>;
/** An object as its pairs, so that a name may stand twice in it. */
export type Doc = { pairs: [string, Doc][] } | { items: Doc[] } | { raw: string };

const raw = (value: unknown): Doc => ({ raw: JSON.stringify(value) ?? "null" });

export function write(doc: Doc): string {
  if ("raw" in doc) return doc.raw;
  if ("items" in doc) return `[${doc.items.map(write).join(",")}]`;
  return `{${doc.pairs.map(([name, value]) => `${JSON.stringify(name)}:${write(value)}`).join(",")}}`;
}

export function docOf(value: unknown): Doc {
  if (Array.isArray(value)) return { items: value.map(docOf) };
  if (value === null || typeof value !== "object") return raw(value);
  return { pairs: Object.entries(value).map(([name, inner]) => [name, docOf(inner)]) };
}

/** Ids of things that there are, by their prefix. */
export type Known = Readonly<Record<string, readonly string[]>>;

const STRINGS: Record<string, string> = {
  "date-time": "2026-03-31T09:15:00Z",
  date: "2026-03-31",
  uri: "https://example.com/x",
  email: "a@example.com",
};

/** What a schema takes; where a rule stands beside the schema, its example. */
export function fitting(schema: Schema, known: Known, root: Schema = schema): fc.Arbitrary<Doc> {
  const under = (inner: unknown) => fitting(inner as Schema, known, root);
  const {
    $ref,
    examples,
    enum: values,
    anyOf,
    type,
  } = schema as {
    $ref?: string;
    examples?: unknown[];
    enum?: unknown[];
    anyOf?: Schema[];
    type?: string;
  };
  if ($ref !== undefined) return under((root["$defs"] as Schema)[$ref.split("/").at(-1) ?? ""]);
  if ("const" in schema) return fc.constant(raw(schema["const"]));
  if (values) return fc.constantFrom(...values).map(raw);
  if (anyOf) return fc.oneof(...anyOf.map(under));
  const [example] = examples ?? [];
  const ids = typeof example === "string" ? known[/^([a-z]{3})_/.exec(example)?.[1] ?? ""] : undefined;
  if (ids) return fc.constantFrom(...ids).map(raw);
  if (type !== "object" && type !== "array" && example !== undefined) return fc.constant(docOf(example));
  if (type === "array") return under(schema["items"] ?? {}).map((item) => ({ items: [item] }));
  if (type === "object") return fittingObject(schema, under);
  if (type === "integer" || type === "number") return fc.constant(raw(Math.max(1, Number(schema["minimum"] ?? 1))));
  if (type === "boolean") return fc.boolean().map(raw);
  if (type === "null") return fc.constant(raw(null));
  return fc.constant(raw(STRINGS[String(schema["format"])] ?? "abcdefgh"));
}

function fittingObject(schema: Schema, under: (inner: unknown) => fc.Arbitrary<Doc>): fc.Arbitrary<Doc> {
  const required = (schema["required"] ?? []) as string[];
  const members = Object.entries((schema["properties"] ?? {}) as Schema).map(([name, inner]) => {
    const pair = under(inner).map((value): [string, Doc][] => [[name, value]]);
    return required.includes(name) ? pair : fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, pair);
  });
  return fc.tuple(...members).map((pairs) => ({ pairs: pairs.flat() }));
}

const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

const small = (known: Known): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      "null",
      "true",
      "0",
      "-1",
      "-0",
      "1.5",
      "1e400",
      "-1e400",
      "123456789012345678901234567890",
      "1e-400",
      '""',
      '" "',
      '"\\u0000"',
      '"a\\u0000b"',
      '"\\ud800"',
      '"a\\udfffb"',
      '"\\ufeff"',
      '"../../etc/passwd"',
      "[]",
      "{}",
      "[[]]",
      "[null]",
      "[{}]",
      '{"length":3}',
      '{"then":1}',
      '{"toJSON":null}',
      '{"toString":0}',
      '{"__proto__":{"isAdmin":true}}',
      '{"constructor":{"prototype":{"x":1}}}',
      '["a","a","a"]',
      '"\\u202e"',
      '"2026-02-30"',
      '"0000-00-00"',
      '"99999-01-01"',
      '"NaN"',
      '"Infinity"',
      '"1,2"',
      `"%00"`,
      `"'; --"`,
    ),
    fc.json({ maxDepth: 2 }),
    fc.string({ unit: "binary", maxLength: 12 }).map((text) => JSON.stringify(text)),
    fc.double().map((value) => JSON.stringify(value)),
    fc.constantFrom(...Object.values(known).flat()).map((id) => JSON.stringify(id)),
  );

const huge: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(256, 2049, 9000, 70_000).map((size) => `"${"x".repeat(size)}"`),
  fc.constantFrom(300, 20_000).map((size) => `[${"1,".repeat(size)}1]`),
  fc.constantFrom(400).map((size) => `{${Array.from({ length: size }, (_, at) => `"k${at}":1`).join(",")}}`),
  fc.constantFrom(500, 9000, 60_000).map((depth) => deep(depth, "[", "]")),
  fc.constantFrom(500, 9000, 60_000).map((depth) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`),
  fc.constantFrom(700, 5000).map((digits) => "9".repeat(digits)),
);

const hostile = (known: Known) =>
  fc.oneof({ weight: 12, arbitrary: small(known) }, { weight: 1, arbitrary: huge }).map((text): Doc => ({ raw: text }));

/** Every place in it, as a function that puts something else there; `null` takes it away. */
function places(doc: Doc): ((into: Doc | null) => Doc)[] {
  const whole = (into: Doc | null): Doc => into ?? { raw: "" };
  if ("raw" in doc) return [whole];
  if ("items" in doc) {
    const put = (at: number, into: Doc | null): Doc => ({
      items: doc.items.flatMap((item, no) => (no === at ? (into === null ? [] : [into]) : [item])),
    });
    return [whole, ...doc.items.flatMap((item, at) => places(item).map((inner) => within(inner, (x) => put(at, x))))];
  }
  const put = (at: number, into: Doc | null): Doc => ({
    pairs: doc.pairs.flatMap(([name, value], no): [string, Doc][] =>
      no !== at ? [[name, value]] : into === null ? [] : [[name, into]],
    ),
  });
  const inside = doc.pairs.flatMap(([, value], at) => places(value).map((inner) => within(inner, (x) => put(at, x))));
  return [whole, ...inside];
}

function within(inner: (into: Doc | null) => Doc, put: (into: Doc | null) => Doc): (into: Doc | null) => Doc {
  return (into) => {
    const made = into === null ? inner(null) : inner(into);
    return "raw" in made && made.raw === "" ? put(null) : put(made);
  };
}

const NAMES = ["__proto__", "constructor", "prototype", "toString", "", "\u0000", "a b", "id", "x".repeat(3000)];

/** In one place: something else, nothing, a name more, a name twice. */
export const spoilt = (doc: Doc, known: Known): fc.Arbitrary<string> =>
  fc
    .record({
      place: fc.nat(),
      how: fc.constantFrom("other", "other", "other", "gone", "more", "twice"),
      value: hostile(known),
      name: fc.constantFrom(...NAMES),
    })
    .map(({ place, how, value, name }) => {
      if (how === "more" && "pairs" in doc) return write({ pairs: [...doc.pairs, [name, value]] });
      if (how === "twice" && "pairs" in doc) {
        const [again] = doc.pairs[place % Math.max(1, doc.pairs.length)] ?? ["a"];
        return write({ pairs: [...doc.pairs, [again, value]] });
      }
      const all = places(doc);
      return write(all[place % all.length]?.(how === "gone" ? null : value) ?? value);
    });

/** The bytes of a text, broken as texts break. */
export const broken = (text: string): fc.Arbitrary<Buffer> =>
  fc
    .record({
      how: fc.constantFrom("cut", "byte", "utf16", "latin1", "two", "comma", "quote", "bom", "nul", "bare", "big"),
      at: fc.nat(),
      byte: fc.constantFrom(0, 0x80, 0xc0, 0xed, 0xff, 0xfe, 0x22, 0x5c, 0x7b),
    })
    .map(({ how, at, byte }) => {
      const bytes = Buffer.from(text);
      const place = at % Math.max(1, bytes.length);
      switch (how) {
        case "cut":
          return bytes.subarray(0, place);
        case "byte":
          return Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), bytes.subarray(place)]);
        case "utf16":
          return Buffer.from(text, "utf16le");
        case "latin1":
          return Buffer.concat([bytes, Buffer.from("é", "latin1")]);
        case "two":
          return Buffer.from(`${text}${text}`);
        case "comma":
          return Buffer.from(`${text.slice(0, -1)},}`);
        case "quote":
          return Buffer.from(text.replaceAll('"', "'"));
        case "bom":
          return Buffer.from(`\ufeff${text}\ufeff`);
        case "nul":
          return Buffer.from(`${text}\u0000`);
        case "big":
          return Buffer.from(`${text.slice(0, -1)}${" ".repeat(1024 * 1024)}}`);
        default:
          return Buffer.from(["undefined", "NaN", "function(){}", "<html>", "a=b&c=d", "\r\n", "'"][at % 7] ?? "");
      }
    });
