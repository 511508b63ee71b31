-- Events get their place in the deployment's feed after their commit, and endpoints are told of them.

alter table event add column position bigint;
-- What the feed has not taken in yet; empty almost always.
create index event_unplaced on event (at) where position is null;
create index event_placed on event (position) where position is not null;
create index event_told on event (at);

-- How far the feed is published. One row: its lock is the lease of whoever gives out places.
create table feed (
  name     text primary key,
  position bigint not null
);
insert into feed values ('events', 0);

create table webhook_profile (
  id              text primary key,
  name            text not null,
  url             text not null,
  event_types     text[] not null,
  event_version   text not null,
  status          text not null check (status in ('ACTIVE', 'DISABLED')),
  -- Why it is disabled: the operator's word, the receiver's 410, or failures for too long.
  disabled_because text check (disabled_because in ('OPERATOR', 'GONE', 'FAILING')),
  disabled_at     timestamptz,
  created_at      timestamptz not null,
  secret          bytea not null,
  old_secret      bytea,
  old_until       timestamptz,
  rotation        text,
  -- Up to this place of the feed its deliveries are made.
  cursor          bigint not null,
  -- Since when, and how often in a row, it did not answer well.
  failing_since   timestamptz,
  failures        int not null default 0,
  -- While it fails: not asked before this, whatever waits for it.
  paused_until    timestamptz,
  check ((status = 'DISABLED') = (disabled_because is not null))
);
create index webhook_profile_listed on webhook_profile (created_at, id);

-- One event for one endpoint.
create table delivery (
  home          bigint not null,
  profile_id    text not null references webhook_profile (id),
  event_id      text not null,
  connection_id text not null,
  position      bigint not null,
  status        text not null check (status in ('PENDING', 'DELIVERED', 'FAILED')),
  -- Tries of this round; a replay begins a new one.
  tries         int not null default 0,
  next_at       timestamptz not null,
  made_at       timestamptz not null,
  last_at       timestamptz,
  reason        text,
  body          text,
  primary key (home, profile_id, event_id)
);
create index delivery_due on delivery (profile_id, next_at) where status = 'PENDING';
create index delivery_listed on delivery (profile_id, position, event_id);
create index delivery_failed on delivery (profile_id, last_at) where status = 'FAILED';
create index delivery_connection on delivery (home, connection_id);

create table attempt (
  home       bigint not null,
  profile_id text not null,
  event_id   text not null,
  at         timestamptz not null,
  id         text not null,
  url        text not null,
  code       int,
  reason     text,
  ms         int not null,
  answer     text,
  primary key (home, profile_id, event_id, at, id),
  foreign key (home, profile_id, event_id) references delivery (home, profile_id, event_id) on delete cascade
);

-- Told as new in an event; null until then.
alter table account add column told_at timestamptz;
update account set told_at = first_listed_at;
-- What transactions did since the last event that counted them: added, updated, removed ids, the oldest touched.
alter table account add column tally jsonb;
