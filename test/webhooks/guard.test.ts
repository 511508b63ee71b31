// Where no webhook may go, in every way in which it can be written; one guard for save, test and delivery.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";
import { readRange } from "../../src/webhooks/addresses.ts";
import { openTarget, type Target, TargetForbidden } from "../../src/webhooks/guard.ts";

const LOOPBACK = [readRange("127.0.0.0/8")];

/** Each by its name; `URL` folds some of them, the guard's own table knows the others. */
const FORBIDDEN: Record<string, string> = {
  loopback: "127.0.0.1",
  "loopback, another": "127.8.9.10",
  "loopback, the last": "127.255.255.255",
  "loopback, short": "127.1",
  "loopback, three parts": "127.0.1",
  "loopback, decimal": "2130706433",
  "loopback, octal": "0177.0.0.1",
  "loopback, all octal": "017700000001",
  "loopback, hexadecimal": "0x7f.0.0.1",
  "loopback, hexadecimal and short": "0x7f.1",
  "loopback, all hexadecimal": "0x7f000001",
  "loopback, full-width digits": "１２７.0.0.1",
  "loopback, full-width dots": "127。0。0。1",
  "loopback, percent-encoded": "%31%32%37.0.0.1",
  "loopback, trailing dot": "127.0.0.1.",
  "this network": "0.0.0.0",
  "this network, short": "0",
  "this network, another": "0.1.2.3",
  "private 10": "10.0.0.1",
  "private 10, decimal": "167772161",
  "private 172": "172.16.0.1",
  "private 172, the last": "172.31.255.255",
  "private 192": "192.168.1.1",
  "private 192, hexadecimal": "0xc0a80101",
  "carrier's": "100.64.0.1",
  "carrier's, the last": "100.127.255.255",
  "link-local": "169.254.1.1",
  "cloud's metadata": "169.254.169.254",
  "cloud's metadata, decimal": "2852039166",
  "cloud's metadata, octal": "0251.0376.0251.0376",
  "cloud's metadata, hexadecimal": "0xa9fea9fe",
  "protocol assignments": "192.0.0.8",
  "documents 1": "192.0.2.1",
  "documents 2": "198.51.100.7",
  "documents 3": "203.0.113.9",
  "6to4 relay": "192.88.99.1",
  AS112: "192.175.48.6",
  measurements: "198.18.0.1",
  "measurements, the last": "198.19.255.255",
  multicast: "224.0.0.1",
  "multicast, the last": "239.255.255.255",
  reserved: "240.0.0.1",
  broadcast: "255.255.255.255",
  "IPv6 loopback": "[::1]",
  "IPv6 loopback, long": "[0:0:0:0:0:0:0:1]",
  "IPv6 this host": "[::]",
  "mapped loopback": "[::ffff:127.0.0.1]",
  "mapped loopback, hexadecimal": "[::ffff:7f00:1]",
  "mapped private": "[::ffff:10.0.0.1]",
  "mapped public": "[::ffff:8.8.8.8]",
  "mapped metadata": "[::ffff:a9fe:a9fe]",
  "compatible loopback": "[::127.0.0.1]",
  "compatible loopback, hexadecimal": "[::7f00:1]",
  "compatible metadata": "[::a9fe:a9fe]",
  "NAT64 loopback": "[64:ff9b::7f00:1]",
  "NAT64 metadata": "[64:ff9b::169.254.169.254]",
  "NAT64 local use": "[64:ff9b:1::a9fe:a9fe]",
  "6to4 loopback": "[2002:7f00:1::]",
  "6to4 private": "[2002:c0a8:101::1]",
  Teredo: "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
  "Teredo to loopback": "[2001::80ff:fffe]",
  ISATAP: "[2606:4700::5efe:7f00:1]",
  "ISATAP, universal bit": "[2606:4700::200:5efe:7f00:1]",
  "translated IPv4": "[::ffff:0:127.0.0.1]",
  "IPv6 link-local": "[fe80::1]",
  "IPv6 site-local": "[fec0::1]",
  "IPv6 private": "[fd00::1]",
  "IPv6 private, another": "[fc00::1]",
  "IPv6 metadata": "[fd00:ec2::254]",
  "IPv6 multicast": "[ff02::1]",
  "IPv6 documents": "[2001:db8::1]",
  "IPv6 documents, new": "[3fff::1]",
  "IPv6 benchmarks": "[2001:2::1]",
  "IPv6 ORCHID": "[2001:20::1]",
  "IPv6 discard": "[100::1]",
  "IPv6 segment routing": "[5f00::1]",
  "IPv6 not given out": "[4000::1]",
};

