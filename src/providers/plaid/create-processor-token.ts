/** https://plaid.com/docs/api/processors/ */
import { ProcessorTokenCreateRequestProcessorEnum as Known } from "plaid";
import { z } from "zod";
import type { Processor } from "../../core/processors.ts";
import { bad, good, type Held, type ProcessorTokenAsked, type Verb } from "../provider.ts";
import { acknowledged, type Plaid } from "./client.ts";

/** Names that Plaid writes in another way; the others are the contract's in lower case. */
const RENAMED: Partial<Record<Processor, Known>> = {
  APEX: Known.ApexClearing,
  AYDEN: Known.Adyen,
  SILICON_VALLEY_BANK: Known.SvbApi,
};

const KNOWN = new Map<string, Known>(Object.values(Known).map((name) => [name, name]));

const processorToken = acknowledged.extend({ processor_token: z.string().min(1) });
const stripeToken = acknowledged.extend({ stripe_bank_account_token: z.string().min(1) });

/** A token for an account: it never ends by itself, and goes with the Item. */
export const createProcessorToken = (plaid: Plaid): Verb<Held & ProcessorTokenAsked, { token: string }> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential, accountRef, processor }) => {
    const account = { access_token: credential, account_id: accountRef };
    if (processor === "STRIPE") {
      const told = await plaid(call, (api) => api.processorStripeBankAccountTokenCreate(account), stripeToken);
      return told.ok ? good({ token: told.facts.stripe_bank_account_token }) : told;
    }
    const name = RENAMED[processor] ?? KNOWN.get(processor.toLowerCase());
    if (name === undefined) {
      const raw = { code: "PROCESSOR_UNKNOWN", message: `Plaid knows no processor ${processor}.` };
      return bad({ scope: "session", state: null, raw });
    }
    const request = { ...account, processor: name };
    const told = await plaid(call, (api) => api.processorTokenCreate(request), processorToken);
    return told.ok ? good({ token: told.facts.processor_token }) : told;
  },
});
