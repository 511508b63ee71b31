/** Which action runs which kind of task. */
import { aggregate, probe } from "../actions/aggregate.ts";
import { deliver } from "../actions/deliver.ts";
import { finish } from "../actions/finish-link.ts";
import type { Gateway } from "../actions/gateway.ts";
import { hearWebhook } from "../actions/hear-webhook.ts";
import { readCatalogue } from "../actions/learn-institutions.ts";
import { postLetters } from "../actions/post-letters.ts";
import { revoke } from "../actions/revoke.ts";
import { sweep } from "../actions/sweep.ts";
import { Refusal } from "../core/refusal.ts";
import { tellOperator } from "../actions/tell-operator.ts";
import type { Task, TaskKind } from "../store/tasks.ts";

export const jobs = (gateway: Gateway): Record<TaskKind, (task: Task) => Promise<void>> => ({
  aggregate: (task) => aggregate(gateway, task),
  probe: (task) => probe(gateway, task),
  revoke: (task) => revoke(gateway, task),
  deliver: (task) => deliver(gateway, task),
  inbound: (task) => hearWebhook(gateway, task),
  letters: (task) => postLetters(gateway, task),
  sweep: (task) => sweep(gateway, task),
  catalogue: (task) => readCatalogue(gateway, task),
  tell: (task) => tellOperator(gateway, task),
  // A refusal is for whoever waits at the API; the task has already put itself where it belongs.
  finish: (task) =>
    finish(gateway, task).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
    }),
});
