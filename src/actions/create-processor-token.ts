/**
 * A token by which a processor reaches one account at the provider. It passes through; only what was made under an
 * idempotency key is kept, sealed, as long as the key is: who repeats the request gets the token that it made.
 */
import type { Millis } from "../core/door.ts";
import { homeOf } from "../core/ids.ts";
import type { Processor } from "../core/processors.ts";
import { Refusal } from "../core/refusal.ts";
import { getListedAccount } from "../store/lists/accounts.ts";
import { mint } from "../store/home.ts";
import { endTurn, keepToken, takeTurn } from "../store/processor-tokens.ts";
import { getProviderConnection } from "../store/provider-connections.ts";
import { open, seal } from "../store/seal.ts";
import { callsTo } from "./call.ts";
import { type Gateway, providerOf } from "./gateway.ts";

/** Longer than a call takes: whoever asked that long ago asks no more. */
const TURN: Millis = 60_000;

interface Made {
  token: string;
  provider: string;
}

export const mintTokenId = ({ door }: Gateway, accountId: string): { token: string } => ({
  token: mint(door, "processorToken", homeOf("account", accountId) ?? "0"),
});

/** `id` null: the request is under no key, and each time it comes it makes another. */
export async function createProcessorToken(
  gateway: Gateway,
  accountId: string,
  processor: Processor,
  named: string | null,
  id: string | null,
): Promise<Made> {
  const account = await getListedAccount(gateway.db, accountId);
  if (!account)
    throw new Refusal("NOT_FOUND", `There is no account ${accountId}; send an id that this gateway answered.`);
  const { home, provider: name, providerConnectionId, ref } = account;
  if (named !== null && named !== name)
    throw new Refusal(
      "BAD_REQUEST",
      `[serviceProvider] the account is connected by ${name}, not by ${named}; leave it out.`,
    );
  const provider = providerOf(gateway, name);
  if (!provider.createProcessorToken)
    throw new Refusal("NOT_BUILT", `${name} makes no processor tokens; link the bank through a provider that does.`);
  const held = await getProviderConnection(gateway.db, home, providerConnectionId);
  if (!held?.credential || held.closedAt !== null)
    throw new Refusal("STATE_FORBIDS", `The account ${accountId} is no longer linked; link the bank anew.`);
  const credential = open(gateway.ring, held.credential, held.id);
  const made = id === null ? null : await madeBefore(gateway, id, accountId);
  if (made !== null) return { token: made, provider: name };
  const concerned = { providerConnectionId: held.id, customerId: held.customerId };
  const answer = await callsTo(gateway, provider, concerned).ask(
    "createProcessorToken",
    provider.createProcessorToken,
    {
      ref: held.ref,
      credential,
      products: [],
      accountRef: ref,
      processor,
    },
  );
  if (answer.ok) {
    const { token } = answer.facts;
    if (id !== null) await keepToken(gateway.db, id, seal(gateway.ring, gateway.door, token, id));
    return { token, provider: name };
  }
  if (id !== null) await endTurn(gateway.db, id);
  const { raw, scope } = answer.trouble;
  if (scope === "provider" || scope === "quota" || scope === "application")
    throw new Refusal("PROVIDER_UNAVAILABLE", `${name} can't make a token now (${raw.code}); try again.`);
  throw new Refusal("PROVIDER_REFUSED", `${name} refused to make a token for ${processor}: ${raw.code}.`);
}

/** Null: it is this request's turn to make it. */
async function madeBefore({ db, door, ring }: Gateway, id: string, accountId: string): Promise<string | null> {
  const now = door.now();
  const found = await takeTurn(db, id, accountId, now, now - TURN);
  if (found === "ours") return null;
  if (found.sealed) return open(ring, found.sealed, id);
  throw new Refusal(
    "TOO_EARLY",
    "[Idempotency-Key] The same request is under way; repeat it in a moment for its answer.",
    now + 2_000,
  );
}
