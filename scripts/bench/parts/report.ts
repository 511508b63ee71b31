// What a benchmark tells, and how it is printed.

/** One figure, or one of each round: then their median counts, and their range is shown beside it. */
export type Measured = number | readonly number[];

export interface Peer {
  name: string;
  value: Measured;
}

export interface Line {
  bench: string;
  what: string;
  ours: Measured;
  unit: string;
  /** What it is held against, and that one's figure in the same run. */
  peer?: Peer;
  ratio?: number;
  aim?: string;
  /** Absent where there is no aim. */
  isMet?: boolean;
}

export interface Report {
  bench: string;
  lines: Line[];
  figure(what: string, ours: Measured, unit: string): void;
  /** `aim`: the ratio ours/peer must be at least, or at most, that much. */
  ratio(what: string, ours: Measured, unit: string, peer: Peer, aim?: { atLeast: number } | { atMost: number }): void;
  /** Long work shows that it goes on. */
  progress(text: string): void;
}

export function openReport(bench: string): Report {
  const lines: Line[] = [];
  return {
    bench,
    lines,
    figure: (what, ours, unit) => void lines.push({ bench, what, ours, unit }),
    ratio(what, ours, unit, peer, aim) {
      const ratio = middle(ours) / middle(peer.value);
      if (!aim) return void lines.push({ bench, what, ours, unit, peer, ratio });
      const isLeast = "atLeast" in aim;
      const isMet = isLeast ? ratio >= aim.atLeast : ratio <= aim.atMost;
      const text = isLeast ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`;
      lines.push({ bench, what, ours, unit, peer, ratio, aim: text, isMet });
    },
    progress: (text) => console.error(`${bench}: ${text}`),
  };
}

const HEAD = ["benchmark", "what", "ours", "beside", "ratio", "aim", ""];

const cellsOf = (lines: readonly Line[]): string[][] =>
  lines.map(({ bench, what, ours, unit, peer, ratio, aim, isMet }) => [
    bench,
    what,
    shown(ours, unit),
    peer ? `${peer.name}: ${shown(peer.value, unit)}` : "",
    ratio === undefined ? "" : ratio.toFixed(2),
    aim ?? "",
    isMet === undefined ? "" : isMet ? "met" : "MISSED",
  ]);

/** As a page: `run` says where and when. */
export const paged = (lines: readonly Line[], run: string): string =>
  [HEAD, HEAD.map(() => "-"), ...cellsOf(lines)].reduce(
    (page, cells) => `${page}|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|\n`,
    `# How fast, how large\n\n${ABOUT}\n\n${run}\n\n`,
  );

const ABOUT = `Printed by \`npm run bench -- --write\`. A figure is the median of rounds that alternate with what stands
beside it, with the range of both; the machine is shared, so the ratio of one run tells more than any figure. The
nearest open peer's figures were taken on another day. What is missed, and why, is in [decisions](decisions/).`;

export function printed(lines: readonly Line[]): string {
  const rows = cellsOf(lines);
  const widths = HEAD.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return [HEAD, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
}

const middle = (measured: Measured): number => (typeof measured === "number" ? measured : median(measured));

const shown = (measured: Measured, unit: string): string => {
  const range =
    typeof measured === "number" || measured.length < 2
      ? ""
      : ` (${short(Math.min(...measured))} to ${short(Math.max(...measured))})`;
  return `${short(middle(measured))} ${unit}${range}`;
};

const short = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2));

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
