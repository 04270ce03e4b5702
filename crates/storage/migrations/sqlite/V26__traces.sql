-- What is kept of a person is found by name, and forgotten in its time.

-- The address in its normal form; and whether the cart has ended and still tells of a person.
ALTER TABLE carts ADD COLUMN email TEXT;
ALTER TABLE carts ADD COLUMN forgettable INTEGER NOT NULL DEFAULT 0;
UPDATE carts SET email = nullif(lower(trim(json_extract(detail, '$.email'))), ''),
    forgettable = status NOT IN ('active', 'abandoned');
CREATE INDEX carts_by_customer ON carts (store_id, customer, cart_id) WHERE customer IS NOT NULL;
CREATE INDEX carts_by_email ON carts (store_id, email, cart_id) WHERE email IS NOT NULL;
CREATE INDEX carts_to_forget ON carts (store_id, status, updated_at) WHERE forgettable = 1;

-- Whether the order came to nothing, without any money, and still tells of a person.
ALTER TABLE orders ADD COLUMN forgettable INTEGER NOT NULL DEFAULT 0;
UPDATE orders SET forgettable = 1 WHERE status IN ('cancelled', 'payment_failed', 'expired') AND EXISTS (
    SELECT 1 FROM payments p WHERE p.store_id = orders.store_id AND p.order_id = orders.order_id
    AND p.status IN ('declined', 'voided') AND p.captured = 0 AND p.due_at IS NULL);
CREATE INDEX orders_to_forget ON orders (store_id, updated_at) WHERE forgettable = 1;

CREATE INDEX mails_by_recipient ON mails (store_id, lower(recipient));
CREATE INDEX mailed_tokens_by_account ON mailed_tokens (store_id, account_id);

-- People who are to go. A row stands until nothing is left of them; then it goes too.
CREATE TABLE erasures (
    store_id INTEGER NOT NULL,
    erasure_id BLOB NOT NULL,
    -- Account, customers, addresses.
    names TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, erasure_id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('carts', 'carts_by_customer', '500000 500000 3 1'),
    ('carts', 'carts_by_email', '200000 200000 2 1'),
    ('carts', 'carts_to_forget', '200000 200000 60000 2'),
    ('orders', 'orders_to_forget', '20000 20000 2'),
    ('mails', 'mails_by_recipient', '200000 200000 3'),
    ('mailed_tokens', 'mailed_tokens_by_account', '10000 10000 2'),
    ('erasures', 'erasures', '10 10 1');
