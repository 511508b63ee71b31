/**
 * One life of connections, as calls of a client: every lifecycle action, in an order in which each has something to
 * lose. A client whose call died asks again, as clients do, and is then served by the worker that lives.
 */
import { login, trouble } from "../../src/providers/sandbox/control.ts";
import { withCall } from "../../src/actions/call.ts";
import { disconnect } from "../../src/actions/disconnect.ts";
import { finishSession } from "../../src/actions/finish-link.ts";
import { receiveWebhook } from "../../src/actions/receive-webhook.ts";
import { mintRefreshIds, requestRefresh } from "../../src/actions/refresh.ts";
import { chooseInstitution, openSession, pageOf } from "../../src/actions/session.ts";
import { mintStartIds, type StartIds, startLink } from "../../src/actions/start-link.ts";
import { mintRepairIds, startRepair } from "../../src/actions/start-repair.ts";
import type { Product } from "../../src/core/products.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { getConnection } from "../../src/store/connections.ts";
import { getProviderConnection } from "../../src/store/provider-connections.ts";
import { institutionId } from "../../src/store/institutions.ts";
import { type Hands, Killed, type World } from "./world.ts";

const BANK = institutionId("SANDBOX", "bank-copper-mesa");
const HOUR = 3_600_000;

export interface Life {
  /** What the first worker reached, in order, with the action of the client that it served. */
  points: string[];
  killed: string | null;
}

/** What a life is told with: a call of the client's, a link, and what is no call. */
interface Hold extends Pick<Crew, "first" | "second" | "ask"> {
  world: World;
  link(session: { customer: string; user: string }): Promise<string>;
}

export type Story = (hold: Hold) => Promise<void>;

export interface Crew {
  first: Hands;
  second: Hands;
  /** The call, asked of whoever lives; then everything that it made due. */
  ask<T>(action: string, call: (hands: Hands) => Promise<T>): Promise<T>;
  /** Dismisses them, and tells how it went. */
  end(): Promise<Life>;
}

/** A worker that dies at its `killAt`-th point, and the one that goes on. */
export async function hireTwo(world: World, killAt?: number): Promise<Crew> {
  const first = await world.hire(killAt);
  const second = await world.hire();
  let hands = first;
  let killed: string | null = null;

  const actions: string[] = [];

  async function ask<T>(action: string, call: (hands: Hands) => Promise<T>): Promise<T> {
    world.pass(1000);
    try {
      return await once(call);
    } finally {
      while (actions.length < first.reached.length) actions.push(action);
    }
  }

  async function once<T>(call: (hands: Hands) => Promise<T>): Promise<T> {
    try {
      const result = await call(hands);
      await hands.worker.drain();
      if (first.reached.length - 1 === killAt && hands === first) throw new Killed();
      return result;
    } catch (error) {
      if (hands !== first || first.reached.length - 1 !== killAt) throw error;
      killed = first.reached.at(-1) ?? null;
      hands = second;
      world.outliveLeases();
      await hands.worker.drain();
      const result = await call(hands);
      await hands.worker.drain();
      return result;
    }
  }

  return {
    first,
    second,
    ask,
    end: async () => {
      await first.close();
      await second.close();
      return { points: first.reached.map((point, at) => `${actions[at]}: ${point}`), killed };
    },
  };
}

export interface Visit {
  customer: string;
  user: string;
  bank: string;
  products: readonly Product[];
}

/** A first link, to its end. The ids are the client's own, as with an idempotency key. */
export async function linkBy(by: Hands, { customer, user, bank, products }: Visit, ids: StartIds): Promise<string> {
  const started = await startLink(
    by.gateway,
    {
      externalCustomerId: customer,
      products,
      optionalProducts: [],
      regions: [],
      institutionId: bank,
      redirectUrl: null,
      allowRedirect: true,
    },
    ids,
  );
  await goThrough(by, started.token, bank, user);
  return ids.connection;
}

