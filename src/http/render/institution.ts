/** An institution in the contract's shape. */
import { z } from "zod";
import type { Institution } from "../../store/institutions.ts";
import { institutionKey } from "../../store/lists/institutions.ts";
import type { Context } from "../context.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import { product } from "../fields.ts";

export const InstitutionBody = z
  .object({
    id: z.string(),
    name: z.string(),
    subName: z.string().nullable(),
    aliases: z
      .array(z.string())
      .meta({ description: "What else it is called, other providers' names of it included." }),
    domain: z.string().nullable().meta({ description: "The host of its own site." }),
    domains: z.array(z.string()).meta({ description: "All hosts that are known to be its own." }),
    images: z.object({ icon: z.string().nullable(), tile: z.string().nullable(), wide: z.string().nullable() }),
    isTest: z.boolean(),
    type: z.string().nullable(),
    rank: z.int(),
    providers: z.record(z.string(), z.string()).meta({ description: "The provider's own id of it, by provider." }),
    countries: z.array(z.string()),
    products: z.array(product),
    key: z.string(),
  })
  .meta({ id: "Institution" });

/** What no provider tells yet (pictures, a kind) is empty. */
export function renderInstitution(
  { gateway }: Pick<Context, "gateway">,
  i: Institution,
): z.output<typeof InstitutionBody> {
  return {
    id: i.id,
    name: i.name,
    subName: null,
    aliases: i.aliases,
    domain: i.hosts[0] ?? null,
    domains: i.hosts,
    images: { icon: null, tile: null, wide: null },
    isTest: i.isTest,
    type: null,
    rank: i.rank,
    providers: i.providers,
    countries: i.countries,
    products: i.products,
    key: cursorOf(gateway.salt, "institutions", institutionKey(i)),
  };
}
