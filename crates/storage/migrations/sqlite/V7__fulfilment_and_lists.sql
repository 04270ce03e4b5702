-- What lists of orders are filtered by. How far an order is fulfilled is derived from its parcels and written with it; NULL
-- where nothing is to be sent.

ALTER TABLE orders ADD COLUMN fulfilment TEXT;
UPDATE orders SET fulfilment = 'unfulfilled' WHERE status = 'placed';
CREATE INDEX orders_by_fulfilment ON orders (store_id, fulfilment, order_id) WHERE fulfilment IS NOT NULL;

-- Guests are found as buyers by their e-mail address; customers have another name there.
CREATE INDEX orders_by_email ON orders (store_id, lower(trim(json_extract(detail, '$.email'))), order_id) WHERE customer IS NOT NULL;

-- Nearly all payments are captured; the others are listed by state.
CREATE INDEX payments_by_status ON payments (store_id, status, order_id) WHERE status <> 'captured';

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('orders', 'orders_by_fulfilment', '900000 900000 200000 1'),
    ('orders', 'orders_by_email', '450000 450000 3 1'),
    ('payments', 'payments_by_status', '100000 100000 20000 1');
