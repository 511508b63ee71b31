// Every verb of every provider, told true answers that were spoilt: trouble, or facts in the contract's form.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { heldVerbs } from "../../src/providers/held-verbs.ts";
import type { Call, Held } from "../../src/providers/provider.ts";
import { login } from "../../src/providers/sandbox/control.ts";
import { finishLink } from "../providers/plaid/fixture/world.ts";
import { play, START } from "../providers/plaid/played.ts";
import { mount, sure } from "../providers/sandbox/mount.ts";
import { type Customer, linkVerbs, type Run } from "./link-verbs.ts";
import { type Exchange, isNoAnswer, judge, replaying, type Spoil, spoils } from "./readers.ts";
import { fuzz } from "./seed.ts";

const CASES = 1200;

interface Recorded extends Run {
  exchanges: Exchange[];
}

async function every(t: Parameters<typeof fuzz>[0], word: string, call: Call, runs: readonly Run[]) {
  const recorded: Recorded[] = [];
  for (const one of runs) {
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
    const answer = await one.run(watching);
    assert.ok(
      answer.ok || answer.trouble.unavailable,
      `${one.name} has no true answer to spoil: ${JSON.stringify(answer)}`,
    );
    if (exchanges.length > 0) recorded.push({ ...one, exchanges });
  }
  const one = () => fc.record({ verb: fc.constantFrom(...recorded), at: fc.nat(), spoil: spoils });
  const holds = ({ verb, at, spoil }: { verb: Recorded; at: number; spoil: Spoil }) => {
    const which = at % verb.exchanges.length;
    const isTrouble = isNoAnswer(spoil) && !verb.forgives?.(which);
    return judge(verb.run(replaying(call, verb.exchanges, which, spoil)), spoil, isTrouble);
  };
  await fuzz(t, word, CASES, one, holds, ({ verb, at, spoil }) => ({ verb: verb.name, at, spoil }));
}

const readsOf = ({ provider }: Customer, held: Held): Run[] =>
  heldVerbs(provider).map(([name, run]) => ({ name, run: (call) => run(call, held) }));

for (const [what, runsOf] of [
  ["readers", readsOf],
  ["links, repairs and banks", linkVerbs],
] as const) {
  test(`The sandbox's ${what} take nothing spoilt for good`, async (t) => {
    const mounted = await mount();
    try {
      const { call, provider, settings, start } = mounted;
      const held = { ...(await mounted.link("bank-investments")), products: provider.products };
      const attend: Customer["attend"] = async (session) =>
        sure(await login(call, settings, session, { username: "mira" }));
      await every(t, "fuzz/readers", call, await runsOf({ provider, call, start, attend }, held));
    } finally {
      await mounted.close();
    }
  });

  test(`Plaid's ${what} take nothing spoilt for good`, async (t) => {
    await using played = await play();
    const { provider, call, world } = played;
    const { held } = await played.link();
    const attend: Customer["attend"] = async ({ state }) => ({
      publicToken: finishLink(world, state),
      institutionId: "ins_900001",
    });
    await every(t, "fuzz/readers", call, await runsOf({ provider, call, start: START, attend }, held));
  });
}
