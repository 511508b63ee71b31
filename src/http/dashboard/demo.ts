/** Made-up customers, a batch at a time, for `npm run demo`. */
import { z } from "zod";
import { playLives } from "../../actions/demo/play.ts";
import type { Api, Context } from "../context.ts";

/** Small enough that progress is seen, and that a batch that is cut off is no loss. */
export const MOST = 50;
const number = z.int().min(0).max(1_000_000);
const Body = z.object({ first: number, end: number }).refine(({ first, end }) => first <= end && end - first <= MOST, {
  path: ["end"],
  message: `must lie at most ${MOST} after first; send smaller batches`,
});

export function demo(app: Api, { gateway }: Context): void {
  app.post("/demo", { schema: { body: Body } }, async ({ body }) => ({
    played: await playLives(gateway, body.first, body.end),
  }));
}
