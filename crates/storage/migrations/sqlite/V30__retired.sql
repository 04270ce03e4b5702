-- Products and variants can be switched off by themselves, and removed; a handle that a product had once leads to it.

-- `on`, `off` or `deleted`. What is deleted stays for the orders, carts and ledger entries that name it; its handle or SKU has its
-- id behind it, so that the name is free. A product is `active` where it is on, and a variant of it is.
ALTER TABLE products ADD COLUMN state TEXT NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off', 'deleted'));
UPDATE products SET state = 'off' WHERE active = 0;
ALTER TABLE variants ADD COLUMN state TEXT NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off', 'deleted'));

CREATE TABLE old_handles (
    store_id INTEGER NOT NULL,
    handle TEXT NOT NULL,
    product_id BLOB NOT NULL,
    PRIMARY KEY (store_id, handle)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('old_handles', 'old_handles', '1000 1000 1');
