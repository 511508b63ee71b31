/**
 * Fills a gateway with made-up customers, history included. Every life is played by the real actions against the fake
 * banks, dated as they would have been: nothing here knows how to write a state. A life is one transaction, so one that
 * is interrupted has not happened, and one that is there already is left alone.
 */
import { createHash } from "node:crypto";
import type { Instant } from "../../core/door.ts";
import type { Product } from "../../core/products.ts";
import { Refusal } from "../../core/refusal.ts";
import { HOUR } from "../../core/status/policy.ts";
import { type Connection, getConnection } from "../../store/connections.ts";
import { findOrCreateCustomer } from "../../store/customers.ts";
import { homeFor } from "../../store/home.ts";
import { institutionId } from "../../store/institutions.ts";
import { projectConnection } from "../../store/projection.ts";
import { claimTask, LEASE, putOffTasks } from "../../store/tasks.ts";
import { aggregate } from "../aggregate.ts";
import { disconnect } from "../disconnect.ts";
import { type Gateway, projectorOf } from "../gateway.ts";
import { mintRefreshIds, requestRefresh } from "../refresh.ts";
import { sandboxHeal, sandboxLink, sandboxRepair, sandboxTrouble } from "../sandbox.ts";
import { mintStartIds, mintTwinIds, startLink } from "../start-link.ts";
import { type Deed, type Life, lifeOf } from "./life.ts";
import { type Stage, stageOf } from "./stage.ts";

/** What a life is linked for: little, so that a year of it is told quickly. */
const PRODUCTS: readonly Product[] = ["BALANCES"];
/** The first reads of the gateway's own come over this long, not at once. */
const SPREAD = 6 * HOUR;

/** Plays the lives from `first` up to but not `end`. Answers how many were not there yet. */
export async function playLives(gateway: Gateway, first: number, end: number): Promise<number> {
  const { farm } = gateway;
  if (!farm || gateway.providers.size !== 1 || !gateway.providers.has("SANDBOX"))
    throw new Refusal("CLOCK_IS_REAL", "Made-up customers are only for a gateway whose one provider is the sandbox.");
  let played = 0;
  for (let n = first; n < end; n++) if (await playLife(gateway, farm, n)) played++;
  gateway.poke();
  return played;
}

function playLife(gateway: Gateway, farm: NonNullable<Gateway["farm"]>, n: number): Promise<boolean> {
  const now = gateway.door.now();
  const life = lifeOf(n, now);
  return gateway.db.tx("play a life", async (sql) => {
    const stage = stageOf(gateway, farm, sql, life.startedAt);
    const ids = mintStartIds(stage.gateway, life.customer);
    const home = homeFor(gateway.salt, "customer", life.customer);
    const customer = await findOrCreateCustomer(sql, home, ids.customer, life.customer, life.startedAt);
    if (customer.id !== ids.customer) return false;
    await play(stage, life, ids, now);
    await stage.leave();
    return true;
  });
}

async function play(stage: Stage, life: Life, ids: ReturnType<typeof mintStartIds>, now: Instant) {
  const { gateway, clock } = stage;
  const bank = institutionId("SANDBOX", life.bank);
  const { customer } = life;
  if (life.abandoned) {
    const asked = { products: PRODUCTS, optionalProducts: [], regions: [], redirectUrl: null, allowRedirect: true };
    await startLink(gateway, { ...asked, externalCustomerId: customer, institutionId: bank }, ids);
  } else {
    const link = { externalCustomerId: customer, institutionId: bank, products: PRODUCTS, username: customer };
    await sandboxLink(gateway, link, ids);
  }
  for (const deed of life.deeds) {
    await passTime(stage, ids.connection, deed.at);
    clock.at = Math.max(clock.at, deed.at);
    await act(stage, ids.connection, customer, deed);
  }
  await passTime(stage, ids.connection, now);
  const { home, providerConnectionId } = await standing(gateway, ids.connection);
  const spread = (createHash("sha256").update(customer).digest().readUInt16BE(0) / 2 ** 16) * SPREAD;
  if (providerConnectionId !== null)
    await putOffTasks(gateway.db, home, providerConnectionId, Math.round(now + spread));
}

async function act({ gateway }: Stage, id: string, username: string, deed: Deed): Promise<void> {
  switch (deed.does) {
    case "read":
      return read(gateway, id);
    case "refresh":
      await requestRefresh(gateway, id, null, mintRefreshIds(gateway, id), `demo ${id}`);
      return read(gateway, id);
    case "trouble":
      await sandboxTrouble(gateway, id, { state: deed.state }, mintTwinIds(gateway, id));
      return read(gateway, id);
    case "heal":
      await sandboxHeal(gateway, id);
      return read(gateway, id);
    case "repair":
      await sandboxRepair(gateway, id, username);
      return read(gateway, id);
    case "delete":
      await disconnect(gateway, id);
  }
}

/** What time alone changes on the way. */
async function passTime({ gateway, clock }: Stage, id: string, to: Instant): Promise<void> {
  for (let c = await standing(gateway, id); c.wakeAt <= to; c = await standing(gateway, id)) {
    clock.at = Math.max(clock.at, c.wakeAt);
    await projectConnection(gateway.db, projectorOf(gateway), c.home, id, clock.at);
  }
}

/** One run, as the worker would have it. */
async function read(gateway: Gateway, id: string): Promise<void> {
  const { home, providerConnectionId } = await standing(gateway, id);
  const wall = gateway.door.wall();
  const task = await claimTask(gateway.db, home, providerConnectionId ?? "", "aggregate", wall, wall + LEASE);
  if (!task) throw new Error(`connection ${id} has nothing to read`);
  await aggregate(gateway, task);
}

async function standing({ db }: Gateway, id: string): Promise<Connection> {
  const connection = await getConnection(db, id);
  if (!connection) throw new Error(`connection ${id} vanished while its life was played`);
  return connection;
}
