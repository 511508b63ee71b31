/**
 * The one way out for webhooks. Whoever names a URL, be it to save it, to test it or to deliver to it, is judged here:
 *
 * - the URL as it is written: its scheme, its port, no user and password, and a host that is an address;
 * - the addresses that its name has *when the connection is made*, inside the connector, so that the address that was
 *   judged is the address that is dialled and a name that changes its mind in between gains nothing;
 * - the address at the other end of the socket, once more, whichever way it came about.
 *
 * Redirects are never followed: a 3xx is an answer like another.
 */
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector, request } from "undici";
import { forbids, type Range } from "./addresses.ts";

/** All addresses of a name, as the system resolves it. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** The target must not be reached; the message says why. */
export class TargetForbidden extends Error {
  override name = "TargetForbidden";
}

export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The beginning of the body; the rest is not read. */
  body: string;
}

export interface Target {
  /** Null: it may be saved. Otherwise a sentence's end that says what is wrong and how to mend it. */
  problemOf(url: string): Promise<string | null>;
  /** Throws TargetForbidden before a byte is sent to where none may go. */
  post(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<Answered>;
  close(): Promise<void>;
}

/** Ports below this are other services'; only the web's are spoken to. */
const FIRST_FREE_PORT = 1024;
const WEB_PORTS = ["", "80", "443"];
export const MOST_BODY = 4096;
export const CONNECT_WITHIN = 10_000;

export function openTarget(allow: readonly Range[], resolve: Resolve): Target {
  // One question per name at a time. The system answers few at once, and each that hangs keeps others from being asked.
  const asked = new Map<string, Promise<readonly string[]>>();
  const addressesOf = (host: string): Promise<readonly string[]> => {
    const found = asked.get(host) ?? resolve(host).finally(() => asked.delete(host));
    asked.set(host, found);
    return found;
  };
  const lookup: LookupFunction = (host, options, tell) => {
    addressesOf(host).then(
      (found) => {
        const open = found.filter((address) => forbids(address, allow) === null);
        const [first] = open;
        if (first === undefined) tell(forbidden(host, found), "", 0);
        else if (options.all) {
          tell(
            null,
            open.map((address) => ({ address, family: isIP(address) })),
          );
        } else tell(null, first, isIP(first));
      },
      (error: NodeJS.ErrnoException) => tell(error, "", 0),
    );
  };
  const forbidden = (host: string, found: readonly string[]) =>
    new TargetForbidden(
      `leads to ${found.join(", ")}: ${found.map((one) => forbids(one, allow)).join(", ")}` + of(host),
    );
  const dial = buildConnector({ lookup, timeout: CONNECT_WITHIN });
  const agent = new Agent({
    keepAliveTimeout: 4_000,
    connections: 64,
    pipelining: 1,
    connect: (options, done) =>
      dial(options, (error, socket) => {
        if (error || !socket) return done(error ?? new Error("no socket"), null);
        const why = forbids(socket.remoteAddress ?? "", allow);
        if (why === null) return done(null, socket);
        socket.destroy();
        return done(new TargetForbidden(`leads to ${socket.remoteAddress}: ${why}`), null);
      }),
  });

  return {
    async problemOf(url) {
      const wrong = written(url, allow);
      if (wrong !== null) return wrong;
      const host = hostOf(new URL(url));
      if (isIP(host)) return null;
      // A name that does not resolve yet may do so when the first event comes; then it is judged again.
      const found = await addressesOf(host).catch(() => []);
      const isClosed = found.length > 0 && found.every((address) => forbids(address, allow) !== null);
      return isClosed ? `${forbidden(host, found).message}; ${MEND}` : null;
    },
    async post(url, headers, body, signal) {
      const wrong = written(url, allow);
      if (wrong !== null) throw new TargetForbidden(wrong);
      const answer = await request(url, { method: "POST", headers, body, signal, dispatcher: agent });
      return { status: answer.statusCode, headers: answer.headers, body: await beginning(answer.body) };
    },
    close: () => agent.destroy(),
  };
}

const MEND = "name a public address, or let the operator allow the range in BOWLINE_WEBHOOK_ALLOW";
const of = (host: string) => ` (${host})`;
const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, "");

/** What is wrong with the URL as it stands. Parsing folds decimal, octal, hexadecimal and short forms of addresses. */
function written(text: string, allow: readonly Range[]): string | null {
  // What parsing would quietly mend (spaces, backslashes, missing slashes) would be signed as it was written.
  const url = /^https?:\/\/[^\s\\/][^\s\\]*$/i.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (!url) return "must be an http or https URL; send one like https://example.com/hooks";
  if (url.username !== "" || url.password !== "")
    return "must not hold a user or password; check the signature instead";
  if (url.hash !== "") return "must not have a part behind #; leave it out";
  if (!WEB_PORTS.includes(url.port) && Number(url.port) < FIRST_FREE_PORT)
    return `must not lead to port ${url.port}; use 80, 443 or one from ${FIRST_FREE_PORT} on`;
  const host = hostOf(url);
  if (host === "") return "has no host; send one like https://example.com/hooks";
  const why = isIP(host) ? forbids(host, allow) : null;
  return why === null ? null : `leads to ${host}: ${why}; ${MEND}`;
}

/** As much of the body as is kept. An endless one is cut off, and one that breaks off does not undo its status. */
async function beginning(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length >= MOST_BODY) break;
    }
  } catch {
    // What came until then is kept.
  }
  // PostgreSQL keeps no NUL.
  return Buffer.concat(chunks).subarray(0, MOST_BODY).toString("utf8").replaceAll("\0", "�");
}
