-- What the operator was told of an alarm: nothing yet, that it was raised, that it is over.
alter table incident add column told text not null default 'nothing' check (told in ('nothing', 'raised', 'settled'));
update incident set told = 'settled' where closed_at is not null;
create index incident_untold on incident (opened_at)
  where told = 'nothing' or (told = 'raised' and closed_at is not null);
alter table unmapped_code add column told_at timestamptz;
-- A customer's deliveries lie side by side already; an index less to write at every try.
drop index delivery_connection;
