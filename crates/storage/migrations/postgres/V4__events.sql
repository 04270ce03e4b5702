-- What happened, in the order in which it was committed: whoever has the store's turn counts them on. An event is about a cart
-- or an order.
CREATE TABLE events (
    store_id bigint NOT NULL,
    sequence bigint NOT NULL,
    event_id uuid NOT NULL,
    at bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    cart_id uuid,
    order_id uuid,
    actor text NOT NULL,
    data json NOT NULL,
    PRIMARY KEY (store_id, sequence),
    CHECK ((cart_id IS NULL) <> (order_id IS NULL))
);
CREATE INDEX events_by_cart ON events (store_id, cart_id, sequence) WHERE cart_id IS NOT NULL;
CREATE INDEX events_by_order ON events (store_id, order_id, sequence) WHERE order_id IS NOT NULL;
ALTER TABLE lanes ADD COLUMN last_event bigint NOT NULL DEFAULT 0;

-- Receivers. `position` is the last event that was taken up for it, `round` counts what was written about it: who writes names the
-- round that he has seen, so that one who was thought dead changes nothing.
CREATE TABLE webhooks (
    store_id bigint NOT NULL,
    webhook_id uuid NOT NULL,
    definition json NOT NULL,
    position bigint NOT NULL,
    round bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (store_id, webhook_id)
) WITH (fillfactor = 20);

-- What became of an event on its way to a receiver. Of those that wait for one subject only the first has a `due_at`.
CREATE TABLE webhook_deliveries (
    store_id bigint NOT NULL,
    webhook_id uuid NOT NULL,
    sequence bigint NOT NULL,
    event_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject uuid NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('pending', 'delivered', 'dead')),
    tries bigint NOT NULL,
    due_at bigint,
    answer text,
    changed_at bigint NOT NULL,
    PRIMARY KEY (store_id, webhook_id, sequence)
);
CREATE INDEX deliveries_due ON webhook_deliveries (store_id, webhook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_waiting ON webhook_deliveries (store_id, webhook_id, subject, sequence) WHERE status = 'pending';
CREATE INDEX deliveries_open ON webhook_deliveries (store_id, webhook_id, status, sequence) WHERE status <> 'delivered';
CREATE INDEX deliveries_by_age ON webhook_deliveries (store_id, changed_at) WHERE status <> 'pending';

-- Up to which event other listeners have the log.
CREATE TABLE event_sinks (
    store_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (store_id, name)
) WITH (fillfactor = 20);
