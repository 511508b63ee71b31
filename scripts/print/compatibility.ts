// docs/compatibility.md: the contract's routes, fields, filters, events and headers, and what of them is here.

import {
  ANSWER_HEADERS,
  DELIVERY_HEADERS,
  ENVELOPE,
  ERROR_BODY,
  EVENTS,
  PAYLOAD,
  REQUEST_HEADERS,
  RULES,
} from "../../src/core/contract/events.ts";
import { OBJECTS } from "../../src/core/contract/objects.ts";
import { BESIDE, type Operation, OPERATIONS } from "../../src/core/contract/operations.ts";
import { type Row, VERDICTS } from "../../src/core/contract/row.ts";

const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [heads, heads.map(() => "-"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const rowsOf = (what: string, rows: readonly Row[]) =>
  table(
    [what, "", "why"],
    rows.map(([name, is, why = ""]) => [`\`${name}\``, is, why]),
  );

const wordsOf = (rows: readonly Row[]) =>
  table(
    ["rule", "", "why"],
    rows.map(([name, is, why = ""]) => [name, is, why]),
  );

const answerOf = ({ object, list, answer = [] }: Operation) => {
  const shape = object === undefined ? [] : [list === undefined ? object : `\`${list}\`: list of ${object}`];
  return [...shape, ...answer.map(([name]) => `\`${name}\``)].join(", ");
};

/** The same for all requests of a kind, and so told once: what is not the same. */
const partsOf = ({ route, query = [], body = [], answer = [] }: Operation) =>
  [...query, ...body, ...answer].filter(([, is]) => is !== "same").map((row) => [route, row] as const);

export function print(): string {
  const all = [
    ...OPERATIONS.flatMap(({ is, query = [], body = [], answer = [] }) => [
      is,
      ...[...query, ...body, ...answer].map(([, verdict]) => verdict),
    ]),
    ...[...Object.values(OBJECTS).flat(), ...EVENTS, ...ENVELOPE, ...PAYLOAD, ...REQUEST_HEADERS].map(([, is]) => is),
    ...[...ANSWER_HEADERS, ...DELIVERY_HEADERS, ...ERROR_BODY, ...RULES].map(([, is]) => is),
  ];
  const counted = VERDICTS.map((is) => `${all.filter((one) => one === is).length} ${is}`).join(", ");
  return `<!-- Printed from src/core/contract by \`npm run print\`: change it there. -->

# Compatibility

A client of the published API that this gateway is compatible with works by changing its base URL and its key. This
page is the whole of that contract, row by row: **same**, **extended** (the same, with more beside it), **different**
(there, in another way), **ignored** (it may be sent, and nothing comes of it) or **absent** (a request for it answers
501 and says what to do instead; of an answer, it is not in it). A test walks it and asks a running gateway for every
row.

In all: ${counted}.

## Requests

${table(
  ["request", "", "in the query or body", "answers", "why"],
  OPERATIONS.map((one) => [
    `\`${one.route}\``,
    one.is,
    [...(one.query ?? []), ...(one.body ?? [])].map(([name]) => `\`${name}\``).join(", "),
    answerOf(one),
    one.why ?? "",
  ]),
)}

What of their parts is not the same:

${table(
  ["request", "part", "", "why"],
  OPERATIONS.flatMap(partsOf).map(([route, [name, is, why = ""]]) => [`\`${route}\``, `\`${name}\``, is, why]),
)}

What there is beside the contract:

${table(
  ["request", "for"],
  BESIDE.map(([route, what]) => [`\`${route}\``, what]),
)}

## Objects

${Object.entries(OBJECTS)
  .map(([name, rows]) => `### ${name}\n\n${rowsOf("field", rows)}`)
  .join("\n\n")}

### Errors

${rowsOf("field", ERROR_BODY)}

## Webhooks

${rowsOf("event", EVENTS)}

Of every event:

${rowsOf("field", ENVELOPE)}

In every \`payload\` of a connection's:

${rowsOf("field", PAYLOAD)}

## Headers

Of a request:

${rowsOf("header", REQUEST_HEADERS)}

Of every answer:

${rowsOf("header", ANSWER_HEADERS)}

Of every delivery:

${rowsOf("header", DELIVERY_HEADERS)}

## Rules

${wordsOf(RULES)}
`;
}
