/** What a fake bank's books say, taken from the books themselves: what the gateway lists must be equal to it. */
import assert from "node:assert/strict";
import { accountAt, CURRENCY, type Owner } from "../../src/providers/sandbox/farm/accounts.ts";
import { bankOf } from "../../src/providers/sandbox/farm/banks.ts";
import { dayOf } from "../../src/providers/sandbox/farm/days.ts";
import type { Entry } from "../../src/providers/sandbox/farm/entries.ts";
import { HISTORY_DAYS } from "../../src/providers/sandbox/farm/walk.ts";
import { booksAt } from "./books.ts";
import type { TestGateway } from "./gateway.ts";
import { accountsOf, connectionPath, transactionsOf } from "./walk.ts";

export const DAY = 86_400_000;

export function ownerOf(house: string, user: string): Owner {
  const bank = bankOf(house);
  assert.ok(bank, `${house} is a bank of the farm`);
  return { seed: "bowline", bank, user };
}

/** The purchase behind a line, pending or booked. */
export const purchaseOf = (no: string): string => no.replace(/^(en_.{16})b?$/, "$1");

const dateOf = (day: number): string => String(day).replace(/(....)(..)(..)/, "$1-$2-$3");
const ISO: Record<number, string> = { [CURRENCY.US]: "USD", [CURRENCY.GB]: "GBP" };

const wordsOf = (owner: Owner, places: readonly number[]) => {
  const titles = new Map(places.map((place) => accountAt(owner, place)).map(({ ref, title }) => [ref, title]));
  return ({ acct, minor, cur, text, booked, day, bookday }: Entry): string => {
    const posted = bookday === undefined ? null : dateOf(bookday);
    return JSON.stringify([
      titles.get(acct),
      -minor / 100,
      ISO[cur],
      text,
      booked ? "POSTED" : "PENDING",
      dateOf(day),
      posted,
    ]);
  };
};

interface Line {
  house: string;
  user: string;
  since: number;
  picked: number[];
}

export async function lineOf(gateway: TestGateway, id: string): Promise<Line & { ref: string }> {
  const { serviceProviderDetails } = await gateway.good("GET", connectionPath(id));
  const ref = (serviceProviderDetails as { serviceProviderConnectionId: string }).serviceProviderConnectionId;
  const sql = "select document from sandbox_memory where key = $1";
  const { rows } = await gateway.sql.query<{ document: Line }>(sql, [`line/${ref}`]);
  assert.ok(rows[0]);
  return { ...rows[0].document, ref };
}

/** When the bank was last read for transactions. */
export async function asOf(gateway: TestGateway, id: string): Promise<number> {
  const { dataAsOf } = await gateway.good("GET", connectionPath(id));
  return Date.parse((dataAsOf as { TRANSACTIONS: string }).TRANSACTIONS);
}

/** Fails unless the list is, line by line, what the bank's books said at the latest read; answers how many lines. */
export async function listIsTrue(gateway: TestGateway, id: string): Promise<number> {
  const { house, user, since, picked } = await lineOf(gateway, id);
  const owner = ownerOf(house, user);
  const truth = booksAt(owner, picked, dayOf(since) - HISTORY_DAYS, await asOf(gateway, id)).map(
    wordsOf(owner, picked),
  );
  const names = new Map((await accountsOf(gateway, id)).map((account) => [account.id, account.name]));
  const list = (await transactionsOf(gateway, id)).map((t) =>
    JSON.stringify([
      names.get(t.financialAccountId),
      Number(t.amount),
      t["currency"],
      t.description,
      t.status,
      t.transactionDate,
      t.postedDate,
    ]),
  );
  assert.deepEqual(list.sort(), truth.sort());
  return list.length;
}

/** Our id of each purchase that was ever told, by the bank's own number of it; those taken back included. */
export async function idsOf(gateway: TestGateway, id: string): Promise<Map<string, string>> {
  const { rows } = await gateway.sql.query<{ id: string; ref: string }>(
    `select t.id, t.ref from transaction t join account a on a.home = t.home and a.id = t.account_id
       join connection c on c.home = a.home and c.provider_connection_id = a.provider_connection_id where c.id = $1`,
    [id],
  );
  const ids = new Map(rows.map((row) => [purchaseOf(row.ref), row.id]));
  assert.equal(ids.size, rows.length, "no purchase has two rows");
  return ids;
}
