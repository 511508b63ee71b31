// What the customer is told in each of the 23 states: what is so, whose turn it is, and the one thing to do. Complete
// by construction: a new row of the table does not compile until it has its message.
import { STEPS, type Actor } from "../../core/status/next-step.ts";
import type { State } from "../../core/status/table.ts";

/** What the one button does. `repair`: log in again, here; `close`: nothing more to do here. */
export type Action = "repair" | "close" | "again" | "other bank";

export interface Message {
  title: string;
  text: string;
  action: Action;
}

const say = (title: string, text: string, action: Action): ((bank: string) => Message) => {
  const named = (words: string, bank: string) => words.replaceAll("{bank}", bank);
  return (bank) => ({ title: named(title, bank), text: named(text, bank), action });
};

export const MESSAGES: Record<State, (bank: string) => Message> = {
  IN_PROGRESS: say("Connect {bank}", "You have begun to connect {bank}. Log in there to finish.", "repair"),
  EXPIRED: say(
    "This link has run out",
    "Connecting {bank} was not finished in time. Go back and begin again.",
    "close",
  ),

  ACTIVE: say("{bank} is connected", "All is well, and there is nothing that you have to do.", "close"),
  "ACTIVE/ACCESS_EXPIRING_SOON": say(
    "Keep {bank} connected",
    "{bank} gives access for a limited time, and it ends soon. Log in once more to go on without a break.",
    "repair",
  ),
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE": say(
    "{bank} has new accounts",
    "You have accounts at {bank} that are not shared yet. Log in to choose which to add.",
    "repair",
  ),

  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS": say(
    "Some of {bank} is missing",
    "A part of your data has not arrived. It is tried again by itself; logging in once more can help.",
    "repair",
  ),
  "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE": say(
    "{bank} is connected twice",
    "Another connection covers this login already and is kept up to date. There is nothing that you have to do.",
    "close",
  ),

  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": say(
    "{bank} does not answer right now",
    "The trouble is at {bank} and usually passes soon. It is tried again by itself.",
    "close",
  ),
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": say(
    "{bank} needs something from you",
    "Log in to the site or the app of {bank}: there is something to confirm or settle. It is read again by itself.",
    "close",
  ),
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": say(
    "The way to {bank} is interrupted",
    "The service that reaches {bank} has trouble, which usually passes soon. It is tried again by itself.",
    "close",
  ),
  "DEGRADED/INTERACTIVE_REFRESH": say(
    "{bank} asks for you each time",
    "{bank} answers only while you are there. Log in to bring your data up to date.",
    "repair",
  ),

  "RECONNECT_REQUIRED/LOGIN_REQUIRED": say(
    "Log in to {bank} again",
    "{bank} no longer takes the login it was given, perhaps because a password has changed.",
    "repair",
  ),
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": say(
    "{bank} is being repaired",
    "The way to {bank} is being rebuilt. You can try to log in now, or once more later.",
    "repair",
  ),
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": say(
    "Allow {bank} again",
    "The access that you gave has come to its end, as {bank} asks for it. Log in to allow it again.",
    "repair",
  ),
  "RECONNECT_REQUIRED/OTHER": say(
    "Connect {bank} again",
    "Access to {bank} has stopped. Log in to start it again.",
    "repair",
  ),

  "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES": say(
    "{bank} has not answered for a long time",
    "Nothing has come from {bank} for weeks. Log in again; if that fails, connect the bank anew.",
    "repair",
  ),
  "UNRECOVERABLE/INSTITUTION_DISABLED": say(
    "{bank} is no longer supported",
    "{bank} can't be reached any more. What it has sent is kept; to go on, connect another bank.",
    "close",
  ),
  "UNRECOVERABLE/OTHER": say(
    "The connection to {bank} is lost",
    "Try to log in again. If that fails, connect the bank anew.",
    "repair",
  ),

  "UNDETERMINED/AGGREGATION_TIMEOUT": say(
    "{bank} is taking long",
    "{bank} did not finish in time. It is tried again by itself, and there is nothing that you have to do.",
    "close",
  ),
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": say(
    "We are looking into {bank}",
    "Something is wrong that only support can mend. Tell them the reference below if you write to them.",
    "close",
  ),
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": say(
    "We are looking into {bank}",
    "{bank} answered with something new to us. It is looked into, and tried again by itself.",
    "close",
  ),
  "UNDETERMINED/INTERNAL_ERROR": say(
    "We made a mistake",
    "Reading {bank} failed on our side. It is looked into; there is nothing that you have to do.",
    "close",
  ),

  DELETED: say("{bank} is disconnected", "This connection was deleted, and all its data with it.", "close"),
};

const TURNS: Record<Actor, (bank: string) => string> = {
  customer: () => "It is your turn",
  institution: (bank) => `It is ${bank}’s turn`,
  provider: () => "It is the data service’s turn",
  operator: () => "It is our support’s turn",
  nobody: () => "Nobody has to do anything",
};

/** Whose turn it is, in the customer's words. */
export const turnOf = (state: State, bank: string): string => TURNS[STEPS[state].actor](bank);
