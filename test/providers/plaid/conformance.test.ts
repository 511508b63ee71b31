import assert from "node:assert/strict";
import { test } from "node:test";
import { conformance } from "../../../src/providers/conformance.ts";
import { plaid } from "../../../src/providers/plaid/plaid.ts";
import { createWorld, finishLink, plaidErrorOf } from "./fixture/world.ts";
import { play, START } from "./played.ts";

async function subject() {
  // Pages of ten, so that the walk has several.
  const played = await play({}, createWorld({ pageSize: 10 }));
  const { provider, call, world } = played;
  const { clientId } = world;
  return {
    provider,
    call,
    start: START,
    attend: ({ state }: { state: string }) => Promise.resolve({ publicToken: finishLink(world, state) }),
    withWrongKeys: plaid({ clientId, secret: "another", environment: "sandbox", baseUrl: played.plaid.url }),
    error: (code: string) => Response.json(plaidErrorOf(code, "API_ERROR"), { status: 400 }),
    secrets: [world.secret, clientId],
    close: async () => played[Symbol.asyncDispose](),
  };
}

conformance("plaid", subject, { test, assert });
