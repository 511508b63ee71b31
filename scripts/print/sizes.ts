// scripts/print/sizes.json: how large each package is on disk, so that the page about them is the same on a machine
// on which another platform's were installed.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const measured = (): Record<string, number> =>
  JSON.parse(readFileSync(join(import.meta.dirname, "sizes.json"), "utf8")) as Record<string, number>;

export async function print(): Promise<string> {
  const { readLock, sizesNow } = await import("./dependencies.ts");
  return `${JSON.stringify(sizesNow(readLock()), null, 2)}\n`;
}
