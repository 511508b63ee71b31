/** The dated version that a client may ask for, and that every answer names. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { VERSION, VERSION_HEADER, versionFor } from "../core/compatibility.ts";
import { Refusal } from "../core/refusal.ts";

const askedBy = ({ headers }: FastifyRequest): string | undefined => headers[VERSION_HEADER]?.toString();

export const answerVersion = (request: FastifyRequest, reply: FastifyReply): void =>
  void reply.header(VERSION_HEADER, versionFor(askedBy(request)) ?? VERSION);

/** After the key: a stranger is told nothing about the header. */
export async function refuseVersion(request: FastifyRequest): Promise<void> {
  if (versionFor(askedBy(request)) === null)
    throw new Refusal("BAD_REQUEST", `[${VERSION_HEADER}] is no date; send one like ${VERSION}, or leave it out.`);
}
