/** The change feed of a connection's transactions. */
import { z } from "zod";
import { Refusal } from "../core/refusal.ts";
import { cursorOf, placeOf } from "../store/lists/cursor.ts";
import type { Place } from "../store/lists/page.ts";
import { type ChangedTransaction, listTransactionChanges } from "../store/lists/transaction-changes.ts";
import { connectionPath } from "./connections.ts";
import type { Api, Context } from "./context.ts";
import { instant, iso, limit, text } from "./fields.ts";
import { counts, countsOf, knownConnection, refuseDeleted } from "./listing.ts";
import { operation } from "./operation.ts";
import { renderTransaction, TransactionBody } from "./render/transaction.ts";

const ChangeBody = z
  .object({
    change: z.enum(["ADDED", "UPDATED", "REMOVED"]),
    transactionId: z.string(),
    financialAccountId: z.string(),
    changedAt: instant,
    transaction: TransactionBody.nullable().meta({ description: "As it is now; null: it was taken back." }),
    key: z.string(),
  })
  .meta({ id: "TransactionChange" });

const LIST = "transaction changes";
/** Before all changes: numbers begin at 1. */
const BEGINNING = "0";

export function transactionChanges(app: Api, context: Context): void {
  const { gateway } = context;

  app.get(
    "/bank-linking/connections/:connectionId/transactions/changes",
    {
      schema: operation({
        id: "listTransactionChanges",
        tag: "transactions",
        summary: "What changed of a connection's transactions since a cursor, oldest change first",
        description:
          "Without `after` it begins with everything there is. Keep `cursor` and send it as `after` the next time, " +
          "also where nothing was told. Each transaction is told once, under its latest change. Apply ADDED and " +
          "UPDATED alike, by the transaction's id: what changes while pages are read is told at its new place.",
        params: connectionPath,
        querystring: z.object({
          after: text(2000).optional().meta({ description: "The `cursor` of an earlier answer, or a record's `key`." }),
          limit: limit(1000, 100),
        }),
        answers: { 200: z.object({ changes: z.array(ChangeBody), cursor: z.string(), ...counts }) },
        refusals: ["NOT_FOUND", "GONE"],
      }),
    },
    async ({ params, query }) => {
      const connection = await knownConnection(context, params.connectionId);
      refuseDeleted(connection);
      const { home, id, providerConnectionId } = connection;
      const at = placeAt(placeOf(gateway.salt, LIST, query), id);
      const keyAt = (change: string, own: string) => cursorOf(gateway.salt, LIST, [change, own, id]);
      const found =
        providerConnectionId === null
          ? { rows: [], remaining: 0 }
          : await listTransactionChanges(gateway.db, home, providerConnectionId, at, query.limit);
      const since = BigInt(String(at?.key[0] ?? BEGINNING));
      const last = found.rows.at(-1);
      return {
        changes: found.rows.map((row) => ({
          change: kindOf(row, since),
          transactionId: row.id,
          financialAccountId: row.accountId,
          changedAt: iso(row.changedAt),
          transaction: row.removedAt === null ? renderTransaction(context, row) : null,
          key: keyAt(row.change, row.id),
        })),
        cursor: last ? keyAt(last.change, last.id) : (query.after ?? keyAt(BEGINNING, "")),
        ...countsOf(found),
      };
    },
  );
}

/** A cursor is of one connection: numbers of another customer's mean something else. */
function placeAt(place: Place | null, connectionId: string): Place | null {
  if (place === null) return null;
  const [change = null, own = null, of] = place.key;
  if (of !== connectionId)
    throw new Refusal("BAD_REQUEST", "[after] is a cursor of another connection; send one that this one answered.");
  return { side: "after", key: [change, own] };
}

function kindOf(
  { removedAt, change, addedChange }: ChangedTransaction,
  since: bigint,
): "ADDED" | "UPDATED" | "REMOVED" {
  if (removedAt !== null) return "REMOVED";
  return BigInt(addedChange) > since || addedChange === change ? "ADDED" : "UPDATED";
}
