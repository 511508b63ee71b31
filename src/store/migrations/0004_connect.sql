-- What the customer's page asks about before the exchange: the connection that seems to be the same login already, and
-- the proof that waits for the answer, sealed.
alter table session add column twin_connection_id text;
alter table session add column sealed_proof bytea;
