// Places that sound like places: made of parts, so that many of them are each other's near twins (Ashton, Ashford).

import type { Dice } from "./dice.ts";

export type Land = "US" | "CA" | "GB" | "DE" | "FR" | "ES" | "IT" | "SE" | "PL";

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);

const ENGLISH = words(`
  Ash Oak Elm Maple Cedar Birch Pine Willow Hazel Walnut Laurel Alder Brook Clear Stone Rock Sand Clay Iron
  Copper Silver Gold Red White Black Green Blue Fair Good High Long Broad Wood Mill Bridge Church King Queen
  Bishop Abbot Wolf Deer Elk Bear Fox Hawk Eagle Swan Crane Lamb Buck Marsh Moor Glen Dale North South East
  West Spring Summer Winter Harvest Wheat Rye Corn Apple Cherry Plum Berry Rose Thorn Fern Heather Clover Ivy
  Linden Har Hart Ken Win Wash Lex Bur Dan Mon Carl Craw Frank Jeffer Madi Hunting Farming Spar Clin Arling
  Hamil Ever Mead Cross New Old Butter Camp`);
const AMERICAN_ENDS = words(`ton ville field ford burg wood dale brook port mont view haven land ham ridge crest gate
  bury well mere hurst stead bend`);
const BRITISH_ENDS = words(`ton field ford ley ham wick combe minster mouth pool cester thorpe by worth bury bourne stow
  cliffe dean hithe`);

const GERMAN =
  words(`Mühl Grün Groß Schön Weiß Ober Unter Neu Alt Lang Stein Berg Wald Feld Bach Kirch König Herzog Brücken
  Linden Eichen Buchen Tannen Rosen Hirsch Wolfs Fuchs Bären Rhein Süd Nord West Ost Hoch Tief Sankt-Georgs Mark Burg
  Müns Lüne Würz Göt Düren Köster Böb Tü Heil Frei Mann Karls Ludwigs Friedrichs`);
const GERMAN_ENDS = words("heim hausen dorf stadt burg bach berg feld ingen brück furt münde walde rode stedt kirchen");

const FRENCH =
  words(`Mont Beau Belle Château Ville Pont Roche Champ Bourg Fontaine Val Grand Petit Neuf Vieux Noir Clair
  Font Chante Aigue Pierre Bois Saint-Rémy Saint-Étienne Sainte-Cécile Saint-Hilaire Saint-Benoît Trois-Rivières`);
const FRENCH_ENDS =
  words(`-sur-Mer -les-Bains -le-Château fort mont ville court -en-Forêt -du-Lac bourg vigne rive perche
  -la-Vallée roy clair`);

const SPANISH =
  words(`Villa Monte Puente Fuente Castro Torre Peña Río Campo Aldea Valle Santa-María San-Andrés Agua Piedra
  Roca Arroyo Cañada Laguna Mata`);
const SPANISH_ENDS = words(
  "nueva vieja blanca -del-Río -de-la-Sierra alta baja real -del-Mar franca seca verde -de-Peñón lobos mayor",
);

const ITALIAN = words(
  "Monte Castel Borgo Valle Ponte Rocca Torre Villa Acqua Campo Colle San-Marino Santa-Lucia Pieve",
);
const ITALIAN_ENDS = words(
  "alto forte vecchio nuovo bello chiaro rosso verde d'Arco di-Sopra di-Sotto lungo mare fiore",
);

const SWEDISH = words("Öster Väster Norr Söder Ny Gammel Sjö Älv Björk Gran Ek Sten Åker Kyrk Malm Hög");
const SWEDISH_ENDS = words("vik sund holm by köping hamn ås fors berga torp strand näs");

const POLISH = words("Dąbr Brzez Lip Zielon Biał Czarn Kamien Stary-Młyn Nowy-Gród Łąk Żur Śwież Wierzb Jawor");
const POLISH_ENDS = words("owo ów owice yn anka ica no awa ówka iec");

const join = (start: string, end: string): string => {
  // No letter three times, and no ending twice (Bergberg).
  if (start.toLowerCase() === end) return start;
  return start.at(-1) === end[0] && start.at(-2) === end[0] ? start + end.slice(1) : start + end;
};

const plain = (text: string): string => text.replaceAll("-", " ");

function american(dice: Dice): string {
  const place = join(dice.pick(ENGLISH), dice.pick(AMERICAN_ENDS));
  return dice.weighed<string>([
    [place, 62],
    [`North ${place}`, 3],
    [`South ${place}`, 2],
    [`West ${place}`, 3],
    [`Lake ${place}`, 4],
    [`Mount ${place}`, 3],
    [`Fort ${place}`, 3],
    [`Saint ${place}`, 2],
    [`${place} Falls`, 4],
    [`${place} Springs`, 4],
    [`${place} City`, 3],
    [`${place} Valley`, 4],
    [`${place} County`, 6],
  ]);
}

const british = (dice: Dice): string => {
  const place = join(dice.pick(ENGLISH), dice.pick(BRITISH_ENDS));
  return dice.weighed<string>([
    [place, 80],
    [`Great ${place}`, 6],
    [`${place} on Sea`, 5],
    [`${place} Regis`, 4],
    [`West ${place}`, 5],
  ]);
};

const MADE: Record<Land, (dice: Dice) => string> = {
  US: american,
  GB: british,
  CA: (dice) => (dice.chance(70) ? american(dice) : join(dice.pick(FRENCH), dice.pick(FRENCH_ENDS))),
  DE: (dice) => join(dice.pick(GERMAN), dice.pick(GERMAN_ENDS)),
  FR: (dice) => join(dice.pick(FRENCH), dice.pick(FRENCH_ENDS)),
  ES: (dice) => plain(join(dice.pick(SPANISH), dice.pick(SPANISH_ENDS))),
  IT: (dice) => plain(join(dice.pick(ITALIAN), dice.pick(ITALIAN_ENDS))),
  SE: (dice) => join(dice.pick(SWEDISH), dice.pick(SWEDISH_ENDS)),
  PL: (dice) => plain(join(dice.pick(POLISH), dice.pick(POLISH_ENDS))),
};

export const placeIn = (land: Land, dice: Dice): string => MADE[land](dice);
