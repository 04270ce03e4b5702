-- Every table begins with the store, and so does every key: each statement goes to one store, also where the stores are
-- spread over several servers. Instants are milliseconds since 1970, amounts minor units. Text is compared byte by byte, as
-- the embedded database does. The CHECKs are a second wall: the rules themselves stand in the domain.

CREATE TABLE stores (
    store_id bigint NOT NULL,
    handle text COLLATE "C" NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    hosts json NOT NULL,
    settings json NOT NULL,
    shipping_methods json NOT NULL,
    tax_rates json NOT NULL,
    PRIMARY KEY (store_id)
);

-- One row per store: whoever has it locked has the store's turn to write. It also numbers the ledger, and counts the changes
-- of the store and its promotions.
CREATE TABLE lanes (
    store_id bigint NOT NULL,
    version bigint NOT NULL,
    last_movement bigint NOT NULL,
    PRIMARY KEY (store_id)
) WITH (fillfactor = 10);

-- The last batch that each process committed, written in the batch itself: where the answer to a COMMIT got lost, this tells
-- whether it happened.
CREATE TABLE writers (
    store_id bigint NOT NULL,
    writer uuid NOT NULL,
    batch bigint NOT NULL,
    written_at bigint NOT NULL,
    PRIMARY KEY (store_id, writer)
) WITH (fillfactor = 10);

CREATE TABLE leases (
    store_id bigint NOT NULL,
    job text COLLATE "C" NOT NULL,
    holder uuid NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (store_id, job)
) WITH (fillfactor = 10);

-- store_id 0 opens all stores.
CREATE TABLE api_keys (
    store_id bigint NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    name text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (store_id, hash)
);
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);

CREATE TABLE products (
    store_id bigint NOT NULL,
    product_id uuid NOT NULL,
    handle text COLLATE "C" NOT NULL,
    name text NOT NULL,
    -- Lower-case name; name, handle and SKUs; cheapest and dearest variant: what lists are sorted and searched by.
    sort_name text COLLATE "C" NOT NULL,
    search text COLLATE "C" NOT NULL,
    min_price bigint NOT NULL,
    max_price bigint NOT NULL,
    active boolean NOT NULL,
    tags json NOT NULL,
    tax_category text NOT NULL,
    price_policy json,
    detail json NOT NULL,
    PRIMARY KEY (store_id, product_id),
    UNIQUE (store_id, handle)
);
CREATE INDEX products_by_name ON products (store_id, sort_name, product_id);
CREATE INDEX products_by_price ON products (store_id, min_price, product_id);

CREATE TABLE variants (
    store_id bigint NOT NULL,
    variant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    sku text COLLATE "C" NOT NULL,
    attributes json NOT NULL,
    price bigint NOT NULL CHECK (price >= 0),
    prices json NOT NULL,
    floors json NOT NULL,
    weight_grams bigint NOT NULL CHECK (weight_grams >= 0),
    track_stock boolean NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (store_id, variant_id),
    UNIQUE (store_id, sku)
);
CREATE INDEX variants_by_product ON variants (store_id, product_id, position);

-- Half of each page is left free, so that a sale finds room beside the row and no index is touched.
CREATE TABLE stock (
    store_id bigint NOT NULL,
    variant_id uuid NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    last_movement bigint NOT NULL,
    PRIMARY KEY (store_id, variant_id),
    CHECK (0 <= reserved AND reserved <= on_hand)
) WITH (fillfactor = 50);

-- Entries are appended; each names the one before it of the same variant (0 for none), so that a variant's ledger can be
-- walked without an index whose pages every sale would touch.
CREATE TABLE stock_movements (
    store_id bigint NOT NULL,
    sequence bigint NOT NULL,
    variant_id uuid NOT NULL,
    previous bigint NOT NULL,
    on_hand_delta bigint NOT NULL,
    reserved_delta bigint NOT NULL,
    cause text NOT NULL,
    order_id uuid,
    reason text,
    at bigint NOT NULL,
    PRIMARY KEY (store_id, sequence)
);

CREATE TABLE carts (
    store_id bigint NOT NULL,
    cart_id uuid NOT NULL,
    token_hash bytea CHECK (length(token_hash) = 32),
    customer text,
    status text NOT NULL,
    version bigint NOT NULL,
    currency text NOT NULL,
    lines json NOT NULL,
    detail json NOT NULL,
    order_id uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (store_id, cart_id)
) WITH (fillfactor = 70);
CREATE INDEX carts_by_expiry ON carts (store_id, expires_at, cart_id) WHERE status IN ('active', 'abandoned');

