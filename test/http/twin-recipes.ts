/** For every route that changes something: a request that succeeds, on something of its own. */
import type { TestGateway } from "./gateway.ts";

export interface Request {
  method: "POST" | "PATCH" | "DELETE";
  url: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Recipe {
  request(): Promise<Request>;
  /** How much of it there is now, where no table tells. */
  made?(request: Request): Promise<number>;
  /** Without a key two requests are two wishes; else they are one, whoever repeats it. */
  makes?: "one each";
  /** What it tells is of this moment, not of what it did. */
  tells?: "anew";
}

const LINKING = "/bank-linking";

/** A text instead of a recipe: why there is none. */
export async function recipes({ call, worker, clock, origin }: TestGateway): Promise<Record<string, Recipe | string>> {
  let made = 0;
  const name = (): string => `twin-${++made}`;
  const good = async (method: "GET" | "POST", url: string, body?: unknown, headers = {}) => {
    const answer = await call(method, url, body, headers);
    if (answer.status >= 300) throw new Error(`${method} ${url}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const bank = async (typed: string): Promise<string> =>
    (await good("GET", `/institutions?limit=1&name=${encodeURIComponent(typed)}`)).institutions[0].id;
  const copper = await bank("copper mesa");
  const renewing = await bank("new ids");

  async function linked(more: object = {}): Promise<string> {
    const { id } = await good("POST", "/sandbox/connections", { externalCustomerId: name(), ...more });
    await worker.drain();
    // A refresh is not asked for at the moment of the last.
    clock.at += 60 * 60_000;
    return id;
  }
  const customer = async (): Promise<string> => (await good("POST", "/accounts/customers", { externalId: name() })).id;
  const address = async (): Promise<string> => {
    const url = `/accounts/customers/${await customer()}/addresses`;
    return `${url}/${(await good("POST", url, ADDRESS)).id}`;
  };
  const endpoint = async (): Promise<string> =>
    (await good("POST", "/notifications/webhooks", { name: name(), url: "https://127.0.0.1:1999/hook" })).id;

  const opened = async (institutionId?: string) => {
    const begun = await good("POST", `${LINKING}/connect/start`, { externalCustomerId: name() });
    const headers = { authorization: `Bearer ${begun.connectToken}` };
    if (institutionId === undefined) return { headers, sitting: "" };
    const { page } = await good("POST", `${LINKING}/connect/institution`, { institutionId }, headers);
    return { headers, sitting: page.sitting as string };
  };
  async function loggedIn(institutionId: string, user = name()) {
    const { headers, sitting } = await opened(institutionId);
    const answer = await fetch(`${origin}/farm/sittings/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sitting, user, password: "good" }),
    });
    const { slip } = ((await answer.json()) as { reply: { slip: string } }).reply;
    return { headers, proof: { slip } };
  }

  return {
    startConnection: {
      makes: "one each",
      request: async () => ({ method: "POST", url: `${LINKING}/connect/start`, body: { externalCustomerId: name() } }),
    },
    repairConnection: {
      makes: "one each",
      request: async () => {
        const connectionId = await linked();
        await good("POST", `/sandbox/connections/${connectionId}/trouble`, {
          state: "RECONNECT_REQUIRED/LOGIN_REQUIRED",
        });
        await worker.drain();
        return { method: "POST", url: `${LINKING}/connect/repair`, body: { connectionId } };
      },
    },
    deleteConnection: {
      request: async () => ({ method: "DELETE", url: `${LINKING}/connections/${await linked()}` }),
    },
    refreshConnection: {
      request: async () => ({ method: "POST", url: `${LINKING}/connections/${await linked()}/refresh`, body: {} }),
    },
    updateConnection: {
      // Told of the products already, it opens the session anew: the first one may be lost.
      makes: "one each",
      request: async () => ({
        method: "POST",
        url: `${LINKING}/connections/${await linked({ products: ["BALANCES"] })}/update`,
        body: { products: ["TRANSACTIONS"] },
      }),
    },
    createProcessorToken: {
      makes: "one each",
      request: async () => {
        const found = await good("GET", `${LINKING}/accounts?connectionId=${await linked()}`);
        const { id } = found.financialAccounts.find(({ subtype }: { subtype: string }) => subtype === "CHECKING");
        const url = `${LINKING}/accounts/${id}/processors/create-token`;
        return { method: "POST", url, body: { processor: "DWOLLA" } };
      },
    },
    createCustomer: {
      request: async () => ({ method: "POST", url: "/accounts/customers", body: { externalId: name() } }),
    },
    updateCustomer: {
      request: async () => ({
        method: "PATCH",
        url: `/accounts/customers/${await customer()}`,
        body: { name: { firstName: "Mira" } },
      }),
    },
    deleteCustomer: {
      request: async () => ({ method: "DELETE", url: `/accounts/customers/${await customer()}` }),
    },
    addCustomerAddress: {
      makes: "one each",
      made: async ({ url }) => (await good("GET", url)).addresses.length,
      request: async () => ({
        method: "POST",
        url: `/accounts/customers/${await customer()}/addresses`,
        body: ADDRESS,
      }),
    },
    updateCustomerAddress: {
      request: async () => ({ method: "PATCH", url: await address(), body: { city: "Elsewhere" } }),
    },
    deleteCustomerAddress: { request: async () => ({ method: "DELETE", url: await address() }) },
    createWebhookProfile: {
      makes: "one each",
      request: async () => ({
        method: "POST",
        url: "/notifications/webhooks",
        body: { name: name(), url: "https://127.0.0.1:1999/hook" },
      }),
    },
    updateWebhookProfile: {
      request: async () => ({
        method: "PATCH",
        url: `/notifications/webhooks/${await endpoint()}`,
        body: { name: "another" },
      }),
    },
    testWebhookProfile: {
      tells: "anew",
      request: async () => ({ method: "POST", url: `/notifications/webhooks/${await endpoint()}/test`, body: {} }),
    },
    rotateWebhookSecret: {
      request: async () => ({ method: "POST", url: `/notifications/webhooks/${await endpoint()}/rotate`, body: {} }),
    },
    replayDeliveries: {
      tells: "anew",
      request: async () => ({
        method: "POST",
        url: `/notifications/webhooks/${await endpoint()}/replay`,
        body: { failedSince: new Date(clock.at).toISOString() },
      }),
    },
    createApiKey: {
      makes: "one each",
      request: async () => ({ method: "POST", url: "/api-keys", body: { label: name(), scope: "read" } }),
    },
    revokeApiKey: {
      request: async () => {
        const { id } = await good("POST", "/api-keys", { label: name(), scope: "read" });
        return { method: "DELETE", url: `/api-keys/${id}` };
      },
    },
    linkInSandbox: {
      makes: "one each",
      request: async () => ({ method: "POST", url: "/sandbox/connections", body: { externalCustomerId: name() } }),
    },
    makeTrouble: {
      request: async () => ({
        method: "POST",
        url: `/sandbox/connections/${await linked()}/trouble`,
        body: { state: "RECONNECT_REQUIRED/LOGIN_REQUIRED" },
      }),
    },
    endTrouble: {
      request: async () => ({ method: "DELETE", url: `/sandbox/connections/${await linked()}/trouble` }),
    },
    chooseInstitution: {
      tells: "anew",
      request: async () => {
        const { headers } = await opened();
        return { method: "POST", url: `${LINKING}/connect/institution`, body: { institutionId: copper }, headers };
      },
    },
    completeConnection: {
      request: async () => {
        const { headers, proof } = await loggedIn(copper);
        return { method: "POST", url: `${LINKING}/connect/complete`, body: { proof }, headers };
      },
    },
    decideTwin: {
      request: async () => {
        const user = name();
        const first = await loggedIn(renewing, user);
        await good("POST", `${LINKING}/connect/complete`, { proof: first.proof }, first.headers);
        await worker.drain();
        const { headers, proof } = await loggedIn(renewing, user);
        await call("POST", `${LINKING}/connect/complete`, { proof }, headers);
        return { method: "POST", url: `${LINKING}/connect/twin`, body: { choice: "ADD" }, headers };
      },
    },
    tellSessionEvent: {
      request: async () => {
        const { headers } = await opened();
        return { method: "POST", url: `${LINKING}/connect/events`, body: { id: "one", name: "OPENED" }, headers };
      },
    },
    answerAccounts: "it needs a login whose accounts are alike: test/stories/relink.test.ts answers it",
    importConnections: "its outcomes are per item: test/stories/import.test.ts brings the same items at once",
    advanceClock: "the clock of this gateway is the test's own: test/stories moves it, also from three sides at once",
    receiveProviderWebhook: "it needs a bank's signature: test/http/provider-webhooks.test.ts doubles a letter",
  };
}

const ADDRESS = { type: "BILLING", lineOne: "1 Main Street", city: "Springfield", country: "US" };
