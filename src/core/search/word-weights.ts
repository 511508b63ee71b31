/**
 * What a word tells of which bank is meant. Most names are a place or a brand among words that thousands share; those
 * are listed here, in the languages of the catalogues, and all others tell everything. The list is fixed, not counted
 * from the directory: so what a bank scores depends on the bank and the query alone, and pages keep their order while
 * banks come and go.
 */

const LITTLE = 0.06;
const KIND = 0.3;
export const COMMON = 0.5;
export const FULL = 1;

const LISTS: readonly (readonly [number, string])[] = [
  [
    LITTLE,
    `of the in and at for to a an de la le les du des d l et di del della dei da il lo el los las y e w i na u och og
    und von am an im zu eg ag ab as sa sc spa nv bv plc ltd llc inc corp co company eg mbh fi n a`,
  ],
  [
    KIND,
    `bank banks banking bancorp bancshares financial finance credit union unions federal savings saving loan loans trust
    association building society cooperative coop thrift fcu cu fsb ssb bs
    sparkasse stadtsparkasse kreissparkasse volksbank raiffeisenbank bankhaus vr
    banque caisse credito caja banco banca cassa risparmio popolare cooperativo cooperativa rural ahorros
    sparbank sparbanken populaire regionale bancaire spoldzielczy`,
  ],
  [
    COMMON,
    `first second third national state community citizens peoples farmers merchants planters security heritage
    american area county city valley springs falls lake mount fort saint st sainte san santa north south east
    west northern southern eastern western new great district permanent regis sea on teachers employees employee
    municipal postal firefighters schools school healthcare one plus direct online group mutual general central
    popular republic home land river economie province norte sur nord sud`,
  ],
];

const WEIGHTS: ReadonlyMap<string, number> = new Map(
  // What stands in two lists is what the later one says.
  LISTS.flatMap(([weight, words]) => words.split(/\s+/).map((word) => [word, weight] as const)),
);

export const weightOf = (word: string): number => WEIGHTS.get(word) ?? FULL;
