/** Bounds on what others ask of the gateway: requests, lists, sessions, imports. */
import { maxHeaderSize } from "node:http";
import { SETTINGS } from "../../src/config.ts";
import { MOST as SESSION_NOTES } from "../../src/actions/session-events.ts";
import { LONGEST as LONGEST_ENTRY } from "../../src/command/file-parts.ts";
import { DAY, holdExtension, widgetLifetime } from "../../src/core/status/policy.ts";
import { MOST as ADDRESSES } from "../../src/http/addresses.ts";
import { MOST_IDS } from "../../src/http/audit.ts";
import { DEEPEST } from "../../src/http/bodies.ts";
import { MOST as LIVES } from "../../src/http/dashboard/demo.ts";
import { MOST_PAGES } from "../../src/http/dashboard/live.ts";
import { MOST as FOUND } from "../../src/http/dashboard/search.ts";
import { LASTS } from "../../src/http/dashboard/session.ts";
import { BODY_LIMIT, PARAM_LIMIT, PATIENCE } from "../../src/http/http.ts";
import { MOST as LONGEST_IDEMPOTENCY_KEY } from "../../src/http/idempotency.ts";
import { MOST as IMPORTED } from "../../src/http/import.ts";
import { MOST as LONGEST_KEY } from "../../src/http/keys.ts";
import { MOST as PAGE } from "../../src/http/listing.ts";
import { MOST as ADDRESSES_COUNTED, WINDOW } from "../../src/http/rate-limit.ts";
import { LONGEST as LONGEST_ADVANCE } from "../../src/http/sandbox.ts";
import { CLOCK_BUDGET, READY_WITHIN } from "../../src/serve.ts";
import { COUNTED } from "../../src/store/lists/page.ts";
import type { Bound } from "./bound.ts";

const set = (name: "BOWLINE_RATE_LIMIT" | "BOWLINE_REFUSED_LIMIT") => ({
  value: Number(SETTINGS[name].fallback),
  unit: "a minute" as const,
  setting: name,
});

