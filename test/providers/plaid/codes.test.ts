/**
 * Every published code goes over HTTP and comes back as the trouble that is typed here by hand, from Plaid's pages of
 * errors and the gateway's rules; so neither the map nor its reader can be wrong alone.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { CODES } from "../../../src/providers/plaid/codes.ts";
import { failNext, plaidErrorOf } from "./fixture/world.ts";
import { facts, play, trouble } from "./played.ts";

/** `scope state`, and the codes that mean it when the accounts are read. */
const PUBLISHED: Readonly<Record<string, string>> = {
  "connection RECONNECT_REQUIRED/LOGIN_REQUIRED":
    "ITEM_LOGIN_REQUIRED INVALID_CREDENTIALS INVALID_MFA PLAID_DIRECT_ITEM_IMPORT_RETURNED_INVALID_MFA",
  "connection RECONNECT_REQUIRED/TOKEN_EXPIRED":
    "ITEM_LOGIN_REQUIRED+OAUTH_INVALID_TOKEN ITEM_LOGIN_REQUIRED+OAUTH_CONSENT_EXPIRED",
  "connection RECONNECT_REQUIRED/OTHER": "ITEM_LOGIN_REQUIRED+OAUTH_USER_REVOKED NO_ACCOUNTS USER_PERMISSION_REVOKED",
  "product RECONNECT_REQUIRED/OTHER": "ACCESS_NOT_GRANTED",
  "connection DEGRADED/INSTITUTION_ACTION_REQUIRED": "ITEM_LOCKED PASSWORD_RESET_REQUIRED USER_SETUP_REQUIRED",
  "connection DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE":
    "INSTITUTION_DOWN INSTITUTION_NOT_RESPONDING INSTITUTION_NOT_AVAILABLE UNSUPPORTED_RESPONSE",
  "provider DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE":
    "INTERNAL_SERVER_ERROR plaid-internal-error PLANNED_MAINTENANCE",
  "connection UNRECOVERABLE/INSTITUTION_DISABLED": "INSTITUTION_NO_LONGER_SUPPORTED",
  "connection UNRECOVERABLE/OTHER": "MFA_NOT_SUPPORTED ITEM_NOT_SUPPORTED ITEM_NOT_FOUND ITEM_CONCURRENTLY_DELETED",
  "product PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS":
    "NO_AUTH_ACCOUNTS no-depository-accounts NO_INVESTMENT_ACCOUNTS NO_INVESTMENT_AUTH_ACCOUNTS " +
    "NO_LIABILITY_ACCOUNTS INVALID_ACCOUNT_ID LAST_UPDATED_DATETIME_OUT_OF_RANGE " +
    "PRODUCTS_NOT_SUPPORTED PRODUCT_NOT_ENABLED ADDITIONAL_CONSENT_REQUIRED",
  "request UNDETERMINED/INTERNAL_ERROR":
    "INSTITUTION_NOT_FOUND INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT INVALID_ACCESS_TOKEN INVALID_INSTITUTION " +
    "INVALID_LINK_CUSTOMIZATION INVALID_PROCESSOR_TOKEN INVALID_USER_TOKEN INVALID_WEBHOOK_VERIFICATION_KEY_ID " +
    "INCOMPATIBLE_API_VERSION INVALID_BODY INVALID_CONFIGURATION INVALID_FIELD INVALID_HEADERS MISSING_FIELDS " +
    "NO_LONGER_AVAILABLE NOT_FOUND SANDBOX_ONLY UNKNOWN_FIELDS",
  "connection UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET":
    "INSTITUTION_REGISTRATION_REQUIRED UNAUTHORIZED_INSTITUTION CREDITS_EXHAUSTED TRIAL_CONNECTION_LIMIT",
  "application null":
    "INVALID_API_KEYS UNAUTHORIZED_ENVIRONMENT UNAUTHORIZED_ROUTE_ACCESS DIRECT_INTEGRATION_NOT_ENABLED " +
    "INVALID_PRODUCT",
  "quota null":
    "ACCOUNTS_LIMIT ACCOUNTS_BALANCE_GET_LIMIT ADDITION_LIMIT AUTH_LIMIT BALANCE_LIMIT IDENTITY_LIMIT " +
    "INSTITUTIONS_GET_LIMIT INSTITUTIONS_GET_BY_ID_LIMIT INSTITUTION_RATE_LIMIT INVESTMENT_HOLDINGS_GET_LIMIT " +
    "INVESTMENT_TRANSACTIONS_LIMIT ITEM_GET_LIMIT RATE_LIMIT TRANSACTIONS_LIMIT TRANSACTIONS_REFRESH_LIMIT " +
    "TRANSACTIONS_SYNC_LIMIT",
  "session null":
    "PRODUCT_NOT_READY INSTANT_MATCH_FAILED INSUFFICIENT_CREDENTIALS INVALID_OTP INVALID_PHONE_NUMBER " +
    "INVALID_SEND_METHOD INVALID_UPDATED_USERNAME MANUAL_VERIFICATION_REQUIRED USER_INPUT_TIMEOUT " +
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION INVALID_PUBLIC_TOKEN INVALID_LINK_TOKEN INCORRECT_DEPOSIT_AMOUNTS " +
    "INCORRECT_DEPOSIT_VERIFICATION TOO_MANY_VERIFICATION_ATTEMPTS INVALID_ACCOUNT_NUMBER INCORRECT_OAUTH_NONCE " +
    "INCORRECT_LINK_TOKEN OAUTH_STATE_ID_ALREADY_PROCESSED OAUTH_STATE_ID_NOT_FOUND RECAPTCHA_REQUIRED RECAPTCHA_BAD",
};

