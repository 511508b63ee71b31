/**
 * The sandbox's handles: link a fake bank as a customer would, let it misbehave, let it heal. They reach the farm by
 * HTTP, through the provider's own side; no state is written here, and the next read finds out what the bank says.
 */
import { beginning } from "../core/label.ts";
import type { Product } from "../core/products.ts";
import { isRefusal, Refusal } from "../core/refusal.ts";
import { rowOf, type State } from "../core/status/table.ts";
import {
  customerOf,
  FIRST_BANK,
  heal,
  hitsAccounts,
  login,
  type Reached,
  trouble,
} from "../providers/sandbox/control.ts";
import type { Settings } from "../providers/sandbox/client.ts";
import type { Answer, Call } from "../providers/provider.ts";
import { transportTrouble } from "../providers/reading.ts";
import { accountsOf } from "../store/accounts.ts";
import { claimsOn, type Connection, getConnection } from "../store/connections.ts";
import { getCustomer } from "../store/customers.ts";
import { getProviderConnection, type ProviderConnection } from "../store/provider-connections.ts";
import { institutionId } from "../store/institutions.ts";
import { actsOf, note } from "../store/timeline.ts";
import { makeDue } from "../store/tasks.ts";
import { withCall } from "./call.ts";
import { disconnect } from "./disconnect.ts";
import { finishSession } from "./finish-link.ts";
import type { Gateway } from "./gateway.ts";
import { chooseInstitution, openSession, pageOf } from "./session.ts";
import { type StartIds, startLink } from "./start-link.ts";
import { mintRepairIds, startRepair } from "./start-repair.ts";

export interface SandboxLink {
  externalCustomerId: string;
  institutionId: string | null;
  products: readonly Product[] | null;
  /** The bank's login; absent: one that nobody has. */
  username?: string;
  /** The connection whose duplicate it is to be. */
  twinOf?: string;
}

export interface SandboxTrouble {
  state: State;
  /** Which accounts, or how many of them; absent: what fits the state. */
  accounts?: readonly string[] | number;
}

export type Misbehaving = Reached & { connection: Connection; twinId?: string };

const DEFAULT_PRODUCTS: readonly Product[] = ["BALANCES", "IDENTIFIERS", "OWNERS", "TRANSACTIONS"];
const CONTROL_TIME = 5_000;
const LINK_TIME = 15_000;
const LOOK = 50;
/** The mark, in its timeline, of a connection that a trouble made; and of which one it is the duplicate. */
const TWIN = "sandbox twin";

/** Requests with one idempotency key may run side by side: they share one sitting at the bank, and one finish. */
export async function sandboxLink(gateway: Gateway, link: SandboxLink, ids: StartIds): Promise<Connection> {
  const bank = link.institutionId ?? institutionId("SANDBOX", FIRST_BANK);
  const { session, connection, token } = await startLink(
    gateway,
    {
      externalCustomerId: link.externalCustomerId,
      products: link.products ?? DEFAULT_PRODUCTS,
      optionalProducts: [],
      regions: [],
      institutionId: bank,
      redirectUrl: null,
      allowRedirect: true,
    },
    ids,
  );
  if (session.finishedAt !== null) return connection;
  if (link.twinOf !== undefined) await noteTwin(gateway, connection, link.twinOf);
  const { door } = gateway;
  for (const end = door.wall() + LINK_TIME; ; await door.wait(LOOK)) {
    try {
      return await loggedIn(gateway, token, bank, link.username ?? namesake(link, connection));
    } catch (error) {
      // Another request with the same key may have been faster, or have the finish in hand: its end is this one's too.
      const opened = await openSession(gateway, token);
      if (opened.session.finishedAt !== null) return opened.connection;
      if (!isRefusal(error, "TOO_EARLY") || door.wall() >= end) throw error;
    }
  }
}

const namesake = ({ externalCustomerId }: SandboxLink, { id }: Connection): string =>
  `${beginning(externalCustomerId, 40)} ${id.slice(-6)}`;

