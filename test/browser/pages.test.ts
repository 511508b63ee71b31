// How the pages are sent: under which policy, how long they are kept, in which coding, and how many bytes they are.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, type TestGateway } from "../stories/gateway.ts";
import { accessible, closeBrowser, inBrowser, open } from "./chromium.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway({ BOWLINE_EMBED_ORIGINS: "https://app.example.com,http://localhost:3000" });
});
after(async () => {
  await closeBrowser();
  await gateway.stop();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${gateway.url}${path}`, { headers });

async function assetsOf(page: string): Promise<string[]> {
  const html = await (await get(page)).text();
  return [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = ""]) => path);
}

test("A page's policy lets nothing in but this origin's files, and only the named origins may frame it", async () => {
  const answer = await get("/connect");
  assert.equal(answer.status, 200);
  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.match(policy, /frame-ancestors https:\/\/app\.example\.com http:\/\/localhost:3000$/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  const html = await answer.text();
  assert.doesNotMatch(html, /<style|style=|<script(?![^>]*src=)|\son\w+=/, "nothing inline");
  assert.match(html, /<meta name="embed-origins" content="https:\/\/app\.example\.com http:\/\/localhost:3000"/);
});

test("Hashed files are kept for a year, pages are asked for again and cost nothing then", async () => {
  const page = await get("/connect");
  assert.equal(page.headers.get("cache-control"), "public, no-cache");
  const again = await get("/connect", { "if-none-match": page.headers.get("etag") ?? "" });
  assert.deepEqual([again.status, await again.text()], [304, ""]);
  const assets = await assetsOf("/connect");
  assert.ok(assets.length >= 2, "a script and a style sheet");
  for (const path of assets) {
    const answer = await get(path);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable", path);
  }
  assert.equal((await get("/connect/assets/none-12345678.js")).status, 404);
  assert.equal((await get("/connect/assets/..%2findex.html")).status, 404);
});

test("Files are sent in the best coding that is taken", async () => {
  const [path = ""] = await assetsOf("/connect");
  const codings = ["br, gzip", "gzip, deflate", "br;q=0, gzip", "identity"].map(async (accepted) =>
    (await get(path, { "accept-encoding": accepted })).headers.get("content-encoding"),
  );
  assert.deepEqual(await Promise.all(codings), ["br", "gzip", "gzip", null]);
});

test("The connect page loads under its policy", inBrowser, async () => {
  const opened = await open(gateway.url);
  await opened.page.goto(`${gateway.url}/connect`);
  await opened.page.getByRole("heading").waitFor();
  await accessible(opened.page, "the first screen");
  opened.sound();
  await opened.close();
});
