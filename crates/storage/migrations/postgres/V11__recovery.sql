-- Abandoned carts: when to look at one again, which stages each has reached, who wants no reminders, and with what links are
-- signed.

ALTER TABLE carts ADD COLUMN recovery_at bigint;
CREATE INDEX carts_by_recovery ON carts (store_id, recovery_at) WHERE recovery_at IS NOT NULL;

-- Each stage of a cart once. Without a mail the cart gets nothing, for comparison.
CREATE TABLE reminders (
    store_id bigint NOT NULL,
    cart_id uuid NOT NULL,
    stage bigint NOT NULL CHECK (stage BETWEEN 1 AND 3),
    mail_id uuid,
    at bigint NOT NULL,
    PRIMARY KEY (store_id, cart_id, stage)
);

-- In lower case.
CREATE TABLE unsubscribed (
    store_id bigint NOT NULL,
    email text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (store_id, email)
);

CREATE TABLE link_secrets (
    store_id bigint NOT NULL,
    secret bytea NOT NULL CHECK (length(secret) = 32),
    PRIMARY KEY (store_id)
);
