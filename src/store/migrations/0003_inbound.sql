-- Webhooks of providers, kept before anything is done with them.
create table inbound (
  home          bigint not null,
  id            text not null,
  provider      text not null,
  -- The gateway's clock; and real time, by which its signature grows old.
  received_at   timestamptz not null,
  wall          timestamptz not null,
  last_at       timestamptz not null,
  times         int not null default 1,
  -- False: the key of its signature was not to be had yet.
  verified      boolean not null,
  -- The provider's own word, and its own connection id.
  kind          text,
  ref           text,
  -- `meaning` of the contract; null while it is not known.
  meaning       text,
  outcome       text not null check (outcome in ('WAITING', 'READ_MADE_DUE', 'NOTHING_TO_READ', 'UNKNOWN_CONNECTION',
                                                 'UNREADABLE')),
  -- Method, address, headers and body, sealed; null once the connection is deleted.
  raw           bytea,
  primary key (home, id)
);
create index inbound_listed on inbound (received_at, id);
create index inbound_ref on inbound (provider, ref, received_at, id) where ref is not null;
create index inbound_unverified on inbound (provider) where not verified;

-- Public keys of providers, by the provider's own name for each.
create table provider_key (
  provider text not null,
  name     text not null,
  key      text not null,
  until    timestamptz not null,
  primary key (provider, name)
);

-- Rows come in the order of their time, so a small index is enough to find the old ones.
create index timeline_at on timeline using brin (at);

-- Up to this place of the feed events were forgotten, being old.
insert into feed values ('forgotten', 0);
