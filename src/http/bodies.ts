/** Reads bodies: JSON in UTF-8, or nothing at all. */
import type { FastifyRequest } from "fastify";
import { Refusal } from "../core/refusal.ts";
import type { Api } from "./context.ts";

/** Deeper than any body of ours. What walks a body later does so step by step into it, and must come back. */
export const DEEPEST = 64;

const sizes = new WeakMap<FastifyRequest, number>();

/** How many bytes the request's body had. */
export const sizeOf = (request: FastifyRequest): number => sizes.get(request) ?? 0;

export function readBodies(app: Api): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^application\/(?:[\w.+-]+\+)?json\b/, { parseAs: "buffer" }, (request, body, done) => {
    try {
      refuseCharset(request.headers["content-type"] ?? "");
      sizes.set(request, body.length);
      done(null, parsed(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parsed(bytes: Buffer): unknown {
  // Some clients name a content type where they send no body.
  if (bytes.length === 0) return undefined;
  if (isDeep(bytes))
    throw new Refusal("BAD_REQUEST", `[body] is nested deeper than ${DEEPEST} levels; send a flatter one.`);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const what = error instanceof SyntaxError ? "valid JSON" : "UTF-8 text";
    throw new Refusal("BAD_REQUEST", `[body] is not ${what}; send one JSON object.`);
  }
}

const [QUOTE, ESCAPE] = [0x22, 0x5c];
const [OPEN, CLOSE] = [new Set(Buffer.from("[{")), new Set(Buffer.from("]}"))];

function isDeep(bytes: Buffer): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isText) {
      if (byte === ESCAPE) at++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (OPEN.has(byte)) {
      if (++depth > DEEPEST) return true;
    } else if (CLOSE.has(byte)) depth--;
  }
  return false;
}

/** JSON between systems is UTF-8 (RFC 8259); whoever says otherwise would be misread. */
function refuseCharset(type: string): void {
  const [, charset = "utf-8"] = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(type) ?? [];
  if (!/^(utf-?8|us-ascii)$/i.test(charset))
    throw new Refusal("UNSUPPORTED_MEDIA_TYPE", `[content-type] names the charset ${charset}; send JSON as UTF-8.`);
}
