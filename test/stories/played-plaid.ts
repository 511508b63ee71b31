/** A gateway before a played Plaid, and nothing else: both begin and end with the tests of the file. */
import { after, before } from "node:test";
import { playPlaid, type PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import type { World } from "../providers/plaid/fixture/world.ts";
import { startGateway, type TestGateway } from "./gateway.ts";

export interface Played {
  plaid: PlayedPlaid;
  gateway: TestGateway;
}

/** `started` is told before the first test. */
export function playedPlaid(world: World, started: (played: Played) => void): void {
  let played: Played;
  before(async () => {
    const plaid = await playPlaid(world);
    const { clientId, secret } = world;
    const env = { PLAID_CLIENT_ID: clientId, PLAID_SECRET: secret, PLAID_BASE_URL: plaid.url };
    played = { plaid, gateway: await startGateway(env) };
    started(played);
  });
  after(async () => {
    await played.gateway.stop();
    await played.plaid.close();
  });
}
