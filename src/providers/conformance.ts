/**
 * One suite that every provider passes, the sandbox first. It knows the contract and nothing of any provider: a test of
 * the provider hands in how to reach it, with node's `test` and `assert`, so that this file itself is no test.
 */
import type strict from "node:assert/strict";
import { ACCOUNT_TYPES } from "../core/account.ts";
import { isDecimal } from "../core/money.ts";
import { isProduct } from "../core/products.ts";
import { CATEGORIES } from "../core/transaction.ts";
import type { TransactionFact } from "../core/transaction.ts";
import type { Answer, Held, Linked, LinkSession, Provider, StartLink, Trouble } from "./provider.ts";
import { answering, BROKEN, failing, GARBAGE, OUTAGE } from "./broken-answers.ts";
import { adoptChecks } from "./conformance-adopt.ts";
import { investmentChecks, plainDate } from "./conformance-investments.ts";
import { heldVerbs, READS } from "./held-verbs.ts";
import { type Caller, webhookChecks } from "./conformance-webhooks.ts";
import { transportTrouble } from "./reading.ts";

/** A provider with a world behind it in which one customer can link. Made anew for every test. */
export interface Subject extends Caller {
  start: StartLink;
  /** The same customer walks through the session; what comes back is the proof. */
  attend(session: LinkSession): Promise<Record<string, string>>;
  /** The provider with keys that are not the operator's. */
  withWrongKeys: Provider;
  /** An error answer in the provider's own form. */
  error(code: string): Response;
  /** The operator's keys. */
  secrets: readonly string[];
  close(): PromiseLike<void>;
}

export interface Tools {
  test(name: string, body: () => Promise<void>): unknown;
  assert: typeof strict;
}

const UNSEEN_CODE = "NEVER_SEEN_BEFORE_4711";

