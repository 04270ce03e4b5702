-- What is kept of a person is found by name, and forgotten in its time.

-- The address in its normal form; and whether the cart has ended and still tells of a person.
ALTER TABLE carts ADD COLUMN email text COLLATE "C", ADD COLUMN forgettable boolean NOT NULL DEFAULT false;
UPDATE carts SET email = nullif(lower(trim(detail ->> 'email')), ''), forgettable = status NOT IN ('active', 'abandoned')
    WHERE detail ->> 'email' IS NOT NULL OR status NOT IN ('active', 'abandoned');
CREATE INDEX carts_by_customer ON carts (store_id, customer, cart_id) WHERE customer IS NOT NULL;
CREATE INDEX carts_by_email ON carts (store_id, email, cart_id) WHERE email IS NOT NULL;
CREATE INDEX carts_to_forget ON carts (store_id, status, updated_at) WHERE forgettable;

-- Whether the order came to nothing, without any money, and still tells of a person.
ALTER TABLE orders ADD COLUMN forgettable boolean NOT NULL DEFAULT false;
UPDATE orders SET forgettable = true WHERE status IN ('cancelled', 'payment_failed', 'expired') AND EXISTS (
    SELECT 1 FROM payments p WHERE p.store_id = orders.store_id AND p.order_id = orders.order_id
    AND p.status IN ('declined', 'voided') AND p.captured = 0 AND p.due_at IS NULL);
CREATE INDEX orders_to_forget ON orders (store_id, updated_at) WHERE forgettable;

CREATE INDEX mails_by_recipient ON mails (store_id, lower(recipient));
CREATE INDEX mailed_tokens_by_account ON mailed_tokens (store_id, account_id);

-- People who are to go. A row stands until nothing is left of them; then it goes too.
CREATE TABLE erasures (
    store_id bigint NOT NULL,
    erasure_id uuid NOT NULL,
    -- Account, customers, addresses.
    names json NOT NULL,
    begun_at bigint NOT NULL,
    PRIMARY KEY (store_id, erasure_id)
);
