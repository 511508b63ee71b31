/**
 * The exits of every row that can be left, written by hand from the rules: under each row the rows that it can be left
 * for, and by what. The walk in scripts/print/walk.ts must find these and no others.
 */
import type { Cause, FactName } from "../../scripts/print/walk.ts";
import type { State, Status } from "../../src/core/status/table.ts";

type Exits = Partial<Record<State, readonly FactName[]>>;

interface Row {
  /** Statuses whose troubles of the whole connection show at once, each as itself (the row's own is no exit). */
  troubles: readonly Status[];
  exits: Exits;
}

const row = (troubles: readonly Status[], exits: Exits): Row => ({ troubles, exits });

const PARTIAL = "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";
const TWIN = "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE";
const BANK_AWAY = "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE";
const BANK_WAITS = "DEGRADED/INSTITUTION_ACTION_REQUIRED";
const PROVIDER_AWAY = "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";
const ATTENDED = "DEGRADED/INTERACTIVE_REFRESH";
const LOGIN = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
const REPAIRING = "RECONNECT_REQUIRED/REPAIRING_INSTITUTION";
const LAPSED = "RECONNECT_REQUIRED/TOKEN_EXPIRED";
const REVOKED = "RECONNECT_REQUIRED/OTHER";
const FAILED_ON = "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES";
const DISABLED = "UNRECOVERABLE/INSTITUTION_DISABLED";
const LOST = "UNRECOVERABLE/OTHER";
const TIMEOUT = "UNDETERMINED/AGGREGATION_TIMEOUT";
const TICKET = "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET";
const UNKNOWN = "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE";
const INTERNAL = "UNDETERMINED/INTERNAL_ERROR";
const SOON = "ACTIVE/ACCESS_EXPIRING_SOON";
const MORE = "ACTIVE/NEW_ACCOUNTS_AVAILABLE";

const FROM_LOST = ["UNRECOVERABLE"] as const;
const FROM_RECONNECT = ["RECONNECT_REQUIRED", ...FROM_LOST] as const;
const FROM_DEGRADED = ["DEGRADED", ...FROM_RECONNECT] as const;
const ANY = ["UNDETERMINED", ...FROM_DEGRADED] as const;

/** Out of every linked row; nothing else ends a duplicate or a deletion. */
const others: Exits = { [TWIN]: ["rival"], DELETED: ["deletion"] };
const healed: Exits = { ACTIVE: ["good run", "reconnect"] };
const inPart: Exits = { [PARTIAL]: ["one account failing", "one product failing"] };
const orStale: Exits = { [PARTIAL]: ["one account failing", "one product failing", "nothing new of one"] };
/** What outranks continued failures, DEGRADED and all below. */
const grave: Exits = { [LOGIN]: ["every account failing"], [LAPSED]: ["access ended"] };
/** What outranks DEGRADED and all below. */
const worse: Exits = { ...grave, [FAILED_ON]: ["three failures"] };
/** What outranks everything but errors. */
const unread: Exits = { ...worse, [UNKNOWN]: ["empty list"] };
const stale: Exits = { [PROVIDER_AWAY]: ["nothing new"], [INTERNAL]: ["we hold off"] };

