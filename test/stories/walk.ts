/** What an application and its customer do with a gateway, by calls alone; and what is seen of it from outside. */
import assert from "node:assert/strict";
import type { Answered, Json, TestGateway } from "./gateway.ts";

export const connectionPath = (id: string): string => `/bank-linking/connections/${id}`;

export interface Login {
  user: string;
  password?: string;
  /** How many of the accounts to share, where the bank lets the customer choose; absent: all. */
  accounts?: number;
}

/** A widget session, as the customer's page holds it. */
export interface Sitting {
  connectionId: string;
  token: string;
  session(): Promise<Answered>;
  /** Chooses the bank; answers what the page needs of the provider. */
  choose(institutionId?: string): Promise<Record<string, string>>;
  complete(proof: Record<string, string>): Promise<Answered>;
}

function sittingOf(gateway: TestGateway, connectionId: string, token: string): Sitting {
  const authorization = `Bearer ${token}`;
  const ask = (method: string, path: string, body?: unknown) =>
    gateway.ask(method, `/bank-linking/connect/${path}`, body, { authorization });
  return {
    connectionId,
    token,
    session: () => ask("GET", "session"),
    choose: async (institutionId) => {
      const { status, body } = await ask("POST", "institution", institutionId === undefined ? {} : { institutionId });
      assert.equal(status, 200, JSON.stringify(body));
      return body["page"] as Record<string, string>;
    },
    complete: (proof) => ask("POST", "complete", { proof }),
  };
}

export async function startLink(gateway: TestGateway, externalCustomerId: string, more: Json = {}): Promise<Sitting> {
  const { id, connectToken } = await gateway.good("POST", "/bank-linking/connect/start", {
    externalCustomerId,
    ...more,
  });
  return sittingOf(gateway, String(id), String(connectToken));
}

export async function startRepair(gateway: TestGateway, connectionId: string): Promise<Sitting> {
  const { connectToken } = await gateway.good("POST", "/bank-linking/connect/repair", { connectionId });
  return sittingOf(gateway, connectionId, String(connectToken));
}

/** The id of a fake bank, by a part of its name that no other has. */
export async function bankNamed(gateway: TestGateway, name: string): Promise<string> {
  const { institutions } = await gateway.good("GET", `/institutions?name=${encodeURIComponent(name)}`);
  // Names that are merely near follow in the answer.
  const found = (institutions as { id: string; name: string }[]).filter((bank) => bank.name.includes(name));
  assert.equal(found.length, 1, `${found.length} banks have ${name} in their name`);
  return found[0]?.id ?? "";
}

