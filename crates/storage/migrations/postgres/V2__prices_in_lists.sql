-- What lists of products are filtered by stands behind what they are sorted by, so that a row is looked up only where it is
-- in the answer. Not the text that is searched: it may be longer than an index entry can be, and has an index of its own.

DROP INDEX products_by_name;
CREATE INDEX products_by_name ON products (store_id, sort_name, product_id, active, min_price, max_price);
DROP INDEX products_by_price;
CREATE INDEX products_by_price ON products (store_id, min_price, product_id, active, max_price);
CREATE INDEX products_by_age ON products (store_id, product_id, active, min_price, max_price);
