/** News of the gateway, to whichever parts of the page listen. One stream, which takes up where it was cut off. */
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
let stream: EventSource | null = null;
let isOpen = false;

function tell(open: boolean): void {
  isOpen = open;
  for (const watch of watchers) watch(open);
}

export function openLive(): void {
  if (stream) return;
  stream = new EventSource("/dashboard/data/live");
  stream.addEventListener("here", () => tell(true));
  stream.addEventListener("error", () => tell(false));
  stream.addEventListener("anew", () => {
    for (const hear of listeners) hear(null);
  });
  stream.addEventListener("told", (event) => {
    const news = JSON.parse((event as MessageEvent<string>).data) as News;
    for (const hear of listeners) hear(news);
  });
}

export function closeLive(): void {
  stream?.close();
  stream = null;
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
