// What comes over a socket where a provider's answer should: each row is written as it is, byte by byte.
import { createHash } from "node:crypto";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";

/** How it is written; `late` says that the time of the call is over. */
export type Act = (socket: Socket, parts: { asked: string; inside: string; late: () => void }) => void;

const head = (more: string, status = "200 OK") =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nconnection: close\r\n${more}\r\n`;
const says =
  (body: string | Uint8Array, more = "", status?: string): Act =>
  (socket) => {
    socket.write(head(`content-length: ${Buffer.byteLength(body)}\r\n${more}`, status));
    socket.end(body);
  };
const raw =
  (text: string): Act =>
  (socket) =>
    void socket.end(text);
const forEver =
  (first: string, chunk: Uint8Array | string): Act =>
  (socket) => {
    socket.write(first);
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on("drain", more);
    more();
  };
/** So many bytes, one at a time; then the time is over. */
const drips =
  (first: string, piece: string): Act =>
  (socket, { late }) => {
    socket.write(first);
    let left = 40;
    const more = (): void => {
      if (socket.destroyed) return;
      if (left-- === 0) return late();
      socket.write(piece, () => setImmediate(more));
    };
    more();
  };

/** The same bytes at every run. */
const noise = (bytes: number): Buffer => createHash("shake256", { outputLength: bytes }).update("noise").digest();

const MEGABYTE = 1024 * 1024;
const zeros = Buffer.alloc(16 * MEGABYTE);
const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const zipped = (kind: string, body: Uint8Array) => says(body, `content-encoding: ${kind}\r\n`);
const redirect =
  (status: string): Act =>
  (socket, parts) =>
    says("{}", `location: ${parts.inside}\r\n`, status)(socket, parts);

export const OUT: Readonly<Record<string, Act>> = {
  "no answer": raw(""),
  "another protocol": raw("SSH-2.0-OpenSSH_9.6\r\n"),
  noise: (socket) => void socket.end(noise(4096)),
  "a head cut short": raw("HTTP/1.1 200 OK\r\ncontent-le"),
  "a status that is none": raw("HTTP/1.1 abc OK\r\n\r\n"),
  "a head of a megabyte": raw(head(`x-a: ${"a".repeat(MEGABYTE)}\r\n`)),
  "a head without an end": forEver("HTTP/1.1 200 OK\r\n", "x-a: b\r\n".repeat(1000)),
  "another protocol agreed on": raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
  "a status beyond all": says("{}", "", "999 Odd"),
  "a status in other letters": says("{}", "", "200 \u4f60\u00e3"),
  "a length that is none": raw(head("content-length: many\r\n")),
  "two lengths": raw(`${head("content-length: 2\r\ncontent-length: 3\r\n")}{}}`),
  "a length too long": raw(`${head("content-length: 500\r\n")}{"reply":`),
  "a length too short": raw(`${head("content-length: 3\r\n")}{"reply":{}}`),
  "a length without bounds": raw(`${head("content-length: 999999999999\r\n")}{`),
  "a length and chunks": raw(`${head("content-length: 5\r\ntransfer-encoding: chunked\r\n")}2\r\n{}\r\n0\r\n\r\n`),
  "chunks that are none": raw(`${head("transfer-encoding: chunked\r\n")}zz\r\n{}\r\n`),
  "chunks without an end": raw(`${head("transfer-encoding: chunked\r\n")}2\r\n{}\r\n`),
  "a chunk without bounds": raw(`${head("transfer-encoding: chunked\r\n")}fffffffffffffffff\r\n{`),
  "a reset in the body": (socket) => {
    socket.write(`${head("content-length: 500\r\n")}{"reply":`, () => socket.resetAndDestroy());
  },
  "a body without an end": forEver(head(""), Buffer.alloc(64 * 1024, "[")),
  "chunks for ever": forEver(head("transfer-encoding: chunked\r\n"), `10000\r\n${" ".repeat(65_536)}\r\n`),
  // A gigabyte in a megabyte.
  "a bomb of gzip": zipped("gzip", Buffer.concat(Array<Buffer>(64).fill(gzipSync(zeros)))),
  "a bomb of deflate": zipped("deflate", deflateSync(Buffer.alloc(64 * MEGABYTE))),
  "a bomb of brotli": zipped("br", brotliCompressSync(Buffer.alloc(64 * MEGABYTE), quick)),
  "gzip in gzip": zipped("gzip, gzip", gzipSync(gzipSync(zeros))),
  "gzip that is none": zipped("gzip", Buffer.from('{"reply":{}}')),
  "deflate that is none": zipped("deflate", noise(300)),
  "brotli that is none": zipped("br", noise(300)),
  "gzip cut short": zipped("gzip", gzipSync('{"reply":{}}').subarray(0, 14)),
  "an encoding that nobody knows": zipped("rot13", Buffer.from('{"reply"')),
  "gzip of nothing": zipped("gzip", Buffer.alloc(0)),
  "moved for good": redirect("301 Moved"),
  "moved for now": redirect("302 Found"),
  "moved with the body": redirect("307 Temporary Redirect"),
  HTML: says("<html>Back soon.</html>", "content-type: text/html\r\n"),
  "what was asked, as HTML": (socket, parts) => says(`<pre>${parts.asked}</pre>`)(socket, parts),
  "what was asked, as an error": (socket, parts) => says(parts.asked, "", "500 Oops")(socket, parts),
  "an empty 200": says(""),
  "a 204": raw("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"),
  "a 205 with a body": says("{}", "", "205 Reset"),
  "a 304": raw("HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n"),
  "a mark before it": says("\uFEFF{}"),
  "UTF-16": says(Buffer.from('\uFEFF{"reply":{}}', "utf16le"), "content-type: application/json; charset=utf-16\r\n"),
  "bytes of no text": says(Buffer.from([0x7b, 0xff, 0xfe, 0x80, 0x7d])),
  "3 MB of depth": says("[".repeat(1.5 * MEGABYTE) + "]".repeat(1.5 * MEGABYTE)),
  "3 MB of depth in a reply": says(`{"reply":${"[".repeat(MEGABYTE)}${"]".repeat(MEGABYTE)}}`),
  "depth with half a character": says(`{"reply":${'["\\ud800",'.repeat(90_000)}1${"]".repeat(90_000)}}`),
  "a prototype": says('{"__proto__":{"reply":{"isAdmin":true}},"constructor":{"prototype":{"isAdmin":true}}}'),
  "numbers beyond number": says('{"reply":{"accounts":[{"ledger":1e999}]},"accounts":[{"balances":1e999}]}'),
  NaN: says('{"reply":{"accounts":NaN}}'),
};

export const LATE: Readonly<Record<string, Act>> = {
  silence: (_socket, { late }) => late(),
  "a head, drop by drop": drips("HTTP/1.1 200 OK\r\nx-a: ", "a"),
  "a body, drop by drop": drips(head("content-length: 100000\r\n"), " "),
  "a promise to go on, again and again": drips("", "HTTP/1.1 102 Processing\r\n\r\n"),
};

/** A server that reads a request and then does as it is told. */
export async function openWire() {
  const told = { act: raw(""), late: () => {}, inside: 0 };
  const sockets = new Set<Socket>();
  const listen = async (react: (socket: Socket) => void) => {
    const server = createServer((socket) => {
      sockets.add(socket);
      // Whoever is cut off while it writes has been heard enough.
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
      react(socket);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };
  const inside = await listen((socket) => {
    told.inside += 1;
    socket.destroy();
  });
  let written = 0;
  const outside = await listen((socket) => {
    socket.on("close", () => {
      written = socket.bytesWritten;
    });
    socket.once("data", (asked) =>
      told.act(socket, { asked: asked.toString(), inside: inside.url, late: () => told.late() }),
    );
  });
  return {
    url: outside.url,
    told,
    written: () => written,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([inside, outside].map(({ server }) => new Promise((closed) => server.close(closed))));
    },
  };
}
