// Account numbers and holders as this farm tells them. The numbers have valid check digits and lead nowhere.
import { accountAt } from "./accounts.ts";
import type { Account, Owner } from "./accounts.ts";
import { digits, draw } from "./draw.ts";
import type { Json } from "./memory.ts";

const isDeposit = (account: Account): boolean => account.kind === "current" || account.kind === "saver";

export function numbersOf(owner: Owner, places: readonly number[]): Json[] {
  const house = draw(owner.seed, owner.bank.id, "house");
  const branch = digits(house, 8);
  return places
    .map((place) => accountAt(owner, place))
    .filter(isDeposit)
    .flatMap((account): Json[] => {
      const acct = account.ref;
      if (owner.bank.land === "US") return [{ acct, scheme: "us", number: account.number, route: routing(branch) }];
      const sort = branch.slice(0, 6);
      return [
        { acct, scheme: "gb", number: account.number, sort },
        { acct, scheme: "iban", iban: iban(`FARM${sort}${account.number}`), bic: "FARMGB2L" },
      ];
    });
}

/** The ninth digit makes the weighted sum (3, 7, 1) a multiple of ten: the rule of the American Bankers Association. */
function routing(eight: string): string {
  const sum = [...eight].reduce((total, digit, at) => total + Number(digit) * ([3, 7, 1][at % 3] ?? 0), 0);
  return eight + String((10 - (sum % 10)) % 10);
}

/** ISO 13616: the check digits bring the number, letters written as 10 to 35, to 1 modulo 97. */
function iban(basic: string): string {
  const written = [...`${basic}GB00`].map((letter) => parseInt(letter, 36)).join("");
  return `GB${String(98n - (BigInt(written) % 97n)).padStart(2, "0")}${basic}`;
}

/** Numbers that are set aside for drama, and a domain that is set aside for examples: nobody is ever called. */
export function holdersOf(owner: Owner, places: readonly number[]): Json[] {
  const of = draw(owner.seed, owner.bank.id, owner.user, "holder");
  const last = digits(of, 2);
  const call = owner.bank.land === "US" ? `+120255501${last}` : `+4420794600${last}`;
  const mail = `${owner.user.toLowerCase().replaceAll(/[^a-z0-9]/g, ".")}@example.com`;
  return places.map((place) => ({
    acct: accountAt(owner, place).ref,
    holder: { called: [`Customer ${owner.user}`], mail: [mail], call: [call] },
  }));
}
