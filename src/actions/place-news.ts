/** Takes committed events into the deployment's feed, and makes the endpoints due that want to hear of them. */
import { headOf, isBehind, placeEvents, publish, typesBetween } from "../store/feed.ts";
import { makeDue } from "../store/tasks.ts";
import { profilesFor } from "../store/webhook-profiles.ts";
import type { Gateway } from "./gateway.ts";

const BATCH = 2000;
/** Endpoints belong to no customer. */
export const ENDPOINTS = "0";

/** Answers how many places were published. */
export async function placeNews(gateway: Gateway): Promise<number> {
  const { db, door } = gateway;
  if (!(await isBehind(db))) return 0;
  const from = await headOf(db);
  const upto = await placeEvents(db, BATCH);
  if (upto === null || upto <= BigInt(from)) return 0;
  await db.tx("publish events", async (sql) => {
    await publish(sql, upto);
    const now = door.now();
    for (const { id } of await profilesFor(sql, await typesBetween(sql, from, upto))) {
      await makeDue(sql, ENDPOINTS, id, "deliver", now, now);
    }
  });
  gateway.poke();
  return Number(upto - BigInt(from));
}
