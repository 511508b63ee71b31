/** Holdings and investment transactions: search and get. */
import { z } from "zod";
import { type Home, homeOf } from "../core/ids.ts";
import { placeOf } from "../store/lists/cursor.ts";
import {
  getListedHolding,
  getListedInvestmentTransaction,
  listHoldings,
  listInvestmentTransactions,
} from "../store/lists/investments.ts";
import type { Api, Context } from "./context.ts";
import { day, idOf, inOrder, list, named, OUT_OF_ORDER } from "./fields.ts";
import { connectionFilter, counts, countsOf, customerFilter, externalFilter, notFound, paging } from "./listing.ts";
import { operation } from "./operation.ts";
import {
  HoldingBody,
  InvestmentTransactionBody,
  renderHolding,
  renderInvestmentTransaction,
} from "./render/investment.ts";

const owner = {
  customerId: idOf("customer").optional(),
  externalCustomerId: named(255).optional().meta({ description: "customerId wins over it." }),
  financialAccountId: idOf("account").optional(),
  connectionId: idOf("connection").optional(),
};
const Owner = z.object(owner);

const HoldingSearch = z.object({ ...owner, ...paging(1000, 100) });

const TransactionSearch = z
  .object({
    ...owner,
    statuses: list(z.enum(["PENDING", "POSTED"])).optional(),
    startDate: day.optional().meta({ description: "transactionDate on this day or later." }),
    endDate: day.optional().meta({ description: "transactionDate on this day or earlier." }),
    ...paging(1000, 100),
  })
  .refine(inOrder, OUT_OF_ORDER);

const ownerFilters = async (context: Context, query: z.output<typeof Owner>) => ({
  customer: customerFilter(query.customerId),
  external: externalFilter(context, query.customerId === undefined ? query.externalCustomerId : undefined),
  account:
    query.financialAccountId === undefined
      ? undefined
      : { home: homeOf("account", query.financialAccountId) as Home, id: query.financialAccountId },
  connection: await connectionFilter(context, query.connectionId),
});

export function investments(app: Api, context: Context): void {
  const { gateway } = context;

  app.get(
    "/bank-linking/investments/holdings",
    {
      schema: operation({
        id: "searchHoldings",
        tag: "investments",
        summary: "Search what is held in investment accounts, account by account",
        querystring: HoldingSearch,
        answers: { 200: z.object({ investmentHoldings: z.array(HoldingBody), ...counts }) },
        refusals: ["GONE"],
      }),
    },
    async ({ query }) => {
      const filters = await ownerFilters(context, query);
      const found = await listHoldings(gateway.db, filters, placeOf(gateway.salt, "holdings", query), query.limit);
      return { investmentHoldings: found.rows.map((row) => renderHolding(context, row)), ...countsOf(found) };
    },
  );

  app.get(
    "/bank-linking/investments/holdings/:investmentHoldingId",
    {
      schema: operation({
        id: "getHolding",
        tag: "investments",
        summary: "Get a holding",
        params: z.object({ investmentHoldingId: idOf("holding") }),
        answers: { 200: HoldingBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params: { investmentHoldingId: id } }) => {
      const found = await getListedHolding(gateway.db, id);
      if (!found) throw notFound("holding", id);
      return renderHolding(context, found);
    },
  );

  app.get(
    "/bank-linking/investments/transactions",
    {
      schema: operation({
        id: "searchInvestmentTransactions",
        tag: "investments",
        summary: "Search investment transactions, newest first within each account",
        querystring: TransactionSearch,
        answers: { 200: z.object({ investmentTransactions: z.array(InvestmentTransactionBody), ...counts }) },
        refusals: ["GONE"],
      }),
    },
    async ({ query }) => {
      const { statuses, startDate: from, endDate: to } = query;
      const filters = { ...(await ownerFilters(context, query)), statuses, from, to };
      const place = placeOf(gateway.salt, "investment transactions", query);
      const found = await listInvestmentTransactions(gateway.db, filters, place, query.limit);
      return {
        investmentTransactions: found.rows.map((row) => renderInvestmentTransaction(context, row)),
        ...countsOf(found),
      };
    },
  );

  app.get(
    "/bank-linking/investments/transactions/:investmentTransactionId",
    {
      schema: operation({
        id: "getInvestmentTransaction",
        tag: "investments",
        summary: "Get an investment transaction",
        params: z.object({ investmentTransactionId: idOf("investmentTransaction") }),
        answers: { 200: InvestmentTransactionBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params: { investmentTransactionId: id } }) => {
      const found = await getListedInvestmentTransaction(gateway.db, id);
      if (!found) throw notFound("investment transaction", id);
      return renderInvestmentTransaction(context, found);
    },
  );
}
