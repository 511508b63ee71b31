-- What persons did: each act with a key, from the operator's pages or by a command, and each read of a full account
-- number. Written and read by the running gateway, changed by nobody: who may do what stands in store/grants.ts.
-- Of customers it holds ids alone, so that nothing has to be taken out when one is erased.
create table audit_entry (
  home       bigint not null,
  id         text not null,
  at         timestamptz not null,
  -- api, dashboard or command.
  via        text not null,
  -- The key; null: a command, or this machine's own pages.
  key_id     text,
  -- The user of the system who ran the command.
  os_user    text,
  action     text not null,
  -- Every id that it touched; '*': all there are.
  objects    text[] not null,
  outcome    text not null,
  status     int,
  request_id text,
  primary key (home, id)
);
create index audit_entry_at on audit_entry (at, id);
create index audit_entry_objects on audit_entry using gin (objects);
