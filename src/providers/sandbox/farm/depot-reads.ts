/** The counter for custody accounts: what is held, and the orders of a span of days, page by page. */
import { DAY } from "../../../core/status/policy.ts";
import { accountAt } from "./accounts.ts";
import type { Owner } from "./accounts.ts";
import { seconds } from "./days.ts";
import type { Day } from "./days.ts";
import { firstDay, positionsOf, tradesOf } from "./depot.ts";
import { accountFaults } from "./line.ts";
import type { Line } from "./line.ts";
import type { Json } from "./memory.ts";
import { refuse, say } from "./office.ts";
import type { FarmRequest, Office } from "./office.ts";
import { answering, bankRead, type Work } from "./reads.ts";

const PAGE = 20;

const depots = (owner: Owner, line: Line) =>
  answering(owner, line)
    .map((place) => accountAt(owner, place))
    .filter(({ kind }) => kind === "depot");

const faultsOf = (owner: Owner, line: Line) => [...accountFaults(owner, line)].map(([acct, code]) => ({ acct, code }));

export const positions =
  (office: Office): Work =>
  (owner, line) =>
    bankRead(office, owner, line, ["POS"], (read) => {
      const held = depots(owner, read).flatMap((account) =>
        positionsOf(owner, account, firstDay(read.since), office.now),
      );
      const reply = { held, faults: faultsOf(owner, read), asof: seconds(office.now) };
      return { line: read, reply: say(reply as unknown as Json) };
    });

/** `from` and `to` are days like 20261122, both included; `skip` orders were told already. */
export const trades =
  (office: Office, request: FarmRequest): Work =>
  (owner, line) => {
    const [from, to] = [dayNamed(request.query["from"]), dayNamed(request.query["to"])];
    const skip = Number(request.query["skip"] ?? 0);
    if (from === null || to === null || !Number.isInteger(skip) || skip < 0) {
      return { line, reply: refuse("BANK-1101", { words: "from and to: days like 20261122. skip: a whole number." }) };
    }
    // The pages of one walk are one read of the bank.
    return bankRead(
      office,
      owner,
      line,
      skip === 0 ? ["TRD"] : [],
      (read) => {
        const first = Math.max(from, firstDay(read.since));
        const all = depots(owner, read).flatMap((account) => tradesOf(owner, account, first, to, office.now));
        const told = all.slice(skip, skip + PAGE);
        const reply = {
          trades: told,
          more: skip + told.length < all.length,
          faults: faultsOf(owner, read),
          asof: seconds(office.now),
        };
        return { line: read, reply: say(reply as unknown as Json) };
      },
      "TRD",
    );
  };

function dayNamed(text: string | undefined): Day | null {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text ?? "") ?? [];
  return year === undefined ? null : Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY;
}
