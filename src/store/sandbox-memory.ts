/** Where the fake banks remember: one document per key, changed one writer at a time. Not a table of the gateway's. */
import type { Database } from "./database.ts";

/** `Document` is any JSON; what it means is the fake banks' own affair. */
export interface SandboxMemory<Document> {
  change<T>(key: string, turn: (document: Document) => { document: Document; answer: T }): Promise<T>;
}

export const sandboxMemory = <Document>(db: Database): SandboxMemory<Document> => ({
  change: (key, turn) =>
    db.tx("sandbox memory", async (sql) => {
      await sql.run("insert into sandbox_memory values ($1, 'null') on conflict do nothing", [key]);
      const row = await sql.row<{ document: Document }>(
        "select document from sandbox_memory where key = $1 for update",
        [key],
      );
      const before = (row?.document ?? null) as Document;
      const { document, answer } = turn(before);
      if (document === null) await sql.run("delete from sandbox_memory where key = $1", [key]);
      else if (document !== before)
        await sql.run("update sandbox_memory set document = $2 where key = $1", [key, JSON.stringify(document)]);
      return answer;
    }),
});
