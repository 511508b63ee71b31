/**
 * Where the customer is. It stands in the browser's own history, so that a reload and the back button keep it; what was
 * typed into a form does not. The token is taken out of the address at once.
 */
import type { Step } from "./api.ts";

export type View =
  | { at: "loading" }
  | { at: "consent" }
  | { at: "search" }
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

const KEY = "bowline-connect-token";

const kept = (): Partial<Kept> => (history.state ?? {}) as Partial<Kept>;

/** A page in a frame may be denied storage; its history is enough then. */
function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function store(token: string): void {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // See above.
  }
}

export function takeToken(): string {
  const given = new URLSearchParams(location.search).get("connectToken");
  const token = given ?? kept().token ?? stored() ?? "";
  const view: View = given === null || given === kept().token ? (kept().view ?? { at: "loading" }) : { at: "loading" };
  history.replaceState({ token, view } satisfies Kept, "", location.pathname);
  store(token);
  return token;
}

export const placeOf = (): View => kept().view ?? { at: "loading" };

/** `forward` leaves a step behind that the back button returns to. */
export function go(view: View, token: string, forward: boolean): void {
  const state: Kept = { token, view };
  if (forward) history.pushState(state, "");
  else history.replaceState(state, "");
}

export function whenBack(listener: (view: View) => void): () => void {
  const heard = (event: PopStateEvent): void => {
    const view = (event.state as Partial<Kept> | null)?.view;
    if (view) listener(view);
  };
  window.addEventListener("popstate", heard);
  return () => window.removeEventListener("popstate", heard);
}
