-- Every table begins with the store, and so does every key. Instants are milliseconds since 1970, amounts minor units,
-- ids 16 bytes. The CHECKs are a second wall: the rules themselves stand in the domain.

CREATE TABLE stores (
    store_id INTEGER PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    hosts TEXT NOT NULL,
    settings TEXT NOT NULL,
    shipping_methods TEXT NOT NULL,
    tax_rates TEXT NOT NULL
) STRICT;

-- store_id 0 opens all stores.
CREATE TABLE api_keys (
    store_id INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, hash)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);

CREATE TABLE products (
    store_id INTEGER NOT NULL,
    product_id BLOB NOT NULL,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Lower-case name; name, handle and SKUs; cheapest and dearest variant: what lists are sorted and searched by.
    sort_name TEXT NOT NULL,
    search TEXT NOT NULL,
    min_price INTEGER NOT NULL,
    max_price INTEGER NOT NULL,
    active INTEGER NOT NULL,
    tags TEXT NOT NULL,
    tax_category TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (store_id, product_id),
    UNIQUE (store_id, handle)
) STRICT;
-- With what is filtered by, so that a row is looked up only where it is in the answer.
CREATE INDEX products_by_name ON products (store_id, sort_name, product_id, active, search, min_price, max_price);
CREATE INDEX products_by_price ON products (store_id, min_price, product_id, active, search, max_price);
CREATE INDEX products_by_age ON products (store_id, product_id, active, search, min_price, max_price);

CREATE TABLE variants (
    store_id INTEGER NOT NULL,
    variant_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    sku TEXT NOT NULL,
    attributes TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price >= 0),
    prices TEXT NOT NULL,
    weight_grams INTEGER NOT NULL CHECK (weight_grams >= 0),
    track_stock INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (store_id, variant_id),
    UNIQUE (store_id, sku)
) STRICT, WITHOUT ROWID;
CREATE INDEX variants_by_product ON variants (store_id, product_id, position);

CREATE TABLE stock (
    store_id INTEGER NOT NULL,
    variant_id BLOB NOT NULL,
    on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    last_movement INTEGER NOT NULL,
    PRIMARY KEY (store_id, variant_id),
    CHECK (0 <= reserved AND reserved <= on_hand)
) STRICT, WITHOUT ROWID;

