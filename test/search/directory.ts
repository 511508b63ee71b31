// A directory of banks that do not exist, the size of a real one: the same few patterns over thousands of places, with
// namesakes in two states, twins by one letter, brands with numbers, names in nine countries. Nothing is copied.

import { type Dice, dice } from "./dice.ts";
import { type Land, placeIn } from "./places.ts";

export interface Listed {
  ref: string;
  name: string;
  aliases: string[];
  domain: string | null;
  countries: string[];
  /** Larger is more popular. */
  rank: number;
}

const SEED = 20_261_123;

/** How many of each country are made. */
const SHARES: readonly (readonly [Land, number])[] = [
  ["US", 15_600],
  ["CA", 1_100],
  ["GB", 1_100],
  ["DE", 1_500],
  ["FR", 500],
  ["ES", 450],
  ["IT", 450],
  ["SE", 200],
  ["PL", 200],
];

/** `@` is the place. How often out of all of its country. */
const PATTERNS: Record<Land, readonly (readonly [string, number])[]> = {
  US: [
    ["First National Bank of @", 7],
    ["First National Bank in @", 1],
    ["@ National Bank", 4],
    ["First State Bank of @", 3],
    ["@ State Bank", 6],
    ["Bank of @", 5],
    ["@ Bank", 4],
    ["@ Bank & Trust", 3],
    ["@ Bank and Trust Company", 2],
    ["@ Savings Bank", 3],
    ["@ Federal Savings Bank", 2],
    ["First Federal Savings and Loan Association of @", 2],
    ["@ Community Bank", 3],
    ["Community Bank of @", 2],
    ["Farmers State Bank of @", 2],
    ["Farmers & Merchants Bank of @", 3],
    ["Citizens National Bank of @", 2],
    ["Citizens Bank of @", 2],
    ["Peoples Bank of @", 2],
    ["Security State Bank of @", 1],
    ["Heritage Bank of @", 1],
    ["Merchants & Planters Bank of @", 1],
    ["Union Bank of @", 1],
    ["@ Federal Credit Union", 8],
    ["@ Credit Union", 5],
    ["@ Community Credit Union", 4],
    ["@ Community Federal Credit Union", 2],
    ["@ Area Federal Credit Union", 2],
    ["@ Teachers Credit Union", 2],
    ["@ Teachers Federal Credit Union", 1],
    ["@ Municipal Employees Credit Union", 2],
    ["@ Postal Employees Credit Union", 1],
    ["@ Firefighters Federal Credit Union", 2],
    ["@ Schools Federal Credit Union", 2],
    ["@ Healthcare Federal Credit Union", 1],
    ["@ Thrift & Loan", 1],
    ["%", 5],
  ],
  CA: [
    ["@ Credit Union", 8],
    ["@ Savings Credit Union", 3],
    ["@ and District Credit Union", 3],
    ["@ Community Credit Union", 2],
    ["Caisse populaire de @", 3],
    ["Caisse d'économie de @", 2],
    ["Bank of @", 1],
    ["%", 1],
  ],
  GB: [
    ["@ Building Society", 8],
    ["@ Permanent Building Society", 2],
    ["@ Bank", 3],
    ["Bank of @", 1],
    ["@ Savings Bank", 1],
    ["@ Credit Union", 4],
    ["@ & District Credit Union", 2],
    ["%", 1],
  ],
  DE: [
    ["Sparkasse @", 6],
    ["Stadtsparkasse @", 2],
    ["Kreissparkasse @", 3],
    ["Volksbank @ eG", 5],
    ["Raiffeisenbank @ eG", 4],
    ["VR-Bank @ eG", 3],
    ["Volksbank Raiffeisenbank @ eG", 2],
    ["Bankhaus @", 1],
  ],
  FR: [
    ["Banque de @", 3],
    ["Banque Coopérative de @", 2],
    ["Caisse Régionale de @", 3],
    ["Crédit Municipal de @", 2],
    ["Crédit Rural de @", 2],
  ],
  ES: [
    ["Caja Rural de @", 4],
    ["Banco de @", 2],
    ["Caja de Ahorros de @", 3],
    ["Cooperativa de Crédito de @", 1],
  ],
  IT: [
    ["Banca di @", 2],
    ["Banca Popolare di @", 3],
    ["Cassa di Risparmio di @", 3],
    ["Credito Cooperativo di @", 2],
  ],
  SE: [
    ["Sparbanken @", 3],
    ["@ Sparbank", 3],
    ["@ Härads Sparbank", 1],
  ],
  PL: [
    ["Bank Spółdzielczy w @", 5],
    ["@ Bank Rolny", 1],
  ],
};

