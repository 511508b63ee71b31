/**
 * The farm: a service of fake banks with a wire protocol and codes of its own. It knows nothing of the gateway beyond
 * the names of the table's rows, and the gateway reaches it by HTTP alone, as it would any other provider.
 *
 * In every call the effect and the answer are separate moments: a test that stands between them (`on`) can lose the
 * answer of something that has happened.
 *
 *   GET    /houses?find=&id=          the banks
 *   POST   /sittings                  opens a customer's sitting; with a grant, one that repairs its line
 *   POST   /sittings/login, /answer, /accounts   the customer's steps (no key: the sealed sitting is enough)
 *   GET    /door?sitting=, POST the same          the page on which a house takes its customers' logins itself
 *   POST   /slips/look                what the customer's slip would open
 *   POST   /slips/trade               the customer's slip, once, for a grant
 *   GET    /line, GET /line/wants, POST /line/pull, /line/pass, /line/close
 *   POST   /line/tell                 whose line it is; with an address, where it is told of from now on
 *   GET    /line/accounts, /line/numbers, /line/holders, /line/entries?after=&size=
 *   GET    /line/positions, /line/trades?from=&to=&skip=
 *   GET    /post/keys?kid=            the key that signs what it posts
 *   GET    /control/lines/:ref        whose login it is
 *   PUT    /control/lines/:ref/trouble, DELETE the same
 */
import type { Clock, Instant, Millis } from "../../../core/door.ts";
import { AKA, bankOf, BANKS, offers, WANTS } from "./banks.ts";
import { clearTrouble, setTrouble, tellLine } from "./control.ts";
import { crowd } from "./crowd.ts";
import { positions, trades } from "./depot-reads.ts";
import { door } from "./door.ts";
import type { FarmMemory } from "./memory.ts";
import { fieldsOf, refuse, say } from "./office.ts";
import type { FarmRequest, Fields, Office, Reply } from "./office.ts";
import { postLine, type Send } from "./post.ts";
import { tellKey } from "./post-key.ts";
import { handOver } from "./hand-over.ts";
import { accounts, close, details, entries, openGrant, pass, pull, status, wanted, withGrant } from "./reads.ts";
import { sealer } from "./seal.ts";
import { DOOR, look, openSitting, sit, trade } from "./sittings.ts";

export interface FarmAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The bank takes its time: whoever carries the answer holds it so long. */
  after?: Millis;
}

export interface Farm {
  handle(request: FarmRequest): Promise<FarmAnswer | "never">;
  /** Posts what is due of a line. Answers when to come again; null: when it is rung for. */
  post(line: string, send: Send): Promise<Instant | null>;
}

export interface FarmParts {
  memory: FarmMemory;
  /** Signatures carry real time, as foreign clocks check it. */
  clock: Pick<Clock, "now"> & Partial<Pick<Clock, "wall">>;
  /** Rung for a line whose post is to be carried at that time; absent: nobody carries any. */
  ring?: (line: string, at: Instant) => Promise<void>;
  seed: string;
  /** What the application shows in `x-farm-key`. Also seals what the farm hands out. */
  key: string;
  /** Stands at the two moments of every call. What it throws, `handle` throws. */
  on?: (moment: "before effect" | "after effect", request: FarmRequest) => Promise<void>;
}

type Counter = (office: Office, request: FarmRequest, asked: Fields, ref: string) => Promise<Reply> | Reply;

