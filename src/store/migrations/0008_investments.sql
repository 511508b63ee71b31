-- What is held in an investment account. One that was sold keeps its id, should it be held again.
create table holding (
  home          bigint not null,
  id            text not null,
  account_id    text not null,
  ref           text not null,
  symbol        text,
  cusip         text,
  isin          text,
  description   text not null,
  type          text not null,
  quantity      numeric not null,
  cost_basis    numeric,
  close_price   numeric,
  current_value numeric,
  currency      text not null,
  changed_at    timestamptz not null,
  removed_at    timestamptz,
  primary key (home, id),
  foreign key (home, account_id) references account (home, id) on delete cascade
);
create unique index holding_ref on holding (home, account_id, ref);

create table investment_transaction (
  home             bigint not null,
  id               text not null,
  account_id       text not null,
  ref              text not null,
  symbol           text,
  description      text not null,
  type             text not null,
  status           text not null,
  quantity         numeric not null,
  cost_basis       numeric,
  amount           numeric not null,
  currency         text not null,
  transaction_date date not null,
  posted_date      date,
  changed_at       timestamptz not null,
  removed_at       timestamptz,
  primary key (home, id),
  foreign key (home, account_id) references account (home, id) on delete cascade
);
create unique index investment_transaction_ref on investment_transaction (home, account_id, ref);
create index investment_transaction_newest on investment_transaction (home, account_id, transaction_date desc, id desc);

-- Like `tally`, of investment transactions.
alter table account add column investment_tally jsonb;
-- Where the next walk through investment transactions begins; moves with the walk's last page.
alter table provider_connection add column investment_cursor text;

-- Owners' e-mails and numbers say whether they are the primary ones; what was kept before does not know.
update account set owners = (
  select jsonb_agg(jsonb_build_object(
    'names', o -> 'names',
    'addresses', '[]'::jsonb,
    'emails', coalesce((select jsonb_agg(jsonb_build_object('data', e, 'primary', 'UNKNOWN'))
      from jsonb_array_elements(o -> 'emails') e), '[]'),
    'phoneNumbers', coalesce((select jsonb_agg(jsonb_build_object('data', p, 'primary', 'UNKNOWN'))
      from jsonb_array_elements(o -> 'phoneNumbers') p), '[]')))
    from jsonb_array_elements(owners) o)
  where jsonb_typeof(owners) = 'array' and owners <> '[]';
