-- Each row is what one provider's catalogue says of a bank; rows that are the same bank name the one that stands for it.
alter table institution add column aliases text[] not null default '{}';
alter table institution add column hosts text[] not null default '{}';
alter table institution add column same_as text references institution (id);
-- The order in which rows were learnt, and the one in which they changed: what has a copy asks for what is newer.
alter table institution add column since bigint not null default 0;
alter table institution add column revision bigint not null default 0;

update institution set hosts = array[domain] where domain is not null;
alter table institution drop column domain;

create index institution_same on institution ((coalesce(same_as, id)));
create index institution_changed on institution (revision, id);
create index institution_listed on institution (rank desc, name, id) where same_as is null;
