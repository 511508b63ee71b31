-- Reference tables: small, the same everywhere. They have no home.

create table setting (
  name  text primary key,
  value jsonb not null
);

-- The 23 rows of src/core/status/table.ts, written at every start. Foreign keys make impossible pairs impossible.
create table state (
  name          text primary key,
  status        text not null,
  reason        text,
  can_refresh   boolean not null,
  can_reconnect boolean not null
);

create table api_key (
  id         text primary key,
  hash       bytea not null unique,
  label      text not null,
  scopes     text[] not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);

create table institution (
  id        text primary key,
  name      text not null,
  domain    text,
  countries text[] not null,
  products  text[] not null,
  is_test   boolean not null,
  rank      int not null,
  providers jsonb not null
);

-- What the operator has to know: a provider's alarm, an orphan of a crash, a revocation that does not end.
create table incident (
  id         text primary key,
  kind       text not null,
  provider   text,
  subject    text not null,
  opened_at  timestamptz not null,
  last_at    timestamptz not null,
  closed_at  timestamptz,
  count      bigint not null,
  detail     jsonb not null
);
create unique index incident_open on incident (kind, subject) where closed_at is null;

create table unmapped_code (
  provider text not null,
  code     text not null,
  first_at timestamptz not null,
  last_at  timestamptz not null,
  count    bigint not null,
  sample   jsonb not null,
  primary key (provider, code)
);

-- The fake banks' own memory; no table of ours refers to it.
create table sandbox_memory (
  key      text primary key,
  document jsonb not null
);

-- Customer data: home first in every key.

create table customer (
  home        bigint not null,
  id          text not null,
  external_id text,
  created_at  timestamptz not null,
  deleted_at  timestamptz,
  primary key (home, id)
);
create unique index customer_external on customer (home, external_id);
create index customer_listed on customer ((coalesce(external_id, '')), id);

-- A login at a bank, as the provider knows it: health, credential, cursor and schedule belong here.
create table provider_connection (
  home                    bigint not null,
  id                      text not null,
  customer_id             text not null,
  provider                text not null,
  ref                     text not null,
  institution_id          text references institution (id),
  credential              bytea,
  health                  jsonb not null,
  linked_at               timestamptz not null,
  reconnected_at          timestamptz not null,
  cursor                  text,
  cursor_base             text,
  history_at              timestamptz,
  last_sent_at            timestamptz,
  running                 jsonb,
  next_refresh_allowed_at timestamptz,
  closed_at               timestamptz,
  primary key (home, id),
  foreign key (home, customer_id) references customer (home, id)
);
create unique index provider_connection_live on provider_connection (home, provider, ref) where closed_at is null;

-- The application's connection: a claim on a provider connection.
create table connection (
  home                   bigint not null,
  id                     text not null,
  customer_id            text not null,
  status                 text not null default 'IN_PROGRESS',
  reason                 text,
  state                  text not null generated always as (status || coalesce('/' || reason, '')) stored
                           references state (name),
  state_since            timestamptz not null,
  cause                  jsonb,
  policy_version         int not null,
  wake_at                timestamptz not null,
  sequence               bigint not null default 0,
  provider               text,
  provider_connection_id text,
  institution_id         text references institution (id),
  products               text[] not null,
  optional_products      text[] not null,
  regions                text[] not null,
  redirect_url           text,
  allow_redirect         boolean not null,
  replaces_connection_id text,
  started_at             timestamptz not null,
  held_at                timestamptz,
  finished_at            timestamptz,
  claimed_at             timestamptz,
  deleted_at             timestamptz,
  primary key (home, id),
  foreign key (home, customer_id) references customer (home, id),
  foreign key (home, provider_connection_id) references provider_connection (home, id),
  check (finished_at is null or provider_connection_id is not null)
);
create index connection_customer on connection (home, customer_id);
create index connection_claims on connection (home, provider_connection_id) where provider_connection_id is not null;
create index connection_wake on connection (wake_at) where wake_at < 'infinity';
create index connection_listed on connection (started_at, id);
create index connection_state on connection (state, started_at, id);

create table session (
  home          bigint not null,
  id            text not null,
  connection_id text not null,
  kind          text not null check (kind in ('link', 'repair')),
  started_at    timestamptz not null,
  expires_at    timestamptz not null,
  institution_id text references institution (id),
  provider      text,
  sealed_state  bytea,
  page          jsonb,
  finished_at   timestamptz,
  completed_connection_id text,
  failure       jsonb,
  primary key (home, id),
  foreign key (home, connection_id) references connection (home, id)
);
create index session_connection on session (home, connection_id);

