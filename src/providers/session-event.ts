/** What a provider, or the customer's page, tells of a session. */
import type { Instant } from "../core/door.ts";

/** Something that the customer met in a session: a screen, a refusal. */
export interface SessionEvent {
  /** The teller's own id of it, by which it is known when it is told again. */
  id: string;
  name: string;
  /** Of what went wrong; null: nothing did. */
  code: string | null;
  at: Instant | null;
}
