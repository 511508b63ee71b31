import assert from "node:assert/strict";
import { test } from "node:test";
import { conformance } from "../../../src/providers/conformance.ts";
import { plaid } from "../../../src/providers/plaid/plaid.ts";
import { hookFor } from "./fixture/hooks.ts";
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
    hook: ({ ref }: { ref: string }) => {
      const { body, headers } = hookFor({ itemId: ref }, "ITEM", "ERROR");
      const url = "https://gateway.example/provider-webhooks/plaid";
      return { method: "POST", url, headers, body: Buffer.from(body), at: Date.now() };
    },
    close: async () => played[Symbol.asyncDispose](),
  };
}

conformance("plaid", subject, { test, assert });
