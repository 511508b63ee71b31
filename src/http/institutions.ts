/** Institutions: search and get. */
import { z } from "zod";
import { SERVICE_PROVIDERS } from "../providers/provider.ts";
import { getInstitution } from "../store/institutions.ts";
import { listInstitutions } from "../store/lists/institutions.ts";
import type { Api, Context } from "./context.ts";
import { placeOf } from "../store/lists/cursor.ts";
import { idOf, list, named, product, region } from "./fields.ts";
import { counts, countsOf, notFound, paging } from "./listing.ts";
import { operation } from "./operation.ts";
import { InstitutionBody, renderInstitution } from "./render/institution.ts";

const Search = z.object({
  name: named(200).optional().meta({ description: "The name or a part of it, in capitals or not." }),
  serviceProviders: list(z.enum(SERVICE_PROVIDERS)).optional().meta({ description: "Known to at least one of them." }),
  regions: list(region).optional().meta({
    description: "Serves at least one of them. A subdivision finds its whole country: banks are known by country.",
  }),
  products: list(product).optional().meta({ description: "Offers all of them." }),
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
        summary: "Search institutions, popular ones first",
        querystring: Search,
        answers: { 200: z.object({ institutions: z.array(InstitutionBody), ...counts }) },
      }),
    },
    async ({ query }) => {
      const found = await listInstitutions(
        gateway.db,
        {
          name: query.name,
          providers: query.serviceProviders,
          countries: query.regions?.map((code) => code.slice(0, 2)),
          products: query.products,
        },
        placeOf(gateway.salt, "institutions", query),
        query.limit,
      );
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