const BRAND_STARTS = `Veri Alti Nova Lumi Pros Summi Hori Meri Bea Cresta Evo Orbi Vanta Zeni Kine Mira Solo Tera Uni
  Quanta Aero Cobal Delta Ember Frontie Gala Helio Indigo Jubi Kesto`.split(/\s+/);
const BRAND_ENDS = `dia tas terra zon vance con pero trust first one mont line way path star point well bridge count
  fund`.split(/\s+/);
const BRAND_KINDS = ["Bank", "Credit Union", "Federal Credit Union", "Financial", "Bancorp", "Bank, N.A.", "Savings"];
const ORDINALS = ["2nd", "3rd", "4th", "5th", "6th", "7th", "8th"];

function brand(dice: Dice): string {
  const name = dice.pick(BRAND_STARTS) + dice.pick(BRAND_ENDS);
  const kind = dice.pick(BRAND_KINDS);
  return dice.weighed<string>([
    [`${name} ${kind}`, 60],
    [`${name} ${dice.below(98) + 2} ${kind}`, 12],
    [`${dice.pick(["Bank", "Credit Union"])} ${dice.below(900) + 20}`, 8],
    [`${dice.pick(ORDINALS)} ${name} ${kind}`, 6],
    [`${name} ${dice.pick(["One", "Plus", "West", "Direct"])} ${kind}`, 14],
  ]);
}

const STATES = "Ohio Iowa Texas Kansas Georgia Indiana Oregon Maine Utah Idaho Alabama Montana Nebraska Virginia".split(
  " ",
);

const ENDINGS: Record<Land, readonly string[]> = {
  US: ["com", "com", "com", "com", "org", "net", "bank"],
  CA: ["ca", "ca", "com"],
  GB: ["co.uk", "co.uk", "com"],
  DE: ["de"],
  FR: ["fr"],
  ES: ["es"],
  IT: ["it"],
  SE: ["se"],
  PL: ["pl"],
};

/** As a webmaster would write it: without marks, German umlauts in two letters. */
const ascii = (text: string, land: Land): string =>
  (land === "DE" ? text.replace(/[äöü]/gi, (letter) => `${letter.normalize("NFD")[0]}e`) : text)
    .replaceAll("ß", "ss")
    .replaceAll(/[łŁ]/g, "l")
    .normalize("NFD")
    .replace(/\p{M}/gu, "");

/** The words of a name as people say them, in small letters without marks. */
export const spoken = (text: string, land: Land = "US"): string[] =>
  ascii(text, land)
    .toLowerCase()
    .replaceAll("&", " and ")
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

const LITTLE = ["of", "in", "and", "the", "de", "di", "w", "d", "eg"];

/** First letters, the little words aside: First National Bank of Ashton is FNBA. */
export const initialsOf = (name: string): string =>
  spoken(name)
    .filter((word) => !LITTLE.includes(word))
    .map((word) => word[0])
    .join("");

function address(name: string, land: Land, dice: Dice): string {
  const all = spoken(name, land);
  const long = all.filter((word) => !LITTLE.includes(word));
  const longest = long.toSorted((a, b) => b.length - a.length)[0] as string;
  const rest = initialsOf(long.filter((word) => word !== longest).join(" "));
  const label = dice.weighed<string>([
    [all.join(""), 25],
    [long.join(""), 20],
    [`${longest}${rest}`, 22],
    [`${rest}${longest}`, 12],
    [`my${longest}${rest}`, 7],
    [long.slice(0, 3).join("-"), 7],
    [`${initialsOf(name).toLowerCase()}online`, 4],
  ]);
  return `${label}.${dice.pick(ENDINGS[land])}`;
}

