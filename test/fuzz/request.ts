// A request that is wrong in one place or in several, to any route.
import fc from "fast-check";
import { broken, fitting, type Known, spoilt, write } from "./json.ts";
import type { Route } from "./routes.ts";

export interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer | null;
  route: Route;
  /** What was spoilt. */
  spoilt: string[];
  /** Why it has to be refused, whatever else is right about it; null: it may be taken. */
  refused: string | null;
}

export interface Hands {
  known: Known;
  key: string;
  tokens: readonly string[];
  sitting: string;
}

const NOBODY = "2222222222222222222222";
const FARM_PATHS = [
  "houses",
  "sittings",
  "sittings/login",
  "sittings/answer",
  "sittings/accounts",
  "slips/look",
  "slips/trade",
  "line",
  "line/wants",
  "line/pull",
  "line/pass",
  "line/tell",
  "line/close",
  "line/accounts",
  "line/entries",
  "line/numbers",
  "post/keys",
  "control/lines/x",
  "control/lines/x/trouble",
  "door",
  "door/x",
  "door/look.css",
];
const TEXTS = [
  "x",
  "%00",
  "%ff",
  "%E0%A4%A",
  "..%2f..%2fetc%2fpasswd",
  "%F0%9F%8F%A6",
  "a".repeat(300),
  "b".repeat(9000),
  "-1",
  "null",
  "NaN",
  "__proto__",
  "constructor",
  "con_",
  `con_${"z".repeat(22)}`,
  `con_${"0".repeat(22)}`,
  "*",
  "%2e%2e",
  "a%2Fb",
  "'%20or%201=1",
  "{}",
  "[]",
  "%0d%0aset-cookie:x=1",
  "sandbox",
  "PLAID",
  "%22",
  "a;b",
  "a=b",
];
const VALUES = [
  ...TEXTS,
  "",
  "2026-02-30",
  "1e3",
  "0",
  "101",
  "99999999999999999999",
  "true",
  "a,b,,c",
  "%2C",
  "ACTIVE",
];
const QUERY = ["limit", "after", "before", "x", "__proto__", "constructor", "state", "q", "key", "%00", "a[b]", "a[]"];
const TYPES = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/jsonx",
  "application/json; charset=utf-16",
  "application/octet-stream",
  "*/*",
  "json",
  "text/json",
  "application/xml",
];
const KEYS = [
  "",
  "Bearer",
  "Bearer ",
  "Basic",
  "Bearer x y",
  "Digest a",
  `Bearer ${"x".repeat(5000)}`,
  "bearer null",
  "Bearer ../..",
  "Bearer bk_",
  "Bearer %00",
  "Bearer eyJhbGciOiJub25lIn0.e30.",
  "\u00e9",
  "Basic Og==",
];
const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ["idempotency-key", ["", "x".repeat(256), "x".repeat(9000), "a b", "\u00e9\u00ff", "null"]],
  ["x-idempotency-key", ["", "y".repeat(300), "one"]],
  ["meld-version", ["", "yesterday", "2026-02-30", "0000-00-00", "9".repeat(400)]],
  ["accept-encoding", ["br;q=x", "identity;q=0", ",,,", "gzip, br", "*"]],
  ["if-none-match", ['"one"', "*", "W/", "x".repeat(3000)]],
  ["cookie", ["bowline_operator=", "bowline_operator=x", `a=${"b".repeat(8000)}`, ";;;=", "bowline_operator=%00"]],
  ["origin", ["null", "https://evil.example", "::", ""]],
  ["sec-fetch-site", ["cross-site", "same-origin", "what"]],
  ["host", ["evil.example", "localhost", "[::1", "a b", "127.0.0.1:99999", ""]],
  ["x-forwarded-for", ["1.1.1.1", "unknown, ::1"]],
  ["x-forwarded-proto", ["https", "gopher"]],
  ["last-event-id", ["-1", "99999999999999999999", "x", "0"]],
  ["user-agent", ["", "x".repeat(6000)]],
  ["plaid-verification", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLyJ9.e30.AA"]],
  ["x-farm-key", ["farm-key-of-this-test", "x"]],
  ["x-farm-signature", ["", "t=1,k=2,s=3", "x"]],
  ["x-grant", ["", "x", "eyJ", "\u00ff"]],
  ["content-length", ["-1", "x"]],
];
const OTHER_METHODS = ["PUT", "PATCH", "DELETE", "POST", "GET", "OPTIONS", "HEAD"];

