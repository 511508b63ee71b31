/** `npm run check -- plaid [REDIRECT_URI]`: tries what is set up for a provider, and says what is wrong with it. */
import { withCall } from "../actions/call.ts";
import { type Config, StartRefused } from "../config.ts";
import type { Door, Millis } from "../core/door.ts";
import { transportTrouble } from "../providers/reading.ts";
import type { Finding } from "../providers/setup.ts";
import { REAL } from "../real-providers.ts";
import { type Command, Mistyped } from "./command.ts";

/** For all of it: a dozen short requests. */
const TIME: Millis = 60_000;

const CHECKABLE = Object.keys(REAL).join(", ");

/** Null: there is no such provider. */
async function findingsOf(
  config: Config,
  door: Door,
  name: string,
  redirectUrl: string | null,
): Promise<readonly Finding[] | null> {
  const known = Object.hasOwn(REAL, name) ? REAL[name] : undefined;
  if (!known) return null;
  if (redirectUrl !== null && !URL.canParse(redirectUrl))
    throw new StartRefused(`"${redirectUrl}" is no redirect URI; name it whole, like https://app.example.com/back.`);
  const provider = await known.of(config);
  if (!provider)
    throw new StartRefused(`${known.keys} are not set: there is nothing to check yet; docs/guides says how.`);
  const verb = provider.check;
  if (!verb) throw new StartRefused(`${provider.name} has no check: write it as src/providers/${name}/check.ts.`);
  const setup = { publicUrl: config.BOWLINE_PUBLIC_URL, redirectUrl };
  const answer = await withCall({ door }, TIME, (call) => verb.run(call, setup)).catch((error: unknown) => {
    const lost = transportTrouble(error);
    if (!lost) throw error;
    throw new StartRefused(`${provider.name} can't be reached (${lost.raw.code}); try again, or correct its address.`);
  });
  if (!answer.ok) throw new StartRefused(`The check came to no end: ${answer.trouble.raw.code}; try again.`);
  return answer.facts;
}

export const check: Command = {
  takes: "PROVIDER [REDIRECT_URI]",
  needs: "nothing",
  count: [0, 2],
  does: "Tries a provider's keys, products and webhooks, and says what is wrong",
  tells:
    `Tries what is set up for a provider (${CHECKABLE}), one line for each finding: ✓ is well, ✗ is to mend. ` +
    "It links nothing and costs nothing. With a redirect URI it also tries that one's registration. " +
    "The exit status is 1 where something is to mend.",
  examples: [
    ["PLAID_CLIENT_ID=… PLAID_SECRET=… bowline check plaid", "Keys, clock, each product, and the way in for webhooks."],
    ["bowline check plaid https://app.example.com/back", "And whether this redirect URI is registered."],
  ],
  /** The findings are what the command is for; the last line counts them, and so does the exit status. */
  async run({ args: [name = "", redirectUrl = null], config, door, tell }) {
    const findings = await findingsOf(config, door, name, redirectUrl);
    if (!findings) throw new Mistyped(`"${name}" is no provider that can be checked; there is ${CHECKABLE}.`);
    const amiss = findings.filter(({ well }) => !well).length;
    for (const { well, sentence } of findings) tell(`${well ? "✓" : "✗"} ${sentence}`);
    tell(`${findings.length - amiss} well, ${amiss} to mend`);
    return amiss > 0 ? 1 : 0;
  },
};
