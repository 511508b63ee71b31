/**
 * The activity log, newest first, from where each kind of activity is written down: requests in a table of their own,
 * webhooks and the customer's steps where they are kept anyway. What is asked for is looked for in each by itself.
 */
import type { ActivityAction, Actor } from "../../core/activity.ts";
import type { Instant } from "../../core/door.ts";
import { type Home, homeOf, type Kind, kindOf } from "../../core/ids.ts";
import { type Sql, stamp } from "../database.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export interface ListedActivity {
  home: Home;
  id: string;
  at: Instant;
  turn: number;
  action: ActivityAction;
  actor: Actor;
  provider: string | null;
  customerId: string | null;
  connectionId: string | null;
  accountId: string | null;
  requestId: string | null;
  summary: Record<string, unknown>;
}

export interface ActivityFilters {
  from?: Instant | undefined;
  before?: Instant | undefined;
  actions?: readonly ActivityAction[] | undefined;
  requestId?: string | undefined;
  customer?: { home: Home; id: string } | undefined;
  /** Known connections; an empty list finds nothing. */
  connections?: readonly Concerned[] | undefined;
  accountIds?: readonly string[] | undefined;
  eventType?: string | undefined;
  one?: { home: Home; id: string } | undefined;
}

export interface Concerned {
  home: Home;
  id: string;
  providerConnectionId: string | null;
}

type Bind = (value: unknown) => string;
type Conditions = (string | false | undefined)[];

interface Source {
  /** What the ids of its rows are. */
  kind: Kind;
  actions: readonly ActivityAction[];
  /** Request ids, accounts, and types of events that its rows know of. */
  knows: { requests?: true; accounts?: true; events?: true };
  select: string;
  where(filters: ActivityFilters, $: Bind): Conditions;
}

const span = ({ from, before }: ActivityFilters, column: string, $: Bind): Conditions => [
  from !== undefined && `${column} >= ${$(stamp(from))}`,
  before !== undefined && `${column} < ${$(stamp(before))}`,
];

const idsOf = (connections: readonly Concerned[]) => connections.map(({ id }) => id);
const homesOf = (connections: readonly Concerned[]) => connections.map(({ home }) => home);
const loginsOf = (connections: readonly Concerned[]) =>
  connections.flatMap(({ providerConnectionId }) => providerConnectionId ?? []);

/** Of a webhook that came in: the logins that it may speak of. */
const LOGINS = "(i.provider, i.ref) in (select p.provider, p.ref from provider_connection p where";

const SOURCES: readonly Source[] = [
  {
    kind: "activity",
    actions: ["INBOUND_REQUEST", "OUTBOUND_REQUEST_SERVICE_PROVIDER", "INSTITUTION_CONNECTION_IMPORT_FAILED"],
    knows: { requests: true, accounts: true },
    select: `select a.home, a.id, a.at, a.turn, a.action, a.actor, a.provider, a.customer_id,
      a.connection_id, a.account_id, a.request_id, a.summary from activity a`,
    where: (f, $) => [
      ...span(f, "a.at", $),
      f.actions && `a.action = any(${$(f.actions)})`,
      f.requestId !== undefined && `a.request_id = ${$(f.requestId)}`,
      f.customer && `a.home = ${$(f.customer.home)} and a.customer_id = ${$(f.customer.id)}`,
      f.connections &&
        `a.home = any(${$(homesOf(f.connections))}::bigint[]) and (a.connection_id = any(${$(idsOf(f.connections))})
           or a.provider_connection_id = any(${$(loginsOf(f.connections))}))`,
      f.accountIds && `a.account_id = any(${$(f.accountIds)})`,
      f.one && `a.home = ${$(f.one.home)} and a.id = ${$(f.one.id)}`,
    ],
  },
  {
    kind: "attempt",
    actions: ["OUTBOUND_REQUEST_WEBHOOK"],
    knows: { events: true },
    select: `select t.home, t.id, t.at, 0, 'OUTBOUND_REQUEST_WEBHOOK',
      '{"type":"GATEWAY","id":null,"name":null}'::jsonb,
      null::text, c.customer_id, d.connection_id, null::text, null::text,
      jsonb_build_object('method', 'POST', 'url', t.url, 'status', t.code, 'failure', t.reason, 'milliseconds', t.ms,
        'webhookProfileId', t.profile_id, 'eventId', t.event_id, 'eventType', e.type)
      from attempt t
      join delivery d on d.home = t.home and d.profile_id = t.profile_id and d.event_id = t.event_id
      join connection c on c.home = d.home and c.id = d.connection_id
      left join event e on e.home = d.home and e.connection_id = d.connection_id and e.id = d.event_id`,
    where: (f, $) => [
      ...span(f, "t.at", $),
      f.customer && `t.home = ${$(f.customer.home)} and c.customer_id = ${$(f.customer.id)}`,
      f.connections &&
        `t.home = any(${$(homesOf(f.connections))}::bigint[]) and d.connection_id = any(${$(idsOf(f.connections))})`,
      f.eventType !== undefined && `e.type = ${$(f.eventType)}`,
      f.one && `t.home = ${$(f.one.home)} and t.id = ${$(f.one.id)}`,
    ],
  },
  {
    kind: "inbound",
    actions: ["INBOUND_REQUEST_WEBHOOK"],
    knows: { events: true },
    select: `select i.home, i.id, i.received_at, 0, 'INBOUND_REQUEST_WEBHOOK',
      jsonb_build_object('type', 'SERVICE_PROVIDER', 'id', null, 'name', i.provider), i.provider, null::text,
      null::text, null::text, null::text,
      jsonb_build_object('eventType', i.kind, 'outcome', i.outcome, 'times', i.times, 'isVerified', i.verified)
      from inbound i`,
    where: (f, $) => [
      ...span(f, "i.received_at", $),
      f.customer && `${LOGINS} p.home = ${$(f.customer.home)} and p.customer_id = ${$(f.customer.id)})`,
      f.connections &&
        `${LOGINS} p.home = any(${$(homesOf(f.connections))}::bigint[])
           and p.id = any(${$(loginsOf(f.connections))}))`,
      f.eventType !== undefined && `i.kind = ${$(f.eventType)}`,
      f.one && `i.home = ${$(f.one.home)} and i.id = ${$(f.one.id)}`,
    ],
  },
  {
    kind: "entry",
    actions: ["WIDGET_EVENT"],
    knows: {},
    select: `select l.home, l.id, l.at, 0, 'WIDGET_EVENT',
      jsonb_build_object('type', 'CUSTOMER', 'id', c.customer_id, 'name', null), c.provider, c.customer_id, c.id,
      null::text, null::text, l.detail
      from timeline l join connection c on c.home = l.home and c.id = l.subject`,
    where: (f, $) => [
      "l.kind = 'session'",
      ...span(f, "l.at", $),
      f.customer && `l.home = ${$(f.customer.home)} and c.customer_id = ${$(f.customer.id)}`,
      f.connections &&
        `l.home = any(${$(homesOf(f.connections))}::bigint[]) and l.subject = any(${$(idsOf(f.connections))})`,
      f.one && `l.home = ${$(f.one.home)} and l.id = ${$(f.one.id)}`,
    ],
  },
];

