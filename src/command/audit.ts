/** `bowline audit`: what persons did; and the one way in which an old entry goes. */
import { StartRefused } from "../config.ts";
import { auditKey, listAudit } from "../store/audit.ts";
import { forgetBefore } from "../store/grants.ts";
import { type Command, Mistyped, optionOf } from "./command.ts";
import type { Place } from "../store/lists/page.ts";
import { withDatabase } from "./database.ts";
import { audited } from "./audited.ts";

const PAGE = 500;
const YEAR = 365 * 86_400_000;

export const audit: Command = {
  takes: "list [--object ID] [--key ID] | forget DAY",
  needs: "the database",
  count: [1, 2],
  does: "Shows who did what, full account numbers read included; forgets what is older than a year",
  tells:
    "Each act of a person is an entry: with which key or by which command, on which objects, when, how it ended, " +
    "and under which request id. The running gateway may add entries and read them, and its database role may do " +
    "no more. They stay until `forget` takes away those before a day at least a year ago: it works as the owner of " +
    "the database, and is an entry itself.",
  options: {
    object: { value: "ID", means: "Only what touched this: any id, a connection's or an account's say." },
    key: { value: "ID", means: "Only what was done with this key." },
  },
  examples: [
    [
      "bowline audit list --object acc_2Ab9cDeFgHiJkLmNpQrStU",
      "Who read this account's numbers, and what else was done.",
    ],
    ["bowline audit forget 2025-01-01", "Says how many entries went."],
  ],
  async run(given) {
    const [verb, day] = given.args;
    if (verb === "list" && day === undefined) {
      const filters = { object: optionOf(given, "object"), keyId: optionOf(given, "key") };
      await withDatabase(given, async ({ db }) => {
        for (let place: Place | null = null; ; ) {
          const { rows, remaining } = await listAudit(db, filters, place, PAGE);
          for (const { at, via, keyId, systemUser, action, outcome, requestId, objects } of rows)
            given.tell(
              [
                new Date(at).toISOString(),
                via,
                keyId ?? systemUser ?? "",
                action,
                outcome,
                requestId ?? "",
                objects.join(","),
              ].join("\t"),
            );
          const last = rows.at(-1);
          if (!last || remaining === 0) return;
          place = { side: "after", key: auditKey(last) };
        }
      });
      return 0;
    }
    if (verb === "forget" && day !== undefined) {
      const before = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : Number.NaN;
      if (Number.isNaN(before)) throw new Mistyped("`bowline audit forget` takes a day like 2025-01-01.");
      if (before > given.door.wall() - YEAR)
        throw new StartRefused(`${day} is less than a year ago; entries are kept at least that long.`);
      const gone = await withDatabase(given, (opened) =>
        audited(given, opened.db, "audit forget", [], () => forgetBefore(opened.pool, before)),
      );
      given.say(`${gone} entries before ${day} are gone.`);
      return 0;
    }
    throw new Mistyped("`bowline audit` lists and forgets: type `bowline audit list`, or see `bowline help audit`.");
  },
};
