-- One person has several names: the address that the shop has linked to a customer of its own system, and since when.

ALTER TABLE customers ADD COLUMN email text COLLATE "C", ADD COLUMN email_since bigint;
CREATE INDEX customers_by_email ON customers (store_id, email) WHERE email IS NOT NULL;
