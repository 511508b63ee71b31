-- A key has one scope: each covers the ones below it. Keys of before could do anything, and still can.
update api_key set scopes = array['admin'];
alter table api_key add constraint api_key_scope
  check (cardinality(scopes) = 1 and scopes <@ array['read', 'link', 'operate', 'admin']);
alter table api_key add column last_used_at timestamptz;
