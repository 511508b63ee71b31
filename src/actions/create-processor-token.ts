/** A token by which a processor reaches one account at the provider. It passes through, and is kept nowhere. */
import type { Processor } from "../core/processors.ts";
import { Refusal } from "../core/refusal.ts";
import { getListedAccount } from "../store/lists/accounts.ts";
import { getProviderConnection } from "../store/provider-connections.ts";
import { open } from "../store/seal.ts";
import { callsTo } from "./call.ts";
import { type Gateway, providerOf } from "./gateway.ts";

export async function createProcessorToken(
  gateway: Gateway,
  accountId: string,
  processor: Processor,
  named: string | null,
): Promise<{ token: string; provider: string }> {
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
  if (answer.ok) return { token: answer.facts.token, provider: name };
  const { raw, scope } = answer.trouble;
  if (scope === "provider" || scope === "quota" || scope === "application")
    throw new Refusal("PROVIDER_UNAVAILABLE", `${name} can't make a token now (${raw.code}); try again.`);
  throw new Refusal("PROVIDER_REFUSED", `${name} refused to make a token for ${processor}: ${raw.code}.`);
}
