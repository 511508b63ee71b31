/**
 * What changed of a login's transactions, each under its latest change, tombstones included. The order of changes is
 * the order of commits (`takeChange`), so a reader at a place misses nothing however slow a commit was; what changes
 * while it reads moves to the end.
 */
import type { Home } from "../../core/ids.ts";
import type { Sql } from "../database.ts";
import { type List, type Page, page, type Place } from "./page.ts";
import { FROM, type ListedTransaction, SELECT } from "./transactions.ts";

export interface ChangedTransaction extends ListedTransaction {
  /** A number as the database prints it: of the latest change, and of the one by which it came. */
  change: string;
  addedChange: string;
}

export function listTransactionChanges(
  sql: Sql,
  home: Home,
  providerConnectionId: string,
  at: Place | null,
  limit: number,
): Promise<Page<ChangedTransaction>> {
  const list: List<ChangedTransaction> = {
    select: `${SELECT}, t.change, t.added_change as "addedChange"`,
    from: FROM,
    where: ["t.home = $1", "a.provider_connection_id = $2"],
    values: [home, providerConnectionId],
    order: [{ columns: ["t.change", "t.id"] }],
    keyOf: (row) => [row.change, row.id],
  };
  return page(sql, list, at, limit);
}
