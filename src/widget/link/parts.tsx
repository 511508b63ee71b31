/** What the screens are made of. */
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { troubleOf } from "../texts/troubles.ts";
import { Failed } from "./api.ts";
import { postError } from "./post.ts";

/** A screen begins with its heading, and so does whoever is read to. */
export function Heading({ children }: { children: ComponentChildren }): JSX.Element {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => ref.current?.focus(), []);
  return (
    <h1 ref={ref} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Colour and letters stand for a logo: nobody else's server is asked for one. */
export function Monogram({ name, large }: { name: string; large?: boolean }): JSX.Element {
  const words = name.split(/\s+/).filter((word) => /\p{L}/u.test(word));
  const letters = words
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join("")
    .toUpperCase();
  const tone = [...name].reduce((sum, sign) => sum + (sign.codePointAt(0) ?? 0), 0) % 6;
  return (
    <span class={`monogram tone-${tone}${large ? " large" : ""}`} aria-hidden="true">
      {letters || "B"}
    </span>
  );
}

export interface Acting {
  busy: boolean;
  failed: Failed | null;
  /** One at a time: a second click while the first is under way does nothing. */
  act(work: () => Promise<void>): void;
  again(): void;
  clear(): void;
}

export function useAct(): Acting {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failed | null>(null);
  const running = useRef(false);
  const last = useRef<() => Promise<void>>(async () => undefined);
  const act = useCallback((work: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    last.current = work;
    setBusy(true);
    work()
      .then(() => setFailed(null))
      .catch((error: unknown) => {
        const told = error instanceof Failed ? error : new Failed("INTERNAL_ERROR");
        postError(told.code, troubleOf(told.code).text);
        setFailed(told);
      })
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  }, []);
  const clear = useCallback(() => setFailed(null), []);
  return { busy, failed, act, clear, again: () => act(last.current) };
}

/** What the bank found wrong is typed once more: the field has the focus again, and what is in it is marked. */
export function useRetried(isWrong: boolean, { failed }: Acting): RefObject<HTMLInputElement | null> {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!isWrong) return;
    field.current?.focus();
    field.current?.select();
  }, [isWrong, failed]);
  return field;
}

export function Trouble({ acting: { failed, again, busy } }: { acting: Acting }): JSX.Element {
  const told = failed && troubleOf(failed.code);
  return (
    <div role="alert" class={told ? "trouble" : ""}>
      {told && (
        <>
          <Warning />
          <p>
            {told.text}{" "}
            {told.again && (
              <button type="button" class="link" onClick={again} disabled={busy}>
                Try again
              </button>
            )}
          </p>
        </>
      )}
    </div>
  );
}

/** Said to those who are read to, where nothing they stand on changes. */
export const Announcement = ({ text }: { text: string }): JSX.Element => (
  <p class="unseen" role="status">
    {text}
  </p>
);

export function Primary(props: {
  children: ComponentChildren;
  busy?: boolean;
  /** Something is missing before it; the screen says what. */
  isShut?: boolean;
  type?: "button" | "submit";
  onClick?: () => void;
}): JSX.Element {
  const { children, busy = false, isShut = false, type = "button", onClick } = props;
  return (
    <button
      type={type}
      class={`primary${busy || isShut ? " busy" : ""}`}
      aria-disabled={busy || isShut}
      onClick={busy || isShut ? undefined : onClick}
    >
      {children}
      {busy && <span class="dots" aria-hidden="true" />}
    </button>
  );
}

/** What the customer can tell support: it leads straight to the connection. */
export function Reference({ id }: { id: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(id).catch(() => undefined);
    setCopied(true);
  };
  return (
    <p class="reference">
      <span>Reference for support</span> <code>{id}</code>
      <button type="button" class="link" onClick={() => void copy()} aria-label="Copy the reference">
        {copied ? "Copied" : "Copy"}
      </button>
    </p>
  );
}

const icon = (path: string) =>
  function Icon(): JSX.Element {
    return (
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d={path} />
      </svg>
    );
  };

export const Lock = icon("M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z");
export const Eye = icon(
  "M2.5 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z" +
    "M12 9.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600z",
);
export const Off = icon("M12 4v8M7 6.700a7 7 0 1 0 10 0");
export const Tick = icon("M5 12.500l4.500 4.500L19 7.500");
export const Warning = icon("M12 8v5M12 16.500v.1M12 3.500l9.500 16.500h-19z");
export const Cross = icon("M6 6l12 12M18 6L6 18");
export const Arrow = icon("M14.500 5.500L8 12l6.500 6.500");
export const Out = icon("M10 5H5v14h14v-5M13 5h6v6M19 5l-8.500 8.500");
export const Glass = icon("M10.500 4.500a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5");
