// What the farm writes to whoever opened a line, kept in the line's own document until it has gone out.
import type { Instant } from "../../../core/door.ts";

export type Tidings = "entries" | "trouble" | "mended" | "consent-over" | "more-accounts";

export interface Letter {
  id: string;
  tidings: Tidings;
  happened: Instant;
  /** Not before. */
  at: Instant;
  tries: number;
}

export interface Post {
  url: string;
  /** So many were written, sent or not. */
  written: number;
  /** Up to here it was looked for what comes at a known time, and up to here for purchases. */
  seen: Instant;
  gathered: Instant;
  letters: readonly Letter[];
}
