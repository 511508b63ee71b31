-- A repair may make a new provider connection, to which a connection's accounts and their transactions move.

-- Its provider id is of an earlier link, and the history of the link that is there now has not told it yet.
alter table transaction add column earlier boolean not null default false;
create index transaction_earlier on transaction (home, account_id, transaction_date) where earlier;

-- The repair makes a new provider connection: what it obtained and lost can't be had again.
alter table session add column relinks boolean not null default false;
-- Which of the accounts there were before are which of those that there are now, where nobody but the customer knows.
alter table session add column questions jsonb;
