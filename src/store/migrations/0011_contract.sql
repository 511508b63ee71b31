-- What was asked of the gateway and what it asked of providers, for whoever asks what happened; kept for days, and
-- written in batches behind the answers. Webhooks and what customers did in the widget have tables of their own.
create table activity (
  home                   bigint not null,
  id                     text not null,
  at                     timestamptz not null,
  action                 text not null,
  actor                  jsonb not null,
  provider               text,
  customer_id            text,
  connection_id          text,
  provider_connection_id text,
  account_id             text,
  request_id             text,
  -- What the list shows: method, path, status, how long it took.
  summary                jsonb not null,
  -- Headers and bodies, masked; null once the connection is deleted.
  detail                 jsonb,
  primary key (home, id)
);
create index activity_listed on activity (at, id);
create index activity_connection on activity (home, connection_id) where connection_id is not null;
create index activity_login on activity (home, provider_connection_id) where provider_connection_id is not null;

-- Tries come in the order of their time: a small index is enough to find those of a span.
create index attempt_at on attempt using brin (at);

-- Of the person: what the application chose to tell, sealed; found by keyed hashes alone.
alter table customer add column type text not null default 'INDIVIDUAL' check (type in ('INDIVIDUAL', 'BUSINESS'));
alter table customer add column sealed_person bytea;
alter table customer add column email_hash bytea;
alter table customer add column phone_hash bytea;
create index customer_email on customer (email_hash) where email_hash is not null;
create index customer_phone on customer (phone_hash) where phone_hash is not null;

-- Counts what changed of a customer's transactions. It moves under the customer's lock, so that whoever reads up to a
-- number has missed nothing below it, however slow a commit was.
alter table customer add column changes bigint not null default 1;
alter table transaction add column change bigint not null default 1;
alter table transaction add column added_change bigint not null default 1;
create index transaction_changed on transaction (home, account_id, change, id);
