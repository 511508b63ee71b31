// `npm run new-provider -- NAME`: writes what a provider begins as: a file for each verb, its codes as data, settings,
// a server that plays it, and the conformance suite over all of it. What the suite fails with says what to do next.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

const ROOT = dirname(import.meta.dirname);
const TEMPLATES = join(import.meta.dirname, "new-provider");

const [name = "", ...more] = process.argv.slice(2);

function canBeNamed(word: string): boolean {
  try {
    return new Script(`"use strict"; const ${word} = 0;`).cachedDataRejected !== true;
  } catch {
    return false;
  }
}

function refuse(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || more.length > 0)
  refuse("Name one provider in small letters, hyphens between words: npm run new-provider -- tin-bank");
if (existsSync(join(ROOT, "src", "providers", name)))
  refuse(`src/providers/${name} is there already: go on in it, or name another.`);

const words = name.split("-");
const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
const pascal = words.map(capital).join("");
const camel = `${pascal.slice(0, 1).toLowerCase()}${pascal.slice(1)}`;
// What the language or its objects keep for themselves can be no name of a file's export.
if (camel in {} || !canBeNamed(camel)) refuse(`"${name}" is a word of the language: add one, like ${name}-bank.`);
const wire = words.join("_").toUpperCase();
/** As a key of an object. */
const typed = name === camel ? name : JSON.stringify(name);
const NAMES: Record<string, string> = {
  name,
  camel,
  Pascal: pascal,
  Title: words.map(capital).join(" "),
  WIRE: wire,
};

const VERBS = ["client", "codes", "start-link", "finish-link", "read-accounts", "read-transactions", "remove", "check"];
/** From which template, where to. */
const FILES: readonly [template: string, path: string][] = [
  ["provider.ts", `src/providers/${name}/${name}.ts`],
  ...VERBS.map((verb): [string, string] => [`${verb}.ts`, `src/providers/${name}/${verb}.ts`]),
  ["of.ts", `src/${name}-of.ts`],
  ["fixture.ts", `test/providers/${name}/fixture.ts`],
  ["conformance.test.ts", `test/providers/${name}/conformance.test.ts`],
];

/** Where the house hears of it: `added` stands before or after `anchor`. */
interface Edit {
  path: string;
  anchor: RegExp;
  becomes: string;
}
const EDITS: readonly Edit[] = [
  {
    path: "src/providers/provider.ts",
    anchor: /(SERVICE_PROVIDERS = \[[^\]]*)\]/,
    becomes: `$1, "${wire}"]`,
  },
  {
    path: "src/config.ts",
    anchor: /^ {2}BOWLINE_SPECS: /m,
    becomes:
      `  ${wire}_URL: setting("", "Where ${NAMES["Title"]}'s API is. ` +
      `Set with ${wire}_KEY, it is switched on.", address),\n` +
      `  ${wire}_KEY: setting("", "${NAMES["Title"]}'s key.", optional, secret),\n$&`,
  },
  {
    path: "src/real-providers.ts",
    anchor: /^import \{ plaidOf \}/m,
    becomes: `import { ${camel}Of } from "./${name}-of.ts";\n$&`,
  },
  {
    path: "src/real-providers.ts",
    anchor: /^ {2}plaid: .*\n/m,
    becomes: `$&  ${typed}: { keys: "${wire}_URL and ${wire}_KEY", of: ${camel}Of },\n`,
  },
  {
    path: "scripts/print/providers.ts",
    anchor: /^import \{ CODES as PLAID_CODES \}/m,
    becomes:
      `import { CODES as ${wire}_CODES } from "../../src/providers/${name}/codes.ts";\n` +
      `import { ${camel} } from "../../src/providers/${name}/${name}.ts";\n$&`,
  },
  {
    path: "scripts/print/providers.ts",
    anchor: /^ {2}\{ provider: plaid\(.*\n/m,
    becomes: `$&  { provider: ${camel}({ baseUrl: "", key: "" }), codes: ${wire}_CODES },\n`,
  },
];

for (const [template, path] of FILES) {
  const text = readFileSync(join(TEMPLATES, `${template}.txt`), "utf8");
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(
    join(ROOT, path),
    text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => NAMES[key] ?? ""),
  );
  console.log(`wrote    ${path}`);
}
for (const { path, anchor, becomes } of EDITS) {
  const text = readFileSync(join(ROOT, path), "utf8");
  if (!anchor.test(text))
    refuse(`${path} has changed: enter the provider there by hand, as the others are, at ${anchor.source}.`);
  writeFileSync(join(ROOT, path), text.replace(anchor, becomes));
  console.log(`entered  ${path}`);
}

/** A step that fails is told, and left to the reader: the files are there. */
function step(args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) console.error(`This failed, run it by hand: node ${args.join(" ")}`);
}
const touched = [...FILES.map(([, path]) => path), ...EDITS.map(({ path }) => path)];
step(["node_modules/@biomejs/biome/bin/biome", "format", "--write", ...new Set(touched)]);
step(["scripts/print.ts"]);

console.log(`
${NAMES["Title"]} is here, and passes the types, the linter and the rules of the house. Now ask the suite what is next:

  npm test -- providers/${name}

docs/guides/write-a-provider.md goes the whole way.`);
