/** What applications, customers and banks do, at the gateway and in the model alike. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { connectionPath, linkAt, repair } from "../stories/walk.ts";
import {
  claim,
  consentOf,
  type Connection,
  HOUR,
  DAY,
  type Login,
  mayComeBack,
  passed,
  type Model,
  read,
  reconnected,
  remove,
  rowsOf,
} from "./model.ts";
import { actsIn, ANSWERED, type Answered, mayRefresh, mayReconnect, type Row, TOLD } from "./rows.ts";
import { rowIn, type World } from "./world.ts";

type Command = fc.AsyncCommand<Model, World>;

const BANK = "Copper Mesa";
const PRODUCTS = ["BALANCES", "TRANSACTIONS"];
/** Enough to share a login, and few enough for a run to go deep. */
const MOST = 5;

/** How far a run came: rows, ways from one to another, and the wrong models that it told from the gateway. */
export interface Seen {
  rows: Set<Row>;
  ways: Set<string>;
  apart: Set<string>;
}

/** Each a rule written wrong: what it would say of a connection that is in the row. */
export const WRONG: Readonly<Record<string, readonly [Row, Row]>> = {
  "a widget that never expires": ["EXPIRED", "IN_PROGRESS"],
  "an older claim that is kept": ["PARTIALLY_ACTIVE/INACTIVE_DUPLICATE", "ACTIVE"],
  "an unknown code taken for passing trouble": [
    "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE",
    "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  ],
  "failures that never end": [
    "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES",
    "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  ],
  "one bad account that spoils all": [
    "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS",
    "DEGRADED/INSTITUTION_ACTION_REQUIRED",
  ],
  "consent that has no end": ["RECONNECT_REQUIRED/TOKEN_EXPIRED", "ACTIVE/ACCESS_EXPIRING_SOON"],
};

/** `does` changes both sides; what the application can see is then held against the model. */
function command(
  seen: Seen,
  name: string,
  check: (model: Model) => boolean,
  does: (model: Model, world: World) => Promise<void>,
): Command {
  return {
    check: (model) => check(model),
    async run(model, world) {
      const before = new Map<string, Row>();
      for (const { id } of model.connections) before.set(id, rowIn(await world.good("GET", connectionPath(id))));
      await does(model, world);
      await world.settle();
      model.now = world.now();
      for (const connection of model.connections)
        await compare(seen, rowsOf(model, connection), world, connection, before.get(connection.id));
    },
    toString: () => name,
  };
}

async function compare(
  seen: Seen,
  allowed: readonly Row[],
  world: World,
  connection: Connection,
  before: Row | undefined,
) {
  const { id } = connection;
  const shown = await world.good("GET", connectionPath(id));
  const row = rowIn(shown);
  assert.ok(allowed.includes(row), `${id} is ${row}, and must be ${allowed.join(" or ")}`);
  assert.equal(shown["canRefresh"], mayRefresh(row), `canRefresh in ${row}`);
  assert.equal(shown["canReconnect"], mayReconnect(row), `canReconnect in ${row}`);
  const { actor } = shown["nextStep"] as { actor: string };
  assert.equal(actor, actsIn(row) ?? actor, `who must act in ${row}`);
  seen.rows.add(row);
  for (const [name, [right, wrong]] of Object.entries(WRONG))
    if (!allowed.map((one) => (one === right ? wrong : one)).includes(row)) seen.apart.add(name);
  if (before !== undefined && before !== row) seen.ways.add(`${before} → ${row}`);
  const told = await world.toldOf(id);
  told.forEach(({ sequence }, place) => assert.equal(sequence, place + 1, "no gap"));
  let at: Row = "IN_PROGRESS";
  for (const { type, payload } of told) {
    if (type !== "BANK_LINKING_CONNECTION_STATUS_CHANGE") continue;
    const [from, to] = (["old", "new"] as const).map((which) =>
      rowIn({ status: payload[`${which}Status`], statusReason: payload[`${which}StatusReason`] }),
    ) as [Row, Row];
    assert.equal(from, at, `what was told of ${id} goes from one row to the next`);
    assert.notEqual(from, to, "no change, no event");
    at = to;
  }
  assert.equal(at, row, `the last change told of ${id} is the row it is in`);
}

const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % list.length];
const linked = ({ connections }: Model) => connections.filter(({ login, isDeleted }) => login !== null && !isDeleted);

/** The gateway refuses, in the contract's shape, and says in which row the connection is. */
async function refused(world: World, row: readonly Row[], method: string, path: string, body?: unknown) {
  const { status, body: answer } = await world.ask(method, path, body);
  assert.equal(status, 409, `${method} ${path} in ${row.join(" or ")} answered ${status}: ${JSON.stringify(answer)}`);
  const named = row.some((one) => one.split("/").every((part) => String(answer["message"]).includes(part)));
  assert.ok(named, `the refusal names none of ${row.join(", ")}: ${String(answer["message"])}`);
}

let customers = 0;

export function commands(seen: Seen): fc.Arbitrary<Command>[] {
  const at = fc.nat({ max: 11 });
  const make = (name: string, check: (m: Model) => boolean, does: (m: Model, w: World) => Promise<void>) =>
    command(seen, name, check, does);
  const isRoom = (model: Model): boolean => model.connections.filter(({ isDeleted }) => !isDeleted).length < MOST;

  const start = fc.constant(
    make("start a link", isRoom, async (model, world) => {
      const body = { externalCustomerId: `model-${++customers}`, products: PRODUCTS };
      const { id } = await world.good("POST", "/bank-linking/connect/start", body);
      model.connections.push({ id: String(id), began: world.now(), isDeleted: false, login: null });
    }),
  );

  const link = fc.constant(
    make("link a bank", isRoom, async (model, world) => {
      const customer = `model-${++customers}`;
      const user = `user-${customers}`;
      const id = await linkAt(world.spoken, { customer, bank: BANK, login: { user }, products: PRODUCTS });
      const login: Login = {
        user,
        customer,
        trouble: null,
        mayChange: false,
        standing: new Map(),
        isDisabled: false,
        failing: null,
        soft: null,
        attended: world.now(),
        consentEnds: null,
        partial: false,
        claims: [id],
      };
      model.connections.push({ id, began: world.now(), isDeleted: false, login });
    }),
  );

  const again = at.map((n) =>
    make(
      `link the login of ${n} again`,
      (model) => isRoom(model) && pick(linked(model), n)?.login?.trouble === null,
      async (model, world) => {
        const { login } = pick(linked(model), n) as Connection & { login: Login };
        const { customer, user } = login;
        const id = await linkAt(world.spoken, { customer, bank: BANK, login: { user }, products: PRODUCTS });
        claim(login, id);
        reconnected(world.now(), login);
        read(world.now(), login);
        model.connections.push({ id, began: world.now(), isDeleted: false, login });
      },
    ),
  );

  const trouble = fc.tuple(at, fc.constantFrom(...(Object.keys(ANSWERED) as Answered[]))).map(([n, row]) =>
    make(
      `the bank of ${n} begins ${row}`,
      (model) => {
        const login = pick(linked(model), n)?.login;
        // One that says something else besides stops saying it first: what the bank says of both at once is its own.
        return login !== undefined && (login?.trouble === null || login?.mayChange === true);
      },
      async (model, world) => {
        const { id, login } = pick(linked(model), n) as Connection & { login: Login };
        await world.good("POST", `/sandbox/connections/${id}/trouble`, { state: row });
        Object.assign(login, { trouble: row, mayChange: true });
        read(world.now(), login);
      },
    ),
  );

  const some = fc.tuple(at, fc.boolean()).map(([n, all]) =>
    make(
      `${all ? "all accounts" : "an account"} of ${n} must be settled at the bank`,
      (model) => pick(linked(model), n)?.login?.trouble === null,
      async (model, world) => {
        const { id, login } = pick(linked(model), n) as Connection & { login: Login };
        const { count } = await world.good("GET", `/bank-linking/accounts?connectionId=${id}&limit=100`);
        assert.ok(Number(count) > 1, "the bank has accounts");
        const state = "DEGRADED/INSTITUTION_ACTION_REQUIRED";
        await world.good("POST", `/sandbox/connections/${id}/trouble`, { state, accounts: all ? count : 1 });
        const trouble = all ? state : "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";
        Object.assign(login, { trouble, mayChange: false });
        read(world.now(), login);
      },
    ),
  );

  const tell = fc.tuple(at, fc.constantFrom(...TOLD), fc.nat({ max: 9 })).map(([n, row, rare]) =>
    make(
      `the bank of ${n} tells ${row}`,
      (model) => {
        const login = pick(linked(model), n)?.login;
        // A silent bank is waited for in real time.
        return login?.trouble === null && (row !== "UNDETERMINED/AGGREGATION_TIMEOUT" || rare === 0);
      },
      async (model, world) => {
        const { id, login } = pick(linked(model), n) as Connection & { login: Login };
        await world.good("POST", `/sandbox/connections/${id}/trouble`, { state: row });
        Object.assign(login, { trouble: row, mayChange: false });
        if (row === "ACTIVE/ACCESS_EXPIRING_SOON") login.consentEnds = consentOf(world.now(), login);
        read(world.now(), login);
      },
    ),
  );

  const heal = at.map((n) =>
    make(
      `the bank of ${n} is well again`,
      (model) => (pick(linked(model), n)?.login?.trouble ?? null) !== null,
      async (model, world) => {
        const { id, login } = pick(linked(model), n) as Connection & { login: Login };
        await world.good("DELETE", `/sandbox/connections/${id}/trouble`);
        login.trouble = null;
        read(world.now(), login);
      },
    ),
  );

  const refresh = at.map((n) =>
    make(
      `refresh ${n}`,
      ({ connections }) => connections.length > 0,
      async (model, world) => {
        const connection = pick(model.connections, n) as Connection;
        const path = `${connectionPath(connection.id)}/refresh`;
        const rows = rowsOf(model, connection);
        const row = rowIn(await world.good("GET", connectionPath(connection.id)));
        if (!mayRefresh(row)) return refused(world, [row], "POST", path, {});
        const { status, body } = await world.ask("POST", path, {});
        assert.equal(status, 202, `a refresh in ${rows.join(" or ")} answered ${JSON.stringify(body)}`);
        const login = connection.login as Login;
        claim(login, connection.id);
        read(world.now(), login);
      },
    ),
  );

  const comeBack = at.map((n) =>
    make(
      `the customer of ${n} comes back`,
      ({ connections }) => {
        const connection = pick(connections, n);
        const trouble = connection?.login?.trouble ?? null;
        // Where nobody answers, the widget fails; that is another command's.
        return connection !== undefined && !(TOLD.slice(3) as readonly (Row | null)[]).includes(trouble);
      },
      async (model, world) => {
        const connection = pick(model.connections, n) as Connection;
        const { id, login } = connection;
        const row = rowIn(await world.good("GET", connectionPath(id)));
        if (!mayReconnect(row)) {
          const body = { connectionId: id };
          return refused(world, [row], "POST", "/bank-linking/connect/repair", body);
        }
        assert.ok(login && (mayComeBack(model, connection) || rowsOf(model, connection).length > 1));
        await repair(world.spoken, id, { user: login.user });
        reconnected(world.now(), login);
        claim(login, id);
        read(world.now(), login);
      },
    ),
  );

  const leave = at.map((n) =>
    make(
      `delete ${n}`,
      ({ connections }) => connections.length > 0,
      async (model, world) => {
        const connection = pick(model.connections, n) as Connection;
        if (connection.isDeleted) {
          const { status } = await world.ask("DELETE", connectionPath(connection.id));
          return assert.equal(status, 409, "a second deletion");
        }
        const rows = rowsOf(model, connection);
        if (rows.includes("EXPIRED")) return refused(world, rows, "DELETE", connectionPath(connection.id));
        await world.good("DELETE", connectionPath(connection.id));
        remove(connection);
      },
    ),
  );

  const pass = fc.constantFrom(HOUR, 5 * HOUR, 2 * DAY, 16 * DAY).map((ms) =>
    make(
      `${ms / HOUR} hours pass`,
      // A silent bank is waited for in real time, at each read.
      ({ connections }) => !connections.some(({ login }) => login?.trouble === "UNDETERMINED/AGGREGATION_TIMEOUT"),
      async ({ connections }, world) => {
        await world.pass(ms);
        for (const login of new Set(connections.flatMap((one) => one.login ?? []))) passed(world.now(), ms, login);
      },
    ),
  );

  return [start, link, link, again, trouble, trouble, tell, some, heal, refresh, comeBack, comeBack, leave, pass, pass];
}
