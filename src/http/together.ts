/**
 * Asks for the same thing once at a time: who comes while it is asked is answered by the next asking, with all who came
 * meanwhile. So many share one statement, and yet no answer was read before its asker came: what was revoked before a
 * request is revoked for it.
 */
export function together<Key, Answer>(ask: (key: Key) => Promise<Answer>): (key: Key) => Promise<Answer> {
  const asked = new Map<Key, Promise<Answer>>();
  const next = new Map<Key, Promise<Answer>>();

  async function afterwards(key: Key): Promise<Answer> {
    await asked.get(key)?.catch(() => undefined);
    next.delete(key);
    const answer = ask(key);
    asked.set(key, answer);
    try {
      return await answer;
    } finally {
      if (asked.get(key) === answer) asked.delete(key);
    }
  }

  return (key) => {
    const waiting = next.get(key) ?? afterwards(key);
    next.set(key, waiting);
    return waiting;
  };
}
