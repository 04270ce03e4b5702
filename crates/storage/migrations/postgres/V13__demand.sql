-- Of each variant: in how many active carts it stands, and how many units in all. Only where a store shows it.
CREATE TABLE cart_demand (
    store_id bigint NOT NULL,
    variant_id uuid NOT NULL,
    carts bigint NOT NULL,
    units bigint NOT NULL,
    PRIMARY KEY (store_id, variant_id)
) WITH (fillfactor = 50);

-- Stores that show it, and up to which cart theirs are counted; all of ones where it is done.
CREATE TABLE demand_counts (
    store_id bigint NOT NULL,
    counted_to uuid NOT NULL,
    PRIMARY KEY (store_id)
);
