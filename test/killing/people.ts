/** What the application asks while its gateway is being killed, and what it was told. */
import type { State } from "../../src/core/status/table.ts";
import { institutionId } from "../../src/store/institutions.ts";
import type { Client } from "../fleet/client.ts";
import { dice } from "../search/dice.ts";

/** Everything that was answered with a yes. */
export interface Told {
  /** Connection by the customer that it was asked for. */
  linked: Map<string, string>;
  /** The duplicates that a trouble linked besides. */
  twins: Set<string>;
  deleted: Set<string>;
  /** Connection by refresh. */
  refreshed: Map<string, string>;
  profiles: Map<string, string>;
  /** Whose bank misbehaves. */
  troubled: Set<string>;
  /** What was refused by rule, by its code: that is an answer too. */
  refused: Map<string, number>;
}

const HOUSES = [
  ["bank-copper-mesa", 6],
  ["bank-tallgrass", 3],
  ["bank-thistle-moor", 2],
  ["bank-shifting-pages", 1],
  ["bank-equal-purchases", 1],
  ["bank-doubled-post", 2],
  ["bank-disordered-post", 1],
] as const;

const TROUBLES: readonly (readonly [State, number])[] = [
  ["DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE", 4],
  ["RECONNECT_REQUIRED/LOGIN_REQUIRED", 3],
  ["PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS", 2],
  ["DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE", 1],
  ["PARTIALLY_ACTIVE/INACTIVE_DUPLICATE", 1],
];

type Deed = "refresh" | "trouble" | "heal" | "delete" | "nothing";
const DEEDS: readonly (readonly [Deed, number])[] = [
  ["refresh", 35],
  ["trouble", 20],
  ["heal", 10],
  ["delete", 10],
  ["nothing", 25],
];

const LINES = 12;
const MOST_DEEDS = 3;
/** One more endpoint is set up whenever so many more are linked. */
const PROFILE_EVERY = 100;

export const nothingYet = (): Told => ({
  linked: new Map(),
  twins: new Set(),
  deleted: new Set(),
  refreshed: new Map(),
  profiles: new Map(),
  troubled: new Set(),
  refused: new Map(),
});

export interface People {
  client: Client;
  told: Told;
  seed: number;
  /** How many connections are linked. */
  connections: number;
  receiver: string;
}

export async function createProfile({ client, told, receiver }: People, name: string): Promise<void> {
  const body = { name, url: `${receiver}/hooks/${name}` };
  const { status, body: made } = await client.ask("POST", "/notifications/webhooks", body, `profile ${name}`);
  if (status !== 200) throw new Error(`a profile was refused: ${JSON.stringify(made)}`);
  told.profiles.set(name, String(made["id"]));
}

/** Resolves when everybody has been told. */
export async function live(people: People): Promise<void> {
  let next = 0;
  const line = async (): Promise<void> => {
    while (next < people.connections) await person(people, next++);
  };
  await Promise.all(Array.from({ length: LINES }, line));
}

async function person(people: People, n: number): Promise<void> {
  const { client, told, seed } = people;
  const chance = dice(seed * 1_000_003 + n);
  const customer = `person ${seed}.${n}`;
  if (n % PROFILE_EVERY === PROFILE_EVERY - 1) await createProfile(people, `more-${n}`);
  const wanted = { externalCustomerId: customer, institutionId: institutionId("SANDBOX", chance.weighed(HOUSES)) };
  const linked = await client.ask("POST", "/sandbox/connections", wanted, `link ${customer}`);
  if (linked.status !== 200) throw new Error(`a link was refused: ${JSON.stringify(linked.body)}`);
  const id = String(linked.body["id"]);
  told.linked.set(customer, id);
  for (let deed = 0; deed < MOST_DEEDS && !told.deleted.has(id); deed++)
    await act(people, id, chance.weighed(DEEDS), `deed ${customer} ${deed}`, chance.weighed(TROUBLES));
}

async function act({ client, told }: People, id: string, deed: Deed, key: string, state: State): Promise<void> {
  const path = `/bank-linking/connections/${id}`;
  const refuse = (code: unknown): void => {
    const name = `${deed}: ${String(code)}`;
    told.refused.set(name, (told.refused.get(name) ?? 0) + 1);
  };
  switch (deed) {
    case "nothing":
      return;
    case "refresh": {
      const { status, body } = await client.ask("POST", `${path}/refresh`, {}, key);
      if (status === 202) told.refreshed.set((body["refresh"] as { id: string }).id, id);
      else refuse(body["code"]);
      return;
    }
    case "trouble": {
      // Before it is asked for: whether it was done is not known until it is told.
      told.troubled.add(id);
      const { status, body } = await client.ask("POST", `/sandbox/connections/${id}/trouble`, { state }, key);
      if (status !== 200) refuse(body["code"]);
      else if (typeof body["twinId"] === "string") told.twins.add(body["twinId"]);
      return;
    }
    case "heal":
      return heal({ client, told }, id);
    case "delete": {
      const { status, body, times } = await client.ask("DELETE", path);
      // Asked again after a crash, it may have been done by the first time.
      if (status < 300 || (times > 1 && body["code"] === "ALREADY_DELETED")) told.deleted.add(id);
      else refuse(body["code"]);
    }
  }
}

export async function heal({ client, told }: Pick<People, "client" | "told">, id: string): Promise<void> {
  const { status } = await client.ask("DELETE", `/sandbox/connections/${id}/trouble`);
  if (status === 200) told.troubled.delete(id);
}
