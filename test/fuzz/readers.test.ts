// Every read of every provider, told true answers that were spoilt: trouble, or facts in the contract's form.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type HeldVerb, heldVerbs } from "../../src/providers/held-verbs.ts";
import type { Call, Held, Provider } from "../../src/providers/provider.ts";
import { play } from "../providers/plaid/played.ts";
import { mount } from "../providers/sandbox/mount.ts";
import { type Exchange, isNoAnswer, judge, replaying, type Spoil, spoils } from "./readers.ts";
import { fuzz } from "./seed.ts";

const CASES = 1200;

interface Recorded {
  name: string;
  run: HeldVerb[1];
  exchanges: Exchange[];
}

async function every(t: Parameters<typeof fuzz>[0], word: string, provider: Provider, call: Call, held: Held) {
  const recorded: Recorded[] = [];
  for (const [name, run] of heldVerbs(provider)) {
    const exchanges: Exchange[] = [];
    const watching: Call = {
      ...call,
      async fetch(url, init) {
        const response = await call.fetch(url, init);
        const headers = [...response.headers].filter(([header]) => !/length|encoding|connection/.test(header));
        const body = await response.clone().text();
        exchanges.push({ url: url, status: response.status, headers, body });
        return response;
      },
    };
    const answer = await run(watching, held);
    assert.ok(answer.ok || answer.trouble.unavailable, `${name} has no true answer to spoil`);
    if (exchanges.length > 0) recorded.push({ name, run, exchanges });
  }
  const one = () => fc.record({ verb: fc.constantFrom(...recorded), at: fc.nat(), spoil: spoils });
  const holds = ({ verb, at, spoil }: { verb: Recorded; at: number; spoil: Spoil }) => {
    const which = at % verb.exchanges.length;
    return judge(verb.run(replaying(call, verb.exchanges, which, spoil), held), spoil, isNoAnswer(spoil));
  };
  await fuzz(t, word, CASES, one, holds, ({ verb, at, spoil }) => ({ verb: verb.name, at, spoil }));
}

test("The sandbox's readers take nothing spoilt for good", async (t) => {
  const mounted = await mount();
  try {
    const held = await mounted.link("bank-investments");
    await every(t, "fuzz/readers", mounted.provider, mounted.call, { ...held, products: mounted.provider.products });
  } finally {
    await mounted.close();
  }
});

test("Plaid's readers take nothing spoilt for good", async (t) => {
  await using played = await play();
  const { held } = await played.link();
  await every(t, "fuzz/readers", played.provider, played.call, held);
});
