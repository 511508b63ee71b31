/** Whom a token of an account is made for. */
import type { Processor } from "../core/processors.ts";

export interface ProcessorTokenAsked {
  accountRef: string;
  processor: Processor;
}