export async function live(world: World, story: Story, killAt?: number): Promise<Life> {
  const { first, second, ask, end } = await hireTwo(world, killAt);
  const products: Product[] = ["BALANCES", "IDENTIFIERS", "OWNERS", "TRANSACTIONS"];
  const link = (session: { customer: string; user: string }) => {
    const ids = mintStartIds(first.gateway, session.customer);
    return ask("link", (by) => linkBy(by, { ...session, bank: BANK, products }, ids));
  };

  await story({ world, first, second, ask, link });
  return end();
}

export const wholeLife: Story = async ({ world, first, second, ask, link }) => {
  const kept = await link({ customer: "Ada", user: "ada" });
  // As with an idempotency key: the same ids when the client asks again.
  const refresh = mintRefreshIds(first.gateway, kept);
  await ask("refresh", (by) => requestRefresh(by.gateway, kept, null, refresh, "request-1"));
  await misbehave(second, kept);
  const another = mintRefreshIds(first.gateway, kept);
  await ask("refresh", (by) => requestRefresh(by.gateway, kept, ["BALANCES"], another, "request-2"));
  world.pass(27 * HOUR);
  await ask("pass", async () => undefined);
  const repair = mintRepairIds(first.gateway, kept);
  await ask("repair", async (by) => {
    const { token } = await startRepair(by.gateway, kept, repair);
    await goThrough(by, token, BANK, "ada");
  });
  const twin = await link({ customer: "Ada", user: "ada" });
  const other = await link({ customer: "Bela", user: "ada" });
  await ask("delete", (by) => disconnect(by.gateway, kept).catch(unlessDone));
  await ask("delete", (by) => disconnect(by.gateway, twin).catch(unlessDone));
  await ask("delete", (by) => disconnect(by.gateway, other).catch(unlessDone));
};

/**
 * Two customers share a login; the bank writes of it, and both are read. Its first letter can't be checked at once. It
 * sends again what is not answered.
 */
export const calledIn: Story = async ({ world, ask, link }) => {
  await link({ customer: "Ada", user: "ada" });
  await link({ customer: "Bela", user: "ada" });
  const [unchecked, later] = [await world.letter("entries"), await world.letter("mended")];
  world.tellKeys(false);
  await ask("webhook", (by) => receiveWebhook(by.gateway, "sandbox", unchecked));
  world.tellKeys(true);
  world.pass(60_000);
  await ask("webhook", (by) => receiveWebhook(by.gateway, "sandbox", later));
};

const unlessDone = (error: unknown): void => {
  if (!(error instanceof Refusal && error.code === "ALREADY_DELETED")) throw error;
};

/** The customer's way through the widget; where the provider refuses what a crash used up, they begin again. */
export async function goThrough(by: Hands, token: string, bank: string, username: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const opened = await openSession(by.gateway, token);
    if (opened.session.finishedAt !== null) return;
    const { session } = await chooseInstitution(by.gateway, token, bank);
    const { farm } = by.gateway;
    if (!farm) throw new Error("this world has a farm");
    const proof = await withCall(by.gateway, 1000, (call) =>
      login(call, farm, { page: pageOf(by.gateway, session) ?? {} }, { username }),
    );
    if (!proof.ok) throw new Error(`the bank refused the customer: ${proof.trouble.raw.code}`);
    try {
      await finishSession(by.gateway, token, proof.facts);
      return;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "PROVIDER_REFUSED" || tries > 1) throw error;
    }
  }
}

/** The bank wants a new login. Not a call of the client's, so not one that dies. */
export async function misbehave(by: Hands, connectionId: string): Promise<void> {
  const { gateway } = by;
  const connection = await getConnection(gateway.db, connectionId);
  const held = connection?.providerConnectionId
    ? await getProviderConnection(gateway.db, connection.home, connection.providerConnectionId)
    : null;
  const { farm } = gateway;
  if (!held || !farm) throw new Error(`${connectionId} holds nothing that could misbehave`);
  const wanted = {
    state: "RECONNECT_REQUIRED/LOGIN_REQUIRED",
    linkedAt: held.reconnectedAt,
    now: gateway.door.now(),
  } as const;
  const set = await withCall(gateway, 1000, (call) => trouble(call, farm, held.ref, wanted));
  if (!set.ok) throw new Error(`the farm refused: ${set.trouble.raw.code}`);
}
