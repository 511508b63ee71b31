// Whatever is sent to whichever route: an answer of the one shape, nothing written, nothing kept in memory.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { InjectOptions } from "fastify";
import { type RefusalCode, REFUSALS } from "../../src/core/refusal.ts";
import { openGround, openImprint } from "./ground.ts";
import { type Sent, odd, told, wrong } from "./request.ts";
import { fuzz, inTime, isReplay } from "./seed.ts";

const CASES = 6500;
const ODD_CASES = 1500;
const WARM = 1500;
/** Not built, and a fake bank that says nothing. */
const AWAY = [501, 503];
const ground = await openGround();
after(() => ground.close());

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const heap = () => {
  collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
};

/** Streams without an end: their head is the answer. */
const ENDLESS = /^\/dashboard\/data\/live\b/;

interface Answer {
  statusCode: number;
  headers: Record<string, unknown>;
  body: string;
}

async function send({ method, url, headers, body }: Sent): Promise<Answer> {
  const request: InjectOptions = {
    method,
    url,
    headers,
    ...(body && { payload: body }),
  };
  if (!ENDLESS.test(url)) return ground.app.inject(request);
  const answer = await ground.app.inject({ ...request, payloadAsStream: true });
  if (!String(answer.headers["content-type"]).startsWith("text/event-stream")) return ground.app.inject(request);
  answer.raw.res.destroy();
  return { statusCode: answer.statusCode, headers: answer.headers, body: "" };
}

/** One shape, a code of the table under its own status, a sentence without the gateway's insides, the head's id. */
function refusalHolds(answer: Answer): void {
  const told = JSON.parse(answer.body) as Record<string, string>;
  assert.deepEqual(Object.keys(told).sort(), ["code", "message", "requestId", "timestamp"]);
  assert.equal(REFUSALS[told["code"] as RefusalCode]?.status, answer.statusCode, `code ${told["code"]}`);
  assert.equal(String(told["requestId"]), answer.headers["x-request-id"]);
  assert.match(told["requestId"] ?? "", /^[0-9a-f]{32}$/);
  assert.match(told["timestamp"] ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const { message = "" } = told;
  assert.ok(message.length > 10 && message.length < 3000, message.slice(0, 200));
  assert.doesNotMatch(message, /\n\s+at |node_modules|\bselect .* from\b|\bECONN|\bundefined\b/);
}

const counts: Record<string, number> = {};

/** Sends it, and holds the answer against what every answer keeps to. */
async function answered(sent: Sent): Promise<number> {
  ground.lines.length = 0;
  const answer = await inTime(send(sent));
  const { statusCode: status } = answer;
  counts[status] = (counts[status] ?? 0) + 1;
  const failed = ground.lines.filter((line) => JSON.parse(line).level >= 50).join("");
  assert.equal(failed, "", `${status}: ${failed.slice(0, 1500)}`);
  assert.ok(status < 500 || AWAY.includes(status), `answered ${status}: ${answer.body.slice(0, 300)}`);
  const isApart = sent.url.startsWith("/farm/") || String(answer.headers["content-type"]).startsWith("text/html");
  if (status >= 400 && !isApart && sent.method !== "HEAD") refusalHolds(answer);
  return status;
}

test("No malformed request to any route crashes, fails, writes or stays", async (t) => {
  const imprint = await openImprint(ground.database.pool);
  const cases = () => wrong(ground.routes, ground);
  let before = await imprint();
  let begun = 0;
  let came = 0;
  const reached = new Set<string>();
  const holds = async (sent: Sent): Promise<void> => {
    // By then all is loaded, the tables of what draws the cases included.
    if (++came === WARM) begun = heap();
    reached.add(`${sent.route.method} ${sent.route.url}`);
    const status = await answered(sent);
    const now = await imprint();
    const moved = now.split("\n").filter((line) => !before.includes(line));
    before = now;
    if (sent.refused !== null) assert.ok(status >= 400, `${sent.refused}, and it was answered ${status}`);
    assert.deepEqual(moved, [], `answered ${status}, and tables were written`);
  };
  await fuzz(t, "fuzz/routes", CASES, cases, holds, told);
  await ground.gateway.activity?.written();
  const ended = heap();
  t.diagnostic(`${JSON.stringify(counts)}, ${reached.size} of ${ground.routes.length} routes`);
  t.diagnostic(`heap ${begun.toFixed(1)} MiB before, ${ended.toFixed(1)} MiB after`);
  if (isReplay) return;
  const left = ground.routes.filter(({ method, url }) => !reached.has(`${method} ${url}`)).map(({ url }) => url);
  assert.deepEqual(left, [], "routes that no case came to");
  assert.ok(ended - begun < 48, `the heap grew from ${begun.toFixed(1)} to ${ended.toFixed(1)} MiB`);
});

test("What is odd and may be taken all the same brings nothing down either", async (t) => {
  const changing = ground.routes.filter(({ method }) => method !== "GET" && method !== "HEAD");
  await fuzz(
    t,
    "fuzz/routes",
    ODD_CASES,
    () => odd(changing, ground),
    async (sent) => void (await answered(sent)),
    told,
  );
  ground.lines.length = 0;
  await ground.worker.drain();
  assert.deepEqual(
    ground.lines.filter((line) => / failed: /.test(line)),
    [],
    "work that failed afterwards",
  );
});
