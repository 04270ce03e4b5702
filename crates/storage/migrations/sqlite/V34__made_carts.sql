-- Under a key of a request for a new cart: the cart that it made.
ALTER TABLE idempotency ADD COLUMN cart_id BLOB;
