-- Units held for carts from the moment they are added. What is held stands in the cart; here it is found by variant and by time.

CREATE TABLE holds (
    store_id bigint NOT NULL,
    cart_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    units bigint NOT NULL CHECK (units > 0),
    until bigint NOT NULL,
    PRIMARY KEY (store_id, cart_id, variant_id)
);
CREATE INDEX holds_of_variant ON holds (store_id, variant_id, until, cart_id);
CREATE INDEX holds_by_time ON holds (store_id, until);

ALTER TABLE stock_movements ADD COLUMN cart_id uuid;
ALTER TABLE products ADD COLUMN hold_policy json;
