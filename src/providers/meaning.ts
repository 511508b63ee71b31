import type { TroubleState } from "../core/status/health.ts";

/** What a row of a provider's code map may say. What is not in the map is unknown, and unknown is never healthy. */
export type Meaning =
  | TroubleState
  /** The product (or account) being read is missing; the rest goes on. */
  | "partial"
  /** The product is not offered or not consented to. */
  | "unavailable"
  /** The customer must be present for every refresh. */
  | "interactive"
  /** Access will end: read when. */
  | "consent"
  /** More accounts could be linked. */
  | "newAccounts"
  /** Access is broken at a time that is told here alone. */
  | "disconnect"
  /** Says that something happened: read. */
  | "hint"
  /** Of the session, the job or the page; the connection's health is untouched. */
  | "noChange"
  /** A limit: when to come back, nothing else. */
  | "quota"
  /** Our keys, our registration, our plan: the operator's alarm. */
  | "ours"
  /** Our request was wrong: INTERNAL_ERROR. */
  | "request";
