/** What came of a run, as the table that `docs/reliability.md` shows. */
import { countOf } from "./killers.ts";
import type { Outcome } from "./killing.ts";

export interface Circumstances {
  connections: number;
  seed: number;
  date: string;
  load: number;
}

export function report(outcome: Outcome, { connections, seed, date, load }: Circumstances): string {
  const { deaths, told, checked, again, doubled, seconds, bad } = outcome;
  const here = [...deaths.at.values()].reduce((sum, one) => sum + one, 0);
  const rows: [string, string | number][] = [
    ["seen on", `${date}, 2 cores, load ${load.toFixed(1)} at the end`],
    ["connections linked, seed", `${connections}, ${seed}`],
    ["processes", "everything in one, an API, two workers, the database"],
    ["deaths by `kill -9`", countOf(deaths)],
    ["… of a process at a named point", `${here}, at ${deaths.at.size} different points`],
    ["… of a process wherever it stood", deaths.elsewhere],
    ["… of the database", deaths.database],
    ["sessions that the database ended", deaths.sessions],
    ["refreshes, deletes acknowledged", `${told.refreshed.size}, ${told.deleted.size}`],
    ["requests that had to be asked again", [...again.values()].reduce((sum, one) => sum + one, 0)],
    ["deliveries that came more than once, as they may", doubled],
    ...Object.entries(checked).map(([what, count]): [string, number] => [`looked for: ${what}`, count]),
    ["lost, doubled or not as told", bad.length],
    ["took", `${Math.round(seconds.killing)} s of killing, ${Math.round(seconds.calming)} s until calm`],
  ];
  return ["| what | seen |", "|-|-|", ...rows.map(([what, seen]) => `| ${what} | ${seen} |`)].join("\n");
}
