// docs/openapi.json: the document that a gateway serves at /openapi.json. No database is asked for it.

import { pino } from "pino";
import type { Gateway } from "../../src/actions/gateway.ts";
import { createHttp } from "../../src/http/http.ts";
import { realDoor } from "../../src/door.ts";

export async function print(): Promise<string> {
  const unused = () => Promise.reject(new Error("printing asks for no data"));
  const logger = pino({ level: "silent" });
  const gateway: Gateway = {
    accountId: "",
    target: { problemOf: unused, post: unused, close: unused },
    operator: null,
    db: { rows: unused, row: unused, run: unused, tx: unused, close: unused },
    door: realDoor(),
    ring: { keys: [] },
    salt: new Uint8Array(),
    providers: new Map(),
    log: logger,
    count: { call: () => {}, job: () => {}, inbound: () => {} },
    publicUrl: null,
    farm: null,
    poke: () => {},
  };
  const app = await createHttp(gateway, {
    accountId: "",
    settings: { publicUrl: "", sandbox: false, alone: false, embedOrigins: [], application: "" },
    pages: null,
    logger,
    ready: () => false,
    metrics: unused,
    advanceClock: unused,
  });
  const document = `${JSON.stringify(app.swagger(), null, 2)}\n`;
  await app.close();
  return document;
}
