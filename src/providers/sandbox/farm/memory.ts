/**
 * What the farm remembers: one small document per line, one per crowded house. Everything else (accounts, balances,
 * transactions) is derived anew at each call, so that nothing grows and a restart changes nothing.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

export interface FarmMemory {
  /**
   * One atomic step on one document. `turn` is pure and may be run again; a document returned as it came (the same
   * object) need not be written.
   */
  change<T>(key: string, turn: (document: Json) => { document: Json; answer: T }): Promise<T>;
}

/** For tests and for a process that keeps nothing. Documents pass through text, as they do in a database. */
export function forgetfulMemory(): FarmMemory {
  const kept = new Map<string, string>();
  return {
    change(key, turn) {
      const text = kept.get(key);
      const { document, answer } = turn(text === undefined ? null : (JSON.parse(text) as Json));
      if (document === null) kept.delete(key);
      else kept.set(key, JSON.stringify(document));
      return Promise.resolve(answer);
    },
  };
}
