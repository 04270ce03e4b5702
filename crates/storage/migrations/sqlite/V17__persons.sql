-- One person has several names: the address that the shop has linked to a customer of its own system, and since when.

ALTER TABLE customers ADD COLUMN email TEXT;
ALTER TABLE customers ADD COLUMN email_since INTEGER;
CREATE INDEX customers_by_email ON customers (store_id, email) WHERE email IS NOT NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('customers', 'customers_by_email', '100000 100000 1');
