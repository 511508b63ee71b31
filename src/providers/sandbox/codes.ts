// The farm's codes and what they mean here. Source: the farm's own list, farm/words.ts; a test walks it row by row.
import type { Meaning } from "../provider.ts";

export const CODES = {
  "BANK-1001": "ours",
  "BANK-1002": "ours",
  "BANK-1101": "request",
  "BANK-1102": "request",
  "BANK-1103": "request",
  "BANK-1104": "hint",
  "BANK-1105": "UNDETERMINED/INTERNAL_ERROR",
  "BANK-1106": "request",

  // The customer at the bank's counter: the next try is theirs, and no connection's health is told by it.
  "BANK-2001": "noChange",
  "BANK-2002": "noChange",
  "BANK-2003": "noChange",
  "BANK-2004": "noChange",
  "BANK-2005": "noChange",
  "BANK-2006": "noChange",
  "BANK-2007": "noChange",
  "BANK-2008": "noChange",
  "BANK-2009": "request",
  "BANK-2010": "noChange",

  "BANK-3001": "quota",
  "BANK-3002": "quota",

  "BANK-4001": "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  "BANK-4002": "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  "BANK-4003": "DEGRADED/INSTITUTION_ACTION_REQUIRED",
  "BANK-4004": "DEGRADED/INSTITUTION_ACTION_REQUIRED",
  // A lapse is TOKEN_EXPIRED, a withdrawal is OTHER.
  "BANK-4011": "RECONNECT_REQUIRED/TOKEN_EXPIRED",
  "BANK-4012": "RECONNECT_REQUIRED/TOKEN_EXPIRED",
  "BANK-4013": "RECONNECT_REQUIRED/OTHER",
  "BANK-4014": "RECONNECT_REQUIRED/OTHER",
  "BANK-4021": "RECONNECT_REQUIRED/REPAIRING_INSTITUTION",
  "BANK-4031": "interactive",
  "BANK-4040": "RECONNECT_REQUIRED/OTHER",
  "BANK-4041": "UNRECOVERABLE/OTHER",
  "BANK-4042": "RECONNECT_REQUIRED/OTHER",
  "BANK-4051": "unavailable",
  "BANK-4052": "unavailable",
  "BANK-4061": "partial",
  "BANK-4062": "partial",

  "BANK-5001": "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  "BANK-5002": "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  "BANK-5031": "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE",
  "BANK-5041": "UNDETERMINED/AGGREGATION_TIMEOUT",
  "BANK-5051": "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET",
  "BANK-5061": "UNRECOVERABLE/INSTITUTION_DISABLED",
} as const satisfies Record<string, Meaning>;

/** What some codes say besides their row. */
export const ASIDE: Readonly<Record<string, { gone: true } | { restart: true }>> = {
  "BANK-4040": { gone: true },
  "BANK-1104": { restart: true },
};
