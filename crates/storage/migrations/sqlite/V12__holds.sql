-- Units held for carts from the moment they are added. What is held stands in the cart; here it is found by variant and by time.

CREATE TABLE holds (
    store_id INTEGER NOT NULL,
    cart_id BLOB NOT NULL,
    variant_id BLOB NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    until INTEGER NOT NULL,
    PRIMARY KEY (store_id, cart_id, variant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_of_variant ON holds (store_id, variant_id, until, cart_id);
CREATE INDEX holds_by_time ON holds (store_id, until);

ALTER TABLE stock_movements ADD COLUMN cart_id BLOB;
ALTER TABLE products ADD COLUMN hold_policy TEXT;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('holds', 'holds', '100000 100000 2 1'),
    ('holds', 'holds_of_variant', '100000 100000 20 2 1'),
    ('holds', 'holds_by_time', '100000 100000 2');