type Draw = <T>(one: fc.Arbitrary<T>) => T;

/** `routes` in turn by chance; what writes is always refused, so that no write may follow. */
export function wrong(routes: readonly Route[], hands: Hands): fc.Arbitrary<Sent> {
  const methods = new Map<string, Set<string>>();
  for (const { url, method } of routes) methods.set(url, (methods.get(url) ?? new Set()).add(method));
  return fc.gen().map((gen) => {
    const draw: Draw = (one) => gen(() => one);
    const sent = right(draw(fc.constantFrom(...routes)), hands, draw);
    const ways = waysFor(sent, hands, methods.get(sent.route.url) ?? new Set());
    const names = Object.keys(ways);
    const chosen = draw(fc.subarray(names, { minLength: 1, maxLength: Math.min(3, names.length) }));
    for (const way of chosen) ways[way]?.(draw);
    sent.refused ??= misfit(sent);
    if (sent.refused === null && mayWrite(sent)) {
      if (ways["key"]) ways["key"](draw);
      else ways["path"]?.(draw);
    }
    return sent;
  });
}

/** Wrong in one place that may be right after all: nothing is done to have it refused. */
export function odd(routes: readonly Route[], hands: Hands): fc.Arbitrary<Sent> {
  return fc.gen().map((gen) => {
    const draw: Draw = (one) => gen(() => one);
    const sent = right(draw(fc.constantFrom(...routes)), hands, draw);
    const { query, header, body, text } = waysFor(sent, hands, new Set());
    const ways = [query, header, body, body, text].filter((way) => way !== undefined);
    draw(fc.constantFrom(...ways))(draw);
    return sent;
  });
}

/** What a case was, to read: the route's schema is the route's. */
export const told = ({ method, url, headers, body, spoilt: ways, refused }: Sent) => ({
  [`${method} ${url.slice(0, 300)}`]: ways,
  headers,
  body: body?.toString("latin1").slice(0, 400),
  refused,
});

const mayWrite = ({ method, route }: Sent) => !["GET", "HEAD", "OPTIONS"].includes(method) && route.asks !== "nobody";

/** As the route wants it, as far as its schemas say. */
export function right(route: Route, hands: Hands, draw: Draw): Sent {
  const { known } = hands;
  const path = route.params.reduce((url, { name, prefix }) => {
    const values =
      prefix === null ? (name === "*" ? FARM_PATHS : ["sandbox"]) : (known[prefix] ?? [`${prefix}_${NOBODY}`]);
    return url.replace(name === "*" ? "*" : `:${name}`, () => draw(fc.constantFrom(...values)));
  }, route.url);
  const headers: Record<string, string> = {};
  if (route.asks === "key") headers["authorization"] = `Bearer ${hands.key}`;
  if (route.asks === "token") headers["authorization"] = `Bearer ${draw(fc.constantFrom(...hands.tokens))}`;
  if (route.asks === "operator") headers["x-bowline-operator"] = "1";
  const text = route.body ? write(draw(fitting(route.body, known))) : route.method === "POST" ? "{}" : null;
  if (text !== null) headers["content-type"] = "application/json";
  const body = text === null ? null : Buffer.from(text);
  return { method: route.method, url: path, headers, body, route, spoilt: [], refused: null };
}

type Ways = Record<string, (draw: Draw) => void>;

