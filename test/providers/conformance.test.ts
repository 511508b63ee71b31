// The suite that judges providers, judged: each planted bug has to be found by the check that is there for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { conformance } from "../../src/providers/conformance.ts";
import { good } from "../../src/providers/provider.ts";
import type { Provider, Verb } from "../../src/providers/provider.ts";
import { login } from "../../src/providers/sandbox/control.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";
import { KEY, mount, sure } from "./sandbox/mount.ts";

type Sandbox = ReturnType<typeof sandbox>;
type Bug = (provider: Sandbox) => Provider;

async function findings(bug: Bug): Promise<string[]> {
  const checks: [string, () => Promise<void>][] = [];
  const make = async () => {
    const { call, provider, settings, start, hook, close } = await mount();
    return {
      provider: bug(provider),
      call,
      start,
      attend: async (session: { page: Record<string, string> }) =>
        sure(await login(call, settings, session, { username: "mira" })),
      withWrongKeys: bug(sandbox({ ...settings, key: "another" })),
      error: (code: string) => Response.json({ fault: { code, words: "?" } }, { status: 500 }),
      secrets: [KEY],
      hook,
      close,
    };
  };
  conformance("bug", make, { test: (name, body) => checks.push([name.replace("bug: ", ""), body]), assert });
  const found: string[] = [];
  for (const [name, body] of checks) await body().catch(() => found.push(name));
  return found;
}

const changed = <Input, Facts>(verb: Verb<Input, Facts>, change: (facts: Facts) => Facts): Verb<Input, Facts> => ({
  ...verb,
  run: async (call, input) => {
    const answer = await verb.run(call, input);
    return answer.ok ? good(change(answer.facts)) : answer;
  },
});

const BUGS: Record<string, readonly [bug: Bug, check: string]> = {
  "trouble taken for an empty list": [
    (one) => ({
      ...one,
      readOwners: {
        ...one.readOwners,
        run: async (call, input) => {
          const answer = await one.readOwners.run(call, input);
          return answer.ok ? answer : good([]);
        },
      },
    }),
    "a code that it has never seen is unknown, and kept",
  ],
  "a failed transport taken for an empty list": [
    (one) => ({
      ...one,
      readOwners: { ...one.readOwners, run: (call, input) => one.readOwners.run(call, input).catch(() => good([])) },
    }),
    "what cannot be read, and a transport that breaks, is the provider's trouble and never health",
  ],
  "the credential as the institution's name": [
    (one) => ({
      ...one,
      finishLink: changed(one.finishLink, (linked) => ({
        ...linked,
        institution: { ...linked.institution, name: linked.credential },
      })),
    }),
    "no secret is in any page, fact or trouble",
  ],
  "an amount with an exponent": [
    (one) => ({
      ...one,
      readTransactions: changed(one.readTransactions, (page) => ({
        ...page,
        added: page.added.map((fact) => ({ ...fact, amount: "1e3" })),
      })),
    }),
    "a link leads to facts that are well formed",
  ],
  "a date with a time": [
    (one) => ({
      ...one,
      readTransactions: changed(one.readTransactions, (page) => ({
        ...page,
        added: page.added.map((fact) => ({ ...fact, transactionDate: `${fact.transactionDate}T00:00:00Z` })),
      })),
    }),
    "a link leads to facts that are well formed",
  ],
  "a cursor that is not used": [
    (one) => ({
      ...one,
      readTransactions: {
        ...one.readTransactions,
        run: (call, input) => one.readTransactions.run(call, { ...input, cursor: null }),
      },
    }),
    "the same cursor tells the same page, a walk tells each transaction once, and its end is an end",
  ],
  "a removal that only says so": [
    (one) => ({ ...one, remove: { ...one.remove, run: () => Promise.resolve(good(null)) } }),
    "what was removed is gone, and stays so",
  ],
  "an id that differs at every link, unannounced": [
    (one) => ({
      ...one,
      finishLink: changed(one.finishLink, (linked) => ({ ...linked, ref: linked.credential.slice(-9) })),
    }),
    "a second link of the same login has the id that it says",
  ],
  "a signature that nobody looks at": [
    (one) => ({ ...one, verifyWebhook: changed(one.verifyWebhook, () => ({ genuine: true })) }),
    "a webhook that is unsigned, changed, or old is not believed",
  ],
  "a key that is not to be had, taken for a forgery": [
    (one) => ({
      ...one,
      verifyWebhook: {
        ...one.verifyWebhook,
        run: async (call, input) => {
          const answer = await one.verifyWebhook.run(call, input).catch(() => null);
          return answer?.ok ? answer : good({ genuine: false, why: "no key" });
        },
      },
    }),
    "where its key is not to be had, nobody says that a webhook is forged, or that it is not",
  ],
  "a message that is another at every reading": [
    (one) => {
      let count = 0;
      return { ...one, readWebhook: changed(one.readWebhook, (news) => ({ ...news, key: `${news.key} ${count++}` })) };
    },
    "its webhook is believed, says which connection, and is the same at its second coming",
  ],
  "webhooks that are checked and never read": [
    (one) => Object.fromEntries(Object.entries(one).filter(([key]) => key !== "readWebhook")) as unknown as Provider,
    "its webhook is believed, says which connection, and is the same at its second coming",
  ],
  "a product that is offered without a verb": [
    (one) => Object.fromEntries(Object.entries(one).filter(([key]) => key !== "readOwners")) as unknown as Provider,
    "its marks are legal, and what it offers it can read",
  ],
};

test("The suite finds nothing in the sandbox as it is", async () => {
  assert.deepEqual(await findings((one) => one), []);
});

for (const [name, [bug, check]] of Object.entries(BUGS)) {
  test(`The suite finds ${name}`, async () => {
    const found = await findings(bug);
    assert.ok(found.includes(check), `found by: ${found.join("; ") || "nothing"}`);
  });
}
