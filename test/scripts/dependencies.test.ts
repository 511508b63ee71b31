// The page of dependencies says of each package who brings it, and does not call one harmless that runs a script.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bringersOf, pageFor, print, report, resolved } from "../../scripts/print/dependencies.ts";
import { type Lock, readLock, sizesNow } from "../../scripts/print/sizes.ts";

const lock: Lock = {
  packages: {
    "": { version: "1.0.0", dependencies: { a: "1.0.0" }, optionalDependencies: { "fam-linux-x64": "3.0.0" } },
    "node_modules/a": { version: "1.0.0", license: "MIT", dependencies: { b: "^1" } },
    "node_modules/a/node_modules/b": { version: "1.5.0", license: "ISC", hasInstallScript: true },
    "node_modules/b": { version: "2.0.0", license: "MIT", dev: true },
    "node_modules/tool": { version: "9.0.0", license: "MIT", dev: true, dependencies: { b: "^2", a: "1.0.0" } },
    "node_modules/fam-linux-x64": { version: "3.0.0", license: "MIT", os: ["linux"], cpu: ["x64"] },
    "node_modules/fam-darwin-x64": { version: "3.0.0", license: "MIT", os: ["darwin"], cpu: ["x64"] },
  },
};
const manifest = { dependencies: {}, devDependencies: {}, optionalDependencies: {}, allowScripts: {} };
const pages = [{ path: "docs/decisions/2026-01-01-a.md", text: "We take `a`." }];

test("A package is looked for as Node looks: beside who asks, then further up", () => {
  assert.equal(resolved(lock, "node_modules/a", "b"), "node_modules/a/node_modules/b");
  assert.equal(resolved(lock, "node_modules/tool", "b"), "node_modules/b");
  assert.equal(resolved(lock, "node_modules/a/node_modules/b", "tool"), "node_modules/tool");
  assert.equal(resolved(lock, "node_modules/a", "none"), null);
  assert.deepEqual(bringersOf(lock).get("node_modules/a"), ["", "node_modules/tool"]);
});

test("Each row says what is known, and a script that is not denied stands out", () => {
  const sizes = { "node_modules/a 1.0.0": 1_500_000, "node_modules/a/node_modules/b 1.5.0": 10_001 };
  const text = report({ lock, manifest, pages, sizes });
  assert.match(
    text,
    /^\| `a` \| 1\.0\.0 \| MIT \| 1\.5 MB \| none \| \*\*Bowline\*\* \| \[why\]\(decisions\/2026-01-01-a\.md\) \|$/m,
  );
  assert.match(text, /^\| `b` \| 1\.5\.0 \| ISC \| 11 kB \| \*\*runs\*\* \| a \| – \|$/m);
  assert.match(text, /Packages with an install script: 1, of\nwhich 1 run it\./);
  assert.match(text, /^\| `b` \| 2\.0\.0 \| MIT \| none \| tool \|$/m);
  const denied = report({ lock, manifest: { ...manifest, allowScripts: { b: false } }, pages, sizes });
  assert.match(denied, /^\| `b` \| 1\.5\.0 \| ISC \| 11 kB \| denied \| a/m);
});

test("Every package of the lock file is on the page, and every direct one says why; none runs a script", () => {
  const text = print();
  const real = readLock();
  const named = Object.entries(real.packages).filter(([path, { os, cpu }]) => path !== "" && !os && !cpu);
  assert.ok(named.length > 100);
  for (const [path, { version }] of named) {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    assert.ok(text.includes(`| \`${name}\` | ${version} |`), `${name} ${version}`);
  }
  assert.doesNotMatch(text, /\*\*runs\*\*|\*\*none\*\*/);
  for (const line of text.split("## To work on it")[0]?.split("\n") ?? [])
    if (line.includes("**Bowline**")) assert.match(line, /\[why\]\(decisions\//, line);
  assert.equal(pageFor("no-package-of-ours", pages), null);
});

test("What is installed is measured anew, and what is not keeps the size that was measured", () => {
  const known = { "node_modules/b 2.0.0": 77, "node_modules/fam-darwin-x64 3.0.0": 88, "node_modules/gone 1.0.0": 99 };
  assert.deepEqual(sizesNow(lock, known), { "node_modules/b 2.0.0": 77, "node_modules/fam-darwin-x64 3.0.0": 88 });
  const sizes = sizesNow(readLock(), {});
  const zod = Object.entries(sizes).find(([key]) => key.startsWith("node_modules/zod "));
  assert.ok(zod && zod[1] > 100_000, "a package that is installed here has its size");
});
