-- How many units of a variant the unpaid orders of one shopper hold, or held without being paid: by who (a customer, a network, a
-- cart). Forgotten soon after `until`.

CREATE TABLE unpaid_units (
    store_id bigint NOT NULL,
    holder text COLLATE "C" NOT NULL,
    variant_id uuid NOT NULL,
    units bigint NOT NULL CHECK (units >= 0),
    until bigint NOT NULL,
    PRIMARY KEY (store_id, holder, variant_id)
);
CREATE INDEX unpaid_units_by_time ON unpaid_units (store_id, until);
