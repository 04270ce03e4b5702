-- Abandoned carts: when to look at one again, which stages each has reached, who wants no reminders, and with what links are
-- signed.

ALTER TABLE carts ADD COLUMN recovery_at INTEGER;
CREATE INDEX carts_by_recovery ON carts (store_id, recovery_at) WHERE recovery_at IS NOT NULL;

-- Each stage of a cart once. Without a mail the cart gets nothing, for comparison.
CREATE TABLE reminders (
    store_id INTEGER NOT NULL,
    cart_id BLOB NOT NULL,
    stage INTEGER NOT NULL CHECK (stage BETWEEN 1 AND 3),
    mail_id BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (store_id, cart_id, stage)
) STRICT, WITHOUT ROWID;

-- In lower case.
CREATE TABLE unsubscribed (
    store_id INTEGER NOT NULL,
    email TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (store_id, email)
) STRICT, WITHOUT ROWID;

CREATE TABLE link_secrets (
    store_id INTEGER NOT NULL,
    secret BLOB NOT NULL CHECK (length(secret) = 32),
    PRIMARY KEY (store_id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('carts', 'carts_by_recovery', '1000 1000 2'),
    ('reminders', 'reminders', '100000 100000 2 1'),
    ('unsubscribed', 'unsubscribed', '10000 10000 1'),
    ('link_secrets', 'link_secrets', '10 1');
