/** Bounds on what the gateway asks of others, and on its own work: providers, webhooks, the queue. */
import { MOST_BYTES } from "../../src/actions/call.ts";
import { FETCHES_A_MINUTE, KEY_TIME } from "../../src/actions/check-webhook.ts";
import { LOOK_FOR, SPACING, WAIT_FOR_KEY } from "../../src/actions/hear-webhook.ts";
import { MOST_UNVERIFIED } from "../../src/actions/receive-webhook.ts";
import { PATIENCE as REVOKING } from "../../src/actions/revoke.ts";
import { ATTENDED, MOST_RESTARTS } from "../../src/actions/run.ts";
import { ANSWER_WITHIN } from "../../src/actions/send-webhook.ts";
import { SETTINGS } from "../../src/config.ts";
import { backoffCap } from "../../src/core/status/policy.ts";
import { plaid } from "../../src/providers/plaid/plaid.ts";
import { OLDEST } from "../../src/providers/plaid/verify-webhook.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";
import { BEAT } from "../../src/queue/lease.ts";
import { GRACE } from "../../src/serve.ts";
import { GIVE_UP_AFTER } from "../../src/stopping.ts";
import { LEASE } from "../../src/store/tasks.ts";
import { CONNECT_WITHIN, MOST_BODY } from "../../src/webhooks/guard.ts";
import { LONG_FAILURE, MOST_PATIENCE, MOST_PAUSE, SLOTS, WAITS } from "../../src/webhooks/schedule.ts";
import type { Bound } from "./bound.ts";

const providers = [plaid({ clientId: "", secret: "", environment: "sandbox" }), sandbox({ baseUrl: "", key: "" })];