export function conformance(name: string, make: () => Promise<Subject>, tools: Tools): void {
  const assert: Tools["assert"] = tools.assert;

  const check = (title: string, body: (subject: Subject) => Promise<void>): unknown =>
    tools.test(`${name}: ${title}`, async () => {
      const subject = await make();
      try {
        await body(subject);
      } finally {
        await subject.close();
      }
    });

  function sure<Facts>(answer: Answer<Facts>): Facts {
    if (!answer.ok) assert.fail(`refused: ${JSON.stringify(answer.trouble)}`);
    return answer.facts;
  }

  async function link({ provider, call, start, attend }: Subject): Promise<{ linked: Linked; held: Held }> {
    const session = sure(await provider.startLink.run(call, start));
    const linked = sure(await provider.finishLink.run(call, { state: session.state, proof: await attend(session) }));
    return { linked, held: { ref: linked.ref, credential: linked.credential, products: start.products } };
  }

  /** What a run met, returned or thrown, as the gateway would see it. */
  async function met(run: Promise<Answer<unknown>>, what: string): Promise<Trouble> {
    const answer = await run.catch((thrown: unknown): Answer<never> => {
      const trouble = transportTrouble(thrown);
      if (trouble === null) throw thrown;
      return { ok: false, trouble };
    });
    if (answer.ok) assert.fail(`${what} was taken for good: ${JSON.stringify(answer.facts)}`);
    return answer.trouble;
  }

  async function walk({ provider, call }: Subject, held: Held, from: string | null) {
    const added: TransactionFact[] = [];
    let cursor = from;
    for (let pages = 0; pages < 200; pages += 1) {
      const answer = await provider.readTransactions?.run(call, { ...held, cursor });
      if (answer === undefined) break;
      if (!answer.ok && answer.trouble.restart) {
        added.length = 0;
        cursor = from;
        continue;
      }
      const page = sure(answer);
      added.push(...page.added, ...page.modified);
      cursor = page.cursor;
      if (!page.more) return { added, cursor };
    }
    return assert.fail("the walk through the transactions has no end");
  }

  check("its marks are legal, and what it offers it can read", async ({ provider }) => {
    assert.equal(provider.startLink.cost, "once");
    assert.equal(provider.finishLink.cost, "once");
    for (const [key, verb] of Object.entries(provider)) {
      if (typeof verb !== "object" || !("run" in verb)) continue;
      assert.ok(["free", "billed", "once"].includes(verb.cost), `${key}: cost`);
      assert.ok(["bank", "cache"].includes(verb.source), `${key}: source`);
    }
    const probe = provider.readConnection;
    if (probe) assert.deepEqual([probe.cost, probe.mayAsk], ["free", undefined], "the daily probe asks nobody");
    assert.equal(provider.startRepair === undefined, provider.finishRepair === undefined);
    assert.ok(provider.cadence > 0 && provider.callTime > 0 && provider.callTime <= provider.runTime);
    assert.ok(provider.products.length > 0 && provider.products.every(isProduct));
    for (const product of provider.products) {
      const verb = READS[product];
      assert.ok(provider[verb] !== undefined, `${product} is offered and cannot be read`);
    }
  });

  check("a link leads to facts that are well formed", async (subject) => {
    const { provider, call } = subject;
    const { linked, held } = await link(subject);
    assert.ok(linked.ref !== "" && linked.institution.ref !== "" && linked.institution.name !== "");
    const { accounts } = sure(await provider.readAccounts.run(call, held));
    const refs = accounts.map(({ ref }) => ref);
    assert.ok(refs.length > 0 && refs.every((ref) => ref !== ""));
    assert.equal(new Set(refs).size, refs.length);
    for (const { type, balances } of accounts) {
      assert.ok(ACCOUNT_TYPES.includes(type));
      if (balances === undefined) continue;
      for (const amount of [balances.current, balances.available]) assert.ok(amount === null || isDecimal(amount));
      assert.ok(balances.currency === null || /^[A-Z]{3}$/.test(balances.currency));
    }
    const { readIdentifiers, readOwners } = provider;
    const numbers = readIdentifiers && sure(await readIdentifiers.run(call, held));
    const owners = readOwners && sure(await readOwners.run(call, held));
    for (const { accountRef } of [...(numbers ?? []), ...(owners ?? [])]) assert.ok(refs.includes(accountRef));
    if (provider.readTransactions === undefined) return;
    const { added } = await walk(subject, held, null);
    assert.ok(added.length > 0, "no transaction was told");
    for (const one of added) {
      assert.ok(one.ref !== "" && refs.includes(one.accountRef), one.ref);
      assert.ok(isDecimal(one.amount) && /^[A-Z]{3}$/.test(one.currency), one.ref);
      assert.ok(CATEGORIES.includes(one.category), one.ref);
      assert.ok(plainDate(one.transactionDate) && (one.postedDate === null || plainDate(one.postedDate)), one.ref);
      assert.ok(one.pendingRef === undefined || one.status === "POSTED", one.ref);
    }
  });

  check(
    "the same cursor tells the same page, a walk tells each transaction once, and its end is an end",
    async (subject) => {
      const { provider, call } = subject;
      const { readTransactions } = provider;
      if (readTransactions === undefined) return assert.equal(provider.products.includes("TRANSACTIONS"), false);
      const { held } = await link(subject);
      const pages = [1, 2].map(() => readTransactions.run(call, { ...held, cursor: null }).then(sure));
      const [first, again] = (await Promise.all(pages)).map(({ added, modified, removed }) => ({
        added,
        modified,
        removed,
      }));
      assert.deepEqual(again, first);
      const { added, cursor } = await walk(subject, held, null);
      assert.equal(new Set(added.map(({ ref }) => ref)).size, added.length);
      const { more, ...rest } = sure(await readTransactions.run(call, { ...held, cursor }));
      assert.deepEqual([more, rest.added, rest.modified, rest.removed], [false, [], [], []]);
    },
  );

  check("no secret is in any page, fact or trouble", async (subject) => {
    const { provider, call, start } = subject;
    const { linked, held } = await link(subject);
    const { credential, ...told } = linked;
    const { page } = sure(await provider.startLink.run(call, start));
    const said: unknown[] = [page, told];
    for (const [, run] of heldVerbs(provider)) {
      said.push(
        await met(
          run(
            answering(call, () => subject.error(UNSEEN_CODE)),
            held,
          ),
          "an unknown code",
        ),
      );
      said.push(await run(call, held));
    }
    for (const secret of [credential, ...subject.secrets]) {
      assert.ok(secret.length > 0 && !JSON.stringify(said).includes(secret), "a secret was told");
    }
  });

  check("a code that it has never seen is unknown, and kept", async (subject) => {
    const { held } = await link(subject);
    for (const [verb, run] of heldVerbs(subject.provider)) {
      const trouble = await met(
        run(
          answering(subject.call, () => subject.error(UNSEEN_CODE)),
          held,
        ),
        verb,
      );
      assert.equal(trouble.state, "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE", verb);
      assert.equal(trouble.raw.code, UNSEEN_CODE, verb);
      assert.ok(!trouble.gone && !trouble.needsCustomer && !trouble.unavailable, verb);
    }
  });

  check(
    "what cannot be read, and a transport that breaks, is the provider's trouble and never health",
    async (subject) => {
      const { held } = await link(subject);
      for (const [verb, run] of heldVerbs(subject.provider)) {
        for (const [what, answer] of Object.entries(GARBAGE)) {
          const { state, scope, gone } = await met(run(answering(subject.call, answer), held), `${verb}: ${what}`);
          assert.deepEqual([state, scope, gone], [OUTAGE, "provider", undefined], `${verb}: ${what}`);
        }
        for (const [what, [thrown, state]] of Object.entries(BROKEN)) {
          const trouble = await met(run(failing(subject.call, thrown), held), `${verb}: ${what}`);
          assert.equal(trouble.state, state, `${verb}: ${what}`);
        }
      }
    },
  );

  check("a proof is worth one finish", async ({ provider, call, start, attend }) => {
    const session = sure(await provider.startLink.run(call, start));
    const finish = { state: session.state, proof: await attend(session) };
    sure(await provider.finishLink.run(call, finish));
    const again = await met(provider.finishLink.run(call, finish), "a second finish");
    assert.ok(again.scope === "session" || again.scope === "request", `scope ${again.scope}`);
  });

  check("a second link of the same login has the id that it says", async (subject) => {
    const [first, second] = [await link(subject), await link(subject)];
    assert.equal(first.linked.ref !== second.linked.ref, subject.provider.newIdAtEveryLink);
    sure(await subject.provider.readAccounts.run(subject.call, first.held));
  });

  check("a repair in place leaves the connection what it was", async (subject) => {
    const { provider, call, start } = subject;
    if (provider.startRepair === undefined || provider.finishRepair === undefined) return;
    const { held } = await link(subject);
    const before = sure(await provider.readAccounts.run(call, held)).accounts.map(({ ref }) => ref);
    const session = sure(await provider.startRepair.run(call, { ...start, ...held }));
    const proof = await subject.attend(session);
    const repaired = sure(await provider.finishRepair.run(call, { ...held, state: session.state, proof }));
    if (repaired.kind === "relinked") return assert.notEqual(repaired.linked.ref, "");
    const mended = { ...held, credential: repaired.credential ?? held.credential };
    const after = sure(await provider.readAccounts.run(call, mended)).accounts.map(({ ref }) => ref);
    assert.deepEqual(after, before);
  });

  check("what was removed is gone, and stays so", async (subject) => {
    const { provider, call } = subject;
    const { held } = await link(subject);
    if (provider.remove === undefined) return;
    assert.equal(sure(await provider.remove.run(call, held)), null);
    for (const [verb, run] of heldVerbs(provider)) {
      const { gone, state, scope } = await met(run(call, held), `${verb} of a removed connection`);
      assert.equal(gone, true, verb);
      assert.ok(state !== null || scope === "session", verb);
    }
  });

  adoptChecks(check, assert, link);
  investmentChecks(check, assert, link);
  webhookChecks(check, assert, link);

  check("wrong keys are the application's trouble", async (subject) => {
    const { call, start, withWrongKeys } = subject;
    const { held } = await link(subject);
    const started = await met(withWrongKeys.startLink.run(call, start), "a wrong key");
    assert.deepEqual([started.scope, started.state], ["application", null]);
    for (const [verb, run] of heldVerbs(withWrongKeys)) {
      const { scope, state, gone } = await met(run(call, held), verb);
      assert.deepEqual([scope, state, gone], ["application", null, undefined], verb);
    }
  });
}
