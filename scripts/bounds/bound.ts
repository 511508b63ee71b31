/** A bound on what comes from outside, or on what is done for it. Its value is the code's own, never typed anew. */
export interface Bound {
  what: string;
  value: number;
  unit: "bytes" | "characters" | "time" | "levels" | "at most" | "a minute";
  /** The setting that moves it. */
  setting?: string;
  in: string;
  /** What whoever meets it sees; for what is not refused, what happens. */
  seen: string;
  /** Refuses, cuts off or gives up: the test goes just past it. */
  by?: string;
}
