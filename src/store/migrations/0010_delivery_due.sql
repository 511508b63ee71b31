-- What is due, in the order in which it is sent: a backlog is not sorted anew for every batch of it.
drop index delivery_due;
create index delivery_due on delivery (profile_id, next_at, position) where status = 'PENDING';