CREATE TABLE customer_carts (
    store_id bigint NOT NULL,
    customer text COLLATE "C" NOT NULL,
    cart_id uuid NOT NULL,
    PRIMARY KEY (store_id, customer)
);

CREATE TABLE customers (
    store_id bigint NOT NULL,
    customer text COLLATE "C" NOT NULL,
    groups json NOT NULL,
    tax_exempt boolean NOT NULL,
    PRIMARY KEY (store_id, customer)
);

CREATE TABLE orders (
    store_id bigint NOT NULL,
    order_id uuid NOT NULL,
    cart_id uuid NOT NULL,
    token_hash bytea CHECK (length(token_hash) = 32),
    customer text,
    -- The customer, else the e-mail address in lower case.
    buyer text COLLATE "C",
    status text NOT NULL,
    currency text NOT NULL,
    subtotal bigint NOT NULL,
    discount bigint NOT NULL CHECK (0 <= discount AND discount <= subtotal),
    shipping bigint NOT NULL CHECK (shipping >= 0),
    tax_added bigint NOT NULL,
    tax_included bigint NOT NULL,
    relief bigint NOT NULL,
    rounding bigint NOT NULL,
    total bigint NOT NULL CHECK (total >= 0),
    detail json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (store_id, order_id)
) WITH (fillfactor = 70);
-- Two checkouts of one cart make one order.
CREATE UNIQUE INDEX live_order_of_cart ON orders (store_id, cart_id) WHERE status IN ('pending_payment', 'placed');
-- Placed orders are nearly all; the others are listed by state.
CREATE INDEX orders_by_status ON orders (store_id, status, order_id) WHERE status <> 'placed';
CREATE INDEX orders_by_buyer ON orders (store_id, buyer, order_id) WHERE buyer IS NOT NULL;

CREATE TABLE order_lines (
    store_id bigint NOT NULL,
    order_id uuid NOT NULL,
    position bigint NOT NULL,
    line_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    unit_price bigint NOT NULL CHECK (unit_price >= 0),
    discount bigint NOT NULL CHECK (0 <= discount AND discount <= quantity * unit_price),
    tax_added bigint NOT NULL,
    tax_included bigint NOT NULL,
    relief bigint NOT NULL,
    options json NOT NULL,
    reservation text NOT NULL CHECK (reservation IN ('none', 'held', 'committed', 'released')),
    PRIMARY KEY (store_id, order_id, position)
) WITH (fillfactor = 60);

CREATE TABLE payments (
    store_id bigint NOT NULL,
    order_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    gateway text NOT NULL,
    method text NOT NULL,
    status text NOT NULL,
    captured bigint NOT NULL CHECK (captured >= 0),
    refunded bigint NOT NULL CHECK (0 <= refunded AND refunded <= captured),
    tries bigint NOT NULL,
    due_at bigint,
    PRIMARY KEY (store_id, order_id)
) WITH (fillfactor = 60);
CREATE INDEX payments_by_due ON payments (store_id, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE promotions (
    store_id bigint NOT NULL,
    promotion_id uuid NOT NULL,
    definition json NOT NULL,
    PRIMARY KEY (store_id, promotion_id)
);

CREATE TABLE coupons (
    store_id bigint NOT NULL,
    code text COLLATE "C" NOT NULL,
    promotion_id uuid NOT NULL,
    max_uses bigint CHECK (max_uses > 0),
    bulk boolean NOT NULL,
    PRIMARY KEY (store_id, code)
);
CREATE INDEX coupons_by_promotion ON coupons (store_id, promotion_id, bulk, code);

CREATE TABLE promotion_uses (
    store_id bigint NOT NULL,
    promotion_id uuid NOT NULL,
    uses bigint NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (store_id, promotion_id)
) WITH (fillfactor = 20);

CREATE TABLE customer_uses (
    store_id bigint NOT NULL,
    promotion_id uuid NOT NULL,
    customer text COLLATE "C" NOT NULL,
    uses bigint NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (store_id, promotion_id, customer)
);

CREATE TABLE redemptions (
    store_id bigint NOT NULL,
    order_id uuid NOT NULL,
    promotion_id uuid NOT NULL,
    customer text NOT NULL,
    code text COLLATE "C",
    live boolean NOT NULL,
    PRIMARY KEY (store_id, order_id, promotion_id)
);
-- Uses of a code with a limit are counted here.
CREATE INDEX redemptions_by_code ON redemptions (store_id, code, promotion_id) WHERE live AND code IS NOT NULL;

CREATE TABLE idempotency (
    store_id bigint NOT NULL,
    scope text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    order_id uuid,
    created_at bigint NOT NULL,
    PRIMARY KEY (store_id, scope, key)
);
CREATE INDEX idempotency_by_age ON idempotency (store_id, created_at);
