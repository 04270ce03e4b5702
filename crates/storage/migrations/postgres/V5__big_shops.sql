-- Codes added in bulk are counted where they are written, not anew at each list of promotions.
ALTER TABLE promotions ADD COLUMN bulk_codes bigint NOT NULL DEFAULT 0 CHECK (bulk_codes >= 0);
UPDATE promotions p SET bulk_codes = (SELECT count(*) FROM coupons c
    WHERE c.store_id = p.store_id AND c.promotion_id = p.promotion_id AND c.bulk);