const COUNTERS: Record<string, Counter> = {
  "GET /houses": (_, { query }) => houses(query["find"] ?? "", query["id"]),
  "POST /sittings": (office, request, asked) =>
    request.headers["x-grant"] === undefined
      ? openSitting(office, asked, null)
      : withGrant(office, request, (_, line) => {
          const ref = openGrant(office, request)?.line ?? "";
          return { line, reply: openSitting(office, asked, { ref, house: line.house, user: line.user }) };
        }),
  "POST /sittings/login": (office, _, asked) => sit(office, "login", asked),
  "POST /sittings/answer": (office, _, asked) => sit(office, "answer", asked),
  "POST /sittings/accounts": (office, _, asked) => sit(office, "accounts", asked),
  "POST /slips/look": (office, _, asked) => look(office, asked),
  "POST /slips/trade": (office, _, asked) => trade(office, asked),
  "GET /line": (office, request) => withGrant(office, request, status(office)),
  "GET /line/wants": (office, request) => withGrant(office, request, wanted),
  "POST /line/pull": (office, request) => withGrant(office, request, pull(office)),
  "POST /line/pass": (office, request, asked) => withGrant(office, request, pass(office, asked)),
  "POST /line/tell": (office, request, asked) =>
    withGrant(office, request, handOver(office, openGrant(office, request)?.line ?? "", asked)),
  "POST /line/close": (office, request) => withGrant(office, request, close),
  "GET /line/accounts": (office, request) => withGrant(office, request, accounts(office)),
  "GET /line/numbers": (office, request) => withGrant(office, request, details(office, "NUM")),
  "GET /line/holders": (office, request) => withGrant(office, request, details(office, "WHO")),
  "GET /line/entries": (office, request) => withGrant(office, request, entries(office, request)),
  "GET /line/positions": (office, request) => withGrant(office, request, positions(office)),
  "GET /line/trades": (office, request) => withGrant(office, request, trades(office, request)),
  "GET /post/keys": (office, { query }) => tellKey(office, query["kid"] ?? ""),
  "GET /control/lines/:ref": (office, _, __, ref) => tellLine(office, ref),
  "PUT /control/lines/:ref/trouble": (office, _, asked, ref) => setTrouble(office, ref, asked),
  "DELETE /control/lines/:ref/trouble": (office, _, __, ref) => clearTrouble(office, ref),
};

/** The customer has no key. */
const OPEN = /^\/sittings\/(login|answer|accounts)$/;
const BOUNDED = /^\/line\/(pull|accounts|numbers|holders|entries|positions|trades)$/;

export function createFarm({ memory, clock, seed, key, on, ring }: FarmParts): Farm {
  const seal = sealer(`${seed}/${key}`);
  const office = (): Office => {
    const now = clock.now();
    return { memory, seal, seed, key, now, wall: clock.wall?.() ?? now, ...(ring && { ring }) };
  };
  return {
    post: (line, send) => postLine(office(), line, send),
    async handle(request) {
      await on?.("before effect", request);
      if (request.path === DOOR || request.path.startsWith(`${DOOR}/`)) return door(office(), request);
      const reply = await answer(office(), request);
      await on?.("after effect", request);
      if (reply === "never") return reply;
      const { status, body, after } = reply;
      const headers = { "content-type": "application/json", "cache-control": "no-store" };
      return { status, headers, body: JSON.stringify(body), ...(after === undefined ? {} : { after }) };
    },
  };
}

async function answer(office: Office, request: FarmRequest): Promise<Reply> {
  const asked = fieldsOf(request);
  if (asked === null) return refuse("BANK-1101", { words: "body: an object in JSON, or nothing." });
  const [, ref = "", rest = ""] = /^\/control\/lines\/([^/]+)(\/trouble)?$/.exec(request.path) ?? [];
  const path = ref === "" ? request.path : `/control/lines/:ref${rest}`;
  const counter = COUNTERS[`${request.method} ${path}`];
  if (counter === undefined) return refuse("BANK-1102");
  if (!OPEN.test(path) && request.headers["x-farm-key"] !== office.key) return refuse("BANK-1001");
  if (BOUNDED.test(path)) {
    const house = openGrant(office, request)?.house ?? "";
    const most = bankOf(house)?.habits.perMinute;
    const crowded = most === undefined ? null : await crowd(office, house, most);
    if (crowded !== null) return crowded;
  }
  return counter(office, request, asked, ref);
}

/** The first of the list is the most popular. */
function houses(find: string, id: string | undefined): Reply {
  const wanted = find.toLowerCase();
  const found = BANKS.flatMap(({ id: own, name, land, habits }, at) => {
    if (id !== undefined ? own !== id : !name.toLowerCase().includes(wanted)) return [];
    const offered = WANTS.filter((want) => offers({ habits }, want));
    return [{ id: own, name, aka: AKA[own] ?? [], land, offers: offered, rank: BANKS.length - at }];
  });
  return say({ houses: found });
}
