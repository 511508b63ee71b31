/** The gateway, and the fake banks beside it, as the page asks them. The token goes in a header, never in a URL. */
import type { State } from "../../core/status/table.ts";

export interface ShownAccount {
  id: string;
  name: string;
  type: string;
  mask: string | null;
}

export interface AskedAccount extends ShownAccount {
  currency: string | null;
  balance: number | null;
}

export interface Session {
  id: string;
  kind: "LINK" | "REPAIR";
  connectionId: string;
  status: string;
  state: State;
  application: string;
  institutionId: string | null;
  institutionName: string | null;
  serviceProvider: string | null;
  products: string[];
  optionalProducts: string[];
  page: Record<string, string> | null;
  expired: boolean;
  finishing: boolean;
  finishedAt: string | null;
  failure: { code: string; message: string } | null;
  twin: { connectionId: string; state: State; accounts: ShownAccount[] } | null;
  /** A repair that linked the bank anew: which account is which? */
  questions: { before: AskedAccount[]; now: AskedAccount[] }[] | null;
  kept: boolean;
  progress: {
    over: boolean;
    accounts: ShownAccount[];
    products: { product: string; arrival: "WAITING" | "ARRIVED" | "UNAVAILABLE" | "LATE" }[];
  } | null;
}

export interface Bank {
  id: string;
  name: string;
  domain: string | null;
  isTest: boolean;
}

export interface Found {
  institutions: Bank[];
  /** A bank that is not listed may be found on the provider's own page. */
  elsewhere: boolean;
}

export interface Completed {
  finished: boolean;
  connectionId: string;
  institutionId: string | null;
  institutionName: string | null;
  accountCount: number;
  accounts: { id: string; name: string; type: string; mask: string | null }[] | null;
  repairToken?: string | null;
}

/** What the bank's login asks for next. */
export type Step =
  | { step: "done"; slip: string }
  | { step: "answer"; sitting: string; ask: string; among?: string[] }
  | { step: "accounts"; sitting: string; accounts: { no: string; title: string }[] };

/** A step that failed. `code` is OFFLINE, the gateway's own, or the bank's. */
export class Failed extends Error {
  readonly code: string;
  readonly requestId: string | null;
  constructor(code: string, requestId: string | null = null) {
    super(code);
    this.code = code;
    this.requestId = requestId;
  }
}

const WITHIN = 30_000;

async function ask<T>(method: "GET" | "POST", path: string, body?: unknown, token?: string): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(WITHIN),
      cache: "no-store",
    });
  } catch {
    throw new Failed("OFFLINE");
  }
  const json = (await response.json().catch(() => null)) as Record<string, unknown> | null;
  if (response.ok && json !== null) return json as T;
  const fault: { code?: string } | null = json?.["fault"] ?? json;
  const code = fault?.code ?? (response.status >= 500 ? "PROVIDER_UNAVAILABLE" : "INTERNAL_ERROR");
  throw new Failed(code, response.headers.get("x-request-id"));
}

const LINKING = "/bank-linking/connect";

export const api = (token: string) => ({
  session: () => ask<Session>("GET", `${LINKING}/session`, undefined, token),
  banks: (typed: string) =>
    ask<Found>("GET", `${LINKING}/institutions?${new URLSearchParams({ typed }).toString()}`, undefined, token),
  choose: (institutionId: string | null) => ask<Session>("POST", `${LINKING}/institution`, { institutionId }, token),
  complete: (proof: Record<string, string>) =>
    ask<Completed>("POST", `${LINKING}/complete`, { proof, ifTwin: "ASK" }, token),
  /** For whoever looks into it later. Nobody waits for it, and a failure of it is none of the customer's. */
  tell: (name: string, code: string) =>
    void ask("POST", `${LINKING}/events`, { id: crypto.randomUUID(), name, code }, token).catch(() => undefined),
  which: (accounts: { now: string; before: string | null }[]) =>
    ask<Completed>("POST", `${LINKING}/accounts`, { accounts }, token),
  decide: (choice: "KEEP" | "ADD") => ask<Completed>("POST", `${LINKING}/twin`, { choice }, token),
});

export type Api = ReturnType<typeof api>;

/** The bank's own steps: what is typed there goes to the bank and passes no other part of the gateway. */
export const atBank = async (step: "login" | "answer" | "accounts", body: object): Promise<Step> =>
  (await ask<{ reply: Step }>("POST", `/farm/sittings/${step}`, body)).reply;
