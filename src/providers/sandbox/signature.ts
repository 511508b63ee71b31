/**
 * How the farm signs what it posts: Ed25519 over the time, the full address and the body, by a key that goes by a name.
 * Both sides read it from here, as a real provider and its clients read one page of its documentation.
 */
export const SIGNATURE_HEADER = "x-farm-post";

export interface Signature {
  /** The key's name. */
  kid: string;
  /** Seconds, by real clocks. */
  at: number;
  sign: string;
}

export const signedText = (at: number, url: string, body: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${at}.${url}.`), Buffer.from(body)]);

export const writeSignature = ({ kid, at, sign }: Signature): string => `kid=${kid};at=${at};sign=${sign}`;

export function readSignature(header: string | undefined): Signature | null {
  const [, kid, at, sign] = /^kid=([\w-]{1,40});at=(\d{1,12});sign=([\w-]{1,200})$/.exec(header ?? "") ?? [];
  return kid && at && sign ? { kid, at: Number(at), sign } : null;
}
