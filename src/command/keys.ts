/** `bowline keys`: the API keys. A lost one can't be shown again, but another can be made. */
import { StartRefused } from "../config.ts";
import { apiKeys, makeApiKey, revokeApiKey } from "../store/api-keys.ts";
import { isOneLine, NOT_ONE_LINE } from "../core/label.ts";
import { isScope, SCOPE_NAMES } from "../core/scopes.ts";
import { audited } from "./audited.ts";
import { type Command, Mistyped, optionOf } from "./command.ts";
import { withDatabase } from "./database.ts";
import { drop, rotate, status } from "./rotate-keys.ts";

const iso = (at: number): string => new Date(at).toISOString();

export const keys: Command = {
  takes: "list | create LABEL [--scope SCOPE] | revoke ID | rotate [--status] | drop NAME",
  needs: "the database",
  count: [1, 2],
  does: "Lists, makes and revokes API keys; rotates the key ring",
  tells:
    "A key is shown once, when it is made, and stored as a hash: who lost it makes another and revokes the old " +
    "one. A revoked key is refused from that moment on, by every process. The label says whose it is.\n" +
    "The key that BOWLINE_API_KEY presets stands in the list too; it is made anew at the next start unless the " +
    "setting goes as well.\n" +
    "`rotate` and `drop` are about the key ring, which seals credentials and numbers in the database. The gateway " +
    "runs meanwhile. Rotating may be interrupted, and goes on where it was when it is run again; an old key is " +
    "dropped when nothing is sealed by it any more and the links that it signed are over, four hours later.",
  options: {
    scope: {
      value: "SCOPE",
      means: `What a new key may do, and all before it: ${SCOPE_NAMES.join(", ")}. Not named: admin.`,
    },
    status: { value: null, means: "Of the key ring: each key's name, what it does, and how much it has sealed." },
  },
  examples: [
    ["bowline keys list", "Id, scope, label, when it was made, last used and, if so, revoked: tabs between."],
    ['bowline keys create "billing service" --scope link', "Prints the new key, and nothing else, on standard output."],
    ["bowline keys revoke key_2Ab9cDeFgHiJkLmNpQrStU", "The id as the list shows it."],
    ["bowline keys rotate", "A new key in the ring, and everything sealed anew under it, with a progress bar."],
    ["bowline keys rotate --status", "How far that is. Exit status 1: a key is missing that something is sealed by."],
    ["bowline keys drop main", "Takes an old key out, once nothing needs it."],
  ],
  async run(given) {
    const [verb, subject] = given.args;
    if (verb === "list" && subject === undefined) {
      const found = await withDatabase(given, ({ db }) => apiKeys(db));
      for (const { id, scope, label, createdAt, lastUsedAt, revokedAt } of found) {
        const revoked = revokedAt === null ? [] : [`revoked ${iso(revokedAt)}`];
        const used = lastUsedAt === null ? "never used" : `used ${iso(lastUsedAt)}`;
        given.tell([id, scope, label, `made ${iso(createdAt)}`, used, ...revoked].join("\t"));
      }
      return 0;
    }
    if (verb === "create" && subject !== undefined) {
      if (subject.trim() === "" || subject.length > 200)
        throw new Mistyped("The label must be 1 to 200 visible characters; say whose key it is.");
      if (!isOneLine(subject)) throw new Mistyped(`The label ${NOT_ONE_LINE}; type one line of plain text.`);
      const scope = optionOf(given, "scope") ?? "admin";
      if (!isScope(scope)) throw new Mistyped(`--scope must be one of ${SCOPE_NAMES.join(", ")}; ${scope} is none.`);
      const { id, key } = await withDatabase(given, ({ db }) =>
        audited(
          given,
          db,
          "keys create",
          ({ id }) => [id],
          () => makeApiKey(db, given.door, subject, scope),
        ),
      );
      given.say(`${id}, "${subject}", ${scope}: shown this once; keep it.`);
      given.tell(key);
      return 0;
    }
    if (verb === "revoke" && subject !== undefined) {
      const done = await withDatabase(given, ({ db }) =>
        audited(given, db, "keys revoke", [subject], () => revokeApiKey(db, subject, given.door.wall())),
      );
      if (!done) throw new StartRefused(`${subject} is no API key in use; \`bowline keys list\` shows them.`);
      given.say(`${subject} is revoked.`);
      return 0;
    }
    if (verb === "rotate" && subject === undefined) return given.options["status"] ? status(given) : rotate(given);
    if (verb === "drop" && subject !== undefined) return drop(given, subject);
    throw new Mistyped(
      "`bowline keys` lists, creates, revokes, rotates and drops: type `bowline keys list`, or `bowline help keys`.",
    );
  },
};
