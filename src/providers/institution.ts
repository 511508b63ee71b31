/** What is asked of a provider's catalogue of banks, and what it says of one. */
import type { Product } from "../core/products.ts";

/** One institution, those that a search finds, or the catalogue from a place on: an empty page is its end. */
export interface InstitutionSearch {
  search?: string;
  ref?: string;
  offset?: number;
}

export interface InstitutionFact {
  ref: string;
  name: string;
  /** Other names that customers know it by. */
  aliases?: readonly string[];
  /** Host name or URL of its own site. */
  domain?: string;
  /** Further ones: where its customers log in, where it was before. */
  addresses?: readonly string[];
  countries: readonly string[];
  products: readonly Product[];
  /** A bank that is not real. */
  isTest: boolean;
  /** Larger is more popular. */
  rank: number;
}
