// An answer of a provider's is read up to its bound, and no further.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_BYTES, withCall } from "../../src/actions/call.ts";
import type { Door } from "../../src/core/door.ts";
import { OVERSIZED, transportTrouble } from "../../src/providers/reading.ts";

const CHUNK = 64 * 1024;

/** Answers so many bytes; how many were taken is told. */
function answering(bytes: number) {
  const told = { taken: 0 };
  const fetch = async () =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull(controller) {
          const size = Math.min(CHUNK, bytes - told.taken);
          told.taken += size;
          controller.enqueue(new Uint8Array(size));
          if (told.taken >= bytes) controller.close();
        },
      }),
    );
  const wait: Door["wait"] = (_ms, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("answered"))));
  const door: Door = { now: () => 0, wall: () => 0, random: (size) => new Uint8Array(size), fetch, wait };
  const read = () =>
    withCall(
      { door },
      1000,
      async (call) => (await (await call.fetch("http://provider.example/")).arrayBuffer()).byteLength,
    );
  return { told, read };
}

test("An answer as long as may be is read whole", async () => {
  assert.equal(await answering(MOST_BYTES).read(), MOST_BYTES);
});

test("One byte more is the provider's outage, and of an endless one no more is taken", async () => {
  for (const bytes of [MOST_BYTES + 1, Number.MAX_SAFE_INTEGER]) {
    const { told, read } = answering(bytes);
    const error = await read().then(
      () => assert.fail("it was read"),
      (thrown: unknown) => thrown,
    );
    const trouble = transportTrouble(error);
    assert.deepEqual(
      [trouble?.state, trouble?.raw.code],
      ["DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE", OVERSIZED],
    );
    assert.ok(told.taken <= MOST_BYTES + 4 * CHUNK, `${told.taken} bytes were taken`);
  }
});
