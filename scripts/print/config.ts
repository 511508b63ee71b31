// docs/config.md: every setting, from the table that reads them.

import { SETTINGS } from "../../src/config.ts";

export function print(): string {
  const rows = Object.entries(SETTINGS).map(([name, { fallback, means, ...more }]) => {
    const notes = "isSecret" in more ? ["A secret."] : [];
    return `| \`${name}\` | ${fallback === "" ? "–" : `\`${fallback}\``} | ${[means, ...notes].join(" ")} |`;
  });
  return `<!-- Printed from src/config.ts by \`npm run print\`: change it there. -->

# Settings

All are read from the environment, once, at the start. A value that can't be read stops the start with a sentence that
names the setting and the mend, and so does a \`BOWLINE_…\` that is none of these.

| setting | default | means |
|-|-|-|
${rows.join("\n")}
`;
}