export const ASKED: readonly Bound[] = [
  {
    what: "Requests of one key or one customer's session",
    ...set("BOWLINE_RATE_LIMIT"),
    in: "src/http/rate-limit.ts",
    seen: "429 `TOO_EARLY` with Retry-After; what is left is told in each answer",
    by: "test/http/rate-limit.test.ts",
  },
  {
    what: "Keys, tokens and sign-ins that are not known, of one address",
    ...set("BOWLINE_REFUSED_LIMIT"),
    in: "src/http/rate-limit.ts",
    seen: "429 `TOO_EARLY` with Retry-After, whatever is tried",
    by: "test/http/sign-in.test.ts",
  },
  { what: "The window of both", value: WINDOW, unit: "time", in: "src/http/rate-limit.ts", seen: "Retry-After" },
  {
    what: "Addresses that are counted at once",
    value: ADDRESSES_COUNTED,
    unit: "at most",
    in: "src/http/rate-limit.ts",
    seen: "those that were met first are forgotten",
  },
  {
    what: "A request's head",
    value: maxHeaderSize,
    unit: "bytes",
    in: "src/http/errors.ts",
    seen: "431, and the connection is closed",
    by: "test/http/answers.test.ts",
  },
  {
    what: "Until a request's head is in",
    value: PATIENCE.head,
    unit: "time",
    in: "src/http/http.ts",
    seen: "408, and the connection is closed",
    by: "test/http/patience.test.ts",
  },
  {
    what: "Until the whole request is in",
    value: PATIENCE.request,
    unit: "time",
    in: "src/http/http.ts",
    seen: "408, and the connection is closed",
    by: "test/http/patience.test.ts",
  },
  {
    what: "A body, a provider's webhook included",
    value: BODY_LIMIT,
    unit: "bytes",
    in: "src/http/http.ts",
    seen: "413 `PAYLOAD_TOO_LARGE`",
    by: "test/http/bad-input.test.ts",
  },
  {
    what: "Depth of a body",
    value: DEEPEST,
    unit: "levels",
    in: "src/http/bodies.ts",
    seen: "400 `BAD_REQUEST`",
    by: "test/http/bad-input.test.ts",
  },
  {
    what: "An id in a path; longer ones are no path at all",
    value: PARAM_LIMIT,
    unit: "characters",
    in: "src/http/http.ts",
    seen: "400 that names the field",
    by: "test/http/bounds.test.ts",
  },
  {
    what: "An API key or connect token",
    value: LONGEST_KEY,
    unit: "characters",
    in: "src/http/keys.ts",
    seen: "401 `UNAUTHORIZED`, and nothing is looked up",
    by: "test/http/bounds.test.ts",
  },
  {
    what: "An idempotency key",
    value: LONGEST_IDEMPOTENCY_KEY,
    unit: "characters",
    in: "src/http/idempotency.ts",
    seen: "400 `BAD_REQUEST`",
    by: "test/http/idempotency.test.ts",
  },
  {
    what: "Records of a page (lists of small rows say their own)",
    value: PAGE,
    unit: "at most",
    in: "src/http/listing.ts",
    seen: "400 that names `limit`",
    by: "test/http/bounds.test.ts",
  },
  {
    what: "Records that `remaining` counts",
    value: COUNTED,
    unit: "at most",
    in: "src/store/lists/page.ts",
    seen: "the number stays there",
  },
  {
    what: "Connections of one import",
    value: IMPORTED,
    unit: "at most",
    in: "src/http/import.ts",
    seen: "400 that names `connections`; the command sends as many requests as it takes",
    by: "test/http/bounds.test.ts",
  },
  {
    what: "An entry of a file that is imported",
    value: LONGEST_ENTRY,
    unit: "characters",
    in: "src/command/file-parts.ts",
    seen: "the line is named and left out",
    by: "test/command/file-parts.test.ts",
  },
  {
    what: "Addresses of one customer",
    value: ADDRESSES,
    unit: "at most",
    in: "src/http/addresses.ts",
    seen: "400 that says so",
    by: "test/http/bounds.test.ts",
  },
  {
    what: "Ids of one entry of the audit log",
    value: MOST_IDS,
    unit: "at most",
    in: "src/http/audit.ts",
    seen: "further ones are not in it",
  },
  {
    what: "A customer's session, from the making of its token",
    value: widgetLifetime,
    unit: "time",
    in: "src/core/status/policy.ts",
    seen: "the connection is EXPIRED, its token opens nothing",
    by: "test/core/rules.test.ts",
  },
  {
    what: "A finish that began in time",
    value: holdExtension,
    unit: "time",
    in: "src/core/status/policy.ts",
    seen: "the connection is EXPIRED; what comes later makes a new one",
    by: "test/core/rules.test.ts",
  },
  {
    what: "Notes that a page may write to one session's timeline",
    value: SESSION_NOTES,
    unit: "at most",
    in: "src/actions/session-events.ts",
    seen: "further ones are not kept",
  },
  {
    what: "An operator's session",
    value: LASTS,
    unit: "time",
    in: "src/http/dashboard/session.ts",
    seen: "401, and the page asks for a key",
    by: "test/http/dashboard.test.ts",
  },
  {
    what: "Operator's pages that are told news at once, by process",
    value: MOST_PAGES,
    unit: "at most",
    in: "src/http/dashboard/live.ts",
    seen: "429 `TOO_EARLY`; the page reads without news",
    by: "test/http/dashboard.test.ts",
  },
  {
    what: "Connections that a search of the operator's finds",
    value: FOUND,
    unit: "at most",
    in: "src/http/dashboard/search.ts",
    seen: "further ones are not shown",
  },
  {
    what: "Made-up customers of one call",
    value: LIVES,
    unit: "at most",
    in: "src/http/dashboard/demo.ts",
    seen: "400 that names `end`",
    by: "test/http/bounds.test.ts",
  },
  {
    what: "A step of the sandbox's clock",
    value: LONGEST_ADVANCE,
    unit: "time",
    in: "src/http/sandbox.ts",
    seen: `400 that names \`advance\` (P${LONGEST_ADVANCE / DAY}D)`,
    by: "test/http/bounds.test.ts",
  },
  {
    what: "Real time of one such step",
    value: CLOCK_BUDGET,
    unit: "time",
    in: "src/serve.ts",
    seen: "the answer says what remains",
  },
  {
    what: "Until `/ready` gives the database up",
    value: READY_WITHIN,
    unit: "time",
    in: "src/serve.ts",
    seen: "503",
    by: "test/process/server.test.ts",
  },
];
