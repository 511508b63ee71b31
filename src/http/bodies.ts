/** Reads bodies: JSON in UTF-8, or nothing at all. */
import { Refusal } from "../core/refusal.ts";
import type { Api } from "./context.ts";

export function readBodies(app: Api): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^application\/(?:[\w.+-]+\+)?json\b/, { parseAs: "buffer" }, (_request, body, done) => {
    try {
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
