/** A command that reads what is secret, or changes who may do what, is on the audit log, however it ends. */
import { userInfo } from "node:os";
import { type Outcome, writeAudit } from "../store/audit.ts";
import type { Database } from "../store/database.ts";
import type { Given } from "./command.ts";

export async function audited<T>(
  { door }: Pick<Given, "door">,
  db: Database,
  action: string,
  objects: readonly string[] | ((done: T) => readonly string[]),
  work: () => Promise<T>,
): Promise<T> {
  const told = (outcome: Outcome, done: readonly string[]) =>
    writeAudit(db, door, [
      {
        at: door.wall(),
        via: "command",
        keyId: null,
        systemUser: nameOfUser(),
        action,
        objects: done,
        outcome,
        status: null,
        requestId: null,
      },
    ]);
  try {
    const done = await work();
    await told("done", typeof objects === "function" ? objects(done) : objects);
    return done;
  } catch (error) {
    await told("failed", typeof objects === "function" ? [] : objects).catch(() => undefined);
    throw error;
  }
}

/** A container's user may have no name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
