/**
 * What a customer meets inside a session, as the page or the provider tells it. It changes no state (rule 2): it goes
 * to the timeline, and with it to the activity log. Told twice, it stands there once.
 */
import { Refusal } from "../core/refusal.ts";
import type { SessionEvent } from "../providers/session-event.ts";
import { idFor } from "../store/home.ts";
import { noteOnce, sessionEntries } from "../store/timeline.ts";
import { callsTo } from "./call.ts";
import type { Gateway } from "./gateway.ts";
import { openSession, type Opened, stateOf } from "./session.ts";

/** A page that tells without end fills no disk. */
export const MOST = 300;

async function take(gateway: Gateway, { session, connection }: Opened, by: string, events: readonly SessionEvent[]) {
  const { home, id } = connection;
  for (const event of events) {
    const key = idFor("entry", home, session.id, by, event.id);
    const { count, isKnown } = await sessionEntries(gateway.db, home, id, key);
    if (isKnown) continue;
    if (count >= MOST) return;
    const told = gateway.door.now();
    const detail = { step: "widget", by, event: event.name, code: event.code, session: session.id };
    await noteOnce(gateway.db, home, id, { id: key, kind: "session", detail }, event.at ?? told);
  }
}

/** The page tells what it sees. The word is the page's, as far as it can be trusted. */
export async function tellSession(gateway: Gateway, token: string, event: SessionEvent): Promise<void> {
  const opened = await openSession(gateway, token);
  if (opened.connection.deletedAt !== null) throw new Refusal("SESSION_OVER", "The connection was deleted.");
  await take(gateway, opened, "page", [event]);
}

/** Runs the finish, and asks the provider afterwards what went before it: also where it failed. */
export async function withSessionEvents<T>(gateway: Gateway, opened: Opened, finish: () => Promise<T>): Promise<T> {
  try {
    return await finish();
  } finally {
    await askProvider(gateway, opened);
  }
}

async function askProvider(gateway: Gateway, opened: Opened): Promise<void> {
  const { session, connection } = opened;
  const provider = session.provider === null ? undefined : gateway.providers.get(session.provider);
  if (!provider?.readSession || !session.sealedState) return;
  const calls = callsTo(gateway, provider, { connectionId: connection.id });
  const answer = await calls.ask("readSession", provider.readSession, { state: stateOf(gateway, session) });
  // Not told is not known; the session goes on without.
  if (answer.ok) await take(gateway, opened, provider.name, answer.facts);
}
