-- What happened, in the order in which it was committed. An event is about a cart or an order.
CREATE TABLE events (
    store_id INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    cart_id BLOB,
    order_id BLOB,
    actor TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (store_id, sequence),
    CHECK ((cart_id IS NULL) <> (order_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_cart ON events (store_id, cart_id, sequence) WHERE cart_id IS NOT NULL;
CREATE INDEX events_by_order ON events (store_id, order_id, sequence) WHERE order_id IS NOT NULL;

-- Receivers. `position` is the last event that was taken up for it, `round` counts what was written about it: who writes names the
-- round that he has seen, so that one who was thought dead changes nothing.
CREATE TABLE webhooks (
    store_id INTEGER NOT NULL,
    webhook_id BLOB NOT NULL,
    definition TEXT NOT NULL,
    position INTEGER NOT NULL,
    round INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, webhook_id)
) STRICT, WITHOUT ROWID;

-- What became of an event on its way to a receiver. Of those that wait for one subject only the first has a `due_at`.
CREATE TABLE webhook_deliveries (
    store_id INTEGER NOT NULL,
    webhook_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'dead')),
    tries INTEGER NOT NULL,
    due_at INTEGER,
    answer TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, webhook_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON webhook_deliveries (store_id, webhook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_waiting ON webhook_deliveries (store_id, webhook_id, subject, sequence) WHERE status = 'pending';
CREATE INDEX deliveries_open ON webhook_deliveries (store_id, webhook_id, status, sequence) WHERE status <> 'delivered';
CREATE INDEX deliveries_by_age ON webhook_deliveries (store_id, changed_at) WHERE status <> 'pending';

-- Up to which event other listeners have the log.
CREATE TABLE event_sinks (
    store_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (store_id, name)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('events', 'events', '6000000 6000000 1'),
    ('events', 'events_by_cart', '3000000 3000000 6 1'),
    ('events', 'events_by_order', '3000000 3000000 3 1'),
    ('webhooks', 'webhooks', '10 10 1'),
    ('webhook_deliveries', 'webhook_deliveries', '6000000 6000000 1000000 1'),
    ('webhook_deliveries', 'deliveries_due', '1000 1000 200 1'),
    ('webhook_deliveries', 'deliveries_waiting', '10000 10000 2000 3 1'),
    ('webhook_deliveries', 'deliveries_open', '10000 10000 2000 1000 1'),
    ('webhook_deliveries', 'deliveries_by_age', '6000000 6000000 2'),
    ('event_sinks', 'event_sinks', '1 1 1');
