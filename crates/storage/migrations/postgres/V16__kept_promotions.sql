-- Promotions as they stood until they were changed or deleted, for lines whose captured price holds.

CREATE TABLE kept_promotions (
    store_id bigint NOT NULL,
    promotion_id uuid NOT NULL,
    until bigint NOT NULL,
    definition json NOT NULL,
    PRIMARY KEY (store_id, promotion_id, until)
);
-- Finds the products that have a price policy of their own.
CREATE INDEX products_with_price_policy ON products (store_id) WHERE price_policy IS NOT NULL;
