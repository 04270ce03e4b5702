-- Promotions as they stood until they were changed or deleted, for lines whose captured price holds.

CREATE TABLE kept_promotions (
    store_id INTEGER NOT NULL,
    promotion_id BLOB NOT NULL,
    until INTEGER NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (store_id, promotion_id, until)
) STRICT, WITHOUT ROWID;
-- Finds the products that have a price policy of their own.
CREATE INDEX products_with_price_policy ON products (store_id) WHERE price_policy IS NOT NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('kept_promotions', 'kept_promotions', '20 20 2 1'),
    ('products', 'products_with_price_policy', '100 100');
