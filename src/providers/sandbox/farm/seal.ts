// Sittings, slips and grants carry their own meaning under the farm's seal, so that none of them has to be remembered.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Json } from "./memory.ts";

export interface Seal {
  close(kind: string, content: Json): string;
  /** What was closed under that kind, or null for anything that was not closed here. */
  open(kind: string, sealed: unknown): Json;
}

export function sealer(secret: string): Seal {
  const sign = (kind: string, text: string): Buffer => createHmac("sha256", secret).update(`${kind}.${text}`).digest();
  return {
    close(kind, content) {
      const text = Buffer.from(JSON.stringify(content)).toString("base64url");
      return `${kind}_${text}.${sign(kind, text).toString("base64url")}`;
    },
    open(kind, sealed) {
      if (typeof sealed !== "string" || !sealed.startsWith(`${kind}_`)) return null;
      const [text = "", signature = ""] = sealed.slice(kind.length + 1).split(".");
      const wanted = sign(kind, text);
      const given = Buffer.from(signature, "base64url");
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
      return JSON.parse(Buffer.from(text, "base64url").toString()) as Json;
    },
  };
}
