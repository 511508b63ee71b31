/** Lines of the activity log: written many at once behind the answers, and gone with their connection. */
import type { Activity } from "../core/activity.ts";
import type { Home } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";

export interface Line extends Activity {
  home: Home;
  id: string;
  /** Counted as the process noted it: what is of one millisecond is in this order. */
  turn: number;
  detail: unknown;
}

/** What JSON writes and PostgreSQL keeps in no text: the sign that means none, and halves of signs. */
const UNKEEPABLE = /((?<!\\)(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** Of a connection that was deleted meanwhile, that something was asked stays, and not what. */
export const saveActivities = (sql: Sql, lines: readonly Line[]): Promise<number> =>
  sql.run(
    `insert into activity (home, id, at, action, actor, provider, customer_id, connection_id, provider_connection_id,
       account_id, request_id, summary, detail, turn)
     select coalesce(u.home, n.home), n.id, n.at, n.action, n.actor, n.provider,
            coalesce(n.customer_id, c.customer_id, p.customer_id, u.id), coalesce(n.connection_id, s.connection_id),
            n.provider_connection_id,
            n.account_id, n.request_id, n.summary,
            case when c.deleted_at is null and p.closed_at is null and u.deleted_at is null then n.detail end,
            n.turn
       from jsonb_to_recordset($1) as n (home bigint, id text, at timestamptz, action text, actor jsonb, provider text,
              customer_id text, external_id text, connection_id text, provider_connection_id text, account_id text,
              session_id text, request_id text, summary jsonb, detail jsonb, turn int)
       left join session s on s.home = n.home and s.id = n.session_id
       left join connection c on c.home = n.home and c.id = coalesce(n.connection_id, s.connection_id)
       left join provider_connection p on p.home = n.home and p.id = n.provider_connection_id
       left join customer u on u.home = n.home and (u.id = n.customer_id or u.external_id = n.external_id)
     on conflict do nothing`,
    [
      JSON.stringify(
        lines.map((line) => ({
          home: line.home,
          id: line.id,
          at: stamp(line.at),
          action: line.action,
          actor: line.actor,
          provider: line.provider,
          customer_id: line.customerId,
          external_id: line.externalCustomerId,
          connection_id: line.connectionId,
          provider_connection_id: line.providerConnectionId,
          account_id: line.accountId,
          session_id: line.sessionId,
          request_id: line.requestId,
          summary: line.summary,
          detail: line.detail,
          turn: line.turn,
        })),
      ).replace(UNKEEPABLE, "$1"),
    ],
  );

/** With a connection; and with a login, once nobody claims it any more. */
export async function eraseActivities(sql: Sql, home: Home, subjects: readonly string[]): Promise<void> {
  await sql.run("delete from activity where home = $1 and connection_id = any($2)", [home, subjects]);
  await sql.run("delete from activity where home = $1 and provider_connection_id = any($2)", [home, subjects]);
}

export const eraseCustomersActivities = (sql: Sql, home: Home, customerId: string): Promise<number> =>
  sql.run("delete from activity where home = $1 and customer_id = $2", [home, customerId]);
