// docs/dependencies.md: every package that an installation brings, from the lock file, with who brings it and why.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../imports.ts";
import { type Entry, isForOnePlatform, type Lock, readLock, sizesNow } from "./sizes.ts";

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

interface Page {
  path: string;
  text: string;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

/** Where `name` is found by what lies at `from`, as Node looks for it: in its own folder first, then further up. */
export function resolved(lock: Lock, from: string, name: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    const path = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (lock.packages[path]) return path;
    if (at === "") return null;
  }
}

/** Who asks for each package: paths by path. The root is "". */
export function bringersOf(lock: Lock): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [path, entry] of Object.entries(lock.packages)) {
    const asked = { ...entry.peerDependencies, ...entry.dependencies, ...entry.optionalDependencies };
    for (const name of Object.keys(asked)) {
      const there = resolved(lock, path, name);
      if (there !== null) found.set(there, [...(found.get(there) ?? []), path]);
    }
  }
  return found;
}

interface Row {
  path: string;
  entry: Entry;
  bringers: readonly string[];
  /** The same for other platforms. */
  siblings: number;
}

function rowsOf(lock: Lock, wanted: (entry: Entry) => boolean): Row[] {
  const all = bringersOf(lock);
  // Who is there for the same purpose: what a tool of ours asks for as well is not brought by it to whoever runs this.
  const bringers = new Map(
    [...all].map(([path, by]) => {
      const same = by.filter((one) => one === "" || wanted(lock.packages[one] as Entry));
      return [path, same.length > 0 ? same : by];
    }),
  );
  const rows = Object.entries(lock.packages)
    .filter(([path, entry]) => path !== "" && wanted(entry))
    .map(([path, entry]): Row => ({ path, entry, bringers: bringers.get(path) ?? [""], siblings: 0 }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const families = Map.groupBy(rows, ({ path, entry, bringers: by }) =>
    isForOnePlatform(entry) ? `${by.join(" ")} ${nameOf(path).split("/")[0]?.split("-")[0]} ${entry.license}` : path,
  );
  return [...families.values()].map((family) => {
    const shown = family.find(({ path }) => /linux-x64(-gnu)?$/.test(path)) ?? family[0];
    return { ...(shown as Row), siblings: family.length - 1 };
  });
}

/** The page that says why; a direct dependency without one fails the tests. */
export const pageFor = (name: string, pages: readonly Page[]): string | null =>
  pages.find(({ text }) => text.includes(`\`${name}\``))?.path ?? null;

const sized = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

const whom = (bringers: readonly string[]): string =>
  [...new Set(bringers.map((path) => (path === "" ? "**Bowline**" : nameOf(path))))].join(", ");

const scriptOf = (name: string, { hasInstallScript }: Entry, { allowScripts }: Manifest): string =>
  !hasInstallScript ? "none" : allowScripts[name] === false ? "denied" : "**runs**";

interface Parts {
  lock: Lock;
  manifest: Manifest;
  pages: readonly Page[];
  sizes: Readonly<Record<string, number>>;
}

export function report({ lock, manifest, pages, sizes }: Parts): string {
  const rows = rowsOf(lock, ({ dev }) => dev !== true);
  const developing = rowsOf(lock, ({ dev }) => dev === true);
  const sizeOf = ({ path, entry }: Row): number | undefined => sizes[`${path} ${entry.version}`];
  const total = (of: readonly Row[]): string => sized(of.reduce((sum, row) => sum + (sizeOf(row) ?? 0), 0));
  const labelled = ({ path, siblings }: Row): string =>
    `\`${nameOf(path)}\`${siblings === 0 ? "" : ` and ${siblings} for other platforms`}`;
  const why = ({ path, bringers }: Row): string => {
    const page = bringers.includes("") ? pageFor(nameOf(path), pages) : null;
    return page === null ? "–" : `[why](${page.replace(/^docs\//, "")})`;
  };
  const lines = rows.map((row) => {
    const { path, entry, bringers } = row;
    const size = sizeOf(row);
    const cells = [
      labelled(row),
      entry.version,
      entry.license ?? "**none**",
      size === undefined ? "–" : sized(size),
      scriptOf(nameOf(path), entry, manifest),
      whom(bringers),
      why(row),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const direct = (of: readonly Row[]): number => of.filter(({ bringers }) => bringers.includes("")).length;
  const scripts = [...rows, ...developing].filter(({ entry }) => entry.hasInstallScript);
  const running = scripts.filter(({ path, entry }) => scriptOf(nameOf(path), entry, manifest) === "**runs**");
  const licences = Map.groupBy([...rows, ...developing], ({ entry }) => entry.license ?? "none");
  return `<!-- Printed from package-lock.json by \`npm run print\`: change it there. -->

# Dependencies

What an installation brings: ${rows.length} packages to run Bowline, ${direct(rows)} of them chosen here and the others
brought by those, ${total(rows)} on disk. Working on it takes ${developing.length} more (${total(developing)}). Each is
pinned to a version and held by a hash in \`package-lock.json\`. Packages with an install script: ${scripts.length}, of
which ${running.length} run it. Sizes are those of Linux on x64, and a dash stands where nothing is installed there; of
a family with one package for each platform, one is installed. \`npm run sbom\` prints the same as CycloneDX.

Licences: ${[...licences].map(([licence, those]) => `${licence} (${those.length})`).join(", ")}.

## To run it

| package | version | licence | size | install script | brought by | reason |
|-|-|-|-|-|-|-|
${lines.join("\n")}

## To work on it

| package | version | licence | install script | brought by |
|-|-|-|-|-|
${developing
  .map((row) => {
    const { path, entry, bringers } = row;
    const script = scriptOf(nameOf(path), entry, manifest);
    return `| ${labelled(row)} | ${entry.version} | ${entry.license ?? "**none**"} | ${script} | ${whom(bringers)} |`;
  })
  .join("\n")}
`;
}

export function print(): string {
  const lock = readLock();
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
  const pages = readdirSync(join(ROOT, "docs/decisions"))
    .toSorted()
    .map((name) => ({
      path: `docs/decisions/${name}`,
      text: readFileSync(join(ROOT, "docs/decisions", name), "utf8"),
    }));
  return report({ lock, manifest, pages, sizes: sizesNow(lock) });
}
