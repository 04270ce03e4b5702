-- Unpaid units by the hour in which their order is over, so that what comes later keeps nothing else alive. A row from before is one
-- part more.

CREATE TABLE unpaid_parts (
    store_id INTEGER NOT NULL,
    holder TEXT NOT NULL,
    variant_id BLOB NOT NULL,
    until INTEGER NOT NULL,
    units INTEGER NOT NULL CHECK (units >= 0),
    PRIMARY KEY (store_id, holder, variant_id, until)
) STRICT, WITHOUT ROWID;
INSERT INTO unpaid_parts (store_id, holder, variant_id, until, units)
    SELECT store_id, holder, variant_id, until, units FROM unpaid_units;
DROP TABLE unpaid_units;
ALTER TABLE unpaid_parts RENAME TO unpaid_units;
CREATE INDEX unpaid_units_by_time ON unpaid_units (store_id, until);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('unpaid_units', 'unpaid_units', '100000 100000 3 2 1'),
    ('unpaid_units', 'unpaid_units_by_time', '100000 100000 2');