const OPEN: Record<string, string> = {
  public: "8.8.8.8",
  "just before private 172": "172.15.255.255",
  "just after private 172": "172.32.0.0",
  "just after the carrier's": "100.128.0.0",
  "just after loopback": "128.0.0.1",
  "just after link-local": "169.255.0.0",
  "public IPv6": "[2606:4700:4700::1111]",
  "public IPv6, just after 6to4": "[2003::1]",
};

const nothing = async () => [];
const unreachable: Target = openTarget([], nothing);
const signal = () => new AbortController().signal;

/** Answers whatever is asked of it, and counts. */
let server: Server;
let port = 0;
const asked: string[] = [];
const answers: Record<string, [number, Record<string, string>, string]> = {
  "/moved": [302, { location: "/secret" }, ""],
  "/long": [200, {}, "x".repeat(200_000)],
  "/nul": [200, {}, "a\0b"],
};

before(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const [status, headers, body] = answers[request.url ?? ""] ?? [204, {}, ""];
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as { port: number }).port;
});
after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await unreachable.close();
});

test("There are at least sixty forms of what is forbidden", () => {
  assert.ok(Object.keys(FORBIDDEN).length >= 60, `${Object.keys(FORBIDDEN).length}`);
});

for (const [name, host] of Object.entries(FORBIDDEN)) {
  test(`Forbidden: ${name} (${host})`, async () => {
    const url = `http://${host}:${port}/secret`;
    assert.match((await unreachable.problemOf(url)) ?? "", /^leads to /);
    await assert.rejects(unreachable.post(url, {}, "", signal()), TargetForbidden);
    // A name that leads there, dialled: the URL alone does not show it.
    const address = new URL(url).hostname.replace(/^\[|\]$/g, "");
    const named = openTarget([], async () => [address]);
    assert.match((await named.problemOf("http://inside.example/secret")) ?? "", /^leads to /);
    await assert.rejects(named.post(`http://inside.example:${port}/secret`, {}, "", signal()), TargetForbidden);
    await named.close();
    assert.ok(!asked.includes("/secret"));
  });
}

for (const [name, host] of Object.entries(OPEN)) {
  test(`Open: ${name} (${host})`, async () => {
    assert.equal(await unreachable.problemOf(`https://${host}/hooks`), null);
  });
}

test("A name with a trailing dot is judged like the name", async () => {
  const named = openTarget([], async () => ["127.0.0.1", "::1"]);
  for (const host of ["localhost", "localhost.", "LOCALHOST."]) {
    assert.match((await named.problemOf(`http://${host}/`)) ?? "", /loopback/);
    await assert.rejects(named.post(`http://${host}:${port}/secret`, {}, "", signal()), TargetForbidden);
  }
  await named.close();
});

test("A name that was fine when it was saved is judged again when it is dialled", async () => {
  let calls = 0;
  const rebinding = openTarget([], async () => (calls++ === 0 ? ["8.8.8.8"] : ["127.0.0.1"]));
  assert.equal(await rebinding.problemOf(`http://rebinding.example:${port}/secret`), null);
  await assert.rejects(rebinding.post(`http://rebinding.example:${port}/secret`, {}, "", signal()), TargetForbidden);
  assert.ok(!asked.includes("/secret"));
  await rebinding.close();
});

test("Of a name's addresses only those that are open are dialled", async () => {
  const mixed = openTarget(LOOPBACK, async () => ["10.0.0.1", "127.0.0.1"]);
  const answer = await mixed.post(`http://mixed.example:${port}/mixed`, {}, "", signal());
  assert.equal(answer.status, 204);
  assert.ok(asked.includes("/mixed"));
  await mixed.close();
});

test("An allowed range is reached, and nothing beside it", async () => {
  const inside = openTarget(LOOPBACK, async () => ["127.0.0.1"]);
  const { status } = await inside.post(`http://127.0.0.1:${port}/allowed`, {}, "", signal());
  assert.equal(status, 204);
  assert.equal((await inside.post(`http://inside.example:${port}/allowed`, {}, "", signal())).status, 204);
  await assert.rejects(inside.post("http://10.0.0.1/", {}, "", signal()), TargetForbidden);
  await assert.rejects(inside.post(`http://[::ffff:127.0.0.1]:${port}/`, {}, "", signal()), TargetForbidden);
  await inside.close();
});

