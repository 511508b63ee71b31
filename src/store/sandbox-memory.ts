/** Where the fake banks remember: one document per key, changed one writer at a time. Not a table of the gateway's. */
import type { Database } from "./database.ts";

export interface SandboxMemory {
  change<T>(key: string, turn: (document: unknown) => { document: unknown; answer: T }): Promise<T>;
}

export const sandboxMemory = (db: Database): SandboxMemory => ({
  change: (key, turn) =>
    db.tx("sandbox memory", async (sql) => {
      await sql.run("insert into sandbox_memory values ($1, 'null') on conflict do nothing", [key]);
      const row = await sql.row<{ document: unknown }>(
        "select document from sandbox_memory where key = $1 for update", [key],
      );
      const { document, answer } = turn(row?.document ?? null);
      await sql.run("update sandbox_memory set document = $2 where key = $1", [key, JSON.stringify(document ?? null)]);
      return answer;
    }),
});