-- Entries are appended; each names the one before it of the same variant (0 for none), so that a variant's ledger can be
-- walked without an index whose pages every sale would touch.
CREATE TABLE stock_movements (
    store_id INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    variant_id BLOB NOT NULL,
    previous INTEGER NOT NULL,
    on_hand_delta INTEGER NOT NULL,
    reserved_delta INTEGER NOT NULL,
    cause TEXT NOT NULL,
    order_id BLOB,
    reason TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (store_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE carts (
    store_id INTEGER NOT NULL,
    cart_id BLOB NOT NULL,
    token_hash BLOB,
    customer TEXT,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    currency TEXT NOT NULL,
    lines TEXT NOT NULL,
    detail TEXT NOT NULL,
    order_id BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, cart_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX carts_by_expiry ON carts (store_id, expires_at) WHERE status IN ('active', 'abandoned');

CREATE TABLE customer_carts (
    store_id INTEGER NOT NULL,
    customer TEXT NOT NULL,
    cart_id BLOB NOT NULL,
    PRIMARY KEY (store_id, customer)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    store_id INTEGER NOT NULL,
    order_id BLOB NOT NULL,
    cart_id BLOB NOT NULL,
    token_hash BLOB,
    customer TEXT,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    subtotal INTEGER NOT NULL,
    discount INTEGER NOT NULL CHECK (0 <= discount AND discount <= subtotal),
    shipping INTEGER NOT NULL CHECK (shipping >= 0),
    tax_added INTEGER NOT NULL,
    tax_included INTEGER NOT NULL,
    relief INTEGER NOT NULL,
    rounding INTEGER NOT NULL,
    total INTEGER NOT NULL CHECK (total >= 0),
    detail TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, order_id)
) STRICT, WITHOUT ROWID;
-- Two checkouts of one cart make one order.
CREATE UNIQUE INDEX live_order_of_cart ON orders (store_id, cart_id) WHERE status IN ('pending_payment', 'placed');
-- Placed orders are nearly all; the others are listed by state.
CREATE INDEX orders_by_status ON orders (store_id, status, order_id) WHERE status <> 'placed';

CREATE TABLE order_lines (
    store_id INTEGER NOT NULL,
    order_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    line_id BLOB NOT NULL,
    variant_id BLOB NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
    discount INTEGER NOT NULL CHECK (0 <= discount AND discount <= quantity * unit_price),
    tax_added INTEGER NOT NULL,
    tax_included INTEGER NOT NULL,
    relief INTEGER NOT NULL,
    options TEXT NOT NULL,
    reservation TEXT NOT NULL CHECK (reservation IN ('none', 'held', 'committed', 'released')),
    PRIMARY KEY (store_id, order_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE payments (
    store_id INTEGER NOT NULL,
    order_id BLOB NOT NULL,
    attempt_id BLOB NOT NULL,
    gateway TEXT NOT NULL,
    method TEXT NOT NULL,
    status TEXT NOT NULL,
    captured INTEGER NOT NULL CHECK (captured >= 0),
    refunded INTEGER NOT NULL CHECK (0 <= refunded AND refunded <= captured),
    tries INTEGER NOT NULL,
    due_at INTEGER,
    PRIMARY KEY (store_id, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payments_by_due ON payments (store_id, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE promotions (
    store_id INTEGER NOT NULL,
    promotion_id BLOB NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (store_id, promotion_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE coupons (
    store_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    promotion_id BLOB NOT NULL,
    PRIMARY KEY (store_id, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX coupons_by_promotion ON coupons (store_id, promotion_id, code);

CREATE TABLE promotion_uses (
    store_id INTEGER NOT NULL,
    promotion_id BLOB NOT NULL,
    uses INTEGER NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (store_id, promotion_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE customer_uses (
    store_id INTEGER NOT NULL,
    promotion_id BLOB NOT NULL,
    customer TEXT NOT NULL,
    uses INTEGER NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (store_id, promotion_id, customer)
) STRICT, WITHOUT ROWID;

CREATE TABLE redemptions (
    store_id INTEGER NOT NULL,
    order_id BLOB NOT NULL,
    promotion_id BLOB NOT NULL,
    customer TEXT NOT NULL,
    code TEXT,
    live INTEGER NOT NULL,
    PRIMARY KEY (store_id, order_id, promotion_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    store_id INTEGER NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    order_id BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (store_id, created_at);

-- What the planner believes, fixed: a store has many rows, an id or a SKU one. Left to itself it takes the store alone for
-- selective, and reads a whole store where it should seek a row.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('products', 'sqlite_autoindex_products_1', '100000 100000 1'),
    ('products', 'sqlite_autoindex_products_2', '100000 100000 1'),
    ('products', 'products_by_name', '100000 100000 2 1 1 1 1 1'),
    ('products', 'products_by_price', '100000 100000 10 1 1 1 1'),
    ('products', 'products_by_age', '100000 100000 1 1 1 1 1'),
    ('variants', 'variants', '200000 200000 1'),
    ('variants', 'sqlite_autoindex_variants_2', '200000 200000 1'),
    ('variants', 'variants_by_product', '200000 200000 2 1'),
    ('stock', 'stock', '200000 200000 1'),
    ('stock_movements', 'stock_movements', '6000000 6000000 1'),
    ('carts', 'carts', '1000000 1000000 1'),
    ('carts', 'carts_by_expiry', '500000 500000 2'),
    ('customer_carts', 'customer_carts', '100000 100000 1'),
    ('orders', 'orders', '1000000 1000000 1'),
    ('orders', 'live_order_of_cart', '900000 900000 1'),
    ('orders', 'orders_by_status', '100000 100000 20000 1'),
    ('order_lines', 'order_lines', '3000000 3000000 3 1'),
    ('payments', 'payments', '1000000 1000000 1'),
    ('payments', 'payments_by_due', '1000 1000 1'),
    ('promotions', 'promotions', '100 100 1'),
    ('coupons', 'coupons', '100000 100000 1'),
    ('coupons', 'coupons_by_promotion', '100000 100000 1000 1'),
    ('promotion_uses', 'promotion_uses', '100 100 1'),
    ('customer_uses', 'customer_uses', '100000 100000 1000 1'),
    ('redemptions', 'redemptions', '100000 100000 1 1'),
    ('idempotency', 'idempotency', '1000000 1000000 1 1'),
    ('idempotency', 'idempotency_by_age', '1000000 1000000 1');
