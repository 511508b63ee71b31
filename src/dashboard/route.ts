/** The address is the state of the page: what is shown, with which filters, is in it, and a reload shows the same. */
import { useEffect, useState } from "preact/hooks";

export interface Route {
  /** Below /dashboard: "", "connections", "connections/con_…". */
  path: string;
  query: URLSearchParams;
}

const BASE = "/dashboard";
const MOVED = "bowline:moved";

const routeNow = (): Route => ({
  path: location.pathname.slice(BASE.length).replace(/^\/|\/$/g, ""),
  query: new URLSearchParams(location.search),
});

export const addressOf = (path: string, query: Record<string, string | undefined> = {}): string => {
  const given = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "",
  );
  const search = new URLSearchParams(given).toString();
  return `${BASE}${path === "" ? "" : `/${path}`}${search === "" ? "" : `?${search}`}`;
};

/** `stay`: the same page with another filter. The back button undoes it, and the eye stays where it is. */
export function go(address: string, how: "move" | "stay" = "move"): void {
  history.pushState(null, "", address);
  dispatchEvent(new Event(MOVED));
  if (how === "move") scrollTo(0, 0);
}

export function useRoute(): Route {
  const [route, set] = useState(routeNow);
  useEffect(() => {
    const moved = () => set(routeNow());
    addEventListener("popstate", moved);
    addEventListener(MOVED, moved);
    return () => {
      removeEventListener("popstate", moved);
      removeEventListener(MOVED, moved);
    };
  }, []);
  return route;
}

/** Links stay links: a plain click moves within the page, and everything else is the browser's. */
export function followLinks(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || event.defaultPrevented || event.button !== 0 || link.target !== "" || link.origin !== location.origin)
    return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
  if (link.hash !== "" && link.pathname === location.pathname) return;
  event.preventDefault();
  go(link.pathname + link.search);
}
