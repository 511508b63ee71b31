// docs/providers.md: what each provider can do, by the verbs that it has, and which rows its codes can report.

import type { Meaning } from "../../src/providers/meaning.ts";
import { isVerb } from "../../src/providers/held-verbs.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { STATES } from "../../src/core/status/table.ts";
import { CODES as PLAID_CODES } from "../../src/providers/plaid/codes.ts";
import { plaid } from "../../src/providers/plaid/plaid.ts";
import { CODES as SANDBOX_CODES } from "../../src/providers/sandbox/codes.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";

const HOUR = 3_600_000;

const PROVIDERS: readonly { provider: Provider; codes: Readonly<Record<string, Meaning>> }[] = [
  { provider: sandbox({ baseUrl: "", key: "" }), codes: SANDBOX_CODES },
  { provider: plaid({ clientId: "", secret: "", environment: "sandbox" }), codes: PLAID_CODES },
];

const verbsOf = (provider: Provider) =>
  Object.entries(provider).flatMap(([name, value]) => (isVerb(value) ? [[name, value] as const] : []));

export function print(): string {
  const names = PROVIDERS.map(({ provider }) => provider.name);
  const verbs = [...new Set(PROVIDERS.flatMap(({ provider }) => verbsOf(provider).map(([name]) => name)))];
  const cell = (provider: Provider, name: string) => {
    const verb = verbsOf(provider).find(([own]) => own === name)?.[1];
    return verb ? [verb.cost, verb.source, ...(verb.mayAsk ? ["may ask the customer"] : [])].join(", ") : "–";
  };
  const rows = (heads: readonly string[], body: readonly (readonly string[])[]) =>
    [heads, heads.map(() => "-"), ...body].map((line) => `| ${line.join(" | ")} |`).join("\n");
  const reported = (codes: Readonly<Record<string, Meaning>>, meaning: string) =>
    Object.keys(codes).filter((code) => codes[code] === meaning).length;
  const meanings = [...new Set(PROVIDERS.flatMap(({ codes }) => Object.values<string>(codes)))].sort(
    (a, b) => (STATES as readonly string[]).indexOf(a) - (STATES as readonly string[]).indexOf(b) || (a < b ? -1 : 1),
  );

  return `<!-- Printed from src/providers by \`npm run print\`: change it there. -->

# Providers

A provider says what it can do by having the verb. Cost: \`free\` may run on the cadence, \`billed\` only in a forced
refresh that names the product, \`once\` at link. Source: a good answer of the \`bank\` proves that the bank answered;
one of the provider's \`cache\` proves it only where the provider states no trouble beside it.

${rows(
  ["", ...names],
  [
    ["products", ...PROVIDERS.map(({ provider }) => provider.products.join(", "))],
    ["read every", ...PROVIDERS.map(({ provider }) => `${provider.cadence / HOUR} h`)],
    [
      "one call, one run at most",
      ...PROVIDERS.map(({ provider }) => `${provider.callTime / 1000} s, ${provider.runTime / 1000} s`),
    ],
    ["new connection id at every link", ...PROVIDERS.map(({ provider }) => (provider.newIdAtEveryLink ? "yes" : "no"))],
    ...verbs.map((verb) => [`\`${verb}\``, ...PROVIDERS.map(({ provider }) => cell(provider, verb))]),
  ],
)}

## How many codes mean what

The maps are \`src/providers/*/codes.ts\`. A code that is in no map is
\`UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE\`: kept, counted, and never healthy.

${rows(
  ["meaning", ...names],
  meanings.map((meaning) => [
    `\`${meaning}\``,
    ...PROVIDERS.map(({ codes }) => String(reported(codes, meaning) || "–")),
  ]),
)}
`;
}
