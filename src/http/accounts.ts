/** Financial accounts: search and get. Balances, numbers and owners are parts of them. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { getListedAccount, type ListedAccount, listAccounts } from "../store/lists/accounts.ts";
import { seesNumbers } from "./actor.ts";
import { auditNumbers } from "./audit.ts";
import type { Api, Context } from "./context.ts";
import { placeOf } from "../store/lists/cursor.ts";
import { idOf, named } from "./fields.ts";
import { connectionFilter, counts, countsOf, customerFilter, externalFilter, notFound, paging } from "./listing.ts";
import { operation } from "./operation.ts";
import { AccountBody, renderAccount } from "./render/account.ts";

const Search = z
  .object({
    customerId: idOf("customer").optional(),
    externalCustomerId: named(255).optional(),
    institutionId: idOf("institution").optional(),
    connectionId: idOf("connection").optional(),
    ...paging(),
  })
  .refine(({ customerId, externalCustomerId }) => customerId === undefined || externalCustomerId === undefined, {
    path: ["externalCustomerId"],
    message: "excludes customerId; send one of them",
  });

export function accounts(app: Api, context: Context): void {
  const { gateway } = context;

  async function showsNumbers(request: FastifyRequest, rows: readonly ListedAccount[]): Promise<boolean> {
    if (!seesNumbers(request)) return false;
    const shown = rows.filter(({ sealedIdentifiers }) => sealedIdentifiers !== null);
    await auditNumbers(context, request, shown);
    return true;
  }

  app.get(
    "/bank-linking/accounts",
    {
      schema: operation({
        id: "searchAccounts",
        tag: "accounts",
        summary: "Search financial accounts",
        querystring: Search,
        answers: { 200: z.object({ financialAccounts: z.array(AccountBody), ...counts }) },
        refusals: ["GONE"],
      }),
    },
    async (request) => {
      const { query } = request;
      const found = await listAccounts(
        gateway.db,
        {
          customer: customerFilter(query.customerId),
          external: externalFilter(context, query.externalCustomerId),
          institutionId: query.institutionId,
          connection: await connectionFilter(context, query.connectionId),
        },
        placeOf(gateway.salt, "accounts", query),
        query.limit,
      );
      const shows = await showsNumbers(request, found.rows);
      return { financialAccounts: found.rows.map((row) => renderAccount(context, row, shows)), ...countsOf(found) };
    },
  );

  app.get(
    "/bank-linking/accounts/:financialAccountId",
    {
      schema: operation({
        id: "getAccount",
        tag: "accounts",
        summary: "Get a financial account",
        params: z.object({ financialAccountId: idOf("account") }),
        answers: { 200: AccountBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async (request) => {
      const { params } = request;
      const found = await getListedAccount(gateway.db, params.financialAccountId);
      if (!found) throw notFound("account", params.financialAccountId);
      return renderAccount(context, found, await showsNumbers(request, [found]));
    },
  );
}
