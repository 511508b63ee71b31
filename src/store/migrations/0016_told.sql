-- A page that tells again what is kept is known by a digest of each row, and is not read further.
alter table transaction add column told bigint;

-- Rows are found one by one. A new table has no statistics, every index that begins with home and account costs the
-- same there, and the planner takes the youngest: so these two are made after all others.
drop index transaction_ref;
create unique index transaction_ref on transaction (home, account_id, ref);
drop index transaction_pending;
create index transaction_pending on transaction (home, account_id, pending_ref) where pending_ref is not null;