export const EXITS: Readonly<Record<string, Row>> = {
  IN_PROGRESS: row([], { ACTIVE: ["finish"], EXPIRED: ["clock"], DELETED: ["deletion"] }),

  ACTIVE: row(ANY, {
    ...others,
    ...unread,
    ...orStale,
    ...stale,
    [ATTENDED]: ["must attend"],
    [SOON]: ["access ending"],
    [MORE]: ["more accounts"],
  }),
  [SOON]: row(ANY, {
    ...others,
    ...unread,
    ...orStale,
    ...stale,
    [ATTENDED]: ["must attend"],
    ACTIVE: ["access unending", "reconnect"],
    [LAPSED]: ["access ended", "clock"],
  }),
  [MORE]: row(ANY, {
    ...others,
    ...unread,
    ...orStale,
    ...stale,
    [ATTENDED]: ["must attend"],
    [SOON]: ["access ending"],
    ACTIVE: ["no more accounts", "reconnect"],
  }),

  [`${PARTIAL} by a trouble`]: row(ANY, {
    ...others,
    ...unread,
    ACTIVE: ["good run", "not offered", "reconnect"],
  }),
  // A reconnect brings no data.
  [`${PARTIAL} by stale data`]: row(ANY, {
    ...others,
    ...unread,
    ...stale,
    ACTIVE: ["good run", "not offered"],
  }),
  // Nothing that a read tells is shown of a duplicate.
  [TWIN]: row([], { ACTIVE: ["reconnect", "refresh", "rival gone"], DELETED: ["deletion"] }),

  [BANK_AWAY]: row(FROM_DEGRADED, { ...others, ...healed, ...inPart, ...worse }),
  [BANK_WAITS]: row(FROM_DEGRADED, { ...others, ...healed, ...inPart, ...worse }),
  [`${PROVIDER_AWAY} by a trouble`]: row(FROM_DEGRADED, { ...others, ...healed, ...inPart, ...worse }),
  [`${PROVIDER_AWAY} by stale data`]: row(ANY, {
    ...others,
    ...inPart,
    ...unread,
    ACTIVE: ["good run"],
    [ATTENDED]: ["must attend"],
    [INTERNAL]: ["we hold off"],
  }),
  // A reconnect does not end it: it is how this bank is.
  [ATTENDED]: row(ANY, { ...others, ...unread, ...orStale, ACTIVE: ["need not attend"] }),

  [LOGIN]: row(FROM_RECONNECT, { ...others, ...healed, ...inPart, [LAPSED]: ["access ended"] }),
  [REPAIRING]: row(FROM_RECONNECT, { ...others, ...healed, ...inPart, ...grave }),
  [`${LAPSED} by a trouble`]: row(FROM_RECONNECT, {
    ...others,
    ...healed,
    ...inPart,
    [LOGIN]: ["every account failing"],
  }),
  [`${LAPSED} by the end of the access`]: row(FROM_RECONNECT, {
    ...others,
    ...inPart,
    ACTIVE: ["good run", "access unending", "reconnect"],
    [SOON]: ["access ending"],
    [LOGIN]: ["every account failing"],
  }),
  [`${REVOKED} by a trouble`]: row(FROM_RECONNECT, { ...others, ...healed, ...inPart, ...grave }),
  // No account was ever listed, so none can be in trouble.
  [`${REVOKED} by an empty first list`]: row(FROM_RECONNECT, {
    ...others,
    ...healed,
    ...inPart,
    [LAPSED]: ["access ended"],
  }),

  [FAILED_ON]: row(FROM_RECONNECT, { ...others, ...healed, ...inPart, ...grave }),
  [DISABLED]: row([], { ...others, ...inPart, ACTIVE: ["good run", "supported again", "reconnect"] }),
  [LOST]: row(FROM_LOST, { ...others, ...healed, ...inPart }),

  [TIMEOUT]: row(ANY, { ...others, ...healed, ...inPart, ...unread }),
  [TICKET]: row(ANY, { ...others, ...healed, ...inPart, ...unread }),
  [`${UNKNOWN} by a trouble`]: row(ANY, { ...others, ...healed, ...inPart, ...worse }),
  [`${UNKNOWN} by an empty list`]: row(ANY, { ...others, ...healed, ...inPart, ...worse }),
  [`${INTERNAL} by a trouble`]: row(ANY, { ...others, ...healed, ...inPart, ...unread }),
  [`${INTERNAL} by stale data`]: row(ANY, {
    ...others,
    ...inPart,
    ...unread,
    ACTIVE: ["good run"],
    [ATTENDED]: ["must attend"],
    // The latest block says whose fault it is.
    [PROVIDER_AWAY]: ["nothing new", "nothing new of one"],
  }),
};

/** Never an exit of any row, whatever the row. */
export const NO_EXITS: readonly Cause[] = ["good probe", "quota", "needs customer", "hold"];
