/** `bowline explain`: of a connection, how it is and what comes next; of a provider's code, what it means here. */
import { StartRefused } from "../config.ts";
import { STEPS, whyGatewayActs } from "../core/status/next-step.ts";
import { isState, rowOf, type State } from "../core/status/table.ts";
import type { Meaning } from "../providers/meaning.ts";
import { BEYOND_REPAIR, CODES as PLAID } from "../providers/plaid/codes.ts";
import { CODES as SANDBOX } from "../providers/sandbox/codes.ts";
import { goodAnswer, type Json, word } from "./ask-gateway.ts";
import { type Command, type Given, Mistyped } from "./command.ts";
import { nearest } from "./help.ts";

const MAPS: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = { PLAID, SANDBOX };

/** What is no row of the table. */
const ASIDE: Readonly<Record<Exclude<Meaning, State>, string>> = {
  partial: "the product or account that was asked for is missing, and the rest goes on: PARTIALLY_ACTIVE at most",
  unavailable: "the product is not offered, or was not consented to: it is shown as such and required no more",
  interactive: "the customer has to be present for every refresh: DEGRADED/INTERACTIVE_REFRESH",
  consent: "the access will end: when, is read, and ACTIVE/ACCESS_EXPIRING_SOON comes in time",
  newAccounts: "more accounts can be linked: ACTIVE/NEW_ACCOUNTS_AVAILABLE",
  disconnect: "the access is broken at a time that is told: ACTIVE/ACCESS_EXPIRING_SOON until a read or the customer",
  hint: "something happened: a read is due at once, and what it finds decides",
  noChange: "it belongs to the customer's session or to one page of a read: no connection's state changes",
  quota: "a limit was reached: no connection's state changes, and the next try waits",
  ours: "the operator's keys, plan or registration: one alarm for the operator, and no connection's fault",
  request: "the gateway's own request was refused: UNDETERMINED/INTERNAL_ERROR, for the operator to look into",
};

export const explain: Command = {
  takes: "CONNECTION | PROVIDER CODE | STATE",
  needs: "a running gateway",
  count: [1, 2],
  does: "Says how a connection is, why, who must act and what is next; or what a provider's code means",
  tells:
    "Of a connection (con_…): its state, the fact behind it in the provider's own words, who has to act, " +
    "and when the " +
    "gateway itself does what next. Of a provider and one of its codes: the row that it leads to. Of a state: its " +
    "row. Codes and states are explained without a gateway.",
  examples: [
    ["bowline explain con_2Ab9cDeFgHiJkLmNpQrStU", "Why does this customer see nothing new?"],
    ["bowline explain PLAID ITEM_LOGIN_REQUIRED", "RECONNECT_REQUIRED/LOGIN_REQUIRED, and what to do about it."],
    ["bowline explain DEGRADED/INTERACTIVE_REFRESH", "A row of the table, in full."],
  ],
  async run(given) {
    const [first = "", code] = given.args;
    if (code !== undefined) return explainCode(given, first.toUpperCase(), code);
    if (isState(first)) {
      for (const line of row(first)) given.tell(line);
      return 0;
    }
    if (!first.startsWith("con_"))
      throw new Mistyped(`"${first}" is no connection's id and no state; type con_…, STATUS/REASON, or PROVIDER CODE.`);
    return connection(given, first);
  },
};

function explainCode({ tell }: Given, provider: string, typed: string): number {
  const codes = Object.hasOwn(MAPS, provider) ? MAPS[provider] : undefined;
  if (!codes) {
    const there = Object.keys(MAPS);
    const near = nearest(provider, there);
    const mend = near === null ? "." : `: did you mean ${near}?`;
    throw new Mistyped(`"${provider}" is no provider with codes here; there are ${there.join(", ")}${mend}`);
  }
  const name = Object.keys(codes).find((code) => code.toUpperCase() === typed.toUpperCase());
  const meaning = name === undefined ? undefined : codes[name];
  if (name === undefined || meaning === undefined) {
    const near = nearest(typed.toUpperCase(), Object.keys(codes));
    tell(`${provider} ${typed} is in no map: unknown is never healthy, so it leads to`);
    for (const line of row("UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE")) tell(line);
    if (near !== null) tell(`Did you mean ${near}?`);
    return 1;
  }
  if (isState(meaning)) {
    tell(`${provider} ${name} leads to`);
    for (const line of row(meaning)) tell(line);
  } else {
    tell(`${provider} ${name} means: ${ASIDE[meaning]}.`);
  }
  if (provider === "PLAID" && BEYOND_REPAIR.has(name))
    tell("A repair can't cure it in place: the customer's repair makes a new Item, under the same connection id.");
  const refined = Object.keys(codes).filter((code) => code.startsWith(`${name} + `));
  for (const one of refined) tell(`With the reason ${one.slice(name.length + 3)}: ${codes[one]}`);
  return 0;
}

function row(state: State): string[] {
  const { meaning, canRefresh, canReconnect } = rowOf(state);
  const { actor, what } = STEPS[state];
  const gateway = whyGatewayActs(state);
  return [
    `  ${state}`,
    `  ${meaning}`,
    `  may be refreshed: ${canRefresh ? "yes" : "no"} · may be reconnected: ${canReconnect ? "yes" : "no"}`,
    `  who must act: ${actor}. ${what}`,
    `  the gateway: ${gateway ?? "does nothing more by itself."}`,
  ];
}

async function connection({ config, door, tell }: Given, id: string): Promise<number> {
  const told = await goodAnswer(config, door, {
    method: "GET",
    path: `/bank-linking/connections/${encodeURIComponent(id)}`,
  });
  const state = [told["status"], told["statusReason"]].filter(Boolean).join("/");
  if (!isState(state)) throw new StartRefused(`The gateway says ${state}, which this version does not know.`);
  const cause = told["cause"] as Json | null;
  const next = told["nextStep"] as Json;
  const bank = word(told["institutionName"], "no bank yet");
  const customer = word(told["externalCustomerId"], word(told["customerId"]));
  const at = word(next["at"]);
  const [good, tried] = [word(told["lastSuccessAt"], "never"), word(told["lastAttemptAt"], "never")];
  tell(`${id}: ${bank}, customer ${customer}`);
  tell(`state     ${state}, since ${word(told["stateSince"])}`);
  tell(`means     ${rowOf(state).meaning}`);
  tell(`why       ${cause === null ? "no trouble stands" : causeOf(cause)}`);
  tell(`who acts  ${word(next["actor"])}: ${word(next["what"])}`);
  tell(`next      ${at === "" ? "the gateway does nothing more by itself" : `${at}: ${word(next["why"])}`}`);
  tell(`you may   ${allowed(told)}`);
  tell(`data      last good read ${good}, last try ${tried}`);
  return 0;
}

const causeOf = ({ code, message, scope, at }: Json): string =>
  [
    `the provider said ${word(code)}`,
    ...(message === null ? [] : [`("${word(message)}")`]),
    scope === "*" ? "of the whole connection" : `of ${word(scope)}`,
    ...(at === null ? [] : [`at ${word(at)}`]),
  ].join(" ");

function allowed({ canRefresh, canReconnect, nextRefreshAllowedAt }: Json): string {
  const may = [...(canRefresh === true ? ["refresh"] : []), ...(canReconnect === true ? ["reconnect"] : [])];
  const wait = word(nextRefreshAllowedAt);
  return `${may.join(", ") || "neither refresh nor reconnect"}${wait === "" ? "" : `; not before ${wait}`}`;
}
