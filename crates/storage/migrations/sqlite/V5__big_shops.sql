-- Codes added in bulk are counted where they are written, not anew at each list of promotions.
ALTER TABLE promotions ADD COLUMN bulk_codes INTEGER NOT NULL DEFAULT 0 CHECK (bulk_codes >= 0);
UPDATE promotions SET bulk_codes = (SELECT count(*) FROM coupons c
    WHERE c.store_id = promotions.store_id AND c.promotion_id = promotions.promotion_id AND c.bulk = 1);

-- The index of texts knows whole numbers only. Those of a store begin at store_id * 2^32, so that one is searched alone.
CREATE TABLE product_numbers (
    store_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    product_id BLOB NOT NULL,
    PRIMARY KEY (store_id, number),
    UNIQUE (store_id, product_id)
) STRICT, WITHOUT ROWID;

-- All runs of three letters in what products are found by. Words stand in it twice: as they are, and behind two line ends, so
-- that the first letters of a word make a run of three too.
CREATE VIRTUAL TABLE product_runs USING fts5(
    text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);
CREATE VIEW product_texts AS
    SELECT n.store_id, n.product_id, n.number, char(10) || p.search || replace(replace(replace(replace(
        char(10) || p.search, ' ', char(10)), '-', char(10)), '/', char(10)), char(10), char(10) || char(10)) AS text
    FROM product_numbers n CROSS JOIN products p ON p.store_id = n.store_id AND p.product_id = n.product_id;

INSERT INTO product_numbers (store_id, number, product_id)
    SELECT store_id, (store_id << 32) + row_number() OVER (PARTITION BY store_id ORDER BY product_id), product_id FROM products;
INSERT INTO product_runs (rowid, text) SELECT number, text FROM product_texts ORDER BY number;

CREATE TRIGGER product_is_new AFTER INSERT ON products BEGIN
    INSERT INTO product_numbers (store_id, number, product_id) VALUES (new.store_id, 1 + coalesce(
        (SELECT max(number) FROM product_numbers WHERE store_id = new.store_id), new.store_id << 32), new.product_id);
    INSERT INTO product_runs (rowid, text) SELECT number, text FROM product_texts
        WHERE store_id = new.store_id AND product_id = new.product_id;
END;
-- The index must be told what it is to forget.
CREATE TRIGGER product_text_goes BEFORE UPDATE OF search ON products WHEN new.search <> old.search BEGIN
    INSERT INTO product_runs (product_runs, rowid, text) SELECT 'delete', number, text FROM product_texts
        WHERE store_id = old.store_id AND product_id = old.product_id;
END;
CREATE TRIGGER product_text_comes AFTER UPDATE OF search ON products WHEN new.search <> old.search BEGIN
    INSERT INTO product_runs (rowid, text) SELECT number, text FROM product_texts
        WHERE store_id = new.store_id AND product_id = new.product_id;
END;
CREATE TRIGGER product_goes BEFORE DELETE ON products BEGIN
    INSERT INTO product_runs (product_runs, rowid, text) SELECT 'delete', number, text FROM product_texts
        WHERE store_id = old.store_id AND product_id = old.product_id;
    DELETE FROM product_numbers WHERE store_id = old.store_id AND product_id = old.product_id;
END;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('product_numbers', 'product_numbers', '100000 100000 1'),
    ('product_numbers', 'sqlite_autoindex_product_numbers_2', '100000 100000 1');
