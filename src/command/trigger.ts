/** `bowline trigger`: make a fake bank misbehave, let it behave again, or send a test event. */
import { homeOf } from "../core/ids.ts";
import { STATES } from "../core/status/table.ts";
import { goodAnswer, type Json, word } from "./ask-gateway.ts";
import { type Command, Mistyped, optionOf } from "./command.ts";
import { nearest } from "./help.ts";

const REACHED: Readonly<Record<string, (answer: Json) => string>> = {
  read: () => "The next read, within seconds, finds it.",
  refresh: ({ connection }) => `Ask for a refresh of ${word((connection as Json)["id"])} to reach it.`,
  clock: ({ advance }) => `Advance the clock by ${word(advance)} to reach it: POST /sandbox/clock.`,
};

/** A number of accounts, or the ids of some. What is neither would else be taken for the whole connection. */
function accountsOf(typed: string): number | string[] {
  if (/^[1-9]\d{0,2}$/.test(typed)) return Number(typed);
  const ids = typed.split(",").map((id) => id.trim());
  const strange = ids.find((id) => homeOf("account", id) === null);
  if (strange !== undefined)
    throw new Mistyped(
      `--accounts: "${strange}" is no account; name how many, or ids (acc_…) as GET /bank-linking/accounts lists them.`,
    );
  return ids;
}

export const trigger: Command = {
  takes: "CONNECTION STATE | CONNECTION heal | ENDPOINT",
  needs: "a running gateway",
  count: [1, 2],
  does: "Puts a fake bank's connection into a state, heals it, or sends a test event",
  tells:
    "With a connection of the fake banks (con_…) and a state of the table (STATUS/REASON), its bank begins to answer " +
    "as a bank does in that state; the gateway finds it out by reading, as with a real one. `heal` lets the bank " +
    "behave again. With an endpoint (whp_…) it is sent one signed WEBHOOK_TEST at once.",
  options: {
    accounts: {
      value: "N|ID,…",
      means: "So many of the connection's accounts are in trouble, or those with these ids; not all of it.",
    },
  },
  examples: [
    ["bowline trigger con_2Ab9cDeFgHiJkLmNpQrStU RECONNECT_REQUIRED/LOGIN_REQUIRED", "The password was changed."],
    ["bowline trigger con_2Ab9cDeFgHiJkLmNpQrStU heal", "And the trouble is over."],
    ["bowline trigger whp_2Ab9cDeFgHiJkLmNpQrStU", "Is my endpoint reached, and is its signature right?"],
  ],
  async run(given) {
    const { config, door, tell } = given;
    const [id = "", state] = given.args;
    if (id.startsWith("whp_")) {
      const path = `/notifications/webhooks/${encodeURIComponent(id)}/test`;
      const answer = await goodAnswer(config, door, { method: "POST", path, body: {} });
      tell(JSON.stringify(answer));
      return answer["delivered"] === true ? 0 : 1;
    }
    if (state === undefined) throw new Mistyped("Name a state after the connection, or heal; `bowline help trigger`.");
    const path = `/sandbox/connections/${encodeURIComponent(id)}/trouble`;
    const accounts = optionOf(given, "accounts");
    if (state === "heal") {
      if (accounts !== undefined) throw new Mistyped("heal ends all troubles of the connection; leave --accounts out.");
      await goodAnswer(config, door, { method: "DELETE", path });
      tell(`The bank of ${id} behaves again. ${REACHED["read"]?.({})}`);
      return 0;
    }
    if (!(STATES as readonly string[]).includes(state)) {
      const near = nearest(state.toUpperCase(), STATES);
      throw new Mistyped(`"${state}" is no state${near ? `; did you mean ${near}?` : ": docs/status.md lists them."}`);
    }
    const body = { state, ...(accounts !== undefined && { accounts: accountsOf(accounts) }) };
    const answer = await goodAnswer(config, door, { method: "POST", path, body });
    const how = REACHED[String(answer["reachedBy"])]?.(answer) ?? "";
    tell(`The bank of ${id} answers as in ${state}. ${how}`);
    const twin = answer["twinId"];
    if (typeof twin === "string") tell(`Its duplicate is ${twin}.`);
    return 0;
  },
};
