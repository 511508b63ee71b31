import { z } from "zod";
import type { OwnerFact, Reached } from "../../core/account.ts";
import { bad, good, type Held, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";

const reached = z.object({ data: z.string(), primary: z.boolean().nullish() });

const address = z.object({
  data: z.object({
    street: z.string().nullish(),
    city: z.string().nullish(),
    region: z.string().nullish(),
    postal_code: z.string().nullish(),
    country: z.string().nullish(),
  }),
  primary: z.boolean().nullish(),
});

const owner = z.object({
  names: z.array(z.string()),
  addresses: z.array(address).default([]),
  emails: z.array(reached).default([]),
  phone_numbers: z.array(reached).default([]),
});

const answer = z.object({
  accounts: z.array(z.object({ account_id: z.string().min(1), owners: z.array(owner).nullish() })),
});

/** Paid once an Item, however often it is read. https://plaid.com/docs/api/products/identity/#identityget */
export const readOwners = (plaid: Plaid): Verb<Held, readonly OwnerFact[]> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential }) => {
    const request = { access_token: credential };
    const told = await plaid(call, (api) => api.identityGet(request), answer, { product: "OWNERS" });
    if (!told.ok) return bad(told.trouble);
    return good(
      told.facts.accounts.map(({ account_id, owners }) => ({
        accountRef: account_id,
        owners: (owners ?? []).map((one) => ({
          names: one.names,
          addresses: one.addresses.map(({ data, primary }) => ({ data: addressOf(data), primary: first(primary) })),
          emails: one.emails.map(reachedOf),
          phoneNumbers: one.phone_numbers.map(reachedOf),
        })),
      })),
    );
  },
});

const first = (told: boolean | null | undefined): Reached["primary"] =>
  told === true ? "TRUE" : told === false ? "FALSE" : "UNKNOWN";

const reachedOf = ({ data, primary }: z.infer<typeof reached>): Reached => ({ data, primary: first(primary) });

const addressOf = (told: z.infer<typeof address>["data"]) => ({
  street: told.street ?? null,
  city: told.city ?? null,
  region: told.region ?? null,
  postalCode: told.postal_code ?? null,
  country: told.country ?? null,
});
