/** Our provider over HTTP against the played Plaid, and a judge over all that passes between them. */
import assert from "node:assert/strict";
import { plaid, type PlaidSettings } from "../../../src/providers/plaid/plaid.ts";
import type { Answer, Call, Held, Linked, Provider, StartLink, Trouble } from "../../../src/providers/provider.ts";
import { playPlaid, type PlayedPlaid } from "./fixture/server.ts";
import { createWorld, finishLink, type Item, type World } from "./fixture/world.ts";
import { specJudge } from "./spec-judge.ts";

export interface Played extends AsyncDisposable {
  provider: Provider;
  call: Call;
  plaid: PlayedPlaid;
  world: World;
  /** A customer links a bank: what the gateway then holds, and the Item behind it. */
  link(): Promise<{ linked: Linked; held: Held; item: Item }>;
}

export const START: StartLink = {
  connectionId: "con_1",
  customerId: "cus_1",
  products: ["BALANCES", "TRANSACTIONS"],
  optionalProducts: [],
  countries: ["US"],
};

export function facts<Facts>(answer: Answer<Facts>): Facts {
  if (!answer.ok) assert.fail(`expected facts, met ${JSON.stringify(answer.trouble)}`);
  return answer.facts;
}

export function trouble(answer: Answer<unknown>): Trouble {
  if (answer.ok) assert.fail(`expected trouble, got ${JSON.stringify(answer.facts)}`);
  return answer.trouble;
}

export const call: Call = { fetch: (url, init) => fetch(url, init), now: Date.now, wall: Date.now };

export async function play(settings: Partial<PlaidSettings> = {}, world: World = createWorld()): Promise<Played> {
  const played = await playPlaid(world);
  const { clientId, secret } = world;
  const provider = plaid({ clientId, secret, environment: "sandbox", baseUrl: played.url, ...settings });
  return {
    provider,
    call,
    plaid: played,
    world,
    async link() {
      const { state } = facts(await provider.startLink.run(call, START));
      const proof = { publicToken: finishLink(world, state) };
      const linked = facts(await provider.finishLink.run(call, { state, proof }));
      const item = world.items.find((one) => one.itemId === linked.ref);
      assert.ok(item);
      return { linked, held: { ref: linked.ref, credential: linked.credential, products: START.products }, item };
    },
    async [Symbol.asyncDispose]() {
      await played.close();
      assert.deepEqual(faultsOf(played), []);
    },
  };
}

/** What the official document has against the exchanges; nothing where there is no document. */
export function faultsOf(played: PlayedPlaid): string[] {
  const judge = specJudge();
  if (!judge) return [];
  return played.exchanges.flatMap(({ path, body, answered }) => [
    ...judge.request("POST", path, body),
    ...(answered ? judge.response("POST", path, answered.status, answered.body) : []),
  ]);
}
