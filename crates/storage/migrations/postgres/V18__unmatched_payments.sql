-- Payments at providers that no order is for, and how an operator dealt with them.

CREATE TABLE unmatched_payments (
    store_id bigint NOT NULL,
    gateway text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    captured bigint NOT NULL,
    refunded bigint NOT NULL,
    action text NOT NULL CHECK (action IN ('refunded', 'dismissed')),
    reason text NOT NULL,
    by_name text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (store_id, gateway, reference)
);
