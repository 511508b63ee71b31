-- What the operator's pages ask across all customers, each by an index of its own.

create index connection_provider on connection (provider, started_at, id);
create index connection_institution on connection (institution_id, started_at, id);
-- With the list's order in it, so that counting what moved lately reads the index alone.
create index connection_since on connection (state_since, started_at, id);

-- How many moved from which row of the table to which: read for a day and a week at once.
create index event_moved on event (at) where type = 'BANK_LINKING_CONNECTION_STATUS_CHANGE';

-- The request ids of providers that a run met, and of our own callers: what a ticket quotes, a search must find.
create index timeline_provider_request on timeline
  using gin (jsonb_path_query_array(detail, '$.troubles[*].raw.requestId'))
  where jsonb_path_exists(detail, '$.troubles[*].raw.requestId');
create index refresh_request on refresh (request_id);

-- An operator who typed a key: what the browser holds since then, hashed. It ends with its key.
create table operator_session (
  hash       bytea primary key,
  key_id     text not null references api_key (id),
  expires_at timestamptz not null
);