async function loggedIn(gateway: Gateway, token: string, bank: string, username: string): Promise<Connection> {
  const { session } = await chooseInstitution(gateway, token, bank, "unless begun");
  const proof = await control(gateway, (call, farm) =>
    login(call, farm, { page: pageOf(gateway, session) ?? {} }, { username }),
  );
  return (await finishSession(gateway, token, proof)).connection;
}

/** The customer comes back through the widget, and mends what a login can mend. */
export async function sandboxRepair(gateway: Gateway, connectionId: string, username: string): Promise<Connection> {
  const { connection } = await sandboxed(gateway, connectionId);
  const { token } = await startRepair(gateway, connectionId, mintRepairIds(gateway, connectionId));
  return loggedIn(gateway, token, connection.institutionId ?? "", username);
}

/** `ids`: what a duplicate's link mints. */
export async function sandboxTrouble(
  gateway: Gateway,
  connectionId: string,
  wanted: SandboxTrouble,
  ids: StartIds,
): Promise<Misbehaving> {
  const { state } = wanted;
  if (rowOf(state).reason === null) throw new Refusal("BAD_REQUEST", `[state] ${HOW_TO_REACH[state as Bare]}`);
  const { connection, held } = await sandboxed(gateway, connectionId);
  if (state === "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE") return linkTwin(gateway, connection, held, ids);
  const accountRefs = await refsOf(gateway, held, wanted.accounts);
  if (accountRefs.length > 0 && !hitsAccounts(state))
    throw new Refusal("BAD_REQUEST", `[accounts] ${state} is a whole connection's; send it without accounts.`);
  const reached = await control(gateway, (call, farm) =>
    trouble(call, farm, held.ref, { state, accountRefs, linkedAt: held.reconnectedAt, now: gateway.door.now() }),
  );
  await hint(gateway, held);
  return { ...reached, connection: (await getConnection(gateway.db, connectionId)) ?? connection };
}

/** The bank behaves again; a twin that a trouble made goes. One that somebody linked is nobody's trouble, and stays. */
export async function sandboxHeal(gateway: Gateway, connectionId: string): Promise<Misbehaving> {
  const { connection, held } = await sandboxed(gateway, connectionId);
  for (const twin of await claimsOn(gateway.db, held.home, held.id)) {
    const acts = twin.deletedAt === null ? await actsOf(gateway.db, held.home, twin.id, TWIN) : [];
    if (!acts.some(({ of }) => of === connectionId)) continue;
    // Somebody else's heal may have been first.
    await disconnect(gateway, twin.id).catch((error: unknown) => {
      if (!isRefusal(error, "ALREADY_DELETED")) throw error;
    });
  }
  await control(gateway, (call, farm) => heal(call, farm, held.ref));
  await hint(gateway, held);
  return { reachedBy: "read", connection: (await getConnection(gateway.db, connectionId)) ?? connection };
}

type Bare = "IN_PROGRESS" | "EXPIRED" | "ACTIVE" | "DELETED";
const HOW_TO_REACH: Record<Bare, string> = {
  IN_PROGRESS: "IN_PROGRESS is where every connection begins: POST /bank-linking/connect/start makes one.",
  EXPIRED: "EXPIRED is an unfinished widget: start a connection, leave it, and advance the clock by PT4H.",
  ACTIVE: "ACTIVE is a bank without trouble: DELETE this trouble, or link anew.",
  DELETED: "DELETED comes by deleting: DELETE /bank-linking/connections/{connectionId}.",
};

