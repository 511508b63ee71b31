/**
 * A repair that made a new provider connection: the connection keeps its id, and so do its accounts and transactions.
 *
 * Every claim of the customer's moves to the new one in one transaction, and the old one is ended. Which account is
 * which is told by what outlives a link; where only the customer knows, the session asks before anything moves. A new
 * link that comes to nothing (deleted meanwhile, never answered for, of another bank) is handed to the revocation.
 */
import { askedWhole, matchAccounts, type Question, type Traits } from "../core/match-accounts.ts";
import type { Decimal } from "../core/money.ts";
import { Refusal } from "../core/refusal.ts";
import type { Raw } from "../core/status/health.ts";
import { allows } from "../core/status/allowed.ts";
import { type Answer, bad, good, type Linked } from "../providers/provider.ts";
import { type Connection, writeActs } from "../store/connections.ts";
import type { Sql } from "../store/database.ts";
import { hashOfNumber } from "../store/home.ts";
import { getInstitution } from "../store/institutions.ts";
import {
  findProviderConnection,
  getProviderConnection,
  newProviderConnection,
  type ProviderConnection,
  saveProviderConnection,
} from "../store/provider-connections.ts";
import { type KnownAccount, knownAccounts, leaveAll, moveAccounts, moveClaims, type Renamed } from "../store/relink.ts";
import { seal } from "../store/seal.ts";
import { type AskedAccount, saveSession, type Session } from "../store/sessions.ts";
import { endTask, makeDue, reschedule, type Task } from "../store/tasks.ts";
import { note } from "../store/timeline.ts";
import { announce } from "./announce.ts";
import { callsTo } from "./call.ts";
import { claim, finished, reconnected } from "./complete.ts";
import { type Gateway, providerOf } from "./gateway.ts";
import { handToRevocation } from "./revoke.ts";
import { noteSession } from "./session.ts";

/** An account of the new link. Its id is its key in a question. */
export interface Listed extends Traits {
  ref: string;
  balance: Decimal | null;
}

/** What the customer said: which was which, of all that stood in the question. */
export interface Answered {
  before: string[];
  pairs: { before: string | null; now: string }[];
}

export interface Relink {
  /** The new provider connection's. */
  id: string;
  linked: Linked;
  listed: readonly Listed[];
  answered: Answered | null;
  /** Why it can't be brought to an end. */
  spoilt: Raw | null;
}

/** An empty list tells no account again, and would make all of them new ones. */
const EMPTY = { code: "EMPTY_ACCOUNT_LIST" };

export async function listAnew(
  gateway: Gateway,
  { id: connectionId, provider: name, products, optionalProducts }: Connection,
  { ref, credential }: Linked,
): Promise<Answer<Listed[]>> {
  const provider = providerOf(gateway, name);
  const calls = callsTo(gateway, provider, { connectionId });
  const wanted = [...products, ...optionalProducts].filter((product) => provider.products.includes(product));
  const held = { ref, credential, products: wanted };
  const list = await calls.ask("readAccounts", provider.readAccounts, held);
  if (!list.ok) return list;
  const { accounts } = list.facts;
  if (accounts.length === 0) return bad({ scope: "connection", state: null, raw: EMPTY });
  const { readIdentifiers } = provider;
  const mayRead = readIdentifiers?.cost === "free" && wanted.includes("IDENTIFIERS");
  // Numbers help and are not needed: without them more is asked.
  const told = mayRead ? await calls.ask("readIdentifiers", readIdentifiers, held) : null;
  const numbers = new Map(told?.ok ? told.facts.map((one) => [one.accountRef, one.identifiers]) : []);
  return good(
    accounts.map((fact, at): Listed => {
      const number = numbers.get(fact.ref);
      return {
        id: String(at + 1),
        ref: fact.ref,
        persistentRef: fact.persistentRef ?? null,
        numberHash: number ? hashOfNumber(gateway.salt, JSON.stringify(number)).toString("base64") : null,
        type: fact.type,
        mask: fact.mask,
        currency: fact.balances?.currency ?? null,
        name: fact.name,
        balance: fact.balances?.current ?? null,
      };
    }),
  );
}

export async function completeRelink(gateway: Gateway, task: Task, session: Session, relink: Relink): Promise<void> {
  const { provider } = session;
  if (provider === null) throw new Error(`session ${session.id} is finished without a provider`);
  const refused: { with: Refusal | null } = { with: null };
  await finished(gateway, task, session, async (sql, old, now) => {
    const was = old.providerConnectionId && (await getProviderConnection(sql, old.home, old.providerConnectionId));
    // The customer may have linked this very login besides: then that is what the connection moves to.
    const known = await findProviderConnection(sql, session.home, old.customerId, provider, relink.linked.ref);
    const fresh = freshOf(gateway, old, provider, relink, now);
    if (!was || !allows(old.state, "finish reconnect")) {
      if (!known) await handToRevocation(sql, fresh, now);
      return null;
    }
    const before = await knownAccounts(sql, was.home, was.id);
    const { renamed, questions } = known ? NOTHING : tell(before, relink);
    const isLate = questions.length > 0 && now >= session.expiresAt;
    const end = relink.spoilt ?? (await otherBank(sql, old, provider, relink.linked)) ?? (isLate ? UNANSWERED : null);
    if (end) {
      if (!known) await handToRevocation(sql, fresh, now);
      await saveSession(sql, { ...session, questions: null, failure: { code: end.code, message: GIVEN_UP } });
      await noteSession(sql, gateway, old, { step: "relink", raw: end });
      await endTask(sql, task.home, task.subject, "finish");
      refused.with = new Refusal("PROVIDER_REFUSED", `${GIVEN_UP} It says ${end.code}; begin a repair again.`);
      return "not yet";
    }
    if (questions.length > 0) {
      const shown = questions.map((one) => ({ before: show(before, one.before), now: show(relink.listed, one.now) }));
      await saveSession(sql, { ...session, questions: shown });
      await reschedule(sql, task, session.expiresAt, task.attempt);
      refused.with = new Refusal("QUESTION_OPEN", QUESTION);
      return "not yet";
    }
    await move(sql, gateway, old, was, known ?? { ...fresh, ...inherited(was) }, relink.linked, renamed, now);
    const live = before.filter(({ leftAt }) => leftAt === null).map(({ id }) => ({ id }));
    if (known && live.length > 0) {
      const ids = live.map(({ id }) => id);
      await leaveAll(sql, old.home, ids, now);
      await announce(sql, gateway.door, known, "BANK_LINKING_ACCOUNTS_REMOVED", live, now);
    }
    const counts = { kept: renamed.length, before: before.length, now: relink.listed.length };
    await note(sql, gateway.door, old.home, old.id, "act", { act: "relinked", accounts: counts }, now);
    return old;
  });
  if (refused.with) throw refused.with;
}

