// docs/security.md: the threat model, and the rows of OWASP ASVS 5.0 that bite here, each with where it is seen.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ACCESS_AND_KEYS } from "../security/access-and-keys.ts";
import { DATA_AND_LOGS } from "../security/data-and-logs.ts";
import { INPUT_AND_PAGES } from "../security/input-and-pages.ts";
import type { Row } from "../security/row.ts";

export const ROWS: readonly Row[] = [...INPUT_AND_PAGES, ...ACCESS_AND_KEYS, ...DATA_AND_LOGS];

/** Written by hand: it is no table. */
const MODEL = readFileSync(join(import.meta.dirname, "../security/threat-model.md"), "utf8");

const linked = (path: string): string => `[${path}](../${path})`;
const seen = ({ by = [], in: places = [], not }: Row): string =>
  [
    ...(places.length > 0 ? [places.map(linked).join(", ")] : []),
    ...(by.length > 0 ? [`tested by ${by.map(linked).join(", ")}`] : []),
    ...(not === undefined ? [] : [`**not so:** ${not}`]),
  ].join("; ");

export function print(): string {
  const open = ROWS.filter(({ not }) => not !== undefined).length;
  const lines = ROWS.map((row) => `| v5.0.0-${row.id} | ${row.level} | ${row.asks} | ${seen(row)} |`);
  return `<!-- Printed from scripts/security/ by \`npm run print\`: change it there. -->

# Security

${MODEL}
## OWASP ASVS 5.0

${ROWS.length} rows of levels 1 and 2 (some of 3) that bite here, in our own words, by their ids. ${open} hold in
part or not at all, and say why. What is not in the table has nothing here to bite: no passwords of customers are kept,
there is no upload, mail, XML, GraphQL, WebSocket or WebRTC.

| row | level | what is asked | where it is seen |
|-|-|-|-|
${lines.join("\n")}
`;
}
