/**
 * Which acts a state allows. The table's flags decide about refreshing and beginning to reconnect; a life cycle that
 * ends, or has not begun, decides about the rest. Whoever acts projects anew first and asks here, under the row's lock.
 */
import { rowOf, type State, terminal } from "./table.ts";

export type Act = "hold" | "finish" | "reconnect" | "finish reconnect" | "refresh" | "delete";

export function allows(state: State, act: Act): boolean {
  switch (act) {
    case "hold":
    case "finish":
      return state === "IN_PROGRESS";
    case "reconnect":
      return rowOf(state).canReconnect;
    case "finish reconnect":
      // The connection may have healed while the customer was in the widget: what was obtained still counts.
      return state !== "IN_PROGRESS" && !terminal(state);
    case "refresh":
      return rowOf(state).canRefresh;
    case "delete":
      return !terminal(state);
  }
}
