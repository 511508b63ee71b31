/**
 * Writes down what became of tries, all that came together at once, while the next ones are under way: an
 * endpoint is not kept waiting for a disk. What a crash keeps from being written is sent once more, under its old id.
 */
import { recordTries, type Tried } from "../store/deliveries.ts";
import type { Gateway } from "./gateway.ts";

export interface Journal {
  add(tried: Tried): void;
  /** What was tried, and is not written yet. */
  open(): readonly string[];
  /** Something could not be written: what is sent from now on would be sent again. */
  isBroken(): boolean;
  /** Everything is; throws what kept it from being. */
  written(): Promise<void>;
}

export function openJournal({ db, door }: Gateway, profileId: string): Journal {
  const waiting: Tried[] = [];
  const open = new Set<string>();
  let writing: Promise<void> | null = null;
  let failed: { error: unknown } | null = null;
  async function write(): Promise<void> {
    while (waiting.length > 0 && failed === null) {
      const batch = waiting.splice(0);
      await recordTries(db, door, profileId, batch);
      for (const { eventId } of batch) open.delete(eventId);
    }
  }
  function begin(): void {
    writing = write()
      .catch((error: unknown) => {
        failed ??= { error };
      })
      .finally(() => {
        writing = null;
        // Came after the last look, and before this.
        if (waiting.length > 0 && failed === null) begin();
      });
  }
  return {
    add(tried) {
      waiting.push(tried);
      open.add(tried.eventId);
      if (writing === null && failed === null) begin();
    },
    open: () => [...open],
    isBroken: () => failed !== null,
    async written() {
      while (writing !== null) await writing;
      if (failed) throw failed.error;
    },
  };
}
