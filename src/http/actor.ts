/** Who sent a request, once it is known: what a door has admitted, and what is told of it afterwards. */
import type { FastifyRequest } from "fastify";
import type { Actor } from "../core/activity.ts";
import { covers, type Scope, SHOWS_NUMBERS } from "../core/scopes.ts";

/** What whoever asks may do. */
export interface Grant {
  scope: Scope;
  /** Null: this machine's own pages, which ask for no key. */
  keyId: string | null;
  via: "api" | "dashboard";
}

const admitted = new WeakMap<FastifyRequest, Actor>();
const granted = new WeakMap<FastifyRequest, Grant>();

export const admit = (request: FastifyRequest, actor: Actor): void => void admitted.set(request, actor);

/** Undefined: a stranger, who was turned away. */
export const actorOf = (request: FastifyRequest): Actor | undefined => admitted.get(request);

export const grant = (request: FastifyRequest, given: Grant): void => void granted.set(request, given);

/** Undefined: a stranger, or a customer with a connect token. */
export const grantOf = (request: FastifyRequest): Grant | undefined => granted.get(request);

export function seesNumbers(request: FastifyRequest): boolean {
  const scope = grantOf(request)?.scope;
  return scope !== undefined && covers(scope, SHOWS_NUMBERS);
}
