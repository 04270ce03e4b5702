-- How far a store's open carts have come that are planned anew since settings changed: the last one that is done, in the order in
-- which they expire. The row goes when all are done.

CREATE TABLE cart_replans (
    store_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    cart_id BLOB NOT NULL,
    PRIMARY KEY (store_id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('cart_replans', 'cart_replans', '10 1');
