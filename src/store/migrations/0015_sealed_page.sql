-- What the customer's page needs of the provider opens the provider's widget, and is sealed as its other half is.
-- A session that is open at this moment begins its provider's part anew; what was begun can still be finished.
alter table session add column sealed_page bytea;
alter table session drop column page;
