-- The tables that the usual checkout writes, as wide and with the same indexes and space as the shop's own, but with plain
-- numbers for keys, which is in favour of the usual way.

CREATE TABLE stock (
    store_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    price bigint NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    PRIMARY KEY (store_id, variant_id),
    CHECK (0 <= reserved AND reserved <= on_hand)
) WITH (fillfactor = 50);

CREATE TABLE stock_movements (
    store_id bigint NOT NULL,
    sequence bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    variant_id bigint NOT NULL,
    on_hand_delta bigint NOT NULL,
    reserved_delta bigint NOT NULL,
    cause text NOT NULL,
    order_id bigint,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, sequence)
);

CREATE TABLE orders (
    store_id bigint NOT NULL,
    order_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    cart_id bigint NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    subtotal bigint NOT NULL,
    discount bigint NOT NULL CHECK (0 <= discount AND discount <= subtotal),
    shipping bigint NOT NULL CHECK (shipping >= 0),
    tax bigint NOT NULL,
    total bigint NOT NULL CHECK (total >= 0),
    detail json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, order_id)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX live_order_of_cart ON orders (store_id, cart_id) WHERE status IN ('pending_payment', 'placed');

CREATE TABLE order_lines (
    store_id bigint NOT NULL,
    order_id bigint NOT NULL,
    position bigint NOT NULL,
    variant_id bigint NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    unit_price bigint NOT NULL CHECK (unit_price >= 0),
    discount bigint NOT NULL,
    tax bigint NOT NULL,
    options json NOT NULL,
    reservation text NOT NULL CHECK (reservation IN ('none', 'held', 'committed', 'released')),
    PRIMARY KEY (store_id, order_id, position)
) WITH (fillfactor = 60);

CREATE TABLE payments (
    store_id bigint NOT NULL,
    order_id bigint NOT NULL,
    gateway text NOT NULL,
    method text NOT NULL,
    status text NOT NULL,
    captured bigint NOT NULL CHECK (captured >= 0),
    refunded bigint NOT NULL CHECK (0 <= refunded AND refunded <= captured),
    due_at timestamptz,
    PRIMARY KEY (store_id, order_id)
) WITH (fillfactor = 60);
CREATE INDEX payments_by_due ON payments (store_id, due_at) WHERE due_at IS NOT NULL;

CREATE SEQUENCE carts;

-- Ten thousand variants, and the one that all want.
INSERT INTO stock SELECT 1, variant_id, 500 + variant_id % 10 * 25, 1000000000, 0 FROM generate_series(1, 10001) variant_id;
VACUUM ANALYZE stock;
