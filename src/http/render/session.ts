/** A widget session as the customer's page needs it: where it stands, what is asked, and what has arrived. */
import { z } from "zod";
import { type Opened, pageOf } from "../../actions/session.ts";
import { ACCOUNT_TYPES } from "../../core/account.ts";
import { PRODUCTS, type Product } from "../../core/products.ts";
import type { Health } from "../../core/status/health.ts";
import { ACTORS, STEPS } from "../../core/status/next-step.ts";
import { accountsOf, type Account } from "../../store/accounts.ts";
import { type Connection, getConnection } from "../../store/connections.ts";
import { getInstitution } from "../../store/institutions.ts";
import { getProviderConnection, type ProviderConnection } from "../../store/provider-connections.ts";
import type { AskedAccount as StoredAccount } from "../../store/sessions.ts";
import { getTask } from "../../store/tasks.ts";
import type { Context } from "../context.ts";
import { instant, iso, isoOrNull, product } from "../fields.ts";
import { amount, renderedOrNull } from "../money.ts";
import { reason, state, status } from "./connection.ts";

const ShownAccount = z.object({ id: z.string(), name: z.string(), type: z.string(), mask: z.string().nullable() });
const ARRIVALS = ["WAITING", "ARRIVED", "UNAVAILABLE", "LATE"] as const;

const AskedAccount = z.object({
  id: z.string(),
  name: z.string(),
  type: z.enum(ACCOUNT_TYPES),
  mask: z.string().nullable(),
  currency: z.string().nullable(),
  balance: amount.nullable(),
});

const AccountQuestion = z.object({
  before: z.array(AskedAccount).meta({ description: "Accounts of the connection as they were known so far." }),
  now: z.array(AskedAccount).meta({ description: "Accounts of the new link. Their ids are keys of this question." }),
});

export const SessionAnswer = z
  .object({
    id: z.string(),
    kind: z.enum(["LINK", "REPAIR"]),
    connectionId: z.string(),
    status,
    statusReason: reason.nullable(),
    state,
    actor: z.enum(ACTORS).meta({ description: "Whose turn it is in this state." }),
    application: z.string().meta({ description: "What the customer knows the application by; empty: it has no name." }),
    institutionId: z.string().nullable(),
    institutionName: z.string().nullable(),
    serviceProvider: z.string().nullable(),
    products: z.array(product),
    optionalProducts: z.array(product),
    page: z
      .record(z.string(), z.string())
      .nullable()
      .meta({ description: "What the customer's page needs of the provider." }),
    startedAt: instant,
    expiresAt: instant,
    expired: z.boolean().meta({ description: "Not finished in time; start or repair again." }),
    finishing: z.boolean().meta({ description: "What the customer brought is being exchanged." }),
    finishedAt: instant.nullable(),
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
    twin: z
      .object({ connectionId: z.string(), state, accounts: z.array(ShownAccount) })
      .nullable()
      .meta({ description: "The connection that seems to be this login already: answer with connect/twin." }),
    questions: z
      .array(AccountQuestion)
      .nullable()
      .meta({
        description:
          "A repair that linked the bank anew, and accounts that can't be told apart: which is which? " +
          "`POST /bank-linking/connect/accounts` answers. Until then nothing has changed.",
      }),
    kept: z.boolean().meta({ description: "The session ended with the twin kept; `connectionId` is the twin's." }),
    progress: z
      .object({
        over: z.boolean().meta({ description: "The first read has ended, well or not." }),
        accounts: z.array(ShownAccount),
        products: z.array(z.object({ product, arrival: z.enum(ARRIVALS) })),
      })
      .nullable()
      .meta({ description: "What has arrived since the session was finished; null: it is not." }),
  })
  .meta({ id: "ConnectSession" });

type SessionBody = z.output<typeof SessionAnswer>;

