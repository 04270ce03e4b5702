-- How many units of a variant the unpaid orders of one shopper hold, or held without being paid: by who (a customer, a network, a
-- cart). Forgotten soon after `until`.

CREATE TABLE unpaid_units (
    store_id INTEGER NOT NULL,
    holder TEXT NOT NULL,
    variant_id BLOB NOT NULL,
    units INTEGER NOT NULL CHECK (units >= 0),
    until INTEGER NOT NULL,
    PRIMARY KEY (store_id, holder, variant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX unpaid_units_by_time ON unpaid_units (store_id, until);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('unpaid_units', 'unpaid_units', '100000 100000 2 1'),
    ('unpaid_units', 'unpaid_units_by_time', '100000 100000 2');
