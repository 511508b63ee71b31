/** Asks the gateway, as its own pages do: with the cookie, and with the mark that other sites can't send. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

const DATA = "/dashboard/data";

export class Refused extends Error {
  readonly status: number;
  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

type Method = "DELETE" | "GET" | "PATCH" | "POST" | "PUT";

export async function ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { "x-bowline-operator": "1" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(path.startsWith("/dashboard") ? path : DATA + path, init).catch(() => {
    throw new Refused(0, "The gateway can't be reached. It is asked again when you try again.");
  });
  const told = (await answer.json().catch(() => ({}))) as T & { message?: string };
  if (!answer.ok) throw new Refused(answer.status, told.message ?? `The gateway answered ${answer.status}.`);
  return told;
}

export interface Asked<T> {
  data: T | null;
  error: Refused | null;
  again(): void;
}

/** What the path answers; null: ask nothing. The old answer stays until the new one is there. */
export function useData<T>(path: string | null): Asked<T> {
  const [told, set] = useState<{ path: string | null; data: T | null; error: Refused | null }>({
    path: null,
    data: null,
    error: null,
  });
  const latest = useRef(0);
  const again = useCallback(() => {
    if (path === null) return;
    const turn = ++latest.current;
    ask<T>("GET", path).then(
      (data) => turn === latest.current && set({ path, data, error: null }),
      (error: Refused) => turn === latest.current && set((old) => ({ path, data: old.data, error })),
    );
  }, [path]);
  useEffect(again, [again]);
  const isOther = told.path !== null && path !== null && told.path.split("?")[0] !== path.split("?")[0];
  return { data: isOther ? null : told.data, error: isOther ? null : told.error, again };
}
