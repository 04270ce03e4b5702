-- What lists of orders are filtered by. How far an order is fulfilled is derived from its parcels and written with it; NULL
-- where nothing is to be sent.

ALTER TABLE orders ADD COLUMN fulfilment text;
UPDATE orders SET fulfilment = 'unfulfilled' WHERE status = 'placed';
CREATE INDEX orders_by_fulfilment ON orders (store_id, fulfilment, order_id) WHERE fulfilment IS NOT NULL;

-- Guests are found as buyers by their e-mail address; customers have another name there.
CREATE INDEX orders_by_email ON orders (store_id, lower(trim(detail ->> 'email') COLLATE "C"), order_id) WHERE customer IS NOT NULL;

-- Nearly all payments are captured; the others are listed by state.
CREATE INDEX payments_by_status ON payments (store_id, status, order_id) WHERE status <> 'captured';
