/**
 * Writes the audit log. An act is on it before its answer leaves, and a full account number before it is shown: where
 * the entry can't be written, whoever asked is told to ask again.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Instant } from "../core/door.ts";
import { kindOf } from "../core/ids.ts";
import { Refusal } from "../core/refusal.ts";
import { type Act, type Outcome, writeAudit } from "../store/audit.ts";
import { grantOf } from "./actor.ts";
import type { Api, Context } from "./context.ts";
import { together } from "./together.ts";

/** Of an answer so much is looked through for ids. */
const MOST = 64 * 1024;
export const MOST_IDS = 1000;
const ID = /\b[a-z]{3}_[1-9A-HJ-NP-Za-km-z]{22}\b/g;

const outcomeOf = (status: number): Outcome => (status < 400 ? "done" : status < 500 ? "refused" : "failed");

type Asked = Pick<Context, "gateway">;

/** Null: a customer, or a stranger; neither is somebody's key. */
function who(request: FastifyRequest) {
  const grant = grantOf(request);
  return grant && { via: grant.via, keyId: grant.keyId, systemUser: null, requestId: request.id };
}

const write = ({ gateway: { db, door } }: Asked, act: Act) => writeAudit(db, door, [{ ...act, at: door.wall() }]);

export function auditActs(app: Api, { gateway }: Asked): void {
  const { db, door } = gateway;
  const writeSoon = together((acts: readonly (Act & { at: Instant })[]) => writeAudit(db, door, acts));
  app.addHook("onSend", async (request, reply, payload) => {
    const by = who(request);
    if (!by || request.method === "GET" || request.method === "HEAD") return payload;
    const told = typeof payload === "string" ? payload.slice(0, MOST) : "";
    const status = reply.statusCode;
    const outcome = outcomeOf(status);
    try {
      const objects = idsIn(request.params, request.body, told);
      await writeSoon({ ...by, action: actionOf(request), objects, outcome, status, at: door.wall() });
    } catch (error) {
      if (outcome === "done") return unwritten(error, request, reply, door.now());
      request.log.error({ requestId: request.id, err: error }, "A refusal is not on the audit log.");
    }
    return payload;
  });
}

/** What was done stands, and is found when it is asked for again; that it was done must be known first. */
function unwritten(error: unknown, request: FastifyRequest, reply: FastifyReply, now: number): string {
  request.log.error({ requestId: request.id, err: error }, "An act is not on the audit log.");
  reply.code(503).headers({ "retry-after": 2, "content-type": "application/json; charset=utf-8" });
  reply.removeHeader("content-length");
  return JSON.stringify({
    code: "DATABASE_UNAVAILABLE",
    message: "The audit log can't be written now; ask again after Retry-After.",
    requestId: request.id,
    timestamp: new Date(now).toISOString(),
  });
}

/** Before the numbers are shown. */
export async function auditNumbers(
  asked: Asked,
  request: FastifyRequest,
  accounts: readonly { id: string; connectionIds: readonly string[] | null }[],
): Promise<void> {
  const by = who(request);
  if (!by) throw new Refusal("FORBIDDEN", "Full account numbers are shown to API keys alone.");
  if (accounts.length === 0) return;
  const objects = [...new Set(accounts.flatMap(({ id, connectionIds }) => [id, ...(connectionIds ?? [])]))];
  await write(asked, { ...by, action: "readAccountNumbers", objects, outcome: "done", status: 200 });
}

/** Somebody typed a key into the operator's pages, or ended that. Null: it was no key, and what it was is not kept. */
export const auditSession = (
  asked: Asked,
  request: FastifyRequest,
  action: "signIn" | "signOut",
  keyId: string | null,
) =>
  write(asked, {
    via: "dashboard",
    keyId,
    systemUser: null,
    action,
    objects: [],
    outcome: keyId === null ? "refused" : "done",
    status: keyId === null ? 401 : 200,
    requestId: request.id,
  });

function actionOf({ routeOptions, method }: FastifyRequest): string {
  const id = routeOptions.schema?.operationId;
  return id ?? `${method} ${routeOptions.url ?? ""}`;
}

/** The ids that it was about, as they were sent and answered: ids alone, whatever else stands beside them. */
function idsIn(...parts: unknown[]): string[] {
  const found = parts.flatMap(
    (part) =>
      (JSON.stringify(part ?? null)
        .slice(0, MOST)
        .match(ID) ?? []) as string[],
  );
  return [...new Set(found)].filter((id) => kindOf(id) !== null).slice(0, MOST_IDS);
}
