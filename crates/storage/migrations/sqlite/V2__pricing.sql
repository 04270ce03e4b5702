-- Codes with uses of their own, facts about customers, buyers of orders, price policies, floors.

ALTER TABLE products ADD COLUMN price_policy TEXT;
ALTER TABLE variants ADD COLUMN floors TEXT NOT NULL DEFAULT '{}';

ALTER TABLE coupons ADD COLUMN max_uses INTEGER CHECK (max_uses > 0);
ALTER TABLE coupons ADD COLUMN bulk INTEGER NOT NULL DEFAULT 0;
DROP INDEX coupons_by_promotion;
CREATE INDEX coupons_by_promotion ON coupons (store_id, promotion_id, bulk, code);

CREATE TABLE customers (
    store_id INTEGER NOT NULL,
    customer TEXT NOT NULL,
    -- Names of groups as JSON.
    groups TEXT NOT NULL,
    tax_exempt INTEGER NOT NULL,
    PRIMARY KEY (store_id, customer)
) STRICT, WITHOUT ROWID;

-- The customer, else the e-mail address in lower case.
ALTER TABLE orders ADD COLUMN buyer TEXT;
UPDATE orders SET buyer = coalesce(customer, nullif(lower(trim(json_extract(detail, '$.email'))), ''));
CREATE INDEX orders_by_buyer ON orders (store_id, buyer, order_id) WHERE buyer IS NOT NULL;

-- Uses of a code with a limit are counted here.
CREATE INDEX redemptions_by_code ON redemptions (store_id, code, promotion_id) WHERE live = 1 AND code IS NOT NULL;

DELETE FROM sqlite_stat1 WHERE idx = 'coupons_by_promotion';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('coupons', 'coupons_by_promotion', '100000 100000 1000 500 1'),
    ('customers', 'customers', '100000 100000 1'),
    ('redemptions', 'redemptions_by_code', '100000 100000 2 1'),
    ('orders', 'orders_by_buyer', '900000 900000 3 1');
