/** A customer's address, as it is sent. */
import { z } from "zod";
import { isCountry } from "../core/countries.ts";
import { ADDRESS_STATUSES, ADDRESS_TYPES, type PostalAddress } from "../core/person.ts";
import { mint, randomHome } from "../store/home.ts";
import type { Context } from "./context.ts";
import { named } from "./fields.ts";

const line = named(255);

export const NewAddress = z
  .object({
    type: z.enum(ADDRESS_TYPES).nullish().meta({ description: "RESIDENCE if not named." }),
    lineOne: line,
    lineTwo: line.nullish(),
    city: line.nullish(),
    region: line.nullish(),
    postalCode: named(32).nullish(),
    status: z.enum(ADDRESS_STATUSES).nullish().meta({ description: "ACTIVE if not named." }),
    country: z
      .string()
      .toUpperCase()
      .refine(isCountry, "must be a country's code of two letters by ISO 3166; send it like US"),
  })
  .meta({ id: "NewAddress", examples: [{ lineOne: "1 Quay Street", city: "Portland", region: "ME", country: "US" }] });

export const newAddress = ({ gateway }: Context, sent: z.output<typeof NewAddress>, id?: string): PostalAddress => ({
  id: id ?? mint(gateway.door, "address", randomHome(gateway.door)),
  type: sent.type ?? "RESIDENCE",
  lineOne: sent.lineOne,
  lineTwo: sent.lineTwo ?? null,
  city: sent.city ?? null,
  region: sent.region ?? null,
  postalCode: sent.postalCode ?? null,
  country: sent.country,
  status: sent.status ?? "ACTIVE",
});
