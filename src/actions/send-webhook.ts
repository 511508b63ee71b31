/** One try of one endpoint: signed, bounded in time, never inside a transaction. Deliveries and tests share it. */
import type { Instant, Millis } from "../core/door.ts";
import { secretsOf, type WebhookProfile } from "../store/webhook-profiles.ts";
import { type Answered, TargetForbidden } from "../webhooks/guard.ts";
import { retryAfterOf } from "../webhooks/schedule.ts";
import { type Endpoint, headersOf } from "../webhooks/sign.ts";
import type { Gateway } from "./gateway.ts";
import { inTime } from "./in-time.ts";

export const ANSWER_WITHIN = 10_000;

export interface Outcome {
  /** The gateway's clock, when it was sent. */
  at: Instant;
  ms: Millis;
  code: number | null;
  /** Null: received. Otherwise in the words that the contract's retry header has. */
  reason: string | null;
  /** The same in more words, for the log. */
  detail: string | null;
  answer: string | null;
  retryAfter: Millis | null;
  /** The same, where it is the receiver that is not up to more, and not the event that is not up to it. */
  patience: Millis | null;
  /** The receiver asks for no more. */
  isGone: boolean;
}

export const endpointOf = ({ ring, door }: Gateway, profile: WebhookProfile): Endpoint => ({
  url: profile.url,
  secrets: secretsOf(ring, profile, door.now()),
});

export async function sendWebhook(
  gateway: Gateway,
  { url, secrets }: Endpoint,
  id: string,
  body: string,
  retry: { count: number; reason: string } | null,
): Promise<Outcome> {
  const { door } = gateway;
  const at = door.now();
  const wall = door.wall();
  const headers = headersOf({ id, url, body, secrets, wall, ...(retry && { retry }) });
  await gateway.reach?.("before call: webhook");
  const met = await answered(gateway, url, headers, body);
  await gateway.reach?.("after call: webhook");
  return { at, ms: Math.max(0, Math.round(door.wall() - wall)), ...met };
}

async function answered(
  gateway: Gateway,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<Omit<Outcome, "at" | "ms">> {
  return inTime(gateway.door, ANSWER_WITHIN, "no answer in time", async (signal) => {
    try {
      return read(await gateway.target.post(url, headers, body, signal), gateway.door.wall());
    } catch (error) {
      return failed(error, signal.aborted);
    }
  });
}

/** Too many requests, or out of service. */
const OVERLOADED = [429, 503];

function read({ status, headers, body }: Answered, wall: Instant): Omit<Outcome, "at" | "ms"> {
  const isReceived = status >= 200 && status < 300;
  const retryAfter = isReceived ? null : retryAfterOf(headers["retry-after"], wall);
  return {
    code: status,
    reason: isReceived ? null : `HTTP error: ${status}`,
    detail: isReceived ? null : `HTTP error: ${status}`,
    answer: body,
    retryAfter,
    patience: OVERLOADED.includes(status) ? retryAfter : null,
    isGone: status === 410,
  };
}

function failed(error: unknown, isLate: boolean): Omit<Outcome, "at" | "ms"> {
  const { code, message } = error as { code?: string; message?: string };
  const reason = isLate ? "Timeout" : "Could not connect";
  const why = error instanceof TargetForbidden ? message : (code ?? message);
  const detail = isLate || why === undefined ? reason : `${reason}: ${why}`;
  return { code: null, reason, detail, answer: null, retryAfter: null, patience: null, isGone: false };
}
