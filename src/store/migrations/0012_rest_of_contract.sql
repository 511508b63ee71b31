-- Products that were added to a connection, and that its customer has not consented to yet: who has to act is the
-- customer then, whatever the state.
alter table connection add column consent_products text[] not null default '{}';
create index connection_consent on connection (state, started_at, id) where consent_products <> '{}';

-- What a request under an idempotency key made, so that its repetition is answered with the same: sealed, as long as
-- the key is kept, and gone with its account.
create table processor_token (
  home       bigint not null,
  id         text not null,
  account_id text not null,
  -- When the provider was last asked for it.
  tried_at   timestamptz not null,
  -- Null until it has answered.
  sealed     bytea,
  primary key (home, id),
  foreign key (home, account_id) references account (home, id) on delete cascade
);
create index processor_token_old on processor_token (tried_at);
create index processor_token_account on processor_token (home, account_id);

-- Within a millisecond the log is in the order in which its lines were noted.
alter table activity add column turn int not null default 0;
drop index activity_listed;
create index activity_listed on activity (at, turn, id);