export async function renderSession(context: Context, { session, connection }: Opened): Promise<SessionBody> {
  const { gateway, settings } = context;
  const { db } = gateway;
  const institutionId = session.institutionId ?? connection.institutionId;
  const isOver = session.finishedAt !== null;
  const [institution, held, task, twin] = await Promise.all([
    institutionId === null ? null : getInstitution(db, institutionId),
    isOver ? heldBy(context, connection) : null,
    isOver ? null : getTask(db, session.home, session.connectionId, "finish"),
    session.twinConnectionId === null ? null : getConnection(db, session.twinConnectionId),
  ]);
  const asked = twin && !isOver && twin.deletedAt === null ? twin : null;
  return {
    id: session.id,
    kind: session.kind === "link" ? "LINK" : "REPAIR",
    connectionId: connection.id,
    status: connection.status,
    statusReason: connection.reason,
    state: connection.state,
    actor: STEPS[connection.state].actor,
    application: settings.application,
    institutionId,
    institutionName: institution?.name ?? null,
    serviceProvider: session.provider,
    products: connection.products,
    optionalProducts: connection.optionalProducts,
    page: isOver ? null : pageOf(gateway, session),
    startedAt: iso(session.startedAt),
    expiresAt: iso(session.expiresAt),
    expired: !isOver && gateway.door.now() >= session.expiresAt,
    finishing: task !== null,
    finishedAt: isoOrNull(session.finishedAt),
    failure: session.failure,
    twin: asked && {
      connectionId: asked.id,
      state: asked.state,
      accounts: (await accountsIn(context, asked)).map(shown),
    },
    questions:
      session.questions?.map(({ before, now }) => ({ before: before.map(askedOf), now: now.map(askedOf) })) ?? null,
    kept: isOver && session.twinConnectionId !== null,
    progress: isOver ? progressOf(connection, held, await accountsIn(context, connection)) : null,
  };
}

const heldBy = async ({ gateway }: Context, { home, providerConnectionId: id }: Connection) =>
  id === null ? null : getProviderConnection(gateway.db, home, id);

async function accountsIn({ gateway }: Context, { home, providerConnectionId: id }: Connection): Promise<Account[]> {
  const all = id === null ? [] : await accountsOf(gateway.db, home, id);
  return all.filter(({ leftAt }) => leftAt === null);
}

const askedOf = (account: StoredAccount) => ({ ...account, balance: renderedOrNull(account.balance) });

const shown = ({ id, name, type, mask }: Account) => ({ id, name, type, mask });

function progressOf(
  connection: Connection,
  held: ProviderConnection | null,
  accounts: readonly Account[],
): NonNullable<SessionBody["progress"]> {
  const since = held?.reconnectedAt ?? Infinity;
  const over = held !== null && held.running === null && (held.lastSentAt ?? -Infinity) >= since;
  const wanted = PRODUCTS.filter((one) => [...connection.products, ...connection.optionalProducts].includes(one));
  const arrival = (one: Product): (typeof ARRIVALS)[number] => {
    if (held?.health.unavailable[one]?.value) return "UNAVAILABLE";
    if (over && isTroubled(held.health, one)) return "LATE";
    if (held && hasArrived(held.health, one, since)) return "ARRIVED";
    return over ? "LATE" : "WAITING";
  };
  return {
    over,
    accounts: accounts.map(shown),
    products: wanted.map((one) => ({ product: one, arrival: arrival(one) })),
  };
}

/** What was told last of the product, of one account at least, is a trouble. */
const isTroubled = ({ cells }: Health, wanted: Product): boolean =>
  Object.entries(cells).some(
    ([scope, { success = -Infinity, troubles }]) =>
      (scope === wanted || scope.endsWith(`/${wanted}`)) && Object.values(troubles).some(({ at }) => at > success),
  );

/** A good read of the product, whole or of one account, since the customer was there. */
const hasArrived = ({ cells }: Health, wanted: Product, since: number): boolean =>
  Object.entries(cells).some(
    ([scope, { success }]) => (scope === wanted || scope.endsWith(`/${wanted}`)) && (success ?? -Infinity) >= since,
  );
