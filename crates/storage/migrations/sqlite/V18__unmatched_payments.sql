-- Payments at providers that no order is for, and how an operator dealt with them.

CREATE TABLE unmatched_payments (
    store_id INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    reference TEXT NOT NULL,
    captured INTEGER NOT NULL,
    refunded INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('refunded', 'dismissed')),
    reason TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (store_id, gateway, reference)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('unmatched_payments', 'unmatched_payments', '100 100 100 1');
