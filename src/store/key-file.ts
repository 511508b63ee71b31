/**
 * The key ring of an installation with the built-in database: made once, in the data folder, readable by its owner
 * alone. Without it the database's secrets can't be opened; it is to be backed up, apart from the database. A process
 * that runs takes up a new key as soon as the file has it: before each use it looks whether the file is another.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Door } from "../core/door.ts";
import { readRing, type Ring } from "./seal.ts";

export const keyFile = (folder: string): string => join(folder, "secret-keys");

export function readOrMakeRing(folder: string, door: Pick<Door, "random">): Ring {
  const path = keyFile(folder);
  if (!existsSync(path)) make(path, `main:${Buffer.from(door.random(32)).toString("base64")}\n`, door);
  chmodSync(path, 0o600);
  try {
    return living(path);
  } catch (error) {
    throw new Error(`The key ring ${path} can't be read: ${(error as Error).message}. Restore it from its backup.`, {
      cause: error,
    });
  }
}

/** Where the file is gone or spoilt, the keys that were read from it are kept: what runs goes on. */
function living(path: string): Ring {
  const look = () => {
    const { ino, mtimeMs, size } = statSync(path);
    return `${ino} ${mtimeMs} ${size}`;
  };
  let seen = look();
  let { keys } = readRing(readFileSync(path, "utf8").trim());
  return {
    get keys() {
      try {
        const now = look();
        if (now === seen) return keys;
        ({ keys } = readRing(readFileSync(path, "utf8").trim()));
        seen = now;
      } catch {}
      return keys;
    },
  };
}

/** A new key in front: from here on it seals. Answers its name. */
export function addKey(folder: string, door: Pick<Door, "random" | "wall">): string {
  const path = keyFile(folder);
  const text = readFileSync(path, "utf8").trim();
  const taken = new Set(readRing(text).keys.map(({ name }) => name));
  const day = new Date(door.wall()).toISOString().slice(0, 10);
  let name = day;
  for (let more = 2; taken.has(name); more++) name = `${day}-${more}`;
  replace(path, `${name}:${Buffer.from(door.random(32)).toString("base64")},${text}`, door);
  return name;
}

/** Takes a key out that seals nothing any more. */
export function dropKey(folder: string, name: string, door: Pick<Door, "random">): void {
  const path = keyFile(folder);
  const pairs = readFileSync(path, "utf8").trim().split(",");
  replace(path, pairs.filter((pair) => !pair.trim().startsWith(`${name}:`)).join(","), door);
}

/** Beside it, whole and on the disk. */
function drafted(path: string, text: string, door: Pick<Door, "random">): string {
  const draft = `${path}.${Buffer.from(door.random(4)).toString("hex")}`;
  const file = openSync(draft, "wx", 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  return draft;
}

const replace = (path: string, text: string, door: Pick<Door, "random">): void =>
  renameSync(drafted(path, `${text}\n`, door), path);

/** Whole or not at all, also through a crash; whoever comes second finds the first one's. */
function make(path: string, text: string, door: Pick<Door, "random">): void {
  const draft = drafted(path, text, door);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
}
