// A house that counts all lines of the application together, by the minute.
import { MINUTE } from "../../../core/status/policy.ts";
import { asFields, refuse } from "./office.ts";
import type { Office, Reply } from "./office.ts";

/** One more call; a refusal where there is no room for it, else null. */
export async function crowd(office: Office, house: string, perMinute: number): Promise<Reply | null> {
  const minute = Math.floor(office.now / MINUTE);
  const count = await office.memory.change(`house/${house}`, (document) => {
    const known = asFields(document);
    const next = known?.["minute"] === minute ? Number(known["count"]) + 1 : 1;
    return { document: { minute, count: next }, answer: next };
  });
  return count > perMinute ? refuse("BANK-3002", { again: (minute + 1) * MINUTE }) : null;
}
