-- A checkout of three lines, for pgbench, as well as one transaction can do it: it locks the stock rows in one order, checks them,
-- holds the units, and writes order, lines, payment and ledger. Set-wise, so that a statement is needed for each table only. With
-- hot=1 the first line is the variant that everybody wants. It neither reads a cart nor prices it, and nobody is paid.
\set step random(1, 2500)
\set a random(1, 10000)
\set b 1 + (:a - 1 + :step) % 10000
\set c 1 + (:a - 1 + 2 * :step) % 10000
\if :hot
\set a 10001
\endif
BEGIN;
WITH locked AS (
    SELECT price, on_hand - reserved AS free FROM stock
    WHERE store_id = 1 AND variant_id IN (:a, :b, :c) ORDER BY variant_id FOR UPDATE)
SELECT min(free) AS free, sum(price)::bigint AS total FROM locked \gset
\if :free > 0
UPDATE stock SET reserved = reserved + 1 WHERE store_id = 1 AND variant_id IN (:a, :b, :c);
INSERT INTO orders (store_id, cart_id, status, currency, subtotal, discount, shipping, tax, total, detail)
VALUES (1, nextval('carts'), 'placed', 'EUR', :total, 0, 0, 0, :total, '{"email": null,"address": null,"method": null,"adjustments": [],"taxes": []}')
RETURNING order_id \gset
INSERT INTO order_lines
VALUES (1, :order_id, 0, :a, 'BENCH-00001', 'Goods bench-0000', 1, 500, 0, 0, '{"Size": "1"}', 'held'),
       (1, :order_id, 1, :b, 'BENCH-00002', 'Goods bench-0000', 1, 500, 0, 0, '{"Size": "2"}', 'held'),
       (1, :order_id, 2, :c, 'BENCH-00003', 'Goods bench-0000', 1, 500, 0, 0, '{"Size": "3"}', 'held');
INSERT INTO payments VALUES (1, :order_id, 'test', 'ok', 'created', 0, 0, now() + interval '1 hour');
INSERT INTO stock_movements (store_id, variant_id, on_hand_delta, reserved_delta, cause, order_id)
VALUES (1, :a, 0, 1, 'hold', :order_id), (1, :b, 0, 1, 'hold', :order_id), (1, :c, 0, 1, 'hold', :order_id);
COMMIT;
\else
ROLLBACK;
\endif
