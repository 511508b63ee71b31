// docs/bounds.md: every bound on size, depth, count and time, with the value that the code has.
import { ASKED } from "../bounds/asked.ts";
import type { Bound } from "../bounds/bound.ts";
import { DONE } from "../bounds/done.ts";
import { KEPT_BOUNDS } from "../bounds/kept.ts";

export const BOUNDS: readonly Bound[] = [...ASKED, ...DONE, ...KEPT_BOUNDS];

const SIZES = [
  [1024 ** 2, "MiB"],
  [1024, "KiB"],
] as const;
const TIMES = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
] as const;

/** In the largest unit that divides it. */
function inUnits(value: number, units: readonly (readonly [number, string])[], smallest: string): string {
  const [size, name] = units.find(([each]) => value >= each && value % each === 0) ?? [1, smallest];
  return `${(value / size).toLocaleString("en-US")} ${name}`;
}

export function valueOf({ value, unit }: Pick<Bound, "value" | "unit">): string {
  if (unit === "bytes") return inUnits(value, SIZES, "bytes");
  if (unit === "time") return inUnits(value, TIMES, "ms");
  const number = value.toLocaleString("en-US");
  return unit === "at most" ? number : `${number} ${unit}`;
}

const linked = (path: string): string => `[${path}](../${path})`;

const rowOf = (bound: Bound): string => {
  const value = `${valueOf(bound)}${bound.setting === undefined ? "" : ` (\`${bound.setting}\`)`}`;
  return `| ${bound.what} | ${value} | ${bound.seen} | ${linked(bound.in)} | ${bound.by ? linked(bound.by) : "–"} |`;
};

const tableOf = (bounds: readonly Bound[]): string => `| what | bound | who meets it | where | tested by |
|-|-|-|-|-|
${bounds.map(rowOf).join("\n")}`;

export const print = (): string => `<!-- Printed from scripts/bounds/ by \`npm run print\`: change it there. -->

# Bounds

Nothing that comes from outside is endless: ${BOUNDS.length} bounds on size, depth, count and time, each with the value
that the code itself has. How long each field of a request may be, and how many a list, is in the
[API's document](openapi.json), from the schemas that refuse what is longer. A bound with a setting can be moved by it;
its value here is the default.

## What others ask of the gateway

${tableOf(ASKED)}

## What the gateway asks of others, and its work

${tableOf(DONE)}

## What it keeps

${tableOf(KEPT_BOUNDS)}
`;
