/** What one run of ours holds in its hands: whose turn it is, what it may do, and what it has found so far. */
import type { Instant } from "../core/door.ts";
import type { ProductRead, Run, Said, Told } from "../core/observe.ts";
import { isProduct, type Product } from "../core/products.ts";
import { MINUTE } from "../core/status/policy.ts";
import type { Provider, Statements, Trouble } from "../providers/provider.ts";
import type { Sql } from "../store/database.ts";
import { lockCustomer } from "../store/customers.ts";
import type { ProviderConnection } from "../store/provider-connections.ts";
import { getProviderConnection } from "../store/provider-connections.ts";
import type { Refresh } from "../store/refreshes.ts";
import { holds, LEASE, type Task } from "../store/tasks.ts";
import { type Calls } from "./call.ts";
import type { Gateway } from "./gateway.ts";

/** The task is somebody else's by now, or the connection is gone: stop, and leave everything as it is. */
export class LeaseLost extends Error {
  override name = "LeaseLost";
}

/** How long after a widget finish the customer counts as present. */
export const ATTENDED = 10 * MINUTE;

export interface Work {
  gateway: Gateway;
  provider: Provider;
  task: Task;
  kind: Run["kind"];
  /** As it was when the run began. */
  held: ProviderConnection;
  run: string;
  at: Instant;
  asked: readonly Product[];
  forced: readonly Refresh[];
  calls: Calls;
  /** Real time: later than this the run has not answered in time. */
  deadline: Instant;
}

/** How often one run starts again when the provider's data moves under its pages. */
export const MOST_RESTARTS = 3;

const PARTIAL = "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";

/** Filled as the run goes on. */
export interface Found {
  /** Accounts by the provider's own ids: ours may be known only when the list has been read. */
  told: (Told & { accountRef?: string })[];
  said: Said;
  read: ProductRead[];
  listed?: string[];
  listedFrom?: "bank" | "cache";
  /** The provider has said that the login stands: what a probe would have heard. */
  stands?: true;
  /** Our account ids by the provider's. */
  accounts: Map<string, string>;
  notBefore?: Instant;
  notReady?: boolean;
}

export const nothingFound = (): Found => ({ told: [], said: {}, read: [], accounts: new Map() });

/** A transaction of the run: under the customer's lock, and only while the task is still ours. */
export async function step<T>(
  work: Work,
  name: string,
  change: (sql: Sql, held: ProviderConnection) => Promise<T>,
): Promise<T> {
  const { gateway, held, task } = work;
  return gateway.db.tx(name, async (sql) => {
    await lockCustomer(sql, held.home, held.customerId);
    const fresh = await getProviderConnection(sql, held.home, held.id);
    if (!fresh || fresh.closedAt !== null || !(await holds(sql, task, gateway.door.wall() + LEASE))) {
      throw new LeaseLost(name);
    }
    return change(sql, fresh);
  });
}

/** Notes a trouble. True: it is the whole connection's, so that the run has nothing more to ask. */
export function tell(found: Found, trouble: Trouble, product?: Product): boolean {
  const whose = trouble.product ?? product;
  found.told.push({
    scope: trouble.scope,
    state: trouble.state,
    raw: trouble.raw,
    ...(trouble.accountRef !== undefined && { accountRef: trouble.accountRef }),
    ...(whose !== undefined && isProduct(whose) && { product: whose }),
    ...(trouble.unavailable && { unavailable: true }),
    ...(trouble.needsCustomer && { needsCustomer: true }),
  });
  if (trouble.notBefore !== undefined) found.notBefore = Math.max(found.notBefore ?? 0, trouble.notBefore);
  const isPart = trouble.scope === "account" || trouble.scope === "product" || trouble.state === PARTIAL;
  return !isPart && !trouble.unavailable;
}

/** Takes what the provider stated beside its data. True: it stated trouble of the whole connection. */
export function hear(found: Found, statements: Statements, product?: Product): boolean {
  const { troubles = [], dataAsOf, unavailable, ...said } = statements;
  found.said = {
    ...found.said,
    ...said,
    dataAsOf: { ...found.said.dataAsOf, ...dataAsOf },
    unavailable: { ...found.said.unavailable, ...unavailable },
  };
  return troubles.map((trouble) => tell(found, trouble, product)).some(Boolean);
}

export const isAttended = (held: ProviderConnection, at: Instant): boolean => at - held.reconnectedAt < ATTENDED;

/** A product read to its end, with the time that the answer itself tells of it. */
export function productRead(product: Product, source: "bank" | "cache", said: Statements): ProductRead {
  const asOf = said.dataAsOf?.[product];
  return { product, source, ...(asOf !== undefined && { asOf }) };
}
