/** Who sent a request, once it is known: what a door has admitted, and what is told of it afterwards. */
import type { FastifyRequest } from "fastify";
import type { Actor } from "../core/activity.ts";

const admitted = new WeakMap<FastifyRequest, Actor>();

export const admit = (request: FastifyRequest, actor: Actor): void => void admitted.set(request, actor);

/** Undefined: a stranger, who was turned away. */
export const actorOf = (request: FastifyRequest): Actor | undefined => admitted.get(request);
