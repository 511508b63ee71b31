// A sender that dribbles is told so and loses its socket, in the head as in the body.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, test } from "node:test";
import { text } from "node:stream/consumers";
import { pino } from "pino";
import { createHttp } from "../../src/http/http.ts";
import { KEY, openGateway } from "./gateway.ts";

const inner = await openGateway();
const unused = () => Promise.reject(new Error("not asked for here"));
const parts = {
  accountId: "",
  settings: { publicUrl: "", sandbox: false, alone: false, embedOrigins: [], application: "" },
  pages: null,
  logger: pino({ level: "silent" }),
  ready: () => true,
  metrics: unused,
  advanceClock: unused,
};
const quick = await createHttp(inner.gateway, { ...parts, patience: { head: 100, request: 200, checkEvery: 50 } });
const usual = await createHttp(inner.gateway, parts);
await quick.listen({ host: "127.0.0.1", port: 0 });
after(async () => {
  await quick.close();
  await usual.close();
  await inner.close();
});

const HEAD = `POST /bank-linking/connections/search HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n`;
const BEGUN = {
  head: HEAD,
  body: `${HEAD}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
};

for (const [part, bytes] of Object.entries(BEGUN))
  test(`A ${part} that never ends is answered 408 and its socket closed`, { timeout: 10_000 }, async (t) => {
    const address = quick.server.address();
    assert.ok(address !== null && typeof address === "object");
    const socket = connect(address.port, "127.0.0.1");
    t.after(() => socket.destroy());
    socket.write(bytes);
    const answer = await text(socket);
    assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.match(answer, /took too long to arrive/);
  });

test("What is not told otherwise waits 30 s for the head and 60 s for all", () => {
  assert.equal(usual.server.headersTimeout, 30_000);
  assert.equal(usual.server.requestTimeout, 60_000);
});
