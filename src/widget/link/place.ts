/**
 * Where the customer is. It stands in the browser's own history, so that a reload and the back button keep it, and in
 * its storage, without the token, for a page that is closed and opened anew; what was typed into a form does not. The
 * token is taken out of the address at once.
 */
import type { Step } from "./api.ts";

export type View =
  | { at: "loading" }
  | { at: "consent" }
  | { at: "search" }
  | { at: "notice" }
  | { at: "login" }
  | ({ at: "answer" } & Omit<Extract<Step, { step: "answer" }>, "step">)
  | ({ at: "accounts" } & Omit<Extract<Step, { step: "accounts" }>, "step">)
  | { at: "finish"; proof: Record<string, string> | null }
  | { at: "twin" }
  | { at: "which" }
  | { at: "done" }
  | { at: "over"; code: string };

interface Kept {
  token: string;
  view: View;
}

const KEY = "bowline-connect";

const kept = (): Partial<Kept> => (history.state ?? {}) as Partial<Kept>;

/** A page in a frame may be denied storage; its history is enough then. */
function stored(): Partial<Kept> {
  try {
    const { session, view } = JSON.parse(localStorage.getItem(KEY) ?? "{}") as { session?: string; view?: View };
    const token = sessionStorage.getItem(KEY) ?? given() ?? "";
    return session === sessionOf(token) && view !== undefined ? { token, view } : { token };
  } catch {
    return {};
  }
}

const given = (): string | null => new URLSearchParams(location.search).get("connectToken");
/** Its name alone, which opens nothing. */
const sessionOf = (token: string): string => token.split(".")[0] ?? "";

function store({ token, view }: Kept): void {
  try {
    sessionStorage.setItem(KEY, token);
    localStorage.setItem(KEY, JSON.stringify({ session: sessionOf(token), view }));
  } catch {
    // See above.
  }
}

export function takeToken(): string {
  const before = kept().token === undefined ? stored() : kept();
  const token = given() ?? before.token ?? "";
  const view: View = token === before.token ? (before.view ?? { at: "loading" }) : { at: "loading" };
  history.replaceState({ token, view } satisfies Kept, "", location.pathname);
  store({ token, view });
  return token;
}

export const placeOf = (): View => kept().view ?? { at: "loading" };

/** `forward` leaves a step behind that the back button returns to. */
export function go(view: View, token: string, forward: boolean): void {
  const state: Kept = { token, view };
  if (forward) history.pushState(state, "");
  else history.replaceState(state, "");
  // For a page that is closed and opened anew. What a bank gave to bring home is kept in the history alone.
  store(view.at === "finish" ? { token, view: { at: "loading" } } : state);
}

export function whenBack(listener: (view: View) => void): () => void {
  const heard = (event: PopStateEvent): void => {
    const view = (event.state as Partial<Kept> | null)?.view;
    if (view) listener(view);
  };
  window.addEventListener("popstate", heard);
  return () => window.removeEventListener("popstate", heard);
}
