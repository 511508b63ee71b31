/**
 * Amounts on the wire: JSON numbers, as clients of the contract expect them, written digit by digit from the decimal
 * text that is kept. No float comes in between, so what a bank said is what a client's decimal type reads.
 */
import { z } from "zod";
import type { Decimal } from "../core/money.ts";

/** A piece of JSON that `JSON.stringify` writes as it stands (ECMAScript proposal "JSON.parse source text access"). */
interface RawJson {
  readonly rawJSON: string;
}

const json = JSON as unknown as { rawJSON(text: string): RawJson; isRawJSON(value: unknown): value is RawJson };

export const amount = z
  .custom<RawJson>((value) => json.isRawJSON(value))
  .meta({ type: "number", description: "Exact: the bank's decimal, digit by digit.", examples: [1234.5] });

export const rendered = (value: Decimal): RawJson => json.rawJSON(value.replace(/^(-?)0+(?=\d)/, "$1"));
export const renderedOrNull = (value: Decimal | null): RawJson | null => (value === null ? null : rendered(value));
