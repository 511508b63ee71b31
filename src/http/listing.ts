/** What all lists share: how a page is asked for and answered, and the filters by owner. */
import { z } from "zod";
import { type Home, homeOf } from "../core/ids.ts";
import { Refusal } from "../core/refusal.ts";
import { type Connection, getConnection } from "../store/connections.ts";
import { homeFor } from "../store/home.ts";
import type { Page } from "../store/lists/page.ts";
import type { Context } from "./context.ts";
import { limit, text } from "./fields.ts";

/** Of a page. */
export const MOST = 100;

/** The contract's bounds: 10 if not named, 100 at most, and more where rows are small. */
export const paging = (most = MOST, unset = 10) => ({
  before: text(2000).optional().meta({ description: "The `key` of a record: the page that ends before it." }),
  after: text(2000).optional().meta({ description: "The `key` of a record: the page that begins after it." }),
  limit: limit(most, unset),
});

export const counts = {
  count: z.int().meta({ description: "Records in this page." }),
  remaining: z.int().meta({ description: "Records left on the side that was asked for, counted up to 10,000." }),
};

export const countsOf = ({ rows, remaining }: Page<unknown>) => ({ count: rows.length, remaining });

interface Owner {
  home: Home;
  id: string;
}

export const customerFilter = (id: string | undefined): Owner | undefined =>
  id === undefined ? undefined : { home: homeOf("customer", id) as Home, id };

export const externalFilter = ({ gateway }: Context, id: string | undefined): Owner | undefined =>
  id === undefined ? undefined : { home: homeFor(gateway.salt, "customer", id), id };

/** The login behind a connection, as a filter. One that nobody knows has no accounts; a deleted one is gone. */
export async function connectionFilter(
  { gateway }: Context,
  id: string | undefined,
): Promise<{ home: Home; providerConnectionId: string | null } | undefined> {
  if (id === undefined) return undefined;
  const connection = await getConnection(gateway.db, id);
  if (connection) refuseDeleted(connection);
  return { home: homeOf("connection", id) as Home, providerConnectionId: connection?.providerConnectionId ?? null };
}

export async function knownConnection({ gateway }: Context, id: string): Promise<Connection> {
  const connection = await getConnection(gateway.db, id);
  if (!connection) throw notFound("connection", id);
  return connection;
}

export function refuseDeleted({ id, deletedAt }: Connection): void {
  if (deletedAt !== null) throw new Refusal("GONE", `[connectionId] ${id} is deleted, and this part of it with it.`);
}

export const notFound = (noun: string, id: string): Refusal =>
  new Refusal("NOT_FOUND", `There is no ${noun} ${id}; send an id that this gateway answered.`);
