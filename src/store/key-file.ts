/**
 * The key ring of an installation with the built-in database: made once, in the data folder, readable by its owner
 * alone. Without it the database's secrets can't be opened; it is to be backed up, apart from the database.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
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
    return readRing(readFileSync(path, "utf8").trim());
  } catch (error) {
    throw new Error(`The key ring ${path} can't be read: ${(error as Error).message}. Restore it from its backup.`, {
      cause: error,
    });
  }
}

/** Whole or not at all, also through a crash; whoever comes second finds the first one's. */
function make(path: string, text: string, door: Pick<Door, "random">): void {
  const draft = `${path}.${Buffer.from(door.random(4)).toString("hex")}`;
  const file = openSync(draft, "wx", 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
}