create table account (
  home                   bigint not null,
  id                     text not null,
  provider_connection_id text not null,
  ref                    text not null,
  persistent_ref         text,
  name                   text not null,
  type                   text not null,
  subtype                text not null,
  mask                   text,
  active                 boolean not null,
  currency               text,
  current_amount         numeric,
  available_amount       numeric,
  balances_at            timestamptz,
  sealed_identifiers     bytea,
  -- Keyed hash of the account's numbers: tells the same account again after a relink, and tells nobody the number.
  number_hash            bytea,
  owners                 jsonb,
  first_listed_at        timestamptz not null,
  left_at                timestamptz,
  primary key (home, id),
  foreign key (home, provider_connection_id) references provider_connection (home, id)
);
create unique index account_ref on account (home, provider_connection_id, ref);

create table transaction (
  home             bigint not null,
  id               text not null,
  account_id       text not null,
  ref              text not null,
  pending_ref      text,
  amount           numeric not null,
  currency         text not null,
  description      text not null,
  category         text not null,
  status           text not null,
  transaction_date date not null,
  posted_date      date,
  changed_at       timestamptz not null,
  removed_at       timestamptz,
  primary key (home, id),
  foreign key (home, account_id) references account (home, id) on delete cascade
);
create unique index transaction_ref on transaction (home, account_id, ref);
create index transaction_pending on transaction (home, account_id, pending_ref) where pending_ref is not null;
create index transaction_newest on transaction (home, account_id, transaction_date desc, id desc);

create table refresh (
  home                   bigint not null,
  id                     text not null,
  connection_id          text not null,
  provider_connection_id text not null,
  run                    text,
  products               text[] not null,
  requested_at           timestamptz not null,
  finished_at            timestamptz,
  outcome                text,
  not_before             timestamptz,
  from_cache             boolean,
  parts                  jsonb not null default '[]',
  request_id             text not null,
  primary key (home, id),
  foreign key (home, connection_id) references connection (home, id)
);
create index refresh_connection on refresh (home, connection_id, requested_at);
create index refresh_running on refresh (home, provider_connection_id) where finished_at is null;

-- What happened: observations of a provider connection, acts and states of a connection.
create table timeline (
  home    bigint not null,
  subject text not null,
  at      timestamptz not null,
  id      text not null,
  kind    text not null,
  detail  jsonb not null,
  primary key (home, subject, at, id)
);

-- Told to the application; committed with the change that caused it, gap-free per connection.
create table event (
  home          bigint not null,
  connection_id text not null,
  sequence      bigint not null,
  id            text not null,
  type          text not null,
  at            timestamptz not null,
  payload       jsonb not null,
  primary key (home, connection_id, sequence)
);

-- Durable work: one row per subject and kind, updated in place. `run_at` is the gateway's clock, the lease real time.
create table task (
  home        bigint not null,
  subject     text not null,
  kind        text not null,
  run_at      timestamptz not null,
  again_at    timestamptz not null default 'infinity',
  lease_until timestamptz not null default '-infinity',
  -- Begins anywhere: a task made anew must not be mistaken for the one that ended.
  fence       bigint not null default floor(random() * 4503599627370496)::bigint,
  attempt     int not null default 0,
  since       timestamptz not null,
  payload     bytea,
  primary key (home, subject, kind)
) with (fillfactor = 80);
create index task_due on task (run_at) where run_at < 'infinity';

create table idempotency (
  home        bigint not null,
  key_hash    bytea not null,
  fingerprint bytea not null,
  ids         jsonb not null,
  created_at  timestamptz not null,
  primary key (home, key_hash)
);

-- Leads from a provider's connection id to the provider connections that hold it, one per customer.
create table signpost (
  home       bigint not null,
  provider   text not null,
  ref        text not null,
  entries    text[] not null,
  closing_at timestamptz,
  primary key (home, provider, ref)
);

create table call_count (
  home                   bigint not null,
  provider_connection_id text not null,
  provider               text not null,
  verb                   text not null,
  day                    date not null,
  count                  bigint not null,
  primary key (home, provider_connection_id, verb, day)
);