const rows = Object.entries(PUBLISHED).flatMap(([means, codes]) =>
  codes.split(" ").map((key) => {
    const [code = "", reason = null] = key.split("+");
    return { means, key: key.replace("+", " + "), code, reason };
  }),
);

/** Of the product that is missing here, and of the Item that Plaid has no more. */
const UNAVAILABLE = ["PRODUCTS_NOT_SUPPORTED", "PRODUCT_NOT_ENABLED", "ADDITIONAL_CONSENT_REQUIRED"];
const GONE = ["ITEM_NOT_FOUND", "ITEM_CONCURRENTLY_DELETED"];

test("every published code has a row in the map, and every row is published", () => {
  assert.deepEqual(Object.keys(CODES).toSorted(), rows.map(({ key }) => key).toSorted());
});

test("every code in answer to a read is the trouble of its row", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { held } = await played.link();
  for (const { means, code, reason } of rows) {
    failNext(world, "/accounts/get", plaidErrorOf(code, "ITEM_ERROR", reason));
    const met = trouble(await provider.readAccounts.run(call, held));
    assert.equal(`${met.scope} ${met.state}`, means, code);
    assert.equal(met.raw.code, code);
    assert.equal(met.raw.httpStatus, 400);
    assert.ok(met.raw.requestId, code);
    assert.equal(met.product, met.scope === "product" ? "BALANCES" : undefined, code);
    assert.equal(met.unavailable ?? false, UNAVAILABLE.includes(code), code);
    assert.equal(met.gone ?? false, GONE.includes(code), code);
    assert.equal(met.restart ?? false, code === "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", code);
    assert.equal(met.notBefore !== undefined, met.scope === "quota", code);
  }
});

test("every code that stands on an Item is told with it, and never of one product", async () => {
  await using played = await play();
  const { provider, call } = played;
  const { held, item } = await played.link();
  for (const { means, code, reason } of rows) {
    const [scope, state] = means.split(" ");
    if (scope !== "connection" && scope !== "provider" && code !== "ACCESS_NOT_GRANTED") continue;
    item.error = plaidErrorOf(code, "ITEM_ERROR", reason);
    const [told, ...more] = facts(await provider.readConnection!.run(call, held)).troubles ?? [];
    assert.equal(more.length, 0, code);
    assert.equal(told?.state, state, code);
    assert.equal(told?.scope, scope === "product" ? "connection" : scope, code);
  }
});

test("in the customer's session no code is anybody's health", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  for (const { means, code, reason } of rows) {
    const [scope] = means.split(" ");
    failNext(world, "/item/public_token/exchange", plaidErrorOf(code, "ITEM_ERROR", reason));
    const met = trouble(await provider.finishLink.run(call, { state: "", proof: { publicToken: "public-sandbox-x" } }));
    const kept = scope === "application" || scope === "quota" || scope === "request" || scope === "provider";
    assert.equal(met.scope, kept ? scope : "session", code);
    if (!kept) assert.equal(met.state, null, code);
  }
});

test("a reason that nobody knows leaves the code's own meaning, and is kept", async () => {
  await using played = await play();
  const { held } = await played.link();
  failNext(played.world, "/accounts/get", plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR", "OAUTH_MOON"));
  const met = trouble(await played.provider.readAccounts.run(played.call, held));
  assert.equal(met.state, "RECONNECT_REQUIRED/LOGIN_REQUIRED");
  assert.match(met.raw.message ?? "", /\(OAUTH_MOON\)/);
});

test("a code that nobody knows is unknown; a limit that nobody knows is still a limit", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { held } = await played.link();
  for (const code of ["NEVER_SEEN", "constructor", "__proto__"]) {
    failNext(world, "/accounts/get", plaidErrorOf(code, "ITEM_ERROR"));
    const met = trouble(await provider.readAccounts.run(call, held));
    assert.equal(met.state, "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE");
    assert.equal(met.raw.code, code);
  }
  failNext(world, "/accounts/get", plaidErrorOf("MOON_LIMIT", "RATE_LIMIT_EXCEEDED"), 429);
  const met = trouble(await provider.readAccounts.run(call, held));
  assert.deepEqual([met.scope, met.state, met.raw.code], ["quota", null, "MOON_LIMIT"]);
});
