/** Small things that every page shows in the same way. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { rowOf, type State } from "../core/status/table.ts";
import type { Asked } from "./api.ts";
import { agoOf, NAMES, stampOf, toneOf } from "./words.ts";

export const Badge = ({ state }: { state: State }) => (
  <span class={`badge ${toneOf(state)}`} title={`${state}: ${rowOf(state).meaning}`}>
    {NAMES[state]}
  </span>
);

export const When = ({ at }: { at: string | null }) =>
  at === null ? (
    <span class="none">never</span>
  ) : (
    <time dateTime={at} title={stampOf(at)}>
      {agoOf(at)}
    </time>
  );

/** A value to take along, whole where it is shown in part. */
export function Copy({ text, name, children }: { text: string; name: string; children?: ComponentChildren }) {
  const [done, set] = useState(false);
  const copy = () =>
    navigator.clipboard?.writeText(text).then(
      () => set(true),
      () => set(false),
    );
  return (
    <button type="button" class="copy" onClick={() => void copy()} title={text}>
      <span class="hidden">Copy {name}: </span>
      {children ?? <code>{text}</code>}
      <span class="copied" role="status">
        {done ? "copied" : ""}
      </span>
    </button>
  );
}

/** What was asked for, or why it is not there. The old answer stays in view beside the reason. */
export function Shown<T>({ asked, children }: { asked: Asked<T>; children: (data: T) => ComponentChildren }) {
  const { data, error, again } = asked;
  return (
    <>
      {error !== null && (
        <p class="problem" role="alert">
          {error.message}{" "}
          <button type="button" class="plain" onClick={again}>
            Try again
          </button>
        </p>
      )}
      {data === null ? error === null && <p class="waiting" aria-busy="true" /> : children(data)}
    </>
  );
}

interface Pages {
  count: number;
  remaining: number;
  first?: string | undefined;
  last?: string | undefined;
  /** Which side the page was asked from. */
  side: "after" | "before" | null;
  to(place: { after?: string; before?: string }): string;
}

/** Back and forth through a list. What remains is known for the side that was asked for alone. */
export function Pager({ count, remaining, first, last, side, to }: Pages) {
  const hasNewer = side === "after" || (side === "before" && remaining > 0);
  const hasOlder = side === "before" || remaining > 0;
  if (!hasNewer && !hasOlder) return null;
  const more = remaining >= 10_000 ? "10,000 or more" : remaining.toLocaleString("en-US");
  return (
    <nav class="pager" aria-label="Pages of the list">
      {hasNewer && first !== undefined ? <a href={to({ before: first })}>← Newer</a> : <span />}
      <span>
        {count} shown{side !== "before" && remaining > 0 && `, ${more} older`}
      </span>
      {hasOlder && last !== undefined ? <a href={to({ after: last })}>Older →</a> : <span />}
    </nav>
  );
}
