/** `npm run check -- plaid [REDIRECT_URI]`: tries what is set up for a provider, and says what is wrong with it. */
import { withCall } from "./actions/call.ts";
import { type Config, StartRefused } from "./config.ts";
import type { Door, Millis } from "./core/door.ts";
import { plaidOf } from "./plaid-of.ts";
import type { Provider } from "./providers/provider.ts";
import type { Finding } from "./providers/setup.ts";

const CHECKED: Readonly<Record<string, { keys: string; of(config: Config): Provider | null }>> = {
  plaid: { keys: "PLAID_CLIENT_ID and PLAID_SECRET", of: plaidOf },
};

/** For all of it: a dozen short requests. */
const TIME: Millis = 60_000;

export const CHECKABLE = Object.keys(CHECKED).join(", ");

/** Null: there is no such provider. */
export async function check(
  config: Config,
  door: Door,
  name: string,
  redirectUrl: string | null,
): Promise<readonly Finding[] | null> {
  const known = Object.hasOwn(CHECKED, name) ? CHECKED[name] : undefined;
  if (!known) return null;
  if (redirectUrl !== null && !URL.canParse(redirectUrl))
    throw new StartRefused(`"${redirectUrl}" is no redirect URI; name it whole, like https://app.example.com/back.`);
  const verb = known.of(config)?.check;
  if (!verb) throw new StartRefused(`${known.keys} are not set: there is nothing to check yet; docs/guides says how.`);
  const setup = { publicUrl: config.BOWLINE_PUBLIC_URL, redirectUrl };
  const answer = await withCall({ door }, TIME, (call) => verb.run(call, setup));
  if (!answer.ok) throw new StartRefused(`The check came to no end: ${answer.trouble.raw.code}; try again.`);
  return answer.facts;
}
