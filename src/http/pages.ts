/** Sends what was built for the browser: in the coding it takes, and under a policy that lets nothing else in. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../core/refusal.ts";
import type { Pages } from "./context.ts";

const FOREVER = "public, max-age=31536000, immutable";
/** Asked for again each time, and answered with 304 where nothing has changed. */
const CHECKED = "public, no-cache";

/** Who may show a page in a frame of theirs; nobody: "'none'". */
export function policy(ancestors: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    `frame-ancestors ${ancestors}`,
  ].join("; ");
}

/** What every page answers with. The same words stand in the page for browsers that drop headers on a reload. */
export const pageHeaders = (ancestors: string): Record<string, string> => ({
  "content-security-policy": policy(ancestors),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin-allow-popups",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
});

/** `name` as in the folder of the build: "connect/index.html". */
export function sendPage(
  pages: Pages | null,
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
  headers: Record<string, string> = {},
): FastifyReply {
  if (pages === null)
    throw new Refusal("NOT_BUILT", "The pages are not built: run `npm run build`, or start by `npm start`.");
  const file = pages.get(name);
  if (!file) throw new Refusal("NOT_FOUND", "There is no such file; load the page again.");
  reply.headers({
    "x-content-type-options": "nosniff",
    ...headers,
    "content-type": file.type,
    "cache-control": file.immutable ? FOREVER : CHECKED,
    etag: file.tag,
    vary: "accept-encoding",
  });
  if (request.headers["if-none-match"] === file.tag) return reply.code(304).send();
  const coding = codingFor(request.headers["accept-encoding"]?.toString() ?? "", file.bodies);
  if (coding !== "identity") reply.header("content-encoding", coding);
  return reply.serializer((body: unknown) => body as string).send(file.bodies[coding]);
}

/** The smallest that the browser takes. */
function codingFor(accepted: string, bodies: { br?: Buffer; gzip?: Buffer }): "br" | "gzip" | "identity" {
  const takes = new Set(
    accepted
      .split(",")
      .map((one) => one.trim().toLowerCase())
      .filter((one) => !/;\s*q=0(\.0*)?$/.test(one))
      .map((one) => one.split(";")[0]),
  );
  if (bodies.br && takes.has("br")) return "br";
  return bodies.gzip && takes.has("gzip") ? "gzip" : "identity";
}
