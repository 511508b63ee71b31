/** News of the gateway, to whichever parts of the page listen. The stream takes up where it was cut off. */
import { useEffect, useRef, useState } from "preact/hooks";

export interface News {
  connectionId: string;
  type: string;
  at: string;
}

/** null: so much happened that it has to be read anew. */
type Hear = (news: News | null) => void;

const listeners = new Set<Hear>();
const watchers = new Set<(open: boolean) => void>();
let isOpen = false;

/** What the tabs say to each other; `who`: one that has just come wants to know. */
type Word = { open: boolean } | { news: News | null } | { who: true };

const NAME = "bowline-live";
/** A browser opens six streams to a host and no more: of its tabs one has a stream, and the others hear from it. */
const tabs = new BroadcastChannel(NAME);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of this origin
const say = (word: Word): void => tabs.postMessage(word);
let leave: AbortController | null = null;
let isMine = false;

function tell(open: boolean): void {
  isOpen = open;
  for (const watch of watchers) watch(open);
}

function take(word: Word): void {
  if ("open" in word) tell(word.open);
  else if ("news" in word) for (const hear of listeners) hear(word.news);
  else if (isMine) say({ open: isOpen });
}

tabs.addEventListener("message", ({ data }: MessageEvent<Word>) => {
  if (leave) take(data);
});

function pass(word: Word): void {
  take(word);
  say(word);
}

function stream(until: AbortSignal): Promise<void> {
  isMine = true;
  const source = new EventSource("/dashboard/data/live");
  source.addEventListener("here", () => pass({ open: true }));
  source.addEventListener("error", () => pass({ open: false }));
  source.addEventListener("anew", () => pass({ news: null }));
  source.addEventListener("told", (event) => pass({ news: JSON.parse((event as MessageEvent<string>).data) as News }));
  return new Promise((resolve) => {
    until.addEventListener("abort", () => {
      isMine = false;
      source.close();
      resolve();
    });
  });
}

export function openLive(): void {
  if (leave) return;
  leave = new AbortController();
  const { signal } = leave;
  say({ who: true });
  // Beyond this machine and without TLS a browser has no locks: there each tab has a stream of its own.
  const { locks } = navigator as Partial<Pick<Navigator, "locks">>;
  if (!locks) void stream(signal);
  else void locks.request(NAME, { signal }, () => stream(signal)).catch(() => undefined);
}

export function closeLive(): void {
  leave?.abort();
  leave = null;
  tell(false);
}

/** Many news in a row lead to one look; the gateway keeps its counts for a second. */
const PAUSE = 1200;

/** Calls `look` some time after news that `concern` this part of the page. */
export function useNews(look: () => void, concern: (news: News) => boolean = () => true): void {
  const latest = useRef({ look, concern });
  latest.current = { look, concern };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hear: Hear = (news) => {
      if (timer !== undefined || (news !== null && !latest.current.concern(news))) return;
      timer = setTimeout(() => {
        timer = undefined;
        latest.current.look();
      }, PAUSE);
    };
    listeners.add(hear);
    return () => {
      listeners.delete(hear);
      clearTimeout(timer);
    };
  }, []);
}

export function useIsLive(): boolean {
  const [open, set] = useState(isOpen);
  useEffect(() => {
    watchers.add(set);
    set(isOpen);
    return () => {
      watchers.delete(set);
    };
  }, []);
  return open;
}
