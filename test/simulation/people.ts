/**
 * Who uses the gateway: an application with its customers, and the banks' own bad days. A client asks until it is
 * answered, with the same ids, as one does who sends an idempotency key; what it was answered is held against the
 * gateway at the end.
 */
import { answerAccounts } from "../../src/actions/answer-accounts.ts";
import { addProducts, mintAddIds } from "../../src/actions/add-products.ts";
import { changeCustomer, createCustomer } from "../../src/actions/customers.ts";
import { createProcessorToken, mintTokenId } from "../../src/actions/create-processor-token.ts";
import { decideTwin } from "../../src/actions/decide-twin.ts";
import { playLives } from "../../src/actions/demo/play.ts";
import { deleteCustomer } from "../../src/actions/delete-customer.ts";
import { disconnect } from "../../src/actions/disconnect.ts";
import { findInstitutions } from "../../src/actions/find-institutions.ts";
import { finishSession } from "../../src/actions/finish-link.ts";
import { idempotent } from "../../src/actions/idempotency.ts";
import { importConnection } from "../../src/actions/import-connection.ts";
import { mintRefreshIds, requestRefresh } from "../../src/actions/refresh.ts";
import { returnFromBank } from "../../src/actions/return-from-bank.ts";
import { returnState } from "../../src/actions/connect-token.ts";
import { sandboxHeal, sandboxLink, sandboxRepair, sandboxTrouble } from "../../src/actions/sandbox.ts";
import type { Gateway } from "../../src/actions/gateway.ts";
import { chooseInstitution, openSession, type Opened, pageOf } from "../../src/actions/session.ts";
import { tellSession, withSessionEvents } from "../../src/actions/session-events.ts";
import { mintStartIds, mintTwinIds, startLink } from "../../src/actions/start-link.ts";
import { mintRepairIds, startRepair } from "../../src/actions/start-repair.ts";
import { makeId } from "../../src/core/ids.ts";
import type { Product } from "../../src/core/products.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { DAY, MINUTE, widgetLifetime } from "../../src/core/status/policy.ts";
import { login } from "../../src/providers/sandbox/control.ts";
import { BANKS, bankOf } from "../../src/providers/sandbox/farm/banks.ts";
import type { Json } from "../../src/providers/sandbox/farm/memory.ts";
import { BANK_ROWS } from "../../src/providers/sandbox/farm/troubles.ts";
import { institutionId } from "../../src/store/institutions.ts";
import { askOf, isRefused } from "./client.ts";
import { FARM, type World } from "./world.ts";

interface Promised {
  customer: string;
  /** `asked`: to be deleted, and not answered yet. */
  fate: "kept" | "asked" | "gone";
}

export interface People {
  /** By connection: what its application was told of it, and so may count on. */
  promised: Map<string, Promised>;
  /** Everything that they set out to do is done. */
  gone(): boolean;
}

/** Without those whose habit is a trouble for ever, or that a test of their own is about. */
const HOUSES = BANKS.filter(
  ({ habits }) => !habits.row && !habits.present && (habits.consent ?? Infinity) > 30 * DAY,
).map(({ id }) => id);
/** Where a second link of a login looks like another login. */
const RENEWING = "bank-new-ids";
/** Where an account may be read four times a day. */
const RATIONED = "bank-four-reads-a-day";
/** Half of all customers bank where links are not simple. */
const SPECIAL = [
  RENEWING,
  "bank-investments",
  "bank-relinks",
  "bank-relinks-alike",
  "bank-relinks-exchanges",
  "bank-lost-post",
  RATIONED,
];
const MOST: readonly Product[] = ["BALANCES", "IDENTIFIERS", "OWNERS", "TRANSACTIONS"];

const INVESTED: readonly Product[] = ["INVESTMENT_HOLDINGS", "INVESTMENT_TRANSACTIONS"];

const productsOf = (house: string): readonly Product[] =>
  bankOf(house)?.habits.lacks ? MOST.filter((one) => one !== "IDENTIFIERS") : MOST;

const wantedBy = (customer: string, house: string) => ({
  externalCustomerId: customer,
  products: productsOf(house),
  optionalProducts: bankOf(house)?.habits.invests ? INVESTED : [],
  regions: [],
  institutionId: null,
  redirectUrl: null,
  allowRedirect: true,
});

type Begun = Opened & { page: Record<string, string> | null };

const begun = async (gateway: Gateway, token: string, bank: string): Promise<Begun> => {
  const opened = await chooseInstitution(gateway, token, bank);
  return { ...opened, page: pageOf(gateway, opened.session) };
};

