/** The customer says which account is which, and the finish that waited for it goes on. */
import { Refusal } from "../core/refusal.ts";
import { lockCustomer } from "../store/customers.ts";
import type { AccountQuestion, Session } from "../store/sessions.ts";
import { getSession, saveSession } from "../store/sessions.ts";
import { claimTask, getTask, isInHand, LEASE, makeDue } from "../store/tasks.ts";
import { keepingLease } from "../queue/lease.ts";
import { finish } from "./finish-link.ts";
import type { Gateway } from "./gateway.ts";
import { intentOf, sealed } from "./intent.ts";
import type { Answered } from "./relink.ts";
import { openSession, type Opened, refuseOver } from "./session.ts";

export interface SaidAccount {
  /** The key of an account of the new link. */
  now: string;
  /** Ours of the account that it was before; null: it was not there. */
  before: string | null;
}

/** After success it may be repeated, and answers what it answered. */
export async function answerAccounts(gateway: Gateway, token: string, said: readonly SaidAccount[]): Promise<Opened> {
  const opened = await openSession(gateway, token);
  if (opened.session.finishedAt !== null) return opened;
  refuseOver(gateway, opened);
  const { id, home, connectionId } = opened.session;
  const { db, door } = gateway;
  const task = await db.tx("answered", async (sql) => {
    await lockCustomer(sql, home, opened.connection.customerId);
    const session = await getSession(sql, id);
    const waiting = await getTask(sql, home, connectionId, "finish");
    if (!session || !waiting || (await isInHand(sql, home, connectionId, "finish", door.wall()))) return null;
    const intent = intentOf(gateway, waiting);
    if (!intent || intent.sessionId !== id || !session.questions) return null;
    const answered = answeredBy(session, session.questions, said, intent.answered);
    const now = door.now();
    await makeDue(sql, home, connectionId, "finish", now, now, sealed(gateway, connectionId, { ...intent, answered }));
    await saveSession(sql, { ...session, questions: null });
    return claimTask(sql, home, connectionId, "finish", door.wall(), door.wall() + LEASE);
  });
  if (!task) return refuseUnasked(opened.session);
  await keepingLease(db, door, task, () => finish(gateway, task));
  return openSession(gateway, token);
}

function refuseUnasked({ questions }: Session): never {
  if (questions) throw new Refusal("TOO_EARLY", "A finish of this connection is under way; ask again in a moment.");
  throw new Refusal("STATE_FORBIDS", "Nothing is asked in this session; GET /bank-linking/connect/session shows it.");
}

/** Every account of the new link that was asked about has its answer, and no account before is given twice. */
function answeredBy(
  session: Session,
  questions: readonly AccountQuestion[],
  said: readonly SaidAccount[],
  earlier: Answered = { before: [], pairs: [] },
): Answered {
  const pairs = questions.flatMap((question) =>
    question.now.map(({ id, name }) => {
      const answers = said.filter(({ now }) => now === id);
      const [answer] = answers;
      if (!answer || answers.length > 1)
        throw refused(`${name} (now: "${id}") has ${answers.length} answers; send one, with before null if it is new`);
      const { before } = answer;
      if (before !== null && !question.before.some((one) => one.id === before))
        throw refused(`${before} was not asked about beside now "${id}"; send one of that question's, or null`);
      return { before, now: id };
    }),
  );
  const strange = said.find(({ now }) => !pairs.some((pair) => pair.now === now));
  if (strange) throw refused(`nothing is asked about now "${strange.now}"; send only what session ${session.id} asks`);
  const given = pairs.flatMap(({ before }) => before ?? []);
  const twice = given.find((id, at) => given.indexOf(id) !== at);
  if (twice !== undefined) throw refused(`${twice} is given twice; an account before is one account now`);
  const before = questions.flatMap((question) => question.before.map(({ id }) => id));
  return { before: [...earlier.before, ...before], pairs: [...earlier.pairs, ...pairs] };
}

const refused = (sentence: string) => new Refusal("BAD_REQUEST", `[accounts] ${sentence}.`);
