/**
 * The narrow place through which everything goes to Plaid: the official client builds the request, `call.fetch` sends
 * it, and a schema of ours says which part of the answer we rely on.
 *
 * The client's own transport is replaced by an adapter, so that no socket is opened elsewhere. The adapter never turns
 * an answer into an error: an error of the client's carries the request with its keys, and none must get out. What
 * `call.fetch` throws goes through untouched.
 */
import { Configuration, PlaidApi } from "plaid";
import { z } from "zod";
import { MASK } from "../../core/masks.ts";
import { bad, good, type Answer, type Call } from "../provider.ts";
import { outage, retryAfter, troubleOf, unreadable } from "../reading.ts";
import { CODES } from "./codes.ts";
import { exactly } from "./exact.ts";
import { plaidError, troubleOfPlaid, type Met } from "./trouble.ts";

export interface Keys {
  clientId: string;
  secret: string;
  baseUrl: string;
}

export type Plaid = <Told extends z.ZodType>(
  call: Call,
  request: (api: PlaidApi) => Promise<unknown>,
  told: Told,
  met?: Met,
) => Promise<Answer<z.infer<Told>>>;

/** The least that an answer of Plaid's has: without it, it is somebody else's. */
export const acknowledged = z.object({ request_id: z.string().min(1) });

/** Limits are by the minute, and no header tells their end: https://plaid.com/docs/errors/rate-limit-exceeded/ */
const LIMIT_WINDOW = 60_000;

export function plaidClient({ clientId, secret, baseUrl }: Keys): Plaid {
  const headers = { "PLAID-CLIENT-ID": clientId, "PLAID-SECRET": secret };
  return async (call, request, told, met = {}) => {
    let response: Response | undefined;
    const adapter = async (config: { url: string; headers: object; data: string }): Promise<object> => {
      response = await call.fetch(config.url, {
        method: "POST",
        headers: { ...config.headers } as Record<string, string>,
        body: config.data,
      });
      return { data: null, status: 200, statusText: "", headers: {}, config };
    };
    await request(new PlaidApi(new Configuration({ basePath: baseUrl, baseOptions: { headers, adapter } })));
    if (!response) throw new Error("Plaid's client answered without having asked; look at the adapter in client.ts.");
    // An error about our keys may quote them, and its words are kept and shown.
    const text = [clientId, secret].reduce((all, key) => all.replaceAll(key, MASK), await response.text());
    return read(response, text, told, { ...met, httpStatus: response.status }, call);
  };
}

async function read<Told extends z.ZodType>(response: Response, text: string, told: Told, met: Met, call: Call) {
  const { status } = response;
  const notBefore = retryAfter(response.headers, call.wall()) ?? call.wall() + LIMIT_WINDOW;
  const body = exactly(text);
  if (status === 200 && body.ok) {
    const facts = told.safeParse(body.json);
    // The path of the first field that is amiss, and never its value.
    const at = facts.error?.issues[0]?.path.join(".");
    return facts.success ? good(facts.data) : bad(unreadable(`"${at}" is not as the API's document has it`, status));
  }
  const error = plaidError.safeParse(body.ok ? body.json : undefined);
  if (error.success) return bad(troubleOfPlaid(error.data, { ...met, notBefore }));
  const raw = { code: `HTTP_${status}`, httpStatus: status };
  if (status === 429) return bad(troubleOf("RATE_LIMIT", CODES, raw, { notBefore }));
  if (status >= 500) return bad(outage(raw.code, raw));
  return bad(unreadable(`HTTP ${status} without an error that can be read`, status));
}