test("A redirect is an answer, and is not followed", async () => {
  const inside = openTarget(LOOPBACK, nothing);
  const { status } = await inside.post(`http://127.0.0.1:${port}/moved`, {}, "", signal());
  assert.equal(status, 302);
  assert.ok(!asked.includes("/secret"));
  await inside.close();
});

test("Only the beginning of an answer is kept, in a form that can be", async () => {
  const inside = openTarget(LOOPBACK, nothing);
  const long = await inside.post(`http://127.0.0.1:${port}/long`, {}, "", signal());
  assert.equal(long.body.length, 4096);
  assert.equal((await inside.post(`http://127.0.0.1:${port}/nul`, {}, "", signal())).body, "a�b");
  await inside.close();
});

test("A URL that is no target is refused with the mend", async () => {
  const wrong: Record<string, RegExp> = {
    "ftp://example.com/": /^must be an http or https URL; send/,
    "file:///etc/passwd": /^must be an http or https URL; send/,
    "javascript:alert(1)": /^must be an http or https URL; send/,
    nonsense: /^must be an http or https URL; send/,
    "https://user:secret@example.com/": /^must not hold a user or password; check/,
    "https://user@example.com/": /^must not hold a user or password; check/,
    "https://example.com/#part": /^must not have a part behind #; leave/,
    "https://example.com:22/": /^must not lead to port 22; use/,
    "http://example.com:25/": /^must not lead to port 25; use/,
  };
  for (const [url, says] of Object.entries(wrong)) {
    assert.match((await unreachable.problemOf(url)) ?? "", says, url);
    await assert.rejects(unreachable.post(url, {}, "", signal()), TargetForbidden, url);
  }
});

test("A URL that parsing would have to mend is refused: it is signed as it was written", async () => {
  const unclear = [
    " https://example.com/hooks",
    "https://example.com/hooks ",
    "https://exam\nple.com/hooks",
    "https://example.com/ho\toks",
    "https:/example.com/hooks",
    "https:example.com/hooks",
    "https:///example.com/hooks",
    "https:\\\\example.com\\hooks",
    "https://example.com\\@other.example/",
  ];
  for (const url of unclear)
    assert.match((await unreachable.problemOf(url)) ?? "", /^must be an http or https URL/, url);
});

test("However many ask for a name at once, the system is asked once, and again the next time", async () => {
  let asked = 0;
  const answer = Promise.withResolvers<string[]>();
  const counting = openTarget(LOOPBACK, async () => {
    asked++;
    return answer.promise;
  });
  const url = `http://slow.example:${port}/allowed`;
  const posts = Array.from({ length: 6 }, () => counting.post(url, { connection: "close" }, "", signal()));
  const judged = counting.problemOf(url);
  answer.resolve(["127.0.0.1"]);
  for (const { status } of await Promise.all(posts)) assert.equal(status, 204);
  assert.equal(await judged, null);
  assert.equal(asked, 1);
  assert.equal(await counting.problemOf(url), null);
  assert.equal(asked, 2);
  await counting.close();
});

test("A name that does not resolve yet can be saved, and is judged when it does", async () => {
  const failing = openTarget([], async () => {
    throw Object.assign(new Error("not found"), { code: "ENOTFOUND" });
  });
  assert.equal(await failing.problemOf("https://later.example/hooks"), null);
  await assert.rejects(failing.post("https://later.example/hooks", {}, "", signal()), { code: "ENOTFOUND" });
  await failing.close();
});

test("A range that is none is refused by name", () => {
  const wrong: Record<string, RegExp> = {
    "10.0.0.0/33": /"10.0.0.0\/33" must end with a length from 0 to 32/,
    "10.0.0.1/8": /"10.0.0.1\/8" has bits set behind its length/,
    intranet: /"intranet" is no IP address or range/,
    "fd00::/129": /"fd00::\/129" must end with a length from 0 to 128/,
    "10.0.0.0/8/8": /must end with a length/,
    "10.0.0.0/": /must end with a length/,
  };
  for (const [text, says] of Object.entries(wrong)) assert.throws(() => readRange(text), { message: says }, text);
  assert.equal(readRange("fd00::/8").last - readRange("fd00::/8").first, (1n << 120n) - 1n);
});