const mayKnow = ({ kind, actions, knows }: Source, f: ActivityFilters): boolean =>
  (f.actions === undefined || f.actions.some((action) => actions.includes(action))) &&
  (f.requestId === undefined || knows.requests === true) &&
  (f.accountIds === undefined || knows.accounts === true) &&
  (f.eventType === undefined || knows.events === true) &&
  (f.one === undefined || kindOf(f.one.id) === kind);

const COLUMNS =
  "home, id, at, turn, action, actor, provider, customer_id, connection_id, account_id, request_id, summary";
const SELECT = `a.home, a.id, a.at, a.turn, a.action, a.actor, a.provider, a.customer_id as "customerId",
  a.connection_id as "connectionId", a.account_id as "accountId", a.request_id as "requestId", a.summary`;

/** Without a customer or a connection it asks every shard. */
export function listActivities(
  sql: Sql,
  filters: ActivityFilters,
  at: Place | null,
  limit: number,
): Promise<Page<ListedActivity>> {
  const values: unknown[] = [];
  const $: Bind = (value) => `$${values.push(value)}`;
  const sources = SOURCES.filter((source) => mayKnow(source, filters)).map((source) => {
    const where = source.where(filters, $).filter((condition) => typeof condition === "string" && condition !== "");
    return `${source.select}${where.length > 0 ? ` where ${where.join(" and ")}` : ""}`;
  });
  if (sources.length === 0) return Promise.resolve({ rows: [], remaining: 0 });
  const list: List<ListedActivity> = {
    select: SELECT,
    from: `(select * from (${sources.join(" union all ")}) as told (${COLUMNS})) a`,
    where: [],
    values,
    order: [{ columns: ["a.at", "a.turn", "a.id"], down: true }],
    keyOf: activityKey,
  };
  return page(sql, list, at, limit);
}

export const activityKey = (a: Pick<ListedActivity, "at" | "turn" | "id">) => [stamp(a.at), a.turn, a.id];

/** One of them, by its id, with headers and bodies where they were kept. */
export async function getActivity(sql: Sql, id: string): Promise<(ListedActivity & { detail: unknown }) | null> {
  const kind = kindOf(id);
  const home = kind === null ? null : homeOf(kind, id);
  if (home === null) return null;
  const { rows } = await listActivities(sql, { one: { home, id } }, null, 1);
  const [found] = rows;
  if (!found) return null;
  const kept = await sql.row<{ detail: unknown }>("select detail from activity where home = $1 and id = $2", [
    home,
    id,
  ]);
  return { ...found, detail: kept?.detail ?? null };
}
