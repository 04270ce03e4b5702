-- The usual checkout of three lines, for pgbench, as it is mostly written: one transaction that for each line locks the stock row
-- (always in one order), checks it and holds the unit, then writes the order, each of its lines with its ledger entry, and the
-- payment. With hot=1 the first line is the variant that everybody wants. It neither reads a cart nor prices it, and nobody is
-- paid. `checkout.sql` does the same set-wise.
\set step random(1, 2500)
\set x random(1, 10000)
\set y 1 + (:x - 1 + :step) % 10000
\set z 1 + (:x - 1 + 2 * :step) % 10000
\if :hot
\set x 10001
\endif
\set a least(:x, :y, :z)
\set c greatest(:x, :y, :z)
\set b :x + :y + :z - :a - :c
BEGIN;
SELECT price AS price_a, on_hand - reserved AS free_a FROM stock WHERE store_id = 1 AND variant_id = :a FOR UPDATE \gset
SELECT price AS price_b, on_hand - reserved AS free_b FROM stock WHERE store_id = 1 AND variant_id = :b FOR UPDATE \gset
SELECT price AS price_c, on_hand - reserved AS free_c FROM stock WHERE store_id = 1 AND variant_id = :c FOR UPDATE \gset
\if :free_a > 0 and :free_b > 0 and :free_c > 0
\set total :price_a + :price_b + :price_c
UPDATE stock SET reserved = reserved + 1 WHERE store_id = 1 AND variant_id = :a;
UPDATE stock SET reserved = reserved + 1 WHERE store_id = 1 AND variant_id = :b;
UPDATE stock SET reserved = reserved + 1 WHERE store_id = 1 AND variant_id = :c;
INSERT INTO orders (store_id, cart_id, status, currency, subtotal, discount, shipping, tax, total, detail)
VALUES (1, nextval('carts'), 'placed', 'EUR', :total, 0, 0, 0, :total, '{"email": null,"address": null,"method": null,"adjustments": [],"taxes": []}')
RETURNING order_id \gset
INSERT INTO order_lines VALUES (1, :order_id, 0, :a, 'BENCH-00001', 'Goods bench-0000', 1, 500, 0, 0, '{"Size": "1"}', 'held');
INSERT INTO order_lines VALUES (1, :order_id, 1, :b, 'BENCH-00002', 'Goods bench-0000', 1, 500, 0, 0, '{"Size": "2"}', 'held');
INSERT INTO order_lines VALUES (1, :order_id, 2, :c, 'BENCH-00003', 'Goods bench-0000', 1, 500, 0, 0, '{"Size": "3"}', 'held');
INSERT INTO stock_movements (store_id, variant_id, on_hand_delta, reserved_delta, cause, order_id)
VALUES (1, :a, 0, 1, 'hold', :order_id);
INSERT INTO stock_movements (store_id, variant_id, on_hand_delta, reserved_delta, cause, order_id)
VALUES (1, :b, 0, 1, 'hold', :order_id);
INSERT INTO stock_movements (store_id, variant_id, on_hand_delta, reserved_delta, cause, order_id)
VALUES (1, :c, 0, 1, 'hold', :order_id);
INSERT INTO payments VALUES (1, :order_id, 'test', 'ok', 'created', 0, 0, now() + interval '1 hour');
COMMIT;
\else
ROLLBACK;
\endif