export function openPeople(world: World): People {
  const { dice, scheduler } = world;
  const promised: People["promised"] = new Map();
  let busy = 0;

  const ask = askOf(world);

  function keep(id: string, customer: string): void {
    if (!promised.has(id)) promised.set(id, { customer, fate: "kept" });
  }

  /** The customer's browser goes straight to the bank. */
  async function loggedIn(opened: Begun, username: string): Promise<Record<string, string> | null> {
    const door = {
      now: scheduler.now,
      wall: scheduler.now,
      random: () => new Uint8Array(),
      wait: () => new Promise<void>(() => undefined),
      fetch: async (url: string, init?: RequestInit) => {
        await scheduler.sleep(dice.below(3_000));
        const { pathname } = new URL(url);
        const answer = await world.farm.handle({
          method: init?.method ?? "GET",
          path: pathname,
          query: {},
          headers: Object.fromEntries(new Headers(init?.headers)),
          body: typeof init?.body === "string" ? init.body : "",
        });
        if (answer === "never") return new Promise<Response>(() => undefined);
        return new Response(answer.body, { status: answer.status, headers: answer.headers });
      },
    };
    let proof: Record<string, string> | null = null;
    // Nobody waits for the clock of this call: it ends by itself.
    const call = { now: scheduler.now, wall: scheduler.now, fetch: door.fetch };
    const said = await login(call, FARM, { page: opened.page ?? {} }, { username });
    if (said.ok) proof = said.facts;
    return proof;
  }

  /** The way through the widget, from the choice of the bank to its end; false: given up. */
  async function goThrough(token: string, house: string, username: string): Promise<Opened | null> {
    for (let tries = 0; tries < 3; tries++) {
      const bank = institutionId("SANDBOX", house);
      const opened = await ask("choose a bank", (gateway) => begun(gateway, token, bank)).catch(isRefused);
      if (!opened) return null;
      if (dice.chance(30))
        await ask("tell the session", (g) =>
          tellSession(g, token, { id: `told-${scheduler.now()}`, name: "SELECT_INSTITUTION", code: null, at: null }),
        ).catch(isRefused);
      // Somebody thinks for hours, and comes back when it is over, or nearly.
      const left = opened.session.expiresAt - scheduler.now();
      if (left > 0 && dice.chance(15)) await scheduler.sleep(Math.max(0, left - dice.below(10_000)));
      else if (dice.chance(5)) await scheduler.sleep(widgetLifetime + dice.below(MINUTE));
      if (dice.chance(8)) return null;
      const proof = await loggedIn(opened, username);
      if (!proof) return null;
      const ifTwin = dice.chance(75) ? "ask" : "add";
      const finished = await ask("finish", async (gateway) => {
        if (dice.chance(20)) {
          // Some say no at the bank, and think again.
          const brought = dice.chance(15) ? { error: "access_denied" } : proof;
          await returnFromBank(gateway, returnState(gateway.ring, opened.session.id), brought);
          return openSession(gateway, token);
        }
        return withSessionEvents(gateway, opened, () => finishSession(gateway, token, proof, ifTwin));
      }).catch(isRefused);
      if (finished?.session.finishedAt) return finished;
      if (finished?.session.twinConnectionId) {
        const choice = dice.chance(50) ? "KEEP" : "ADD";
        const decided = await ask("decide", (gateway) => decideTwin(gateway, token, choice)).catch(isRefused);
        if (decided?.session.finishedAt) return choice === "ADD" ? decided : null;
      }
      const questions = finished?.session.questions;
      if (questions) {
        const said = questions.flatMap(({ now, before }) =>
          now.map(({ id }, at) => ({ now: id, before: before[at]?.id ?? null })),
        );
        const answered = await ask("answer", (gateway) => answerAccounts(gateway, token, said)).catch(isRefused);
        if (answered?.session.finishedAt) return answered;
      }
    }
    return null;
  }

  async function link(customer: string, house: string, username: string): Promise<string | null> {
    const machine = await world.anyMachine();
    const ids = mintStartIds(machine.gateway, customer);
    const products = dice.chance(70) ? productsOf(house) : (["TRANSACTIONS"] as const);
    const wanted = { ...wantedBy(customer, house), products };
    const started = await ask("start a link", (gateway) => startLink(gateway, wanted, ids)).catch(isRefused);
    if (!started) return null;
    await scheduler.sleep(dice.below(3 * MINUTE));
    const finished = await goThrough(started.token, house, username);
    const id = finished?.session.completedConnectionId ?? null;
    if (id !== null) keep(id, customer);
    return id;
  }

  const DEEDS: readonly (readonly [(id: string, login: Login) => Promise<unknown>, number])[] = [
    [refresh, 20],
    [repair, 10],
    [remove, 6],
    [addMore, 8],
    [twin, 8],
    [leaveAndReturn, 5],
    [token, 8],
    [misbehave, 15],
    [behave, 8],
    [visit, 5],
    [fallOut, 12],
    [handLink, 5],
    [look, 5],
    [adopt, 5],
    [blunder, 10],
  ];

  interface Login {
    customer: string;
    house: string;
    username: string;
  }

  async function refresh(id: string): Promise<void> {
    if (dice.chance(60)) return refreshOf(id, dice.chance(30) ? ["TRANSACTIONS"] : null);
    // A part, and at once the whole: the second finds the first under way, and has to be run after it.
    const soon = scheduler.sleep(dice.below(3_000));
    await Promise.all([refreshOf(id, ["TRANSACTIONS"]), soon.then(() => refreshOf(id, null))]);
  }

  async function refreshOf(id: string, products: Product[] | null): Promise<void> {
    const key = { method: "POST", route: `/refresh/${id}`, key: `key-${scheduler.now()}`, body: { products } };
    const request = `request-${scheduler.now()}`;
    await ask("refresh", async (gateway) => {
      const { ids } = await idempotent(gateway, key, () => mintRefreshIds(gateway, id));
      return requestRefresh(gateway, id, products, ids, request);
    });
  }

  /** All that the bank gives in a day, and then a reason to ask once more. */
  async function useUp(id: string): Promise<void> {
    for (let asked = 0; asked < 5; asked++) {
      await refreshOf(id, null).catch(isRefused);
      await scheduler.sleep(MINUTE + dice.below(MINUTE));
    }
    await behave(id);
  }

  async function repair(id: string, { house, username }: Login): Promise<void> {
    const ids = mintRepairIds((await world.anyMachine()).gateway, id);
    const { token: opening } = await ask("start a repair", (gateway) => startRepair(gateway, id, ids));
    await goThrough(opening, house, username);
  }

  async function remove(id: string): Promise<void> {
    const known = promised.get(id);
    if (known?.fate === "kept") known.fate = "asked";
    await ask("delete", (gateway) => disconnect(gateway, id)).catch((error: unknown) => {
      if (!(error instanceof Refusal && error.code === "ALREADY_DELETED")) throw error;
    });
    if (known) known.fate = "gone";
  }

  async function addMore(id: string): Promise<void> {
    const ids = mintAddIds((await world.anyMachine()).gateway, id);
    await ask("add products", (gateway) => addProducts(gateway, id, ["OWNERS"], ids, "request-add"));
  }

  function twin(_: string, { customer, house, username }: Login): Promise<string | null> {
    return link(customer, house, username);
  }

  async function leaveAndReturn(_: string, { customer, house, username }: Login): Promise<void> {
    const machine = await world.anyMachine();
    const ids = mintStartIds(machine.gateway, customer);
    const made = await ask("make the customer", (g) => createCustomer(g, ids.customer, customer, {}));
    await ask("change the customer", (g) =>
      changeCustomer(g, made.id, (person) => ({ ...person, email: `${customer}@example.com` })),
    );
    const theirs = [...promised.values()].filter((one) => one.customer === customer);
    for (const one of theirs) if (one.fate === "kept") one.fate = "asked";
    const ended = await ask("forget the customer", (g) => deleteCustomer(g, made.id, null)).catch(isRefused);
    if (ended) for (const one of theirs) one.fate = "gone";
    await link(customer, house, username);
  }

  async function token(id: string): Promise<void> {
    const account = await world.watch.anAccountOf(id);
    if (!account) return;
    const key = dice.chance(70) ? mintTokenId((await world.anyMachine()).gateway, account).token : null;
    const times = key === null ? 1 : 2;
    for (let asked = 0; asked < times; asked++)
      await ask("make a token", (gateway) => createProcessorToken(gateway, account, "DWOLLA", null, key));
  }

  /** The sandbox's handles, as an application's own tests use them. */
  async function misbehave(id: string): Promise<void> {
    const ids = mintTwinIds((await world.anyMachine()).gateway, id);
    const state = dice.chance(30) ? "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE" : dice.pick(BANK_ROWS);
    const theirs = [1, [(await world.watch.anAccountOf(id)) ?? "nobody's"]];
    // Some mean a few of the accounts, also where it is the whole connection's trouble, and are told so.
    const accounts = dice.chance(25) ? { accounts: dice.pick(theirs) } : {};
    await ask("make trouble", (gateway) => sandboxTrouble(gateway, id, { state, ...accounts }, ids));
  }

  /** The bank wants the customer back, who comes: at some banks to a link of new ids. */
  async function fallOut(id: string, login_: Login): Promise<void> {
    const ids = mintTwinIds((await world.anyMachine()).gateway, id);
    const state = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
    await ask("end the login", (gateway) => sandboxTrouble(gateway, id, { state }, ids));
    await scheduler.sleep(MINUTE + dice.below(10 * MINUTE));
    await repair(id, login_);
  }

  /** What no careful application asks; each is refused, and nothing comes of it. */
  async function blunder(id: string, { customer, house }: Login): Promise<void> {
    const account = (await world.watch.anAccountOf(id)) ?? "acc_nobody";
    const { gateway } = await world.anyMachine();
    const begin = () => ask("start", (g) => startLink(g, wantedBy(customer, house), mintStartIds(gateway, customer)));
    const blunders: (() => Promise<unknown>)[] = [
      () => ask("another's token", (g) => createProcessorToken(g, account, "DWOLLA", "MX", null)),
      () =>
        ask("nobody's token", (g) =>
          createProcessorToken(g, makeId("account", "1", new Uint8Array(8)), "DWOLLA", null, null),
        ),
      () => ask("nobody leaves", (g) => deleteCustomer(g, makeId("customer", "1", new Uint8Array(8)), null)),
      async () => {
        const { token } = await begin();
        await ask("answer what nobody asked", (g) => answerAccounts(g, token, [])).catch(isRefused);
        await ask("finish what nobody began", (g) => finishSession(g, token, {}, "add"));
      },
      async () => {
        const { token } = await begin();
        await scheduler.sleep(widgetLifetime + MINUTE);
        await ask("finish too late", (g) => finishSession(g, token, {}, "add"));
      },
    ];
    const asked = await dice
      .pick(blunders)()
      .then(() => "taken", isRefused);
    if (asked !== null) throw new Error("what nobody may ask was taken");
  }

  async function behave(id: string): Promise<void> {
    await ask("end the trouble", (gateway) => sandboxHeal(gateway, id));
  }

  async function visit(id: string, { username }: Login): Promise<void> {
    await ask("repair by hand", (gateway) => sandboxRepair(gateway, id, username));
  }

  async function handLink(_: string, { customer, house, username }: Login): Promise<void> {
    const ids = mintStartIds((await world.anyMachine()).gateway, customer);
    const bank = institutionId("SANDBOX", house);
    const wanted = { externalCustomerId: customer, institutionId: bank, products: null, username };
    const { id } = await ask("link by hand", (gateway) => sandboxLink(gateway, wanted, ids));
    keep(id, customer);
  }

  async function look(): Promise<void> {
    const wanted = { regions: [], products: [] };
    await ask("find a bank", (gateway) => findInstitutions(gateway, wanted, dice.chance(50) ? "coper mesa" : "", 5));
  }

  async function adopt(_: string, { customer, house, username }: Login): Promise<void> {
    const grant = await world.watch.aGrantOf(house, username);
    if (!grant) return;
    const owner = `${customer}-imported`;
    const item = {
      externalCustomerId: owner,
      serviceProvider: "SANDBOX",
      credential: grant,
      ref: null,
      institution: null,
      products: ["TRANSACTIONS"],
    } as const;
    await ask("look at an import", (gateway) => importConnection(gateway, item, true));
    const { connectionId } = await ask("import", (gateway) => importConnection(gateway, item, false));
    if (connectionId) keep(connectionId, owner);
  }

  /** A life of the past; what its banks remember of it is what the banks of this world remember from then on. */
  async function playDemo(first: number): Promise<void> {
    await ask("play the demo", (gateway) => playLives(gateway, first, first + 1)).catch(isRefused);
    const left = await world.peek<{ key: string; document: Json }>("select key, document from sandbox_memory");
    for (const { key, document } of left)
      await world.memory.change(key, (known) => ({ document: known ?? document, answer: null }));
  }

  async function live(login_: Login): Promise<void> {
    busy += 1;
    await scheduler.sleep(dice.below(20 * MINUTE));
    const mine: string[] = [];
    while (!world.isCalm()) {
      const id = mine.length > 0 && (mine.length > 2 || dice.chance(85)) ? dice.pick(mine) : null;
      try {
        if (id === null) {
          const made = await link(login_.customer, login_.house, login_.username);
          if (made !== null) mine.push(made);
        } else if (login_.house === RENEWING && dice.chance(30)) await twin(id, login_);
        else if (bankOf(login_.house)?.habits.relinks && dice.chance(25)) await fallOut(id, login_);
        else if (login_.house === RATIONED && dice.chance(70)) await useUp(id);
        else await dice.weighed(DEEDS)(id, login_);
      } catch (error) {
        if (!(error instanceof Refusal)) break;
      }
      await scheduler.sleep(dice.below(dice.chance(30) ? 5 * MINUTE : world.mix.pause));
    }
    busy -= 1;
  }

  if (dice.chance(35)) void playDemo(dice.below(60));
  for (let at = 0; at < world.mix.customers; at++) {
    const house = dice.pick(dice.chance(50) ? SPECIAL : HOUSES);
    void live({ customer: `customer-${at}`, house, username: `user-${at}` });
    // Two customers of the application who share one login at the bank.
    if (dice.chance(15)) void live({ customer: `customer-${at}-spouse`, house, username: `user-${at}` });
  }
  return { promised, gone: () => busy === 0 };
}
