-- Of each variant: in how many active carts it stands, and how many units in all. Only where a store shows it.
CREATE TABLE cart_demand (
    store_id INTEGER NOT NULL,
    variant_id BLOB NOT NULL,
    carts INTEGER NOT NULL,
    units INTEGER NOT NULL,
    PRIMARY KEY (store_id, variant_id)
) STRICT, WITHOUT ROWID;

-- Stores that show it, and up to which cart theirs are counted; all of ones where it is done.
CREATE TABLE demand_counts (
    store_id INTEGER NOT NULL,
    counted_to BLOB NOT NULL,
    PRIMARY KEY (store_id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('cart_demand', 'cart_demand', '100000 100000 1'),
    ('demand_counts', 'demand_counts', '10 1');
