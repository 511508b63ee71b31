/** Names and addresses in the one form in which they are compared: small letters without marks, words, host names. */

/** Letters that are no marked form of another in Unicode's eyes, but are to people. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};
/** How those who lack the key write it. */
const TWO_LETTERS: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", å: "aa", ø: "oe" };

const ORDINALS: ReadonlyMap<string, string> = new Map(
  "first second third fourth fifth sixth seventh eighth ninth tenth"
    .split(" ")
    .map((word, at) => [`${at + 1}${["st", "nd", "rd"][at] ?? "th"}`, word]),
);

const replaced = (text: string, letters: Readonly<Record<string, string>>): string =>
  text.replace(/[\u0080-\uffff]/g, (letter) => letters[letter] ?? letter);

const isAscii = (text: string): boolean => !/[\u0080-\uffff]/.test(text);

const plain = (text: string): string =>
  isAscii(text) ? text : replaced(text, LETTERS).normalize("NFKD").replace(/\p{M}/gu, "");

function wordsIn(small: string): string[] {
  const words = /^[a-z0-9 ]*$/.test(small) ? small.split(" ") : separated(small);
  return words.filter(Boolean).map((word) => ORDINALS.get(word) ?? word);
}

const separated = (small: string): string[] =>
  plain(small)
    // "people's" is one word, "d'Arco" two, as they are typed.
    .replace(/\b(d|l|dell|all|nell)['’`´]/g, "$1 ")
    .replace(/['’`´]/g, "")
    .replace(/[&+]/g, " and ")
    .split(/[^\p{L}\p{N}]+/u);

/** The words of a text. */
export const wordsOf = (text: string): string[] => wordsIn(small(text));

/** The words of a name, and of the other way in which it may be spelt. */
export function spellings(name: string): string[][] {
  const letters = small(name);
  if (isAscii(letters)) return [wordsIn(letters)];
  const other = replaced(letters, TWO_LETTERS);
  return other === letters ? [wordsIn(letters)] : [wordsIn(letters), wordsIn(other)];
}

/** What one catalogue writes and the next leaves out. */
const LEFT_OUT = /^(?:the|and|inc|corp|corporation|plc|ltd|limited|llc|na|eg|ag)$/;

/** What two catalogues call the same, where neither shortens: order and every other word count. */
export const nameKey = (name: string): string =>
  wordsOf(name.replace(/\bN\.\s?A\.?(?=\W|$)/i, "NA"))
    .filter((word) => !LEFT_OUT.test(word))
    .join(" ");

const small = (text: string): string =>
  isAscii(text) ? text.toLowerCase() : text.normalize("NFC").toLowerCase().normalize("NFC");

/** Parts of an address that name no bank. */
const SERVERS = new Set(
  "www ww1 www1 www2 web m mobile my online secure login signin portal banking ebanking".split(" "),
);

/** The host that a text names, if it looks like an address: without "www.", port, path and final dot. */
export function hostOf(text: string): string | null {
  const address = text.trim();
  const schemed = /^[a-z][a-z+.-]*:\/\//i.test(address);
  if (/\s/.test(address) || !(schemed || /^[^/?#]+\.\p{L}{2,}\.?(?::\d+)?(?:[/?#]|$)/u.test(address))) return null;
  const host = URL.parse(schemed ? address.replace(/^[^:]*/, "https") : `https://${address}`)?.hostname;
  if (!host || /^[\d.:[\]]+$/.test(host)) return null;
  return host.replace(/\.$/, "").replace(/^www\d?\.(?=.*\.)/, "");
}

/** The host and what it lies below, as far as two labels: `online.a.co.uk`, `a.co.uk`, `co.uk`. */
export function hostsAbove(host: string): string[] {
  const labels = host.split(".");
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
}

const SECOND_LEVEL = /^(?:co|com|org|net|gov|ac|edu)$/;

/** The part of a host that its owner chose: `ashtonfnb` of `online.ashtonfnb.com`. */
export function labelOf(host: string): string {
  const labels = host.split(".");
  labels.pop();
  if (labels.length > 1 && SECOND_LEVEL.test(labels.at(-1) ?? "")) labels.pop();
  while (labels.length > 1 && SERVERS.has(labels[0] ?? "")) labels.shift();
  return labels.join("").replaceAll("-", "");
}
