/**
 * The operator's channel: alarms that are raised or over, and codes that no map has, posted to one endpoint of the
 * operator's, signed as every webhook is. Each is told at least once; one that is not received is tried until it is.
 */
import { createHash } from "node:crypto";
import { VERSION } from "../core/compatibility.ts";
import type { Millis } from "../core/door.ts";
import { markTold, type Notice, untold } from "../store/incidents.ts";
import { endTask, reschedule, type Task } from "../store/tasks.ts";
import { nextTry, WAITS } from "../webhooks/schedule.ts";
import type { Gateway } from "./gateway.ts";
import { sendWebhook } from "./send-webhook.ts";

const BATCH = 100;

export const OPERATOR_EVENTS = {
  raised: "BOWLINE_ALARM_RAISED",
  settled: "BOWLINE_ALARM_SETTLED",
  unmapped: "BOWLINE_CODE_UNMAPPED",
} as const satisfies Record<Notice["what"], string>;

export async function tellOperator(gateway: Gateway, task: Task): Promise<void> {
  const { db, door, operator, accountId } = gateway;
  if (operator === null) return void (await endTask(db, task.home, task.subject, task.kind));
  for (const notice of await untold(db, BATCH)) {
    const id = nameOf(notice);
    const eventType = OPERATOR_EVENTS[notice.what];
    const timestamp = new Date(notice.at).toISOString();
    const envelope = { eventType, eventId: id, timestamp, accountId, profileId: null, version: VERSION };
    const body = JSON.stringify({ ...envelope, payload: notice.facts });
    const { reason, retryAfter } = await sendWebhook(gateway, operator, id, body, null);
    if (reason !== null) {
      gateway.log.warn({ reason, eventType }, "The operator's webhook was not received and is tried again");
      return reschedule(db, task, door.now() + waitAfter(task.attempt + 1, gateway, retryAfter), task.attempt + 1);
    }
    await markTold(db, notice, door.now());
  }
  const isMore = (await untold(db, 1)).length > 0;
  await reschedule(db, task, isMore ? door.now() : Infinity, 0);
}

/** Never given up: whom else could it be told? */
function waitAfter(tries: number, { door }: Gateway, retryAfter: Millis | null): Millis {
  const now = door.now();
  const chance = (door.random(1)[0] ?? 0) / 256;
  return (nextTry(Math.min(tries, WAITS.length), now, chance, retryAfter) ?? now) - now;
}

/**
 * The same at every try, so that a receiver can drop what it has had. It is a header, and parts of what is signed have
 * a full stop between them; a code of a provider's may hold anything, and is told in the payload alone.
 */
const nameOf = ({ subject, what }: Notice): string =>
  "incident" in subject ? `${subject.incident}_${what}` : `code_${digest(`${subject.provider} ${subject.code}`)}`;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
