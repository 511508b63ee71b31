/** What a finish keeps of what it means to do and has done: in its task, sealed, from one named point to the next. */
import { DAY } from "../core/status/policy.ts";
import type { Linked } from "../providers/provider.ts";
import { lockCustomer } from "../store/customers.ts";
import { open, seal } from "../store/seal.ts";
import { SEALED } from "../store/sealed.ts";
import { countTry, holds, keepPayload, type Task } from "../store/tasks.ts";
import type { Gateway } from "./gateway.ts";
import type { Answered, Listed } from "./relink.ts";
import { LeaseLost } from "./run.ts";

/** What the task keeps, sealed. */
export interface Intent {
  sessionId: string;
  proof: Record<string, string>;
  /** Present once the exchange is over. */
  obtained?: { linked: Linked } | { credential?: string; said: Linked["statements"] };
  /** The provider connection that the signpost names; minted once. */
  providerConnectionId?: string;
  /** An earlier link of the same login was being ended when this one was obtained. */
  waited?: true;
  /** Of a relink: the accounts of the new link, and what the customer has said of them. */
  listed?: Listed[];
  answered?: Answered;
}

export const sealed = (gateway: Gateway, connectionId: string, intent: Intent) =>
  seal(gateway.ring, gateway.door, JSON.stringify(intent), SEALED.finish.row(connectionId));

export const intentOf = (gateway: Gateway, task: Task): Intent | null =>
  task.payload ? (JSON.parse(open(gateway.ring, task.payload, SEALED.finish.row(task.subject))) as Intent) : null;

/** The intent, before the call that can't be repeated. */
export const counted = (gateway: Gateway, task: Task): Promise<void> =>
  gateway.db.tx("intend", async (sql) => {
    if (!(await holds(sql, task))) throw new LeaseLost("intend");
    await countTry(sql, task);
  });

export const keep = (step: string, gateway: Gateway, task: Task, customerId: string, intent: Intent): Promise<void> =>
  gateway.db.tx(step, async (sql) => {
    await lockCustomer(sql, task.home, customerId);
    if (!(await holds(sql, task))) throw new LeaseLost(step);
    await keepPayload(sql, task, sealed(gateway, task.subject, intent));
  });

/** Soon at first: somebody is waiting. A provider is asked once a minute; a removal may take days. */
export const again = (attempt: number, most: number): number => Math.min(10_000 * 2 ** Math.min(attempt, 6), most);
/** How late a link may still be finished: longer than any provider keeps what it gave the customer. */
export const LATEST = DAY;
