/** What the activity log tells of: requests in and out, webhooks in and out, and the customer's steps in the widget. */
import type { Instant } from "./door.ts";

export const ACTIVITIES = {
  INBOUND_REQUEST: "a request to this API, with a key or a connect token that is known",
  OUTBOUND_REQUEST_SERVICE_PROVIDER: "a request to a service provider",
  INBOUND_REQUEST_WEBHOOK: "a service provider's webhook",
  OUTBOUND_REQUEST_WEBHOOK: "a try to deliver a webhook",
  WIDGET_EVENT: "a step of the customer in a session, what went wrong there included",
  INSTITUTION_CONNECTION_IMPORT_FAILED: "a connection that could not be imported",
} as const;

export type ActivityAction = keyof typeof ACTIVITIES;
export const ACTIVITY_ACTIONS = Object.keys(ACTIVITIES) as [ActivityAction, ...ActivityAction[]];

export interface Actor {
  type: "API_KEY" | "CUSTOMER" | "SERVICE_PROVIDER" | "GATEWAY";
  id: string | null;
  name: string | null;
}

/** One line of the log, as it is written. */
export interface Activity {
  at: Instant;
  action: ActivityAction;
  actor: Actor;
  provider?: string;
  customerId?: string;
  /** The application's own name, where the request told no id. */
  externalCustomerId?: string;
  connectionId?: string;
  providerConnectionId?: string;
  accountId?: string;
  /** Of the customer's own requests: it knows the connection. */
  sessionId?: string;
  requestId?: string;
  summary: Record<string, unknown>;
}

/** A line before it is written. */
export interface Noted extends Activity {
  /** Headers and bodies, masked when they are written. */
  detail(): unknown;
  /** Characters that it holds until then. */
  weight: number;
}

export interface Recorder {
  add(noted: Noted): void;
  /** All that was noted before is written, or dropped. */
  written(): Promise<void>;
}
