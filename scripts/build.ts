// Builds what runs in the browser into dist/: the connect page, the script that embeds it, the operator's pages,
// and the API's reference.
// `npm start` and `npm test` do it where a source has changed; `npm run build` always does. Each file lies beside its
// compressed forms, so that serving it costs nothing. dist/ is replaced whole, and its stamp is part of it.

import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, type InlineConfig } from "vite";
import { ROOT } from "./imports.ts";

const OUT = join(ROOT, "dist");
const fresh = `${OUT}-${process.pid}`;
/** Browsers of the last three years. */
const TARGET = "es2022";
const COMPRESSED = /\.(js|css|svg)$/;

const shared: InlineConfig = {
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
};

const output: NonNullable<InlineConfig["build"]> = {
  emptyOutDir: false,
  reportCompressedSize: false,
  target: TARGET,
  // An image in a style sheet as `data:` would need a looser policy.
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
};

/** Pages under a path, with hashed files beside them. */
const pages = (source: string, path: string, names: readonly string[]): InlineConfig => ({
  ...shared,
  root: join(ROOT, source),
  base: `/${path}/`,
  build: {
    ...output,
    outDir: join(fresh, path),
    rolldownOptions: { input: names.map((name) => join(ROOT, source, `${name}.html`)) },
  },
});

/** One file under a name that stays: what other sites include. */
const script = (source: string, path: string, name: string): InlineConfig => ({
  ...shared,
  root: join(ROOT, source),
  build: {
    ...output,
    outDir: join(fresh, path),
    rolldownOptions: {
      input: join(ROOT, source, `${name}.ts`),
      output: { format: "iife", entryFileNames: `${name}.js` },
    },
  },
});

function compress(): void {
  for (const name of globSync("**/*", { cwd: fresh })) {
    if (!COMPRESSED.test(name)) continue;
    const path = join(fresh, name);
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    const most = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: most }));
  }
}

const stamp = process.argv[2] ?? "";
try {
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  await build(pages("src/widget/link", "connect", ["index", "returned"]));
  await build(script("src/widget", "connect", "embed"));
  await build(pages("src/dashboard", "dashboard", ["index"]));
  await build(pages("src/reference", "docs", ["index"]));
  compress();
  writeFileSync(join(fresh, "stamp"), stamp);
  rmSync(OUT, { recursive: true, force: true });
  renameSync(fresh, OUT);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
