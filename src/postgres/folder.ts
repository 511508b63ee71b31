// The data folder: who may use it, where the database and its socket lie in it, and the sentence for each way in which
// a folder can be wrong.

import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { alive } from "./liveness.ts";
import { codeOf, refusal } from "./refusal.ts";

/** Whom the server's processes run as. Null: the user that the gateway runs as. */
export type Identity = { uid: number; gid: number } | null;

export interface DataFolder {
  root: string;
  /** The server's own folder. */
  database: string;
  /** Where its socket lies. Nobody but its user and root can enter: that is the guard of the database. */
  sockets: string;
  identity: Identity;
  logFile: string;
}

/**
 * The server refuses to run as root. `nobody` would share the database with whatever else runs as nobody, so it gets a
 * number that no user has; below 65536, because a container may map no more than that.
 */
const SERVER_USER = 54432;

/** A socket's path is a field of 108 bytes, or 104, with a zero at its end (unix(7), Darwin's sys/un.h). */
const LONGEST_SOCKET = process.platform === "darwin" ? 103 : 107;
export const SOCKET_PORT = 5432;

/** The socket's name is the server's choice, by its port. */
export const socketIn = (folder: string): string => join(folder, `.s.PGSQL.${SOCKET_PORT}`);

const isRoot = (): boolean => process.getuid?.() === 0;

/** The folder to use where none is named: `data` in the checkout, unless the server's user could not enter it there. */
export function defaultFolder(checkout: string): string {
  const locked = isRoot() && closedTo({ uid: SERVER_USER, gid: SERVER_USER }, checkout) !== null;
  return locked ? "/var/lib/bowline" : join(checkout, "data");
}

export function openFolder(path: string): DataFolder {
  if (process.platform === "win32") {
    throw refusal(
      "The built-in database needs Unix sockets, which Node lacks on Windows: set DATABASE_URL to a server.",
    );
  }
  const root = make(resolve(path));
  const database = join(root, "postgres");
  const identity = identityFor(root, database);
  if (identity) {
    const closed = closedTo(identity, root);
    if (closed !== null) {
      throw refusal(
        `The database runs as user ${identity.uid}, who cannot enter ${closed}: ` +
          "set BOWLINE_DATA to a folder elsewhere, for example /var/lib/bowline.",
      );
    }
  }
  return { root, database, identity, sockets: socketFolder(root, identity), logFile: join(root, "postgres.log") };
}

function make(path: string): string {
  try {
    const first = mkdirSync(path, { recursive: true, mode: 0o755 });
    if (first !== undefined) {
      // What we made is passable whatever the umask says; what was there is left as its owner wants it.
      const mode = isRoot() ? 0o711 : 0o700;
      for (let made = path; made.length >= first.length; made = dirname(made)) chmodSync(made, mode);
    }
    const root = realpathSync(path);
    // Root's own folder has to let the server's user pass, not look.
    if (isRoot() && statSync(root).uid === 0) chmodSync(root, (statSync(root).mode & 0o7777) | 0o001);
    // Creating and removing is the one proof that this user may write here.
    mkdirSync(join(root, "run"), { recursive: true, mode: 0o700 });
    return root;
  } catch (error) {
    const why = { EACCES: "may not be written", EPERM: "may not be written", EROFS: "is read-only" }[codeOf(error)];
    const fault = why ?? `cannot be used (${codeOf(error) || String(error)})`;
    throw refusal(`The data folder ${path} ${fault}: make it writable, or set BOWLINE_DATA to another folder.`, error);
  }
}

/**
 * Removes what a killed start left half made. Its maker's number is in the name, because another start may be making
 * its own at this moment.
 */
export function removeAbandoned(parent: string, prefix: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const maker = Number.parseInt(name.slice(prefix.length), 10);
    if (maker !== process.pid && !alive(maker)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** Gives a tree to the server's user. */
export function handOver(path: string, identity: Identity): void {
  if (identity === null) return;
  const inside = readdirSync(path, { recursive: true, encoding: "utf8" });
  for (const entry of ["", ...inside]) lchownSync(join(path, entry), identity.uid, identity.gid);
}

function identityFor(root: string, database: string): Identity {
  const owner = statSync(database, { throwIfNoEntry: false });
  if (isRoot()) {
    // A database that an ordinary user made goes on as that user's, so that the user can start it again.
    return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : { uid: SERVER_USER, gid: SERVER_USER };
  }
  if (owner && owner.uid !== process.getuid?.()) {
    throw refusal(
      `The database in ${root} belongs to another user (${owner.uid}): ` +
        "start the gateway as the user who made it, or set BOWLINE_DATA to another folder.",
    );
  }
  return null;
}

/** The first folder on the way to `path` that `identity` may not pass, or null. */
export function closedTo(identity: Identity, path: string): string | null {
  if (identity === null) return null;
  const above = dirname(path);
  const closed = above === path ? null : closedTo(identity, above);
  if (closed !== null) return closed;
  const { mode, uid, gid } = statSync(path);
  const bit = uid === identity.uid ? 0o100 : gid === identity.gid ? 0o010 : 0o001;
  return (mode & bit) === 0 ? path : null;
}

/** A folder of mode 0700 that belongs to the server's user, with a path short enough for a socket in it. */
function socketFolder(root: string, identity: Identity): string {
  const inside = join(root, "run");
  const fits = Buffer.byteLength(socketIn(inside)) <= LONGEST_SOCKET;
  const name = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const path = fits ? inside : `/tmp/bowline-${name}`;
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  const owner = identity?.uid ?? process.getuid?.();
  const found = lstatSync(path);
  if (identity && found.isDirectory() && found.uid === 0) chownSync(path, identity.uid, identity.gid);
  const { uid, mode } = lstatSync(path);
  if (!found.isDirectory() || uid !== owner || (mode & 0o077) !== 0) {
    throw refusal(
      `${path}, where the database's socket has to lie, is not a private folder of user ${owner}: ` +
        (fits ? "remove it and start again." : "remove it, or set BOWLINE_DATA to a shorter path."),
    );
  }
  return path;
}
