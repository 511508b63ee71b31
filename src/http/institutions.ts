/** Institutions: search and get. */
import { z } from "zod";
import { searchInstitutions } from "../actions/search-institutions.ts";
import { Refusal } from "../core/refusal.ts";
import { CONTRACT_PROVIDERS } from "../core/compatibility.ts";
import { type Filters, getInstitution } from "../store/institutions.ts";
import { listInstitutions } from "../store/lists/institutions.ts";
import type { Api, Context } from "./context.ts";
import { cursorOf, placeOf } from "../store/lists/cursor.ts";
import { idOf, list, named, product, region } from "./fields.ts";
import { counts, countsOf, notFound, paging } from "./listing.ts";
import { COUNTED } from "../store/lists/page.ts";
import { operation } from "./operation.ts";
import { InstitutionBody, renderInstitution } from "./render/institution.ts";

const Search = z.object({
  name: named(2000)
    .optional()
    .meta({
      description:
        "What a customer would type: a name or a part of it, an alias, initials, or an address out of a browser. " +
        "Slips of the finger are forgiven, and the best comes first; without it the popular ones do.",
    }),
  serviceProviders: list(z.enum(CONTRACT_PROVIDERS)).optional().meta({ description: "Known to at least one of them." }),
  regions: list(region).optional().meta({
    description: "Serves at least one of them. A subdivision finds its whole country: banks are known by country.",
  }),
  products: list(product).optional().meta({ description: "Offers all of them through one provider." }),
  ...paging(1000),
});

export function institutions(app: Api, context: Context): void {
  const { gateway } = context;

  app.get(
    "/institutions",
    {
      schema: operation({
        id: "searchInstitutions",
        tag: "institutions",
        summary: "Search institutions",
        description: `Several providers' entries of one bank are one institution, which names each provider's own id of
it. It is the same bank where an address says so, or the same name in the same country with no address against it; near
twins stay two. An id that was answered once stays good: where two turn out to be one, both lead to it.`,
        querystring: Search,
        answers: { 200: z.object({ institutions: z.array(InstitutionBody), ...counts }) },
        refusals: ["NOT_BUILT"],
      }),
    },
    async ({ query }) => {
      const filters: Filters = {
        providers: query.serviceProviders,
        countries: query.regions?.map((code) => code.slice(0, 2)),
        products: query.products,
      };
      if (query.name !== undefined) return byName(context, query.name, filters, query);
      const place = placeOf(gateway.salt, "institutions", query);
      const found = await listInstitutions(gateway.db, filters, place, query.limit);
      return { institutions: found.rows.map((row) => renderInstitution(context, row)), ...countsOf(found) };
    },
  );

  app.get(
    "/institutions/:institutionId",
    {
      schema: operation({
        id: "getInstitution",
        tag: "institutions",
        summary: "Get an institution",
        params: z.object({ institutionId: idOf("institution") }),
        answers: { 200: InstitutionBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const found = await getInstitution(gateway.db, params.institutionId);
      if (!found) throw notFound("institution", params.institutionId);
      return renderInstitution(context, found);
    },
  );
}

/** Their keys say where they stand for this text, and lead on in no other list. */
async function byName(
  context: Context,
  name: string,
  filters: Filters,
  query: { before?: string | undefined; after?: string | undefined; limit: number },
) {
  const { salt, db } = context.gateway;
  const place = placeOf(salt, "institutions by name", query);
  const [asked, score, rank, title, id] = (place?.key ?? [name]) as [string, number, number, string, string];
  if (asked !== name) {
    throw new Refusal("BAD_REQUEST", `[${place?.side}] is a key of another search; send the [name] that it came with.`);
  }
  const at = place && { side: place.side, at: { score, rank, name: title, id } };
  const found = await searchInstitutions(db, name, filters, at, query.limit);
  const institutions = found.rows.map(({ institution, standing }) => ({
    ...renderInstitution(context, institution),
    key: cursorOf(salt, "institutions by name", [name, standing.score, standing.rank, standing.name, standing.id]),
  }));
  return { institutions, ...countsOf({ ...found, remaining: Math.min(found.remaining, COUNTED) }) };
}
