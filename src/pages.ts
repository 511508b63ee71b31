/** The browser's pages as they were built, read once at the start: small enough to be kept in memory, compressed. */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { MESSAGE_DOMAINS } from "./core/compatibility.ts";
import type { PageFile, Pages } from "./http/context.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const DIST = fileURLToPath(new URL("../dist", import.meta.url));

/** Null: nothing was built. */
export function readPages(embedOrigins: readonly string[], folder = DIST): Pages | null {
  // What stands for {{name}} in the HTML.
  const fill = { "embed-origins": embedOrigins.join(" "), "message-domains": MESSAGE_DOMAINS.join(" ") };
  if (!existsSync(join(folder, "stamp"))) return null;
  const files = globSync("**/*.{html,js,css,svg}", { cwd: folder }).sort();
  return new Map(files.map((name) => [name.replaceAll("\\", "/"), readFile(join(folder, name), fill)]));
}

function readFile(path: string, fill: Readonly<Record<string, string>>): PageFile {
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  const bytes = readFileSync(path);
  const isPage = path.endsWith(".html");
  const identity = isPage ? Buffer.from(filled(bytes.toString(), fill)) : bytes;
  const beside = (end: string) => (existsSync(`${path}${end}`) ? readFileSync(`${path}${end}`) : undefined);
  const gzip = isPage ? gzipSync(identity) : beside(".gz");
  const br = isPage ? brotliCompressSync(identity) : beside(".br");
  return {
    type,
    immutable: /[/\\]assets[/\\]/.test(path),
    tag: `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`,
    bodies: { identity, ...(gzip && { gzip }), ...(br && { br }) },
  };
}

const filled = (html: string, fill: Readonly<Record<string, string>>): string =>
  html.replace(/\{\{([\w-]+)\}\}/g, (_, name: string) => escaped(fill[name] ?? ""));

const escaped = (value: string): string => value.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
