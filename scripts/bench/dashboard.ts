// How soon the operator's lists and counts are there: a hundred thousand connections, every filter's first page over
// HTTP, beside the bare statement that finds the same rows, in turns within one run.

import { setTimeout as wait } from "node:timers/promises";
import { STATES } from "../../src/core/status/table.ts";
import { type BenchGateway, startGateway } from "./parts/gateway.ts";
import { quantile, type Report } from "./parts/report.ts";

export const name = "dashboard";

/** Any filter's first page, at the 95th of a hundred looks. */
const LIMIT = { name: "limit", value: 200 };

interface Look {
  what: string;
  path: string;
  /** The bare statement for the same rows. */
  where: string;
}

const PAGE = "/bank-linking/connections?limit=50";
const trouble = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
const rare = "UNDETERMINED/INTERNAL_ERROR";

const looks = (bank: string, since: string): Look[] => [
  { what: "no filter", path: PAGE, where: "true" },
  { what: "a frequent state", path: `${PAGE}&states=ACTIVE`, where: "state = 'ACTIVE'" },
  { what: "a state", path: `${PAGE}&states=${trouble}`, where: `state = '${trouble}'` },
  { what: "a rare state", path: `${PAGE}&states=${rare}`, where: `state = '${rare}'` },
  {
    what: "a status",
    path: `${PAGE}&statuses=DEGRADED`,
    where: "state = any(array(select name from state where status = 'DEGRADED'))",
  },
  {
    what: "who acts",
    path: `${PAGE}&actors=operator`,
    where: "state in ('UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET', 'UNDETERMINED/INTERNAL_ERROR')",
  },
  { what: "a provider", path: `${PAGE}&serviceProviders=PLAID`, where: "provider = 'PLAID'" },
  { what: "a bank", path: `${PAGE}&institutionId=${bank}`, where: `institution_id = '${bank}'` },
  {
    what: "a part of a bank's name",
    path: `${PAGE}&institutionName=mesa`,
    where: "institution_id in (select id from institution where name ilike '%mesa%')",
  },
  {
    what: "moved within a day",
    path: `${PAGE}&stateSince=${since}`,
    where: `state_since >= '${since}'`,
  },
  {
    what: "state, provider and bank",
    path: `${PAGE}&states=${trouble}&serviceProviders=PLAID&institutionId=${bank}`,
    where: `state = '${trouble}' and provider = 'PLAID' and institution_id = '${bank}'`,
  },
];

export async function run(report: Report, small: boolean): Promise<void> {
  const connections = small ? 300 : 100_000;
  const rounds = small ? 2 : 40;
  const gateway = await startGateway();
  try {
    report.progress(`loading ${connections.toLocaleString("en")} connections`);
    await load(gateway, connections);
    const { rows } = await gateway.sql.query<{ id: string }>("select id from institution order by rank desc limit 1");
    const since = new Date(Date.now() - 86_400_000).toISOString();
    for (const look of looks(rows[0]?.id ?? "", since)) {
      report.progress(look.what);
      await measure(gateway, report, look, rounds);
    }
    report.progress("the table itself");
    await measureTable(gateway, report, small ? 1 : 5);
  } finally {
    await gateway.stop();
  }
}

/** Rows as a year leaves them: one in thirteen in trouble, a twentieth moved within a day, each with its login. */
async function load({ sql }: BenchGateway, count: number): Promise<void> {
  const list = STATES.map((state) => `('${state}')`).join(",");
  await sql.query(
    `create table loaded as
     select i, ((i::bigint * 7919) % 4611686018427387904)::bigint as home, lpad(i::text, 22, '1') as tail,
            now() - (i % 365) * interval '1 day' - (i % 86400) * interval '1 second' as at,
            now() - case when i % 20 = 0 then interval '2 hours' else (i % 300 + 2) * interval '1 day' end as moved,
            (select array_agg(id order by rank desc) from institution) as banks
       from generate_series(1, $1::int) i`,
    [count],
  );
  await sql.query(
    `insert into customer (home, id, external_id, created_at)
     select home, 'cus_' || tail, 'bench-' || i, at from loaded`,
  );
  await sql.query(
    `insert into provider_connection (home, id, customer_id, provider, ref, health, linked_at, reconnected_at)
     select home, 'pvc_' || tail, 'cus_' || tail, case when i % 3 = 0 then 'PLAID' else 'SANDBOX' end, 'ref-' || i,
            '{"cells":{"*":{"success":1790000000000,"troubles":{}}},"dataAsOf":{}}', at, at from loaded`,
  );
  await sql.query(
    `insert into connection (home, id, customer_id, status, reason, state_since, policy_version, wake_at, provider,
       provider_connection_id, institution_id, products, optional_products, regions, allow_redirect, started_at,
       finished_at, claimed_at)
     select home, 'con_' || tail, 'cus_' || tail, split_part(state, '/', 1), nullif(split_part(state, '/', 2), ''),
            moved, 1, 'infinity', case when i % 3 = 0 then 'PLAID' else 'SANDBOX' end, 'pvc_' || tail,
            banks[1 + i % cardinality(banks)], '{BALANCES}', '{}', '{}', true, at, at, at
       from loaded join (select n, state from (select row_number() over () - 1 as n, column1 as state
         from (values ${list}) v) p) p
         on p.n = case when i % 13 = 0 then (i / 13) % ${STATES.length} else 2 end`,
  );
  await sql.query(
    `insert into event (home, connection_id, sequence, id, type, at, payload, position)
     select home, 'con_' || tail, 1, 'evt_' || tail, 'BANK_LINKING_CONNECTION_STATUS_CHANGE', moved,
            '{"oldStatus":"ACTIVE","oldStatusReason":null,"newStatus":"DEGRADED",
              "newStatusReason":"INSTITUTION_CURRENTLY_UNAVAILABLE"}', i from loaded`,
  );
  await sql.query("drop table loaded");
  await sql.query("update feed set position = (select max(position) from event) where name = 'events'");
  await sql.query("vacuum analyze");
}

/** In turns, so that what disturbs one disturbs the other. */
async function measure(gateway: BenchGateway, report: Report, { what, path, where }: Look, rounds: number) {
  const bare = `select id, state, started_at from connection where ${where} order by started_at desc, id desc limit 50`;
  const [ours, theirs]: [number[], number[]] = [[], []];
  await gateway.ask("GET", path);
  for (let i = 0; i < rounds; i++) {
    ours.push(await timed(() => gateway.ask("GET", path)));
    theirs.push(await timed(() => gateway.sql.query(bare)));
  }
  tell(report, what, ours, theirs);
}

/** The first page's counts and moves, each time counted anew: an answer is kept for a second. */
async function measureTable(gateway: BenchGateway, report: Report, rounds: number): Promise<void> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < rounds; i++) {
    await wait(1050);
    ours.push(await timed(() => gateway.ask("GET", "/bank-linking/states")));
    theirs.push(await timed(() => gateway.sql.query("select state, count(*) from connection group by state")));
  }
  tell(report, "the table itself", ours, theirs);
}

function tell(report: Report, what: string, ours: number[], theirs: number[]): void {
  const p95 = quantile(ours, 0.95);
  report.ratio(`${what}, p95`, p95, "ms", LIMIT, { atMost: 1 });
  report.ratio(`${what}, p95`, p95, "ms", { name: "bare statement, p95", value: quantile(theirs, 0.95) });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
