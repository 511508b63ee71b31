/** What the books of a fake bank say at a moment: the truth that everybody else's lists are held against. */
import { accountAt, type Owner } from "../../src/providers/sandbox/farm/accounts.ts";
import { dayOf } from "../../src/providers/sandbox/farm/days.ts";
import { type Entry, entryAt, purchasesOn } from "../../src/providers/sandbox/farm/entries.ts";

/** Every line of the books of these accounts that stands at a moment. `from`: the first day. */
export const booksAt = (owner: Owner, places: readonly number[], from: number, at: number): Entry[] =>
  places.flatMap((place) => {
    const account = accountAt(owner, place);
    const days = Array.from({ length: dayOf(at) - from + 1 }, (_, count) => from + count);
    const made = days.flatMap((day) => purchasesOn(owner, account, day));
    return made.flatMap((one) => entryAt(owner, account, one, at) ?? []);
  });
