/** The part of the suite that is about webhooks: what a provider signs is believed, and nothing else. */
import type strict from "node:assert/strict";
import type { Call, Held, Incoming, KeyShelf, Provider } from "./provider.ts";
import { answering, failing, BROKEN, GARBAGE } from "./broken-answers.ts";
import { transportTrouble } from "./reading.ts";

export interface Caller {
  provider: Provider;
  call: Call;
  /** A webhook as the provider itself would send it now, about what is held. Absent: it sends none. */
  hook?(held: Held): Incoming;
}

export type Check<Subject> = (title: string, body: (subject: Subject) => Promise<void>) => unknown;

function shelf(): KeyShelf {
  const kept = new Map<string, string>();
  return {
    get: async (name) => kept.get(name) ?? null,
    put: async (name, key) => {
      kept.set(name, key);
    },
  };
}

export function webhookChecks<Subject extends Caller>(
  check: Check<Subject>,
  assert: typeof strict,
  link: (subject: Subject) => Promise<{ held: Held }>,
): void {
  async function hooked(subject: Subject) {
    const { provider, call, hook } = subject;
    const { verifyWebhook, readWebhook } = provider;
    assert.equal(verifyWebhook === undefined, readWebhook === undefined, "who can check can read, and the reverse");
    assert.equal(verifyWebhook === undefined, hook === undefined, "a provider that calls in has a hook to try");
    if (!verifyWebhook || !readWebhook || !hook) return null;
    const { held } = await link(subject);
    const believe = (incoming: Incoming, keys = shelf(), by: Call = call) =>
      verifyWebhook.run(by, { incoming, keys }).then(
        (answer) => (answer.ok ? answer.facts.genuine : "later"),
        (thrown: unknown) => {
          if (transportTrouble(thrown) === null) throw thrown;
          return "later" as const;
        },
      );
    return { held, incoming: hook(held), believe, read: (one: Incoming) => readWebhook.run(call, one) };
  }

  check("its webhook is believed, says which connection, and is the same at its second coming", async (subject) => {
    const found = await hooked(subject);
    if (!found) return;
    const { held, incoming, believe, read } = found;
    const keys = shelf();
    assert.deepEqual([await believe(incoming, keys), await believe(incoming, keys)], [true, true]);
    const [first, second] = [await read(incoming), await read(incoming)];
    assert.ok(first.ok && second.ok);
    assert.equal(first.facts.ref, held.ref);
    assert.equal(first.facts.meaning, "hint");
    assert.ok(first.facts.key !== "" && first.facts.key === second.facts.key);
  });

  check("a webhook that is unsigned, changed, or old is not believed", async (subject) => {
    const found = await hooked(subject);
    if (!found) return;
    const { incoming, believe } = found;
    const changes: Record<string, Incoming> = {
      "without headers": { ...incoming, headers: {} },
      "with another body": { ...incoming, body: Buffer.concat([incoming.body, Buffer.from(" ")]) },
      "without a body": { ...incoming, body: new Uint8Array() },
      "a day later": { ...incoming, at: incoming.at + 86_400_000 },
      "a day earlier": { ...incoming, at: incoming.at - 86_400_000 },
    };
    for (const [what, one] of Object.entries(changes)) assert.equal(await believe(one), false, what);
  });

  check("where its key is not to be had, nobody says that a webhook is forged, or that it is not", async (subject) => {
    const found = await hooked(subject);
    if (!found) return;
    const { incoming, believe } = found;
    const keys = shelf();
    let asked = 0;
    const counting: Call = {
      ...subject.call,
      fetch: (url, init) => {
        asked += 1;
        return subject.call.fetch(url, init);
      },
    };
    assert.equal(await believe(incoming, keys, counting), true);
    // A provider whose key is known beforehand asks nobody.
    const isAsked = asked > 0;
    for (const [what, answer] of Object.entries(isAsked ? GARBAGE : {})) {
      assert.equal(await believe(incoming, shelf(), answering(subject.call, answer)), "later", what);
    }
    for (const [what, [thrown]] of Object.entries(isAsked ? BROKEN : {})) {
      assert.equal(await believe(incoming, shelf(), failing(subject.call, thrown)), "later", what);
      assert.equal(await believe(incoming, keys, failing(subject.call, thrown)), true, `${what}, with the key known`);
    }
  });
}
