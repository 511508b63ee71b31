// kill -9 of the gateway, of its database, and of both, while writes are acknowledged: the next start has every one.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  type Answer,
  ask,
  KEY,
  link,
  linuxOnly,
  postmaster,
  scratch,
  statusOf,
  stop,
  until,
  up,
  workingIn,
} from "./process.ts";

const linux = { timeout: 90_000, ...linuxOnly };

const LINES = 4;
/** So many are acknowledged before the kill, while `LINES` are always under way. */
const BEFORE = 12;

interface Writes {
  acknowledged: string[];
  refused: Answer[];
  /** Resolves once so many more are acknowledged. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Writes without a pause, until told to stop or until nobody answers; keeps what was acknowledged. */
function writeOn(at: string): Writes {
  const acknowledged: string[] = [];
  const refused: Writes["refused"] = [];
  let stopped = false;
  const line = async (which: number): Promise<void> => {
    for (let n = 0; !stopped; n++) {
      const externalCustomerId = `customer ${which}.${n}`;
      const path = n % 2 === 0 ? "/bank-linking/connect/start" : "/sandbox/connections";
      const answer = await ask("POST", at + path, { externalCustomerId }).catch(() => null);
      if (answer?.status === 200) acknowledged.push(String(answer.body["id"]));
      else if (answer) refused.push(answer);
      else await until(async () => stopped || (await statusOf(`${at}/health`)) !== null, "an answer or the end");
    }
  };
  const lines = Promise.all(Array.from({ length: LINES }, (_, which) => line(which)));
  return {
    acknowledged,
    refused,
    more: async (count) => {
      const enough = acknowledged.length + count;
      await until(() => acknowledged.length >= enough, `${enough} acknowledged writes`);
    },
    stop: async () => {
      stopped = true;
      await lines;
    },
  };
}

async function assertKept(at: string, ids: readonly string[]): Promise<void> {
  assert.ok(ids.length >= BEFORE);
  assert.equal(new Set(ids).size, ids.length);
  const lost: string[] = [];
  for (const id of ids) {
    const { status } = await ask("GET", `${at}/bank-linking/connections/${id}`);
    if (status !== 200) lost.push(`${id}: ${status}`);
  }
  assert.deepEqual(lost, []);
}

function killed(name: string, kill: (gateway: number, folder: string) => void): void {
  test(`After kill -9 of ${name} the next start has every acknowledged write`, linux, async (t: TestContext) => {
    const env = { BOWLINE_DATA: scratch(), BOWLINE_API_KEY: KEY };
    const first = await up(env);
    const writes = writeOn(first.at);
    await writes.more(BEFORE);
    kill(first.pid, env.BOWLINE_DATA);
    await first.ended;
    await writes.stop();

    const next = await up(env);
    t.diagnostic(`${writes.acknowledged.length} acknowledged; the next start took ${Math.round(next.took)} ms`);
    await assertKept(next.at, writes.acknowledged);
    await link(next.at, "one more");
    await stop(next);
    assert.deepEqual(workingIn(env.BOWLINE_DATA), []);
  });
}

killed("the gateway", (gateway) => process.kill(gateway, "SIGKILL"));

killed("gateway and database", (gateway, folder) => {
  process.kill(gateway, "SIGKILL");
  process.kill(postmaster(folder), "SIGKILL");
});

killed("every process of the two", (gateway, folder) => {
  for (const pid of [gateway, ...workingIn(folder)]) process.kill(pid, "SIGKILL");
});

test("After kill -9 of the database alone the gateway stays, says so, and serves again", linux, async (t) => {
  const env = { BOWLINE_DATA: scratch(), BOWLINE_API_KEY: KEY };
  const running = await up(env);
  const writes = writeOn(running.at);
  await writes.more(BEFORE);

  const since = performance.now();
  process.kill(postmaster(env.BOWLINE_DATA), "SIGKILL");
  const healths = new Set<number | null>();
  const ready = async (): Promise<number | null> => {
    healths.add(await statusOf(`${running.at}/health`));
    return statusOf(`${running.at}/ready`);
  };
  await until(async () => (await ready()) === 503, "not being ready");
  await until(async () => (await ready()) === 200, "being ready again");
  t.diagnostic(`ready again ${Math.round(performance.now() - since)} ms after the kill`);
  await writes.more(BEFORE);
  await writes.stop();

  assert.deepEqual([...healths], [200]);
  assert.ok(writes.refused.length > 0, "no write met the missing database");
  const toldToComeAgain = ({ status, retryAfter }: Answer) => status === 503 && Number(retryAfter) > 0;
  const otherwise = writes.refused.filter((answer) => !toldToComeAgain(answer));
  assert.deepEqual(otherwise, [], "a write is acknowledged, or told to come again");
  await assertKept(running.at, writes.acknowledged);
  await stop(running);

  const next = await up(env);
  await assertKept(next.at, writes.acknowledged);
  await stop(next);
});

/** How many calls to banks were answered. The first of a run of several means that the run goes on. */
async function callsAt(at: string): Promise<number> {
  const text = await (await fetch(`${at}/metrics`)).text();
  const counts = [...text.matchAll(/^bowline_provider_calls_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

test(
  "What a killed gateway had in hand is free at the next start: its refresh ends, and a new trouble is seen",
  linux,
  async () => {
    const env = { BOWLINE_DATA: scratch(), BOWLINE_API_KEY: KEY };
    const first = await up(env);
    const { body: found } = await ask("GET", `${first.at}/institutions?name=Slow%20Bank`);
    const [bank] = found["institutions"] as { id: string }[];
    const wanted = { externalCustomerId: "a patient one", institutionId: bank?.id };
    const { body: linked } = await ask("POST", `${first.at}/sandbox/connections`, wanted);
    const path = `/bank-linking/connections/${String(linked["id"])}`;
    const shown = async (at: string, of = path) => (await ask("GET", at + of)).body;
    await until(async () => (await shown(first.at))["status"] === "ACTIVE", "the first data");
    const before = await callsAt(first.at);
    const { body: asked } = await ask("POST", `${first.at}${path}/refresh`);
    const refresh = `${path}/refreshes/${(asked["refresh"] as { id: string }).id}`;
    await until(async () => (await callsAt(first.at)) > before, "a run in hand");
    assert.equal((await shown(first.at, refresh))["status"], "RUNNING");
    process.kill(first.pid, "SIGKILL");
    await first.ended;

    const next = await up(env);
    const state = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
    await ask("POST", `${next.at}/sandbox${path.replace("/bank-linking", "")}/trouble`, { state });
    await until(async () => (await shown(next.at))["statusReason"] === "LOGIN_REQUIRED", "the new trouble");
    await until(async () => (await shown(next.at, refresh))["status"] !== "RUNNING", "the refresh's end");
    await stop(next);
  },
);