const GIVEN_UP = "The bank was linked anew, and that link came to nothing: the connection is as it was.";
const QUESTION =
  "Some accounts can't be told apart from those before: GET /bank-linking/connect/session shows them, and " +
  "POST /bank-linking/connect/accounts says which is which.";
const UNANSWERED: Raw = { code: "NO_ANSWER" };
const NOTHING = { renamed: [], questions: [] };

/** Which is which, as far as it can be told, with the customer's own word first. */
export function tell(
  before: readonly KnownAccount[],
  { listed, answered }: Pick<Relink, "listed" | "answered">,
): { renamed: Renamed[]; questions: Question[] } {
  const isSettled = new Set([...(answered?.before ?? []), ...(answered?.pairs ?? []).map(({ now }) => now)]);
  const live = before.filter(({ id, leftAt }) => leftAt === null && !isSettled.has(id));
  const now = listed.filter(({ id }) => !isSettled.has(id));
  const told = matchAccounts(live, now);
  const isStrange = !answered && told.pairs.length + told.questions.length === 0 && live.length > 0;
  const questions = isStrange ? [askedWhole(live, now)] : told.questions;
  // One that had left and is listed again is the one that it was, where that is sure; nobody is asked about the past.
  const taken = new Set([...told.pairs.map((pair) => pair.now), ...questions.flatMap((one) => one.now)]);
  const left = before.filter(({ leftAt }) => leftAt !== null);
  const back = matchAccounts(
    left,
    now.filter(({ id }) => !taken.has(id)),
  );
  const refs = new Map(listed.map(({ id, ref }) => [id, ref]));
  const renamed = [...(answered?.pairs ?? []), ...told.pairs, ...back.pairs].flatMap((pair): Renamed[] => {
    const ref = refs.get(pair.now);
    return pair.before === null || ref === undefined ? [] : [{ id: pair.before, ref }];
  });
  return { renamed, questions };
}

const show = (all: readonly (AskedAccount & Traits)[], ids: readonly string[]): AskedAccount[] =>
  all
    .filter(({ id }) => ids.includes(id))
    .map(({ id, name, type, mask, currency, balance }) => ({ id, name, type, mask, currency, balance }));

/** A repair mends the connection to one bank; a login at another is another connection. */
async function otherBank(sql: Sql, { institutionId }: Connection, provider: string, linked: Linked) {
  const bank = institutionId === null ? null : await getInstitution(sql, institutionId);
  const ref = bank?.providers[provider] ?? "";
  const isOther = ref !== "" && linked.institution.ref !== "" && linked.institution.ref !== ref;
  return isOther ? ({ code: "ANOTHER_INSTITUTION" } satisfies Raw) : null;
}

const freshOf = (
  gateway: Gateway,
  { home, customerId, institutionId }: Connection,
  provider: string,
  { id, linked }: Relink,
  now: number,
): ProviderConnection =>
  newProviderConnection({
    home,
    id,
    customerId,
    provider,
    ref: linked.ref,
    institutionId,
    credential: seal(gateway.ring, gateway.door, linked.credential, id),
    linkedAt: now,
  });

/** What was seen and done so far goes on: only the way to the bank is new, and its history is walked from the start. */
const inherited = ({ health, linkedAt, historyAt, lastSentAt, running }: ProviderConnection) => ({
  health,
  linkedAt,
  historyAt,
  lastSentAt,
  running,
});

async function move(
  sql: Sql,
  gateway: Gateway,
  old: Connection,
  was: ProviderConnection,
  to: ProviderConnection,
  linked: Linked,
  renamed: readonly Renamed[],
  now: number,
): Promise<void> {
  const credential = seal(gateway.ring, gateway.door, linked.credential, to.id);
  const at = Math.max(now, to.lastSentAt ?? 0);
  const held = reconnected(gateway, { ...to, credential }, linked.statements, at);
  await saveProviderConnection(sql, held);
  await moveClaims(sql, was.home, was.id, held.id);
  await moveAccounts(sql, was.home, was.id, held.id, renamed);
  await writeActs(sql, old.home, old.id, { claimedAt: await claim(sql, held, now) });
  await handToRevocation(sql, was, now);
  await makeDue(sql, held.home, held.id, "aggregate", now, now);
}
