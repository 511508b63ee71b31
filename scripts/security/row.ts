/**
 * The rows of OWASP ASVS 5.0 (levels 1 and 2, a few of 3) that bite here, by their ids, each in our own words: what
 * holds, and where that is seen. `by`: tests; `in`: the place in the code or the page; `not`: why it does not hold.
 */
export interface Row {
  id: string;
  level: 1 | 2 | 3;
  asks: string;
  by?: readonly string[];
  in?: readonly string[];
  not?: string;
}
