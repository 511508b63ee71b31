/** The suite's part on connections that were linked elsewhere. */
import type strict from "node:assert/strict";
import type { Caller, Check } from "./conformance-webhooks.ts";
import type { Held, Linked, StartLink } from "./provider.ts";

interface Linking extends Caller {
  start: StartLink;
}

const HOOK = "https://gateway.example.com/provider-webhooks/one";

export function adoptChecks<Subject extends Linking>(
  check: Check<Subject>,
  assert: typeof strict,
  link: (subject: Subject) => Promise<{ linked: Linked; held: Held }>,
): void {
  check("what was linked elsewhere is taken over as what it is, however often", async (subject) => {
    const { adopt } = subject.provider;
    if (adopt === undefined) return;
    const { linked, held } = await link(subject);
    const { credential } = held;
    for (const input of [{ credential }, { credential, webhookUrl: HOOK }, { credential, webhookUrl: HOOK }]) {
      const answer = await adopt.run(subject.call, input);
      if (!answer.ok) return assert.fail(`refused: ${JSON.stringify(answer.trouble)}`);
      assert.deepEqual([answer.facts.ref, answer.facts.credential], [linked.ref, credential]);
      assert.deepEqual(answer.facts.institution, linked.institution);
      for (const product of subject.start.products)
        assert.ok(answer.facts.products?.includes(product) ?? true, `${product} was linked and is not told`);
    }
    const still = await subject.provider.readAccounts.run(subject.call, held);
    assert.ok(still.ok, "the credential still reads");
  });

  check("a credential that opens nothing is refused, and is nobody's health", async (subject) => {
    const { adopt } = subject.provider;
    if (adopt === undefined) return;
    const { held } = await link(subject);
    const half = held.credential.slice(0, Math.ceil(held.credential.length / 2));
    for (const credential of ["not-a-credential", half, `${held.credential}x`]) {
      const answer = await adopt.run(subject.call, { credential, webhookUrl: HOOK });
      assert.equal(answer.ok, false, "a bogus credential was taken for good");
      if (!answer.ok) assert.ok(!JSON.stringify(answer.trouble).includes(credential), "and it is told to nobody");
    }
  });
}
