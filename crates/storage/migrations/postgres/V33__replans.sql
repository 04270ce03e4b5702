-- How far a store's open carts have come that are planned anew since settings changed: the last one that is done, in the order in
-- which they expire. The row goes when all are done.

CREATE TABLE cart_replans (
    store_id bigint NOT NULL,
    expires_at bigint NOT NULL,
    cart_id uuid NOT NULL,
    PRIMARY KEY (store_id)
);
