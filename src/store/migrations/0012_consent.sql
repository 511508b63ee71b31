-- Products that were added to a connection, and that its customer has not consented to yet: who has to act is the
-- customer then, whatever the state.
alter table connection add column consent_products text[] not null default '{}';
create index connection_consent on connection (state, started_at, id) where consent_products <> '{}';
