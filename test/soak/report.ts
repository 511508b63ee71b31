/** The day as the table that `docs/reliability.md` shows. */
import type { Outcome } from "./day.ts";
import { quantile, slope, total } from "./gauge.ts";
import { FORGOTTEN } from "./tables.ts";

export interface Circumstances {
  date: string;
  machine: string;
  load: string;
}

const whole = (n: number): string => Math.round(n).toLocaleString("en-US");
const LAG = "bowline_task_lag_seconds";

export function report(outcome: Outcome, { date, machine, load }: Circumstances): string {
  const { day, samples, rows, bytes, calls, letters, deliveries, metrics } = outcome;
  const factor = day.hours / (day.seconds / 3600);
  const half = samples.slice(Math.floor(samples.length / 2));
  const memory = (of: "rss" | "pss" | "heap"): string => {
    const list = samples.map((one) => one[of]);
    const climb = slope(half.map((one) => ({ at: one.at, value: one[of] })));
    const span = ((half.at(-1)?.at ?? 0) - (half[0]?.at ?? 0)) / 3600;
    const [first = 0, last = 0] = [list[0], list.at(-1)];
    const most = whole(Math.max(...list));
    return `${whole(first)} → ${whole(last)}, most ${most}; second half ${(climb * span).toFixed(0)}`;
  };
  const since = new Map([...metrics.after].map(([key, value]) => [key, value - (metrics.before.get(key) ?? 0)]));
  const lag = (kind: string, share: number): string => {
    const seconds = quantile(since, LAG, `kind="${kind}"`, share);
    if (seconds === Infinity) return "more than an hour of the gateway's time";
    return `≤ ${whole((seconds / factor) * 1000)} ms (${seconds} s of the gateway's time)`;
  };
  const grown = (name: string): string => `${whole(rows.before.get(name) ?? 0)} → ${whole(rows.after.get(name) ?? 0)}`;
  const jobs = (end: string): string =>
    whole(total(metrics.after, "bowline_jobs_total", end) - total(metrics.before, "bowline_jobs_total", end));
  const list: [string, string][] = [
    ["seen on", `${date}, ${machine}; load ${load}, other work on the same cores`],
    ["connections linked, of those wanted", `${whole(outcome.linked)} of ${whole(outcome.wanted)}`],
    ["the fill, through the API", `${whole(outcome.fill)} s, ${(outcome.linked / outcome.fill).toFixed(0)} a second`],
    ["the day", `${day.hours.toFixed(1)} h in ${whole(day.seconds)} s: ${factor.toFixed(0)} times as fast`],
    ["… of which the clock waited for work", `${whole(day.waited)} s`],
    ["troubles begun at banks", whole(outcome.troubles)],
    ["gateway's resident memory, MB", memory("rss")],
    ["gateway's own share of it (PSS), MB", memory("pss")],
    ["gateway's JavaScript heap, MB", memory("heap")],
    [
      "open handles, files",
      (["handles", "files"] as const)
        .map((of) => `${whole(samples[0]?.[of] ?? 0)} → ${whole(samples.at(-1)?.[of] ?? 0)}`)
        .join(", "),
    ],
    ["reads begun after they were due, p50", lag("aggregate", 0.5)],
    ["reads begun after they were due, p99", lag("aggregate", 0.99)],
    [
      "banks' webhooks taken; answered p50, p99",
      `${whole(letters.taken)}; ${whole(letters.p50)}, ${whole(letters.p99)} ms`,
    ],
    [
      "deliveries taken; event to 2xx p50, p99",
      `${whole(deliveries.taken)}; ${whole(deliveries.p50)}, ${whole(deliveries.p99)} ms`,
    ],
    ["tasks done, failed, lost", `${jobs('end="done"')}, ${jobs('end="failed"')}, ${jobs('end="lost"')}`],
    ["calls of banks made, a read's on average", `${whole(calls.made)}, ${calls.perRead.toFixed(1)}`],
    ["calls of a schedule that asks everybody every 6 h", whole(calls.naive)],
    ["calls saved", whole(calls.naive - calls.made)],
    ["database, MB", `${whole(bytes.before / 2 ** 20)} → ${whole(bytes.after / 2 ** 20)}`],
    ...["task", "connection", "account", "signpost"].map((name): [string, string] => [`rows of ${name}`, grown(name)]),
    ...Object.entries(FORGOTTEN).map(([name, until]): [string, string] => [
      `rows of ${name} (forgotten: ${until})`,
      grown(name),
    ]),
    ["not as they should be", outcome.bad.length === 0 ? "nothing" : outcome.bad.join("; ")],
  ];
  return ["| what | seen |", "|-|-|", ...list.map(([what, seen]) => `| ${what} | ${seen} |`)].join("\n");
}
