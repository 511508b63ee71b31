// Writes the printed pages: what the code already says, said once more for readers. `npm run print` writes them;
// `npm run print -- --check` writes nothing, names the stale ones and fails, which keeps them true in CI.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A page's module says in `print` what the whole file is to contain; it is loaded only when its page's turn comes. */
type Page = { path: string; load: () => Promise<{ print: () => string | Promise<string> }> };

const PAGES: readonly Page[] = [
  { path: "docs/status.md", load: () => import("./print/status.ts") },
  { path: "docs/transitions.md", load: () => import("./print/transitions.ts") },
  { path: "docs/guides/handle-each-state.md", load: () => import("./print/handle-each-state.ts") },
  { path: "docs/config.md", load: () => import("./print/config.ts") },
  { path: "docs/providers.md", load: () => import("./print/providers.ts") },
  { path: "docs/openapi.json", load: () => import("./print/openapi.ts") },
  { path: "docs/bounds.md", load: () => import("./print/bounds.ts") },
  { path: "scripts/print/sizes.json", load: () => import("./print/sizes.ts") },
  { path: "docs/dependencies.md", load: () => import("./print/dependencies.ts") },
  { path: "docs/security.md", load: () => import("./print/security.ts") },
  { path: "docs/compatibility.md", load: () => import("./print/compatibility.ts") },
  { path: "src/dashboard/moves.ts", load: () => import("./print/moves.ts") },
];

const root = dirname(import.meta.dirname);

async function standing(path: string): Promise<string | null> {
  try {
    return await readFile(join(root, path), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function stalePages(): Promise<{ path: string; text: string }[]> {
  const stale: { path: string; text: string }[] = [];
  for (const { path, load } of PAGES) {
    const text = await (await load()).print();
    if ((await standing(path)) !== text) stale.push({ path, text });
  }
  return stale;
}

const [option, ...more] = process.argv.slice(2);
if ((option !== undefined && option !== "--check") || more.length > 0) {
  console.error("print takes no argument but --check: run `npm run print` or `npm run print -- --check`.");
  process.exit(2);
}

const stale = await stalePages();
if (option === "--check") {
  for (const { path } of stale) console.error(`${path} is stale: run \`npm run print\` and commit it.`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const { path, text } of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    console.log(`printed ${path}`);
  }
}
