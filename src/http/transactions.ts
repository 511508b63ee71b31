/** Transactions: search and get, newest first within each account. */
import { z } from "zod";
import { type Home, homeOf } from "../core/ids.ts";
import { CATEGORIES } from "../core/transaction.ts";
import { getListedTransaction, listTransactions } from "../store/lists/transactions.ts";
import type { Api, Context } from "./context.ts";
import { placeOf } from "../store/lists/cursor.ts";
import { day, idOf, inOrder, list, named, OUT_OF_ORDER } from "./fields.ts";
import { connectionFilter, counts, countsOf, customerFilter, externalFilter, notFound, paging } from "./listing.ts";
import { operation } from "./operation.ts";
import { renderTransaction, TransactionBody } from "./render/transaction.ts";

const Search = z
  .object({
    customerId: idOf("customer").optional(),
    externalCustomerId: named(255).optional().meta({ description: "customerId wins over it." }),
    financialAccountId: idOf("account").optional(),
    connectionId: idOf("connection").optional(),
    status: list(z.enum(["PENDING", "POSTED"])).optional(),
    category: z.enum(CATEGORIES).optional(),
    startDate: day.optional().meta({ description: "transactionDate on this day or later." }),
    endDate: day.optional().meta({ description: "transactionDate on this day or earlier." }),
    ...paging(1000, 100),
  })
  .refine(inOrder, OUT_OF_ORDER);

export function transactions(app: Api, context: Context): void {
  const { gateway } = context;

  app.get(
    "/bank-linking/transactions",
    {
      schema: operation({
        id: "searchTransactions",
        tag: "transactions",
        summary: "Search transactions, newest first within each account",
        querystring: Search,
        answers: { 200: z.object({ financialAccountTransactions: z.array(TransactionBody), ...counts }) },
        refusals: ["GONE"],
      }),
    },
    async ({ query }) => {
      const { customerId, financialAccountId: account } = query;
      const found = await listTransactions(
        gateway.db,
        {
          customer: customerFilter(customerId),
          external: externalFilter(context, customerId === undefined ? query.externalCustomerId : undefined),
          account: account === undefined ? undefined : { home: homeOf("account", account) as Home, id: account },
          connection: await connectionFilter(context, query.connectionId),
          statuses: query.status,
          category: query.category,
          from: query.startDate,
          to: query.endDate,
        },
        placeOf(gateway.salt, "transactions", query),
        query.limit,
      );
      return {
        financialAccountTransactions: found.rows.map((row) => renderTransaction(context, row)),
        ...countsOf(found),
      };
    },
  );

  app.get(
    "/bank-linking/transactions/:transactionId",
    {
      schema: operation({
        id: "getTransaction",
        tag: "transactions",
        summary: "Get a transaction",
        params: z.object({ transactionId: idOf("transaction") }),
        answers: { 200: TransactionBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const found = await getListedTransaction(gateway.db, params.transactionId);
      if (!found) throw notFound("transaction", params.transactionId);
      return renderTransaction(context, found);
    },
  );
}
