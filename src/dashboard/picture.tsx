/**
 * The table as a picture: every row a place, one below the other as in the table, and arcs for those who moved. On the
 * right they go down the table, on the left up. What could follow a chosen row and was not seen is dotted.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { type State, STATES } from "../core/status/table.ts";
import { CAN_FOLLOW } from "./moves.ts";
import { counted, NAMES, toneOf } from "./words.ts";

export interface Flow {
  from: State;
  to: State;
  count: number;
}

const ROW = 23;
const LABEL = 166;
const WIDEST = 470;
const NARROWEST = 250;

export function Picture({ flows, counts, span }: { flows: Flow[]; counts: Map<State, number>; span: string }) {
  const [chosen, choose] = useState<State | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(WIDEST);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const fit = () => setWidth(Math.max(NARROWEST, Math.min(WIDEST, element.clientWidth)));
    fit();
    const watch = new ResizeObserver(fit);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const left = (width - LABEL) / 2;
  const right = left + LABEL;
  const y = (state: State) => STATES.indexOf(state) * ROW + ROW / 2;
  const most = Math.max(1, ...flows.map(({ count }) => count));
  const seen = flows.filter(({ from, to }) => chosen === null || from === chosen || to === chosen);
  const unseen =
    chosen === null ? [] : possible(chosen).filter((to) => !flows.some((f) => f.from === chosen && f.to === to));

  return (
    <figure class="picture">
      <div ref={box}>
        <svg width={width} height={STATES.length * ROW} role="img" aria-label={`How connections moved, ${span}`}>
          {unseen.map((to) => (
            <path key={to} class="arc possible" d={arc(y(chosen as State), y(to), left, right)} />
          ))}
          {seen.map(({ from, to, count }) => (
            <path
              key={`${from} ${to}`}
              class={`arc ${toneOf(to)}`}
              d={arc(y(from), y(to), left, right)}
              stroke-width={1 + 7 * Math.sqrt(count / most)}
            >
              <title>{`${counted(count)} from ${NAMES[from]} to ${NAMES[to]}`}</title>
            </path>
          ))}
          {STATES.map((state) => (
            <g
              key={state}
              class={`place ${toneOf(state)}${chosen === state ? " chosen" : ""}${counts.get(state) ? "" : " vacant"}`}
              onMouseEnter={() => choose(state)}
              onMouseLeave={() => choose(null)}
            >
              <rect x={left} y={y(state) - ROW / 2 + 1.5} width={LABEL} height={ROW - 3} rx={5} />
              <circle cx={left + 10} cy={y(state)} r={4} />
              <text x={left + 20} y={y(state) + 4}>
                {NAMES[state]}
              </text>
            </g>
          ))}
        </svg>
      </div>
      <figcaption>
        Those who moved, {span}: down the table on the right, up on the left; the broader, the more. Point at a row to
        see what else could follow it.
      </figcaption>
      <details>
        <summary>The same in words</summary>
        {flows.length === 0 ? (
          <p>Nobody moved.</p>
        ) : (
          <table class="moves">
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col" class="number">
                  Moved
                </th>
              </tr>
            </thead>
            <tbody>
              {[...flows]
                .sort((a, b) => b.count - a.count)
                .map(({ from, to, count }) => (
                  <tr key={`${from} ${to}`}>
                    <td>{NAMES[from]}</td>
                    <td>{NAMES[to]}</td>
                    <td class="number">{counted(count)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        )}
      </details>
    </figure>
  );
}

const possible = (from: State): State[] => STATES.filter((_, i) => CAN_FOLLOW[from].charAt(i) === "x");

/** Bows out the further the more rows it passes, as far as there is room. */
function arc(from: number, to: number, left: number, right: number): string {
  const isDown = to > from;
  const x = isDown ? right : left;
  const room = left - 6;
  const bow = Math.min(room, 12 + (Math.abs(to - from) / ROW / STATES.length) * room * 1.25) * (isDown ? 1 : -1) * 1.3;
  return `M${x},${from} C${x + bow},${from} ${x + bow},${to} ${x},${to}`;
}
