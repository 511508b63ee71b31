/** Reads bodies: JSON in UTF-8, or nothing at all. */
import { Refusal } from "../core/refusal.ts";
import type { Api } from "./context.ts";

export function readBodies(app: Api): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^application\/(?:[\w.+-]+\+)?json\b/, { parseAs: "buffer" }, (request, body, done) => {
    try {
      refuseCharset(request.headers["content-type"] ?? "");
      done(null, parsed(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parsed(bytes: Buffer): unknown {
  // Some clients name a content type where they send no body.
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const what = error instanceof SyntaxError ? "valid JSON" : "UTF-8 text";
    throw new Refusal("BAD_REQUEST", `[body] is not ${what}; send one JSON object.`);
  }
}

/** JSON between systems is UTF-8 (RFC 8259); whoever says otherwise would be misread. */
function refuseCharset(type: string): void {
  const [, charset = "utf-8"] = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(type) ?? [];
  if (!/^(utf-?8|us-ascii)$/i.test(charset))
    throw new Refusal("UNSUPPORTED_MEDIA_TYPE", `[content-type] names the charset ${charset}; send JSON as UTF-8.`);
}
