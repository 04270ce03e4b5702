-- The inbox: events of payment gateways, each taken once, kept until its order is known and the gateway has answered.
CREATE TABLE gateway_events (
    store_id INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    event_id TEXT NOT NULL,
    -- Known or not.
    order_id BLOB NOT NULL,
    notice TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'dropped')),
    received_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    due_at INTEGER,
    done_at INTEGER,
    PRIMARY KEY (store_id, gateway, event_id),
    CHECK ((state = 'pending') = (due_at IS NOT NULL)),
    CHECK ((state = 'pending') = (done_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX gateway_events_due ON gateway_events (store_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX gateway_events_by_end ON gateway_events (store_id, done_at) WHERE done_at IS NOT NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('gateway_events', 'gateway_events', '1000000 1000000 1000000 1'),
    ('gateway_events', 'gateway_events_due', '100 100 2'),
    ('gateway_events', 'gateway_events_by_end', '1000000 1000000 2');