/** First the popular ones: the tenth has a tenth of the first one's people. */
const popularity = (place: number): number => Math.max(1, Math.round(1_000_000 / (place + 1)));

function shuffled(count: number, dice: Dice): number[] {
  const order = Array.from({ length: count }, (_, place) => place);
  for (let at = count - 1; at > 0; at--) {
    const other = dice.below(at + 1);
    [order[at], order[other]] = [order[other] as number, order[at] as number];
  }
  return order;
}

export function makeDirectory(): Listed[] {
  const roll = dice(SEED);
  const used: Used = { names: new Map(), domains: new Set() };
  const ranks = shuffled(
    SHARES.reduce((sum, [, count]) => sum + count, 0),
    roll,
  );
  const made: Listed[] = [];
  for (const [land, count] of SHARES) {
    for (let i = 0; i < count; i++) made.push(one(land, made.length, roll, used, popularity(ranks[made.length] ?? 0)));
  }
  return [...made, ...twins(made, used)];
}

/** The same kind of bank a county further, where the founders spelt differently. */
const RESPELT: readonly (readonly [RegExp, string])[] = [
  [/ton\b/, "town"],
  [/burg\b/, "burgh"],
  [/bury\b/, "berry"],
  [/ford\b/, "forde"],
  [/ham\b/, "holm"],
  [/mont\b/, "mount"],
  [/view\b/, "vue"],
  [/stead\b/, "sted"],
  [/dale\b/, "dell"],
  [/haven\b/, "havens"],
  [/heim\b/, "ham"],
  [/hausen\b/, "husen"],
  [/brück\b/, "brücken"],
];
const TWINS = 1_200;

function twins(made: readonly Listed[], used: Used): Listed[] {
  const roll = dice(SEED + 1);
  const found: Listed[] = [];
  while (found.length < TWINS) {
    const elder = roll.pick(made);
    const respelt = RESPELT.find(([ending]) => ending.test(elder.name));
    const name = respelt && elder.name.replace(...respelt);
    if (!name || used.names.has(name)) continue;
    const land = elder.countries[0] as Land;
    found.push(named(name, land, made.length + found.length, roll, used, popularity(roll.below(made.length))));
  }
  return found;
}

interface Used {
  names: Map<string, number>;
  domains: Set<string>;
}

function one(land: Land, number: number, dice: Dice, used: Used, rank: number): Listed {
  let name = "";
  do {
    const pattern = dice.weighed(PATTERNS[land]);
    name = pattern === "%" ? brand(dice) : pattern.replace("@", placeIn(land, dice));
    // A name may have one namesake: elsewhere, at an address of its own.
  } while ((used.names.get(name) ?? 0) >= (dice.chance(15) ? 2 : 1));
  return named(name, land, number, dice, used, rank);
}

function named(plain: string, land: Land, number: number, dice: Dice, used: Used, rank: number): Listed {
  let name = plain;
  used.names.set(name, (used.names.get(name) ?? 0) + 1);
  if (land === "US" && dice.chance(2)) name = `${name} (${dice.pick(STATES)})`;
  const aliases = [
    ...(dice.chance(25) ? [initialsOf(name).toUpperCase()] : []),
    ...(land === "US" && name.includes("Federal Credit Union") && dice.chance(30)
      ? [name.replace("Federal Credit Union", "FCU")]
      : []),
  ];
  let domain: string | null = address(name, land, dice);
  for (let n = 2; used.domains.has(domain); n++) domain = domain.replace(/^([^.]*?)\d*\./, `$1${n}.`);
  used.domains.add(domain);
  if (dice.chance(10)) domain = null;
  return { ref: `b${String(number).padStart(5, "0")}`, name, aliases, domain, countries: [land], rank };
}
