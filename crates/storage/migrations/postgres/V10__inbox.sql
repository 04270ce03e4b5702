-- The inbox: events of payment gateways, each taken once, kept until its order is known and the gateway has answered.
CREATE TABLE gateway_events (
    store_id bigint NOT NULL,
    gateway text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    -- Known or not.
    order_id uuid NOT NULL,
    notice json NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'done', 'dropped')),
    received_at bigint NOT NULL,
    tries bigint NOT NULL,
    due_at bigint,
    done_at bigint,
    PRIMARY KEY (store_id, gateway, event_id),
    CHECK ((state = 'pending') = (due_at IS NOT NULL)),
    CHECK ((state = 'pending') = (done_at IS NULL))
);
CREATE INDEX gateway_events_due ON gateway_events (store_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX gateway_events_by_end ON gateway_events (store_id, done_at) WHERE done_at IS NOT NULL;
