/** One question of a run to the provider, its trouble noted, within the time that the run has left. */
import type { Product } from "../core/products.ts";
import { type Answer, bad, type Verb } from "../providers/provider.ts";
import type { VerbName } from "./call.ts";
import { type Found, tell, type Work } from "./run.ts";

/** Asks, and notes the trouble of an answer that is not good. Too late is AGGREGATION_TIMEOUT. */
export async function ask<Input, Facts>(
  work: Work,
  found: Found,
  name: VerbName,
  verb: Verb<Input, Facts>,
  input: Input,
  product?: Product,
): Promise<Answer<Facts>> {
  const left = work.deadline - work.gateway.door.wall();
  const late = bad({
    scope: "connection",
    state: "UNDETERMINED/AGGREGATION_TIMEOUT",
    raw: { code: "RUN_OUT_OF_TIME" },
  });
  const answer = left <= 0 ? late : await work.calls.ask(name, verb, input, left);
  if (!answer.ok && !answer.trouble.restart) tell(found, answer.trouble, product);
  return answer;
}

/** Trouble of one product lets the others go on; anything larger ends the run. */
export const isOver = (answer: Answer<unknown>): boolean =>
  !answer.ok && !answer.trouble.unavailable && answer.trouble.scope !== "product" && answer.trouble.scope !== "account";
