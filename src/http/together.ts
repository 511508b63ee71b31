/**
 * Asks once at a time: who comes while it is asked is asked for next, with all who came meanwhile. So many share one
 * statement, and yet nobody is answered by what was read before they came, and what they write is written when they are
 * answered.
 */
export function together<Item, Answer>(ask: (items: readonly Item[]) => Promise<Answer>) {
  let last: Promise<unknown> = Promise.resolve();
  let next: { items: Item[]; answer: Promise<Answer> } | null = null;

  async function after(before: Promise<unknown>, items: Item[]): Promise<Answer> {
    await before.catch(() => undefined);
    if (next?.items === items) next = null;
    return ask(items);
  }

  return (item: Item): Promise<Answer> => {
    if (next && next.items.length < MOST) next.items.push(item);
    else {
      const items = [item];
      next = { items, answer: after(last, items) };
      last = next.answer;
    }
    return next.answer;
  };
}

/** Of one statement. */
export const MOST = 100;