/** The same login, linked once more by the same customer: the newer claim is kept, this one is its duplicate. */
async function linkTwin(
  gateway: Gateway,
  connection: Connection,
  held: ProviderConnection,
  ids: StartIds,
): Promise<Misbehaving> {
  const { username } = await control(gateway, (call, farm) => customerOf(call, farm, held.ref));
  const customer = await getCustomer(gateway.db, connection.home, connection.customerId);
  const externalCustomerId = customer?.externalId ?? null;
  if (externalCustomerId === null)
    throw new Refusal("STATE_FORBIDS", "The customer of this connection is gone, and links nothing more; link anew.");
  const twin = await sandboxLink(
    gateway,
    {
      externalCustomerId,
      institutionId: connection.institutionId,
      products: connection.products,
      username,
      twinOf: connection.id,
    },
    ids,
  );
  return {
    reachedBy: "read",
    connection: (await getConnection(gateway.db, connection.id)) ?? connection,
    twinId: twin.id,
  };
}

const noteTwin = ({ db, door }: Gateway, { home, id }: Connection, of: string): Promise<void> =>
  note(db, door, home, id, "act", { act: TWIN, of }, door.now());

async function sandboxed(
  gateway: Gateway,
  connectionId: string,
): Promise<{ connection: Connection; held: ProviderConnection }> {
  const connection = await getConnection(gateway.db, connectionId);
  if (!connection) throw new Refusal("NOT_FOUND", `[connectionId] ${connectionId} is no connection known here.`);
  const id = connection.providerConnectionId;
  const held = id ? await getProviderConnection(gateway.db, connection.home, id) : null;
  if (connection.provider !== "SANDBOX" || !held || held.closedAt !== null || connection.deletedAt !== null) {
    const what = connection.provider ?? connection.state;
    throw new Refusal(
      "STATE_FORBIDS",
      `Only a linked bank of the sandbox can be told to misbehave; this connection is ${what}.`,
    );
  }
  return { connection, held };
}

async function refsOf(
  gateway: Gateway,
  held: ProviderConnection,
  wanted: SandboxTrouble["accounts"],
): Promise<string[]> {
  if (wanted === undefined) return [];
  const accounts = (await accountsOf(gateway.db, held.home, held.id)).filter(({ leftAt }) => leftAt === null);
  if (typeof wanted === "number") {
    if (wanted > accounts.length)
      throw new Refusal("BAD_REQUEST", `[accounts] ${wanted} are wanted; this connection has ${accounts.length}.`);
    return accounts.slice(0, wanted).map(({ ref }) => ref);
  }
  const strange = wanted.filter((id) => !accounts.some((account) => account.id === id));
  if (strange.length > 0)
    throw new Refusal(
      "BAD_REQUEST",
      `[accounts] ${strange.join(", ")} is no account of this connection; GET /bank-linking/accounts lists them.`,
    );
  return accounts.filter(({ id }) => wanted.includes(id)).map(({ ref }) => ref);
}

/** As a bank's webhook would: a read is due, and nothing is written. */
async function hint(gateway: Gateway, held: ProviderConnection): Promise<void> {
  const now = gateway.door.now();
  await makeDue(gateway.db, held.home, held.id, "aggregate", now, now);
  gateway.poke();
}

async function control<T>(gateway: Gateway, ask: (call: Call, farm: Settings) => Promise<Answer<T>>): Promise<T> {
  const { farm } = gateway;
  if (!farm) throw new Refusal("NOT_FOUND", "The sandbox is switched off here; set BOWLINE_SANDBOX to on.");
  const answer = await withCall(gateway, CONTROL_TIME, (call) => ask(call, farm)).catch((error: unknown) => {
    // The farm may be another process, and away.
    const lost = transportTrouble(error);
    if (!lost) throw error;
    throw new Refusal("PROVIDER_UNAVAILABLE", `The farm can't answer now (${lost.raw.code}); try again.`);
  });
  if (answer.ok) return answer.facts;
  const { code, message } = answer.trouble.raw;
  if (answer.trouble.scope === "provider")
    throw new Refusal("PROVIDER_UNAVAILABLE", `The farm can't answer now (${code}); try again.`);
  throw new Refusal("PROVIDER_REFUSED", `The farm answered ${code}: ${message ?? "without a word."}`);
}
