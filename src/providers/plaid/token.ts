/** The `Plaid-Verification` header: a JWT, read as far as it can be before anything of it is believed. */
import { z } from "zod";
import type { Incoming } from "../provider.ts";

const head = z.object({ alg: z.literal("ES256"), kid: z.string().regex(/^[\w-]{1,100}$/) });
const claims = z.object({ iat: z.number(), request_body_sha256: z.string().regex(/^[0-9a-fA-F]{64}$/) });

export interface Token {
  kid: string;
  /** Seconds. */
  iat: number;
  bodyHash: string;
  /** What the signature is over. */
  signed: string;
  signature: Buffer;
}

/** Null: no such header, or none of Plaid's form. Another algorithm is none of Plaid's, whatever it proves. */
export function tokenOf({ headers }: Incoming): Token | null {
  const parts = (headers["plaid-verification"] ?? "").split(".");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length !== 3 || third === "") return null;
  const [read, claimed] = [head.safeParse(json(first)), claims.safeParse(json(second))];
  if (!read.success || !claimed.success) return null;
  return {
    kid: read.data.kid,
    iat: claimed.data.iat,
    bodyHash: claimed.data.request_body_sha256.toLowerCase(),
    signed: `${first}.${second}`,
    signature: Buffer.from(third, "base64url"),
  };
}

function json(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    return null;
  }
}
