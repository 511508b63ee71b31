// A gateway with something of every kind in it, and a look at its tables that sees every write.
import type pg from "pg";
import type { PageFile } from "../../src/http/context.ts";
import { KEY, openGateway } from "../http/gateway.ts";
import type { Known } from "./json.ts";
import { routesOf } from "./routes.ts";

const page = (text: string): PageFile => ({
  type: "text/html",
  immutable: false,
  tag: '"one"',
  bodies: { identity: Buffer.from(text) },
});

const PAGES = new Map(
  [
    "connect/index.html",
    "connect/returned.html",
    "connect/embed.js",
    "dashboard/index.html",
    "reference/index.html",
  ].map((name) => [name, page(`<title>${name}</title>`)]),
);

export async function openGround() {
  const { made: gateway, routes } = await routesOf(() => openGateway({ pages: PAGES }));
  const { call, worker } = gateway;
  const post = async (url: string, body: unknown, headers = {}) => {
    const answer = await call("POST", url, body, headers);
    if (answer.status >= 300) throw new Error(`POST ${url}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const linked: string[] = [];
  for (const externalCustomerId of ["ada", "ben"]) {
    linked.push((await post("/sandbox/connections", { externalCustomerId, products: ["BALANCES"] })).id);
  }
  await post("/notifications/webhooks", { name: "one", url: "https://127.0.0.1:1999/hook" });
  await worker.drain();
  await post(`/sandbox/connections/${linked[0]}/trouble`, { state: "RECONNECT_REQUIRED/LOGIN_REQUIRED" });
  await worker.drain();
  const begun = await post("/bank-linking/connect/start", { externalCustomerId: "cyd" });
  const repair = await post("/bank-linking/connect/repair", { connectionId: linked[0] });
  const tokens = [begun.connectToken as string, repair.connectToken as string];
  const chosen = await post(
    "/bank-linking/connect/institution",
    { institutionId: (await call("GET", "/institutions?limit=1")).body.institutions[0].id },
    { authorization: `Bearer ${tokens[0]}` },
  );
  await gateway.gateway.activity?.written();
  return {
    ...gateway,
    routes,
    tokens,
    key: KEY,
    sitting: String(chosen.page?.sitting ?? ""),
    known: await knownIn(gateway),
  };
}

const KINDS: readonly (readonly [prefix: string, table: string])[] = [
  ["con", "connection"],
  ["cus", "customer"],
  ["acc", "account"],
  ["rfr", "refresh"],
  ["ses", "session"],
  ["evt", "event"],
  ["whp", "webhook_profile"],
  ["ins", "institution"],
  ["pvc", "provider_connection"],
  ["act", "activity"],
];

async function knownIn({ database }: { database: { pool: pg.Pool } }): Promise<Known> {
  const found: Record<string, string[]> = {};
  for (const [prefix, table] of KINDS) {
    const { rows } = await database.pool.query<{ id: string }>(`select id from ${table} order by id limit 4`);
    if (rows.length > 0) found[prefix] = rows.map(({ id }) => id);
  }
  return found;
}

/** Where a refused request may leave a trace: that it came, and under which key. */
const TRACES = [
  "activity",
  "audit_entry",
  "idempotency",
  "inbound",
  "operator_session",
  "sandbox_memory",
  "call_count",
];

/** Changes with every row that is written in any table, whatever with. */
export async function openImprint(pool: pg.Pool): Promise<() => Promise<string>> {
  const { rows } = await pool.query<{ name: string }>(
    "select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace",
  );
  const tables = rows.map(({ name }) => name).filter((name) => !TRACES.includes(name));
  const text = tables
    .map((name) => `select '${name}' as name, count(*) as n, sum(xmin::text::numeric) as x from ${name}`)
    .join(" union all ");
  return async () => {
    const all = await pool.query<{ name: string; n: string; x: string }>({ name: "imprint", text });
    return all.rows.map(({ name, n, x }) => `${name} ${n} ${x}`).join("\n");
  };
}
