/** What the operator has set up, as far as a provider can try it. */
export interface Setup {
  /** Where the gateway is reached from outside; null: nowhere. */
  publicUrl: string | null;
  /** Where customers come back to from their bank's page. */
  redirectUrl: string | null;
}

export interface Finding {
  /** False: something has to be mended, and the sentence says what and how. */
  well: boolean;
  sentence: string;
}
