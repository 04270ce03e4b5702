-- Products and variants can be switched off by themselves, and removed; a handle that a product had once leads to it.

-- `on`, `off` or `deleted`. What is deleted stays for the orders, carts and ledger entries that name it; its handle or SKU has its
-- id behind it, so that the name is free. A product is `active` where it is on, and a variant of it is.
ALTER TABLE products ADD COLUMN state text NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off', 'deleted'));
UPDATE products SET state = 'off' WHERE NOT active;
ALTER TABLE variants ADD COLUMN state text NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off', 'deleted'));

CREATE TABLE old_handles (
    store_id bigint NOT NULL,
    handle text COLLATE "C" NOT NULL,
    product_id uuid NOT NULL,
    PRIMARY KEY (store_id, handle)
);
