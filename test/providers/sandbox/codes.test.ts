// Every code that the farm publishes, walked through HTTP to a trouble.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CODES } from "../../../src/providers/sandbox/codes.ts";
import { UNPUBLISHED } from "../../../src/providers/sandbox/farm/troubles.ts";
import { WORDS } from "../../../src/providers/sandbox/farm/words.ts";
import { KEY, mount } from "./mount.ts";

const farm = await mount();
after(() => farm.close());
const linked = await farm.link();

/** By hand, once more: scope and state of the code met in a read of owners. A dash: no state. */
const MET: Record<keyof typeof WORDS, string> = {
  "BANK-1001": "application -",
  "BANK-1002": "application -",
  "BANK-1101": "request UNDETERMINED/INTERNAL_ERROR",
  "BANK-1102": "request UNDETERMINED/INTERNAL_ERROR",
  "BANK-1103": "request UNDETERMINED/INTERNAL_ERROR",
  "BANK-1104": "session - restart",
  "BANK-1105": "connection UNDETERMINED/INTERNAL_ERROR",
  "BANK-1106": "request UNDETERMINED/INTERNAL_ERROR",
  "BANK-2001": "session -",
  "BANK-2002": "session -",
  "BANK-2003": "session -",
  "BANK-2004": "session -",
  "BANK-2005": "session -",
  "BANK-2006": "session -",
  "BANK-2007": "session -",
  "BANK-2008": "session -",
  "BANK-2009": "request UNDETERMINED/INTERNAL_ERROR",
  "BANK-2010": "session -",
  "BANK-3001": "quota -",
  "BANK-3002": "quota -",
  "BANK-4001": "connection RECONNECT_REQUIRED/LOGIN_REQUIRED",
  "BANK-4002": "connection RECONNECT_REQUIRED/LOGIN_REQUIRED",
  "BANK-4003": "connection DEGRADED/INSTITUTION_ACTION_REQUIRED",
  "BANK-4004": "connection DEGRADED/INSTITUTION_ACTION_REQUIRED",
  "BANK-4011": "connection RECONNECT_REQUIRED/TOKEN_EXPIRED",
  "BANK-4012": "connection RECONNECT_REQUIRED/TOKEN_EXPIRED",
  "BANK-4013": "connection RECONNECT_REQUIRED/OTHER",
  "BANK-4014": "connection RECONNECT_REQUIRED/OTHER",
  "BANK-4021": "connection RECONNECT_REQUIRED/REPAIRING_INSTITUTION",
  "BANK-4031": "session - needsCustomer",
  "BANK-4040": "connection RECONNECT_REQUIRED/OTHER gone",
  "BANK-4041": "connection UNRECOVERABLE/OTHER",
  "BANK-4042": "connection RECONNECT_REQUIRED/OTHER",
  "BANK-4051": "product PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS unavailable OWNERS",
  "BANK-4052": "product PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS unavailable OWNERS",
  "BANK-4061": "product PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS OWNERS",
  "BANK-4062": "product PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS OWNERS",
  "BANK-5001": "connection DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  "BANK-5002": "connection DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  "BANK-5031": "connection DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE",
  "BANK-5041": "connection UNDETERMINED/AGGREGATION_TIMEOUT",
  "BANK-5051": "connection UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET",
  "BANK-5061": "connection UNRECOVERABLE/INSTITUTION_DISABLED",
};

async function met(code: string, accounts: readonly string[] = []): Promise<string> {
  await farm.call.fetch(`${farm.settings.baseUrl}/control/lines/${linked.ref}/trouble`, {
    method: "PUT",
    headers: { "x-farm-key": KEY },
    body: JSON.stringify({ code, accounts }),
  });
  const read = await farm.provider.readOwners.run(farm.call, linked);
  assert.ok(!read.ok, code);
  const { scope, state, raw, product, ...more } = read.trouble;
  assert.equal(raw.code, code);
  assert.equal(raw.httpStatus, Object.hasOwn(WORDS, code) ? WORDS[code as keyof typeof WORDS][0] : 500);
  const flags = ["restart", "needsCustomer", "gone", "unavailable"].filter((flag) => flag in more);
  return [scope, state ?? "-", ...flags, ...(product === undefined ? [] : [product])].join(" ");
}

test("The map has the farm's published codes, all of them and no other", () => {
  assert.deepEqual(Object.keys(CODES), Object.keys(WORDS));
  assert.ok(!(UNPUBLISHED in WORDS));
});

test("Every published code comes through HTTP as its trouble, the farm's code beside it", async () => {
  const found: Record<string, string> = {};
  for (const code of Object.keys(WORDS)) found[code] = await met(code);
  assert.deepEqual(found, MET);
});

test("A code that is in no list is unknown, whatever it is called", async () => {
  for (const code of [UNPUBLISHED, "constructor", "__proto__", "bank-4001"]) {
    assert.equal(await met(code), "connection UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE");
  }
});