function waysFor(sent: Sent, hands: Hands, known: ReadonlySet<string>): Ways {
  const { route } = sent;
  const note = (way: string, refused: string | null) => {
    sent.spoilt.push(way);
    sent.refused ??= refused;
  };
  const ways: Ways = {
    query: (draw) => {
      const names = fc.constantFrom(...QUERY, ...route.query, ...route.query, ...route.query);
      const pairs = draw(fc.array(fc.tuple(names, fc.constantFrom(...VALUES)), { minLength: 1, maxLength: 4 }));
      sent.url += `?${pairs.map(([name, value]) => `${name}=${value}`).join("&")}`;
      note("query", null);
    },
    header: (draw) => {
      const [name, values] = draw(fc.constantFrom(...HEADERS));
      sent.headers[name] = draw(fc.constantFrom(...values));
      note(`header ${name}`, null);
    },
  };
  if (route.params.length > 0) ways["path"] = (draw) => spoilPath(sent, hands, draw, note);
  if (route.asks === "key" || route.asks === "token") {
    ways["key"] = (draw) => {
      const strange = route.asks === "key" ? hands.tokens : [hands.key];
      sent.headers["authorization"] = draw(fc.constantFrom(...KEYS, ...strange.map((one) => `Bearer ${one}`)));
      note("key", "a key that is none");
    };
  }
  if (route.asks === "operator" && !["GET", "HEAD"].includes(route.method)) {
    ways["key"] = (draw) => {
      if (draw(fc.boolean())) delete sent.headers["x-bowline-operator"];
      else sent.headers["sec-fetch-site"] = "cross-site";
      note("key", "another page's");
    };
  }
  if (route.method !== "GET" && route.method !== "HEAD") {
    const text = sent.body?.toString() ?? "{}";
    ways["body"] = (draw) => {
      const made = route.body ? draw(spoilt(docFrom(text), hands.known)) : draw(spoilt({ pairs: [] }, hands.known));
      putBody(sent, Buffer.from(made));
      note("body", null);
    };
    ways["text"] = (draw) => {
      putBody(sent, draw(broken(text)));
      note("text", null);
    };
    ways["type"] = (draw) => {
      sent.headers["content-type"] = draw(fc.constantFrom(...TYPES));
      note("type", null);
    };
  } else if (route.asks === "key") {
    ways["method"] = (draw) => {
      const others = OTHER_METHODS.filter((one) => !known.has(one));
      sent.method = draw(fc.constantFrom(...others));
      note("method", sent.method === "HEAD" ? null : "a method that it has not");
    };
  }
  return ways;
}

const docFrom = (text: string) => fromValue(JSON.parse(text));

function fromValue(value: unknown): Parameters<typeof spoilt>[0] {
  if (Array.isArray(value)) return { items: value.map(fromValue) };
  if (value === null || typeof value !== "object") return { raw: JSON.stringify(value) };
  return { pairs: Object.entries(value).map(([name, inner]) => [name, fromValue(inner)]) };
}

function putBody(sent: Sent, body: Buffer): void {
  sent.body = body;
  sent.headers["content-type"] ??= "application/json";
}

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\b(?!.*utf-16)/;

/** Why no reader of JSON by the route's schema can take this body; null: it may fit. */
function misfit({ body, headers, route }: Sent): string | null {
  const takes = route.takesBody;
  if (takes === null || body === null) return null;
  if (body.length === 0) return takes(null) ? null : "no body";
  if (!JSON_TYPE.test(headers["content-type"] ?? "")) return "a body of another type";
  if (body.length > 1024 * 1024) return "a body that is too large";
  try {
    return takes(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)))
      ? null
      : "a body that does not fit";
  } catch {
    return "a body that can't be read";
  }
}

function spoilPath(sent: Sent, hands: Hands, draw: Draw, note: (way: string, refused: string | null) => void): void {
  const parts = sent.route.url.split("/");
  const [{ name, prefix } = { name: "", prefix: null }] = draw(
    fc.shuffledSubarray(sent.route.params, { minLength: 1 }),
  );
  const at = parts.indexOf(name === "*" ? "*" : `:${name}`);
  const foreign = Object.entries(hands.known).flatMap(([kind, ids]) => (kind === prefix ? [] : ids));
  const own =
    prefix === null ? [] : [`${prefix}_${NOBODY}`, `${prefix}_${NOBODY}x`, `${prefix.toUpperCase()}_${NOBODY}`];
  const value = draw(fc.constantFrom(...TEXTS, ...own, ...foreign));
  const [path = "", query] = sent.url.split("?");
  const now = path.split("/");
  now[at] = value;
  sent.url = now.join("/") + (query === undefined ? "" : `?${query}`);
  note("path", prefix === null ? null : "an id of nothing");
}
