/** Carries what the fake banks write to their application. Not part of any gateway that only real banks call. */
import { reschedule, type Task } from "../store/tasks.ts";
import { withCall } from "./call.ts";
import type { Gateway } from "./gateway.ts";

const POST_TIME = 10_000;

export async function postLetters(gateway: Gateway, task: Task): Promise<void> {
  const { letters, db } = gateway;
  const next = letters ? await withCall(gateway, POST_TIME, ({ fetch }) => letters(task.subject, fetch)) : null;
  await reschedule(db, task, next ?? Infinity, 0);
}
