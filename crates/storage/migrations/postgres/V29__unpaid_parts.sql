-- Unpaid units by the hour in which their order is over, so that what comes later keeps nothing else alive. A row from before is one
-- part more.

ALTER TABLE unpaid_units DROP CONSTRAINT unpaid_units_pkey;
ALTER TABLE unpaid_units ADD PRIMARY KEY (store_id, holder, variant_id, until);