/** The customer at the fake bank's own pages. What it answers at the end is the page's to hand on. */
export async function logIn(gateway: TestGateway, page: Record<string, string>, login: Login): Promise<Answered> {
  const step = async (to: string, body: Json): Promise<Answered> => {
    const response = await fetch(`${gateway.url}/farm/sittings/${to}`, { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  };
  const { user, password = "good", accounts } = login;
  const first = await step("login", { sitting: page["sitting"], user, password });
  const reply = first.body["reply"] as { step?: string; sitting?: string; accounts?: { no: string }[] } | undefined;
  if (reply?.step !== "accounts") return first;
  const chosen = (reply.accounts ?? []).map(({ no }) => no).slice(0, accounts);
  return step("accounts", { sitting: reply.sitting, accounts: chosen });
}

/** Through the bank's pages, which must let the customer in. */
export async function proofOf(
  gateway: TestGateway,
  page: Record<string, string>,
  login: Login,
): Promise<{ slip: string }> {
  const { status, body } = await logIn(gateway, page, login);
  assert.equal(status, 200, JSON.stringify(body));
  return { slip: (body["reply"] as { slip: string }).slip };
}

export interface LinkAt {
  customer: string;
  bank: string;
  login: Login;
  products?: string[];
}

/** A bank of the farm, linked as a customer links it; answers the connection's id. */
export async function linkAt(gateway: TestGateway, { customer, bank, login, products }: LinkAt): Promise<string> {
  const sitting = await startLink(gateway, customer, { products: products ?? ["BALANCES", "TRANSACTIONS"] });
  const page = await sitting.choose(await bankNamed(gateway, bank));
  const { status, body } = await sitting.complete(await proofOf(gateway, page, login));
  assert.equal(status, 200, JSON.stringify(body));
  return String(body["connectionId"]);
}

/** A repair to its good end. */
export async function repair(gateway: TestGateway, connectionId: string, login: Login): Promise<void> {
  const sitting = await startRepair(gateway, connectionId);
  const { status, body } = await sitting.complete(await proofOf(gateway, await sitting.choose(), login));
  assert.equal(status, 200, JSON.stringify(body));
}

export interface Refreshed {
  outcome: string;
  servedFromCache: boolean;
  notBefore: string | null;
  parts: { accountId: string | null; product: string; outcome: string; cause: { code: string } | null }[];
}

/** A forced refresh, awaited to its outcome. */
export async function refreshed(gateway: TestGateway, id: string, body: Json = {}, within = 8000): Promise<Refreshed> {
  const { refresh } = await gateway.good("POST", `${connectionPath(id)}/refresh`, body);
  const path = `${connectionPath(id)}/refreshes/${(refresh as { id: string }).id}`;
  const ended = async () => {
    const told = await gateway.good("GET", path);
    return told["status"] === "FINISHED" ? (told as unknown as Refreshed) : null;
  };
  return eventually(ended, `an end of the refresh of ${id}`, within);
}

/** Asks until there is an answer: for what no call waits for. */
export async function eventually<T>(look: () => Promise<T | null>, what: string, within = 8000): Promise<T> {
  for (const end = performance.now() + within; ; ) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) assert.fail(`waited ${within} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** All that the application was told of a connection, in order. The sequence must have no gap. */
export async function eventsOf(gateway: TestGateway, id: string): Promise<{ type: string; payload: Json }[]> {
  const { rows } = await gateway.sql.query<{ type: string; payload: Json; sequence: string }>(
    "select type, payload, sequence from event where connection_id = $1 order by sequence",
    [id],
  );
  assert.deepEqual(
    rows.map(({ sequence }) => Number(sequence)),
    rows.map((_, at) => at + 1),
    "gap-free",
  );
  return rows.map(({ type, payload }) => ({ type: type.replace("BANK_LINKING_CONNECTION_", ""), payload }));
}

/** Its own life in short, without its accounts' and transactions': COMPLETED, DELETED, or the state that it came to. */
export const toldOf = async (gateway: TestGateway, id: string): Promise<string[]> =>
  (await eventsOf(gateway, id)).flatMap(({ type, payload }) => {
    if (type.startsWith("BANK_LINKING_")) return [];
    if (type !== "STATUS_CHANGE") return type;
    const { newStatus, newStatusReason } = payload as { newStatus: string; newStatusReason: string | null };
    return newStatusReason === null ? newStatus : `${newStatus}/${newStatusReason}`;
  });

/** Every record of a list, page by page. */
export async function allOf<T>(gateway: TestGateway, path: string, field: string): Promise<T[]> {
  const all: T[] = [];
  for (let after = ""; ; ) {
    const page = await gateway.good("GET", `${path}${path.includes("?") ? "&" : "?"}limit=100${after}`);
    const records = page[field] as (T & { key: string })[];
    all.push(...records);
    if (page["remaining"] === 0) return all;
    after = `&after=${encodeURIComponent(records.at(-1)?.key ?? "")}`;
  }
}

export interface Account extends Json {
  id: string;
  name: string;
  status: string;
  balances: { currentAmount: number | string; availableAmount: number | string | null } | null;
}

export interface Transaction extends Json {
  id: string;
  financialAccountId: string;
  amount: number | string;
  description: string;
  status: "PENDING" | "POSTED";
  transactionDate: string;
  postedDate: string | null;
}

export const accountsOf = (gateway: TestGateway, id: string): Promise<Account[]> =>
  allOf(gateway, `/bank-linking/accounts?connectionId=${id}`, "financialAccounts");

export const transactionsOf = (gateway: TestGateway, id: string): Promise<Transaction[]> =>
  allOf(gateway, `/bank-linking/transactions?connectionId=${id}`, "financialAccountTransactions");

export const timelineOf = (gateway: TestGateway, id: string): Promise<{ kind: string; detail: Json }[]> =>
  allOf(gateway, `${connectionPath(id)}/timeline`, "timeline");

export const deleted = (gateway: TestGateway, ...ids: string[]): Promise<Json[]> =>
  Promise.all(ids.map((id) => gateway.good("DELETE", connectionPath(id))));

/** Ends what a test left alive, so that one that failed does not make the next one fail. */
export async function cleared(gateway: TestGateway): Promise<void> {
  const left = "select id from connection where status not in ('EXPIRED', 'DELETED')";
  await deleted(gateway, ...(await gateway.sql.query<{ id: string }>(left)).rows.map(({ id }) => id));
}