export const DONE: readonly Bound[] = [
  ...providers.flatMap(({ name, callTime, runTime }): Bound[] => [
    {
      what: `One call to ${name}`,
      value: callTime,
      unit: "time",
      in: `src/providers/${name.toLowerCase()}/${name.toLowerCase()}.ts`,
      seen: "UNDETERMINED/AGGREGATION_TIMEOUT",
      by: "test/fuzz/readers.test.ts",
    },
    {
      what: `One whole run at ${name}`,
      value: runTime,
      unit: "time",
      in: `src/providers/${name.toLowerCase()}/${name.toLowerCase()}.ts`,
      seen: "UNDETERMINED/AGGREGATION_TIMEOUT; what had come is kept",
    },
  ]),
  {
    what: "An answer of a provider",
    value: MOST_BYTES,
    unit: "bytes",
    in: "src/actions/call.ts",
    seen: "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE; no more of it is read",
    by: "test/actions/oversized.test.ts",
  },
  {
    what: "New beginnings of a run whose pages move under it",
    value: MOST_RESTARTS,
    unit: "at most",
    in: "src/actions/run.ts",
    seen: "the run ends, and the next goes on",
  },
  {
    what: "How long after the widget the customer counts as present",
    value: ATTENDED,
    unit: "time",
    in: "src/actions/run.ts",
    seen: "verbs that may ask the customer wait for a session",
  },
  {
    what: "Between retries of a connection in trouble",
    value: backoffCap,
    unit: "time",
    in: "src/core/status/policy.ts",
    seen: "`nextStep` says when",
    by: "test/core/schedule.test.ts",
  },
  {
    what: "Trying to end access at a provider",
    value: REVOKING,
    unit: "time",
    in: "src/actions/revoke.ts",
    seen: "the operator is alarmed; it is tried on",
  },
  {
    what: "Age of a signature on Plaid's webhooks",
    value: OLDEST,
    unit: "time",
    in: "src/providers/plaid/verify-webhook.ts",
    seen: "401, and it is kept as forged",
    by: "test/providers/plaid/webhooks.test.ts",
  },
  {
    what: "Fetching a key for such a signature",
    value: KEY_TIME,
    unit: "time",
    in: "src/actions/check-webhook.ts",
    seen: "the webhook is kept, and verified later",
    by: "test/stories/unverified-webhooks.test.ts",
  },
  {
    what: "Fetches of keys, by process",
    value: FETCHES_A_MINUTE,
    unit: "a minute",
    in: "src/actions/check-webhook.ts",
    seen: "the webhook is kept, and verified later",
  },
  {
    what: "Webhooks that wait for a key, by provider",
    value: MOST_UNVERIFIED,
    unit: "at most",
    in: "src/actions/receive-webhook.ts",
    seen: "503 `PROVIDER_UNAVAILABLE`: the provider sends again",
    by: "test/stories/unverified-webhooks.test.ts",
  },
  {
    what: "Waiting for that key",
    value: WAIT_FOR_KEY,
    unit: "time",
    in: "src/actions/hear-webhook.ts",
    seen: "the webhook does nothing; reads go on by themselves",
    by: "test/stories/unverified-webhooks.test.ts",
  },
  {
    what: "Looking for the connection that a webhook names",
    value: LOOK_FOR,
    unit: "time",
    in: "src/actions/hear-webhook.ts",
    seen: "its outcome is UNKNOWN_CONNECTION",
  },
  {
    what: "Between reads that webhooks make due",
    value: SPACING,
    unit: "time",
    in: "src/actions/hear-webhook.ts",
    seen: "a storm of hints is few reads",
  },
  {
    what: "Connecting to an endpoint",
    value: CONNECT_WITHIN,
    unit: "time",
    in: "src/webhooks/guard.ts",
    seen: "a failed try",
  },
  {
    what: "An endpoint's whole answer",
    value: ANSWER_WITHIN,
    unit: "time",
    in: "src/actions/send-webhook.ts",
    seen: "a failed try",
  },
  {
    what: "Of an endpoint's answer",
    value: MOST_BODY,
    unit: "bytes",
    in: "src/webhooks/guard.ts",
    seen: "no more is read or kept",
    by: "test/webhooks/guard.test.ts",
  },
  {
    what: "Tries of a delivery",
    value: WAITS.length + 1,
    unit: "at most",
    in: "src/webhooks/schedule.ts",
    seen: "FAILED; replay sends it again",
    by: "test/webhooks/schedule.test.ts",
  },
  {
    what: "Between the first and the last of them, before jitter",
    value: WAITS.reduce((sum, wait) => sum + wait, 0),
    unit: "time",
    in: "src/webhooks/schedule.ts",
    seen: "FAILED; replay sends it again",
    by: "test/webhooks/schedule.test.ts",
  },
  {
    what: "An endpoint's own Retry-After",
    value: MOST_PATIENCE,
    unit: "time",
    in: "src/webhooks/schedule.ts",
    seen: "it is asked again by then",
    by: "test/webhooks/schedule.test.ts",
  },
  {
    what: "Deliveries under way to one endpoint",
    value: SLOTS,
    unit: "at most",
    in: "src/webhooks/schedule.ts",
    seen: "the others wait; other endpoints don't",
    by: "test/webhooks/schedule.test.ts",
  },
  {
    what: "A pause of an endpoint that fails",
    value: MOST_PAUSE,
    unit: "time",
    in: "src/webhooks/schedule.ts",
    seen: "one try at a time",
    by: "test/webhooks/schedule.test.ts",
  },
  {
    what: "An endpoint that only fails, until it is switched off",
    value: LONG_FAILURE.span,
    unit: "time",
    in: "src/webhooks/schedule.ts",
    seen: "DISABLED, and the operator is told",
    by: "test/webhooks/schedule.test.ts",
  },
  {
    what: "Tasks in hand, by process",
    value: Number(SETTINGS.BOWLINE_WORKERS.fallback),
    unit: "at most",
    setting: "BOWLINE_WORKERS",
    in: "src/queue/worker.ts",
    seen: "the others wait for their turn",
  },
  {
    what: "A task's lease",
    value: LEASE,
    unit: "time",
    in: "src/store/tasks.ts",
    seen: "another process takes the task; what the first still writes is refused",
    by: "test/store/tasks.test.ts",
  },
  { what: "Between renewals of a lease", value: BEAT, unit: "time", in: "src/queue/lease.ts", seen: "nothing" },
  {
    what: "At a stop, what is in hand",
    value: GRACE,
    unit: "time",
    in: "src/serve.ts",
    seen: "it is let go; its lease ends, and it is done again",
  },
  {
    what: "At a stop, the built-in database",
    value: GIVE_UP_AFTER,
    unit: "time",
    in: "src/stopping.ts",
    seen: "it is left to itself; the next start finds it",
  },
];
