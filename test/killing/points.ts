/**
 * The points at which a process dies, named as the code names them: the commits' names are read from the source, so
 * that a new step is killed at without being listed. The banks' verbs stand here.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/imports.ts";

/** In the life of these processes nobody passes there. */
const ELSEWHERE = new Set([
  "play a life",
  "export",
  "imported",
  "first key",
  "replay",
  "rotate webhook",
  "change webhook",
  "customer changed",
  "customer deleted",
  "products added",
  "answered",
  "declined",
  "twin asked about",
  "twin kept",
  "session refused",
  "start repair",
  "sandbox memory",
  "inbound checked",
  "withhold",
  "refused",
  "catalogue",
  "holdings",
  "investment transactions",
  "rematched",
]);
const VERBS = [
  "startLink",
  "finishLink",
  "readConnection",
  "refresh",
  "readAccounts",
  "readIdentifiers",
  "readOwners",
  "readTransactions",
  "remove",
];
/** Commits whose names the source puts together. */
const MADE = ["begin run", "begin probe", "observe run", "observe probe", "obtained", "named", "signpost"];

/** Which steps the API takes when it is asked; every other is a worker's. A finish is taken up by either. */
const ASKED = new Set(["start link", "session begun", "hold", "refresh", "delete", "inbound kept"]);
const EITHER = new Set(["intend", "obtained", "named", "signpost", "finished", "startLink", "finishLink"]);

const both = (what: string, names: readonly string[]): string[] =>
  names.flatMap((name) => [`before ${what}: ${name}`, `after ${what}: ${name}`]);

export function pointsOf(role: "serve" | "api" | "worker"): readonly string[] {
  const source = globSync("src/**/*.ts", { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), "utf8"));
  const literal = source.flatMap((text) =>
    [...text.matchAll(/(?:\.tx|\bstep)\(\s*(?:work, )?"([a-z ]+)"/g)].map(([, name = ""]) => name),
  );
  const commits = [...new Set([...literal, ...MADE])].filter((name) => !ELSEWHERE.has(name)).sort();
  const isOf = (name: string): boolean => role === "serve" || EITHER.has(name) || ASKED.has(name) === (role === "api");
  const verbs = VERBS.filter(isOf).map((verb) => `SANDBOX ${verb}`);
  return [...both("commit", commits.filter(isOf)), ...both("call", role === "api" ? verbs : [...verbs, "webhook"])];
}
