SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.accounts (
    store_id bigint NOT NULL,
    account_id uuid NOT NULL,
    email text NOT NULL COLLATE pg_catalog."C",
    password text,
    role text,
    verified_at bigint,
    generation bigint NOT NULL,
    profile json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['read_only'::text, 'staff'::text, 'owner'::text])))
);
CREATE TABLE public.api_keys (
    store_id bigint NOT NULL,
    hash bytea NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    role text DEFAULT 'owner'::text NOT NULL,
    scopes json DEFAULT '[]'::json NOT NULL,
    revoked_at bigint,
    CONSTRAINT api_keys_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT api_keys_role_check CHECK ((role = ANY (ARRAY['read_only'::text, 'staff'::text, 'owner'::text])))
);
CREATE TABLE public.audit_log (
    store_id bigint NOT NULL,
    audit_id uuid NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    operation text NOT NULL,
    subject text NOT NULL,
    outcome text NOT NULL,
    CONSTRAINT audit_log_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'denied'::text])))
);
CREATE TABLE public.cart_demand (
    store_id bigint NOT NULL,
    variant_id uuid NOT NULL,
    carts bigint NOT NULL,
    units bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE public.carts (
    store_id bigint NOT NULL,
    cart_id uuid NOT NULL,
    token_hash bytea,
    customer text,
    status text NOT NULL,
    version bigint NOT NULL,
    currency text NOT NULL,
    lines json NOT NULL,
    detail json NOT NULL,
    order_id uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    recovery_at bigint,
    CONSTRAINT carts_token_hash_check CHECK ((length(token_hash) = 32))
)
WITH (fillfactor='70');
CREATE TABLE public.coupons (
    store_id bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    promotion_id uuid NOT NULL,
    max_uses bigint,
    bulk boolean NOT NULL,
    CONSTRAINT coupons_max_uses_check CHECK ((max_uses > 0))
);
CREATE TABLE public.customer_carts (
    store_id bigint NOT NULL,
    customer text NOT NULL COLLATE pg_catalog."C",
    cart_id uuid NOT NULL
);
CREATE TABLE public.customer_uses (
    store_id bigint NOT NULL,
    promotion_id uuid NOT NULL,
    customer text NOT NULL COLLATE pg_catalog."C",
    uses bigint NOT NULL,
    CONSTRAINT customer_uses_uses_check CHECK ((uses >= 0))
);
CREATE TABLE public.customers (
    store_id bigint NOT NULL,
    customer text NOT NULL COLLATE pg_catalog."C",
    groups json NOT NULL,
    tax_exempt boolean NOT NULL
);
CREATE TABLE public.demand_counts (
    store_id bigint NOT NULL,
    counted_to uuid NOT NULL
);
CREATE TABLE public.event_sinks (
    store_id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL
)
WITH (fillfactor='20');
CREATE TABLE public.events (
    store_id bigint NOT NULL,
    sequence bigint NOT NULL,
    event_id uuid NOT NULL,
    at bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    cart_id uuid,
    order_id uuid,
    actor text NOT NULL,
    data json NOT NULL,
    CONSTRAINT events_check CHECK (((cart_id IS NULL) <> (order_id IS NULL)))
);
CREATE TABLE public.gateway_events (
    store_id bigint NOT NULL,
    gateway text NOT NULL COLLATE pg_catalog."C",
    event_id text NOT NULL COLLATE pg_catalog."C",
    order_id uuid NOT NULL,
    notice json NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    received_at bigint NOT NULL,
    tries bigint NOT NULL,
    due_at bigint,
    done_at bigint,
    CONSTRAINT gateway_events_check CHECK (((state = 'pending'::text) = (due_at IS NOT NULL))),
    CONSTRAINT gateway_events_check1 CHECK (((state = 'pending'::text) = (done_at IS NULL))),
    CONSTRAINT gateway_events_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'done'::text, 'dropped'::text])))
);
CREATE TABLE public.holds (
    store_id bigint NOT NULL,
    cart_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    units bigint NOT NULL,
    until bigint NOT NULL,
    CONSTRAINT holds_units_check CHECK ((units > 0))
);
CREATE TABLE public.idempotency (
    store_id bigint NOT NULL,
    scope text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    fingerprint bytea NOT NULL,
    order_id uuid,
    created_at bigint NOT NULL,
    CONSTRAINT idempotency_fingerprint_check CHECK ((length(fingerprint) = 32))
);
CREATE TABLE public.lanes (
    store_id bigint NOT NULL,
    version bigint NOT NULL,
    catalogue bigint NOT NULL,
    last_movement bigint NOT NULL,
    last_event bigint DEFAULT 0 NOT NULL,
    writer uuid,
    batch bigint,
    untold bigint DEFAULT 0 NOT NULL,
    told_writer uuid,
    told_batch bigint
)
WITH (fillfactor='10');
CREATE TABLE public.leases (
    store_id bigint NOT NULL,
    job text NOT NULL COLLATE pg_catalog."C",
    holder uuid NOT NULL,
    until bigint NOT NULL
)
WITH (fillfactor='10');
CREATE TABLE public.link_secrets (
    store_id bigint NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT link_secrets_secret_check CHECK ((length(secret) = 32))
);
CREATE TABLE public.mail_templates (
    store_id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    locale text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL,
    text text NOT NULL,
    html text,
    updated_at bigint NOT NULL
);
CREATE TABLE public.mailed_tokens (
    store_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    account_id uuid NOT NULL,
    purpose text NOT NULL,
    generation bigint NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT mailed_tokens_purpose_check CHECK ((purpose = ANY (ARRAY['verify'::text, 'reset'::text]))),
    CONSTRAINT mailed_tokens_token_hash_check CHECK ((length(token_hash) = 32))
);
CREATE TABLE public.mails (
    store_id bigint NOT NULL,
    mail_id uuid NOT NULL,
    recipient text NOT NULL,
    kind text NOT NULL,
    locale text,
    data json NOT NULL,
    state text NOT NULL,
    tries bigint NOT NULL,
    due_at bigint,
    created_at bigint NOT NULL,
    CONSTRAINT mails_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'unknown'::text])))
);
CREATE TABLE public.order_lines (
    store_id bigint NOT NULL,
    order_id uuid NOT NULL,
    "position" bigint NOT NULL,
    line_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    quantity bigint NOT NULL,
    unit_price bigint NOT NULL,
    discount bigint NOT NULL,
    tax_added bigint NOT NULL,
    tax_included bigint NOT NULL,
    relief bigint NOT NULL,
    options json NOT NULL,
    reservation text NOT NULL,
    CONSTRAINT order_lines_check CHECK (((0 <= discount) AND (discount <= (quantity * unit_price)))),
    CONSTRAINT order_lines_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT order_lines_reservation_check CHECK ((reservation = ANY (ARRAY['none'::text, 'held'::text, 'committed'::text, 'released'::text]))),
    CONSTRAINT order_lines_unit_price_check CHECK ((unit_price >= 0))
)
WITH (fillfactor='60');
CREATE TABLE public.orders (
    store_id bigint NOT NULL,
    order_id uuid NOT NULL,
    cart_id uuid NOT NULL,
    token_hash bytea,
    customer text,
    buyer text COLLATE pg_catalog."C",
    status text NOT NULL,
    currency text NOT NULL,
    subtotal bigint NOT NULL,
    discount bigint NOT NULL,
    shipping bigint NOT NULL,
    tax_added bigint NOT NULL,
    tax_included bigint NOT NULL,
    relief bigint NOT NULL,
    rounding bigint NOT NULL,
    total bigint NOT NULL,
    detail json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    fulfilment text,
    CONSTRAINT orders_check CHECK (((0 <= discount) AND (discount <= subtotal))),
    CONSTRAINT orders_shipping_check CHECK ((shipping >= 0)),
    CONSTRAINT orders_token_hash_check CHECK ((length(token_hash) = 32)),
    CONSTRAINT orders_total_check CHECK ((total >= 0))
)
WITH (fillfactor='70');
CREATE TABLE public.payments (
    store_id bigint NOT NULL,
    order_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    gateway text NOT NULL,
    method text NOT NULL,
    status text NOT NULL,
    captured bigint NOT NULL,
    refunded bigint NOT NULL,
    tries bigint NOT NULL,
    due_at bigint,
    CONSTRAINT payments_captured_check CHECK ((captured >= 0)),
    CONSTRAINT payments_check CHECK (((0 <= refunded) AND (refunded <= captured)))
)
WITH (fillfactor='60');
CREATE TABLE public.products (
    store_id bigint NOT NULL,
    product_id uuid NOT NULL,
    handle text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    sort_name text NOT NULL COLLATE pg_catalog."C",
    search text NOT NULL COLLATE pg_catalog."C",
    min_price bigint NOT NULL,
    max_price bigint NOT NULL,
    active boolean NOT NULL,
    tags json NOT NULL,
    tax_category text NOT NULL,
    price_policy json,
    detail json NOT NULL,
    hold_policy json
);
CREATE TABLE public.promotion_uses (
    store_id bigint NOT NULL,
    promotion_id uuid NOT NULL,
    uses bigint NOT NULL,
    CONSTRAINT promotion_uses_uses_check CHECK ((uses >= 0))
)
WITH (fillfactor='20');
CREATE TABLE public.promotions (
    store_id bigint NOT NULL,
    promotion_id uuid NOT NULL,
    definition json NOT NULL,
    bulk_codes bigint DEFAULT 0 NOT NULL,
    CONSTRAINT promotions_bulk_codes_check CHECK ((bulk_codes >= 0))
);
CREATE TABLE public.redemptions (
    store_id bigint NOT NULL,
    order_id uuid NOT NULL,
    promotion_id uuid NOT NULL,
    customer text NOT NULL,
    code text COLLATE pg_catalog."C",
    live boolean NOT NULL
);
CREATE TABLE public.refinery_schema_history (
    version integer NOT NULL,
    name character varying(255),
    applied_on character varying(255),
    checksum character varying(255)
);
CREATE TABLE public.reminders (
    store_id bigint NOT NULL,
    cart_id uuid NOT NULL,
    stage bigint NOT NULL,
    mail_id uuid,
    at bigint NOT NULL,
    CONSTRAINT reminders_stage_check CHECK (((stage >= 1) AND (stage <= 3)))
);
CREATE TABLE public.sessions (
    store_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    account_id uuid NOT NULL,
    generation bigint NOT NULL,
    kind text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT sessions_kind_check CHECK ((kind = ANY (ARRAY['browser'::text, 'program'::text]))),
    CONSTRAINT sessions_token_hash_check CHECK ((length(token_hash) = 32))
);
CREATE TABLE public.stock (
    store_id bigint NOT NULL,
    variant_id uuid NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    last_movement bigint NOT NULL,
    CONSTRAINT stock_check CHECK (((0 <= reserved) AND (reserved <= on_hand)))
)
WITH (fillfactor='50');
CREATE TABLE public.stock_movements (
    store_id bigint NOT NULL,
    sequence bigint NOT NULL,
    variant_id uuid NOT NULL,
    previous bigint NOT NULL,
    on_hand_delta bigint NOT NULL,
    reserved_delta bigint NOT NULL,
    cause text NOT NULL,
    order_id uuid,
    reason text,
    at bigint NOT NULL,
    cart_id uuid
);
CREATE TABLE public.stores (
    store_id bigint NOT NULL,
    handle text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    currency text NOT NULL,
    hosts json NOT NULL,
    settings json NOT NULL,
    shipping_methods json NOT NULL,
    tax_rates json NOT NULL
);
CREATE TABLE public.unsubscribed (
    store_id bigint NOT NULL,
    email text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL
);
CREATE TABLE public.variants (
    store_id bigint NOT NULL,
    variant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    sku text NOT NULL COLLATE pg_catalog."C",
    attributes json NOT NULL,
    price bigint NOT NULL,
    prices json NOT NULL,
    floors json NOT NULL,
    weight_grams bigint NOT NULL,
    track_stock boolean NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT variants_price_check CHECK ((price >= 0)),
    CONSTRAINT variants_weight_grams_check CHECK ((weight_grams >= 0))
);
CREATE TABLE public.webhook_deliveries (
    store_id bigint NOT NULL,
    webhook_id uuid NOT NULL,
    sequence bigint NOT NULL,
    event_id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    subject uuid NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    tries bigint NOT NULL,
    due_at bigint,
    answer text,
    changed_at bigint NOT NULL,
    CONSTRAINT webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'dead'::text])))
);
CREATE TABLE public.webhooks (
    store_id bigint NOT NULL,
    webhook_id uuid NOT NULL,
    definition json NOT NULL,
    "position" bigint NOT NULL,
    round bigint NOT NULL,
    created_at bigint NOT NULL
)
WITH (fillfactor='20');
CREATE TABLE public.writers (
    store_id bigint NOT NULL,
    writer uuid NOT NULL,
    batch bigint NOT NULL,
    written_at bigint NOT NULL
)
WITH (fillfactor='10');
INSERT INTO public.accounts VALUES
	(1, '01a22948-2bf5-7bed-b064-cb24b0f1564e', 'demo@example.com', '$argon2id$v=19$m=19456,t=2,p=1$m6+/jYulfosKV/nmj15GSg$YBvDu/Uxw+9I3uL+C1L7S0N0P7KlIQ6ftL6MzZeqfrU', NULL, 1795988925598, 1, '{"name":"Dana Demo","marketing":false}', 1795988925429, 1795988925598);
INSERT INTO public.api_keys VALUES
	(0, '\xc78a45de51637936ce8fa117118c592b691818f00423c925e2db098051f55358', 'demo', 1795988925342, 'owner', '[]', NULL);
INSERT INTO public.audit_log VALUES
	(1, '01a22948-2be9-752c-b4af-39127b096368', 1795988925417, 'key:demo', 'upsert_products', '/api/v1/admin/products', 'done'),
	(1, '01a22948-2bed-7503-a42e-4c2f19ec2564', 1795988925421, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22948-2bed-7503-a42e-4c30baf83e1b', 1795988925421, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22948-2bee-70b5-970a-5054e58ae8c5', 1795988925422, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22948-2bee-70b5-970a-5055147cead6', 1795988925423, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22948-2bef-744f-9300-32e043733b6a', 1795988925423, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22948-2bef-744f-9300-32e11bab4c51', 1795988925424, 'key:demo', 'replace_shipping_methods', '/api/v1/admin/shipping-methods', 'done'),
	(1, '01a22948-2bf0-7509-888e-3265e4d47e9d', 1795988925424, 'key:demo', 'replace_tax_rates', '/api/v1/admin/tax-rates', 'done'),
	(1, '01a22948-2bf1-70e5-9b5b-37398dd5b2bf', 1795988925425, 'key:demo', 'put_store', '/api/v1/admin/stores', 'done'),
	(1, '01a22948-2ff1-76c3-8e9b-bb8a7df5f76d', 1795988926449, 'key:demo', 'refund_order', '/api/v1/orders/01a22948-2fc8-7ace-b446-76e43cef604f/refunds', 'done'),
	(1, '01a22948-3104-75f2-9c56-6be44b8bcaca', 1795988926724, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22948-3110-716a-bdc9-4e72698b8f7e', 1795988926736, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done');
INSERT INTO public.carts VALUES
	(1, '01a22948-2bf4-7ccb-9577-ca3ff345969d', '\x88c84321303f95ec24af349df9fae21cb498c05065e916d7708297c48f1807ca', NULL, 'active', 2, 'EUR', '[{"id":"01a22948-2bf4-772a-951c-4806bb45ea8e","variant_id":"01a22948-2beb-7fab-b481-bbb6da80a280","quantity":1,"unit_price":2000,"priced_at":1795988925428},{"id":"01a22948-2bf4-7b56-af92-29878d927bdb","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":1,"unit_price":750,"priced_at":1795988925428}]', '{"email":"forgetful@example.com","email_consent":true,"recovery":{"next_at":1795988985428}}', NULL, 1795988925428, 1795988925428, 1798580925428, 1795988985428),
	(1, '01a22948-2cb9-7d07-b407-96d16960701c', NULL, '01a22948-2bf5-7bed-b064-cb24b0f1564e', 'checked_out', 3, 'EUR', '[{"id":"01a22948-2cb9-705a-aa7f-22eab7653eeb","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":1,"unit_price":750,"priced_at":1795988925625}]', '{"email":"demo@example.com","recovery":{"next_at":1795988985625}}', '01a22948-2cba-7fb5-a7f6-764f25c7ac34', 1795988925625, 1795988925626, 1827524925625, NULL),
	(1, '01a22948-2cbc-7534-baa6-f8f1b3fe5b0e', NULL, '01a22948-2bf5-7bed-b064-cb24b0f1564e', 'active', 4, 'EUR', '[{"id":"01a22948-2cbc-7f51-a011-703d8c8c997a","variant_id":"01a22948-2be9-7f89-a902-fc6f5affb127","quantity":1,"unit_price":500,"priced_at":1795988925628}]', '{"email":"demo@example.com","saved":[{"id":"01a22948-2cbd-74b6-a017-a6b6e455d92f","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":1,"unit_price":750,"saved_at":1795988925629}],"recovery":{"next_at":1795988985629}}', NULL, 1795988925628, 1795988925629, 1827524925629, 1795988985629),
	(1, '01a22948-2d02-7d99-b1c3-8b0aef45d7cd', '\x6d17f91e262d6e5b2a49db7f16e6355be27905dd355c4fd71992fefc65104dd4', NULL, 'checked_out', 2, 'EUR', '[{"id":"01a22948-2d02-7b11-a82e-6e3240231e29","variant_id":"01a22948-2be9-7f89-a902-fc6f5affb127","quantity":3,"unit_price":500,"priced_at":1795988925698},{"id":"01a22948-2d02-777d-8d9f-cb7e4c7dab96","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":1,"unit_price":750,"priced_at":1795988925698}]', '{"email":"Ann@Example.com"}', '01a22948-2d4b-717d-8e6b-52b344cf263c', 1795988925698, 1795988925771, 1798580925698, NULL),
	(1, '01a22948-2d71-74ec-a76f-e2b0a9a8bfdb', '\xbcc974b739dc70895edc14f575c9128e9828042b2a2e3ed5290e6f2a91237704', NULL, 'active', 3, 'EUR', '[{"id":"01a22948-2d71-7f11-88f4-8be3fa97e262","variant_id":"01a22948-2be9-7f89-a902-fc6f5affb127","quantity":3,"unit_price":500,"priced_at":1795988925809},{"id":"01a22948-2d71-71d5-a52f-fea84de92298","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":1,"unit_price":750,"priced_at":1795988925809}]', '{"email":"Ann@Example.com","last_payment_failure":{"reason":"declined","at":1795988925875}}', NULL, 1795988925809, 1795988925875, 1798580925875, NULL),
	(1, '01a22948-2dcc-7127-a783-943ad24a338e', '\xf45850d966086447391971b4d1c4cb515ee8fef95aacfe61531e296fbd0577bb', NULL, 'checked_out', 2, 'EUR', '[{"id":"01a22948-2dcc-7991-8f65-89b0891b6f81","variant_id":"01a22948-2be9-7f89-a902-fc6f5affb127","quantity":3,"unit_price":500,"priced_at":1795988925900},{"id":"01a22948-2dcc-7a2f-aaad-d6841395da09","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":1,"unit_price":750,"priced_at":1795988925900}]', '{"email":"Ann@Example.com"}', '01a22948-2df3-7a09-b340-5be1c7fb9f92', 1795988925900, 1795988925939, 1798580925900, NULL),
	(1, '01a22948-2e20-7233-9634-35a8825421f2', '\xfcb7f6d44b56f3d7c642d6c53a3c4e8facfe5f362b78da24c5b03b2c3bc1e193', NULL, 'checked_out', 2, 'EUR', '[{"id":"01a22948-2e20-7bf6-9e31-a78295496b52","variant_id":"01a22948-2be9-7f89-a902-fc6f5affb127","quantity":3,"unit_price":500,"priced_at":1795988925984},{"id":"01a22948-2e20-7bd1-8823-287c98ee19a2","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":1,"unit_price":750,"priced_at":1795988925984}]', '{"email":"Ann@Example.com"}', '01a22948-2e5c-7612-aaf8-4aaee30a0493', 1795988925984, 1795988926044, 1798580925984, NULL),
	(1, '01a22948-2f62-74ab-8d93-b1575c1d47d1', '\x737f588468912b1e53b394bd57974412bae31820621fb3b9112b9bc74f75c56e', NULL, 'checked_out', 3, 'EUR', '[{"id":"01a22948-2f62-7df8-ae90-a89cd4b5b4b5","variant_id":"01a22948-2beb-7fab-b481-bbb6da80a280","quantity":3,"unit_price":2000,"priced_at":1795988926306}]', '{"email":"bob@example.com","coupons":[{"code":"WELCOME10","promotion_id":"01a22948-2bee-780e-a8ab-e50ec9c8f92b"}]}', '01a22948-2fc8-7ace-b446-76e43cef604f', 1795988926306, 1795988926408, 1798580926388, NULL),
	(1, '01a22948-3001-7066-aa1a-f3f0f34e6aab', '\xc29a4ade065da6f7f54aaec53280a88930e7a4d18bebdb5275312fe6fbf1c2c0', NULL, 'active', 2, 'EUR', '[{"id":"01a22948-3001-772b-a8cb-9c06dc5be552","variant_id":"01a22948-2be9-7f89-a902-fc6f5affb127","quantity":2,"unit_price":500,"priced_at":1795988926465}]', '{"coupons":[{"code":"WELCOME10","promotion_id":"01a22948-2bee-780e-a8ab-e50ec9c8f92b"}]}', NULL, 1795988926465, 1795988926524, 1798580926524, NULL),
	(1, '01a22948-3048-71f8-abf1-5aa999feb936', '\x276f1b7ee525585a62fb1e1c6edc98e86ca5652487d3a01b588bfa01f3391a92', NULL, 'checked_out', 2, 'EUR', '[{"id":"01a22948-3048-79f5-9516-b3af3a5df4a0","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":2,"unit_price":750,"priced_at":1795988926536}]', '{"email":"carl@example.com"}', '01a22948-30cb-7e78-a1d3-a55c98586062', 1795988926536, 1795988926667, 1798580926536, NULL),
	(1, '01a22948-3122-7985-9e95-70269f806a6e', '\x17b7628b390a8f4e5dbb32cc52379bb4a391b3e54dbadfb3f18d5ed3f18ff916', NULL, 'checked_out', 3, 'EUR', '[{"id":"01a22948-3122-74cb-bce8-7f772dc3c864","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":2,"unit_price":750,"priced_at":1795988926754}]', '{"email":"dora@example.com","coupons":[{"code":"ONCE","promotion_id":"01a22948-3110-7c65-98b8-26f20fb7bea5"}]}', '01a22948-3187-7d07-9aac-8b1e7e37b221', 1795988926754, 1795988926855, 1798580926811, NULL),
	(1, '01a22948-31b9-7f9f-a050-249bbf5015d0', '\x44e022b83323f1ced5d056daf5a75c59491c90fda379fd12fd8efb8955852aef', NULL, 'checked_out', 2, 'EUR', '[{"id":"01a22948-31b9-732e-ad49-a30b7625fdc7","variant_id":"01a22948-2beb-7ba6-b05c-bb82567aa9d2","quantity":2,"unit_price":750,"priced_at":1795988926905}]', '{"email":"eve@example.com"}', '01a22948-3204-7942-ba01-d0a611dfd30a', 1795988926905, 1795988926980, 1798580926905, NULL);
INSERT INTO public.coupons VALUES
	(1, 'FIVE', '01a22948-2bef-7825-b5dd-6afb29186323', NULL, false),
	(1, 'ONCE', '01a22948-3110-7c65-98b8-26f20fb7bea5', NULL, false),
	(1, 'SHIPFREE', '01a22948-2bef-7825-b5dd-6afb29186324', NULL, false),
	(1, 'WELCOME10', '01a22948-2bee-780e-a8ab-e50ec9c8f92b', NULL, false);
INSERT INTO public.customer_carts VALUES
	(1, '01a22948-2bf5-7bed-b064-cb24b0f1564e', '01a22948-2cbc-7534-baa6-f8f1b3fe5b0e');
INSERT INTO public.customer_uses VALUES
	(1, '01a22948-2bee-780e-a8ab-e50ec9c8f92b', 'bob@example.com', 1),
	(1, '01a22948-3110-7c65-98b8-26f20fb7bea5', 'dora@example.com', 1);
INSERT INTO public.events VALUES
	(1, 1, '01a22948-2bf4-7b02-8d18-c2b08181c319', 1795988925428, 'cart.created', '01a22948-2bf4-7ccb-9577-ca3ff345969d', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":1,"sku":"TSHIRT"},{"quantity":1,"sku":"MUG"}],"version":1}'),
	(1, 2, '01a22948-2bf4-7412-b98b-17dec78f5a8e', 1795988925428, 'cart.changed', '01a22948-2bf4-7ccb-9577-ca3ff345969d', NULL, 'shopper', '{"cause":"details_set","fields":["email_consent"],"version":2}'),
	(1, 3, '01a22948-2cb9-7cfc-97a5-62aa2fab7b04', 1795988925625, 'cart.created', '01a22948-2cb9-7d07-b407-96d16960701c', NULL, 'operator', '{"currency":"EUR","lines":[],"version":1}'),
	(1, 4, '01a22948-2cb9-7781-b861-341c41119c03', 1795988925625, 'cart.changed', '01a22948-2cb9-7d07-b407-96d16960701c', NULL, 'shopper', '{"cause":"lines_added","lines":[{"quantity":1,"sku":"MUG"}],"version":2}'),
	(1, 5, '01a22948-2cba-7406-938f-6ab31a4e18a4', 1795988925626, 'order.created', NULL, '01a22948-2cba-7fb5-a7f6-764f25c7ac34', 'shopper', '{"cart_id":"01a22948-2cb9-7d07-b407-96d16960701c","currency":"EUR","customer":"01a22948-2bf5-7bed-b064-cb24b0f1564e","lines":1,"total":750}'),
	(1, 6, '01a22948-2cba-70b1-8041-28433cd57dfd', 1795988925626, 'cart.checked_out', '01a22948-2cb9-7d07-b407-96d16960701c', NULL, 'shopper', '{"order_id":"01a22948-2cba-7fb5-a7f6-764f25c7ac34","version":3}'),
	(1, 7, '01a22948-2cbb-7d56-894e-2488d4a12f2c', 1795988925627, 'payment.captured', NULL, '01a22948-2cba-7fb5-a7f6-764f25c7ac34', 'gateway', '{"amount":750,"attempt_id":"01a22948-2cba-7a4c-8041-ee52d6ae5ea9","currency":"EUR"}'),
	(1, 8, '01a22948-2cbb-7d6b-ae23-c43c099a27b5', 1795988925627, 'order.placed', NULL, '01a22948-2cba-7fb5-a7f6-764f25c7ac34', 'gateway', '{"currency":"EUR","total":750}'),
	(1, 9, '01a22948-2cbc-7bb7-828c-72a43cb094b2', 1795988925628, 'cart.created', '01a22948-2cbc-7534-baa6-f8f1b3fe5b0e', NULL, 'operator', '{"currency":"EUR","lines":[],"version":1}'),
	(1, 10, '01a22948-2cbc-7b9e-9da5-9c89bfc57e8c', 1795988925628, 'cart.changed', '01a22948-2cbc-7534-baa6-f8f1b3fe5b0e', NULL, 'shopper', '{"cause":"lines_added","lines":[{"quantity":1,"sku":"PEN"}],"version":2}'),
	(1, 11, '01a22948-2cbd-76aa-af6b-aef7ed231a5b', 1795988925629, 'cart.changed', '01a22948-2cbc-7534-baa6-f8f1b3fe5b0e', NULL, 'shopper', '{"cause":"lines_added","lines":[{"quantity":1,"sku":"MUG"}],"version":3}'),
	(1, 12, '01a22948-2cbd-7045-94a6-06fac016ac38', 1795988925629, 'cart.changed', '01a22948-2cbc-7534-baa6-f8f1b3fe5b0e', NULL, 'shopper', '{"cause":"line_saved","quantity":1,"sku":"MUG","version":4}'),
	(1, 13, '01a22948-2d02-7f2e-a3c4-66738f57b73f', 1795988925698, 'cart.created', '01a22948-2d02-7d99-b1c3-8b0aef45d7cd', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":3,"sku":"PEN"},{"quantity":1,"sku":"MUG"}],"version":1}'),
	(1, 14, '01a22948-2d4b-7a67-800e-a0f9c5e1401e', 1795988925771, 'order.created', NULL, '01a22948-2d4b-717d-8e6b-52b344cf263c', 'shopper', '{"cart_id":"01a22948-2d02-7d99-b1c3-8b0aef45d7cd","currency":"EUR","customer":null,"lines":2,"total":1750}'),
	(1, 15, '01a22948-2d4b-792a-9d50-3ed25286096e', 1795988925771, 'cart.checked_out', '01a22948-2d02-7d99-b1c3-8b0aef45d7cd', NULL, 'shopper', '{"order_id":"01a22948-2d4b-717d-8e6b-52b344cf263c","version":2}'),
	(1, 16, '01a22948-2d4c-7234-9e77-db1f798b5c0c', 1795988925772, 'payment.captured', NULL, '01a22948-2d4b-717d-8e6b-52b344cf263c', 'gateway', '{"amount":1750,"attempt_id":"01a22948-2d4b-7804-b11a-2b4e135a9d67","currency":"EUR"}'),
	(1, 17, '01a22948-2d4c-7e84-ae12-ea5e6b5e77bf', 1795988925772, 'order.placed', NULL, '01a22948-2d4b-717d-8e6b-52b344cf263c', 'gateway', '{"currency":"EUR","total":1750}'),
	(1, 18, '01a22948-2d71-7697-84da-9582a3af502a', 1795988925809, 'cart.created', '01a22948-2d71-74ec-a76f-e2b0a9a8bfdb', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":3,"sku":"PEN"},{"quantity":1,"sku":"MUG"}],"version":1}'),
	(1, 19, '01a22948-2daa-7ae9-82d8-86af8368a751', 1795988925866, 'order.created', NULL, '01a22948-2daa-746c-8942-dabff71b49f3', 'shopper', '{"cart_id":"01a22948-2d71-74ec-a76f-e2b0a9a8bfdb","currency":"EUR","customer":null,"lines":2,"total":1750}'),
	(1, 20, '01a22948-2daa-7485-8c12-4962b0155234', 1795988925866, 'cart.checked_out', '01a22948-2d71-74ec-a76f-e2b0a9a8bfdb', NULL, 'shopper', '{"order_id":"01a22948-2daa-746c-8942-dabff71b49f3","version":2}'),
	(1, 21, '01a22948-2db3-709b-a67e-59c467a196da', 1795988925875, 'order.payment_failed', NULL, '01a22948-2daa-746c-8942-dabff71b49f3', 'gateway', '{"reason":"declined"}'),
	(1, 22, '01a22948-2db3-7ff0-b054-930667fe4aaa', 1795988925875, 'cart.reactivated', '01a22948-2d71-74ec-a76f-e2b0a9a8bfdb', NULL, 'gateway', '{"order_id":"01a22948-2daa-746c-8942-dabff71b49f3","reason":"declined","version":3}'),
	(1, 23, '01a22948-2dcc-70a9-a0b9-9308b1c4d575', 1795988925900, 'cart.created', '01a22948-2dcc-7127-a783-943ad24a338e', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":3,"sku":"PEN"},{"quantity":1,"sku":"MUG"}],"version":1}'),
	(1, 24, '01a22948-2df3-745c-a86b-2d8e6e563936', 1795988925939, 'order.created', NULL, '01a22948-2df3-7a09-b340-5be1c7fb9f92', 'shopper', '{"cart_id":"01a22948-2dcc-7127-a783-943ad24a338e","currency":"EUR","customer":null,"lines":2,"total":1750}'),
	(1, 25, '01a22948-2df3-79a0-8d40-756e931ba827', 1795988925939, 'cart.checked_out', '01a22948-2dcc-7127-a783-943ad24a338e', NULL, 'shopper', '{"order_id":"01a22948-2df3-7a09-b340-5be1c7fb9f92","version":2}'),
	(1, 26, '01a22948-2df4-7750-aaed-7b406b3218e3', 1795988925940, 'payment.action_required', NULL, '01a22948-2df3-7a09-b340-5be1c7fb9f92', 'gateway', '{"amount":1750,"attempt_id":"01a22948-2df3-7966-b96c-4c3a07c0fcab","currency":"EUR"}'),
	(1, 27, '01a22948-2e20-732a-997a-8d7783ad9757', 1795988925984, 'cart.created', '01a22948-2e20-7233-9634-35a8825421f2', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":3,"sku":"PEN"},{"quantity":1,"sku":"MUG"}],"version":1}'),
	(1, 28, '01a22948-2e5c-76fe-8bdd-e82f894a02ca', 1795988926044, 'order.created', NULL, '01a22948-2e5c-7612-aaf8-4aaee30a0493', 'shopper', '{"cart_id":"01a22948-2e20-7233-9634-35a8825421f2","currency":"EUR","customer":null,"lines":2,"total":1750}'),
	(1, 29, '01a22948-2e5c-7836-b98e-44a015dcc199', 1795988926044, 'cart.checked_out', '01a22948-2e20-7233-9634-35a8825421f2', NULL, 'shopper', '{"order_id":"01a22948-2e5c-7612-aaf8-4aaee30a0493","version":2}'),
	(1, 30, '01a22948-2f62-78ca-8feb-5a02b843a0c7', 1795988926306, 'cart.created', '01a22948-2f62-74ab-8d93-b1575c1d47d1', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":3,"sku":"TSHIRT"}],"version":1}'),
	(1, 31, '01a22948-2fb4-7dc1-b3c9-7f53180ef606', 1795988926388, 'cart.changed', '01a22948-2f62-74ab-8d93-b1575c1d47d1', NULL, 'shopper', '{"cause":"coupon_applied","code":"WELCOME10","version":2}'),
	(1, 32, '01a22948-2fc8-7714-93ec-4b2191f943b8', 1795988926408, 'order.created', NULL, '01a22948-2fc8-7ace-b446-76e43cef604f', 'shopper', '{"cart_id":"01a22948-2f62-74ab-8d93-b1575c1d47d1","currency":"EUR","customer":null,"lines":1,"total":4050}'),
	(1, 33, '01a22948-2fc8-7eaf-83b0-1b71da3f2a3d', 1795988926408, 'cart.checked_out', '01a22948-2f62-74ab-8d93-b1575c1d47d1', NULL, 'shopper', '{"order_id":"01a22948-2fc8-7ace-b446-76e43cef604f","version":3}'),
	(1, 34, '01a22948-2fc9-70c2-9a89-13af51541716', 1795988926409, 'payment.captured', NULL, '01a22948-2fc8-7ace-b446-76e43cef604f', 'gateway', '{"amount":4050,"attempt_id":"01a22948-2fc8-7aa4-a585-799251ee33b8","currency":"EUR"}'),
	(1, 35, '01a22948-2fc9-7b38-808d-3f2492271055', 1795988926409, 'order.placed', NULL, '01a22948-2fc8-7ace-b446-76e43cef604f', 'gateway', '{"currency":"EUR","total":4050}'),
	(1, 36, '01a22948-2ff1-72b8-8998-738d8b3f3038', 1795988926449, 'refund.created', NULL, '01a22948-2fc8-7ace-b446-76e43cef604f', 'operator', '{"amount":500,"reason":"sorry","refund_id":"01a22948-2ff1-7bfa-bebb-444ead56e1e3"}'),
	(1, 37, '01a22948-2ff2-74a0-ac76-db3529016445', 1795988926450, 'refund.succeeded', NULL, '01a22948-2fc8-7ace-b446-76e43cef604f', 'gateway', '{"amount":500,"refund_id":"01a22948-2ff1-7bfa-bebb-444ead56e1e3"}'),
	(1, 38, '01a22948-3001-717c-a0c0-4587ae47313f', 1795988926465, 'cart.created', '01a22948-3001-7066-aa1a-f3f0f34e6aab', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":2,"sku":"PEN"}],"version":1}'),
	(1, 39, '01a22948-303c-71d7-98e5-118ca6ae7074', 1795988926524, 'cart.changed', '01a22948-3001-7066-aa1a-f3f0f34e6aab', NULL, 'shopper', '{"cause":"coupon_applied","code":"WELCOME10","version":2}'),
	(1, 40, '01a22948-3048-7c9d-88cc-6f2d9bd85dea', 1795988926536, 'cart.created', '01a22948-3048-71f8-abf1-5aa999feb936', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":2,"sku":"MUG"}],"version":1}'),
	(1, 41, '01a22948-30cb-7bc1-a701-c76ed710a635', 1795988926667, 'order.created', NULL, '01a22948-30cb-7e78-a1d3-a55c98586062', 'shopper', '{"cart_id":"01a22948-3048-71f8-abf1-5aa999feb936","currency":"EUR","customer":null,"lines":1,"total":1500}'),
	(1, 42, '01a22948-30cb-7394-9747-b1f7d8f7c00f', 1795988926667, 'cart.checked_out', '01a22948-3048-71f8-abf1-5aa999feb936', NULL, 'shopper', '{"order_id":"01a22948-30cb-7e78-a1d3-a55c98586062","version":2}'),
	(1, 43, '01a22948-30cc-784a-b61b-2cff013ad994', 1795988926668, 'payment.captured', NULL, '01a22948-30cb-7e78-a1d3-a55c98586062', 'gateway', '{"amount":1500,"attempt_id":"01a22948-30cb-712b-9ecb-adb09f8b3ddb","currency":"EUR"}'),
	(1, 44, '01a22948-30cc-7da3-964b-c3896db7d9f3', 1795988926668, 'order.placed', NULL, '01a22948-30cb-7e78-a1d3-a55c98586062', 'gateway', '{"currency":"EUR","total":1500}'),
	(1, 45, '01a22948-30ed-710f-8e73-b486d96b3c14', 1795988926701, 'order.cancelled', NULL, '01a22948-30cb-7e78-a1d3-a55c98586062', 'shopper', '{"reason":"cancelled"}'),
	(1, 46, '01a22948-30ed-743e-a265-3146ef25ff09', 1795988926701, 'refund.created', NULL, '01a22948-30cb-7e78-a1d3-a55c98586062', 'shopper', '{"amount":1500,"reason":"cancelled","refund_id":"01a22948-30ed-7b3d-beb6-c2224cb90d4d"}'),
	(1, 47, '01a22948-30f3-771b-a273-759cb70c2186', 1795988926707, 'refund.succeeded', NULL, '01a22948-30cb-7e78-a1d3-a55c98586062', 'gateway', '{"amount":1500,"refund_id":"01a22948-30ed-7b3d-beb6-c2224cb90d4d"}'),
	(1, 48, '01a22948-3122-72b4-9029-8f9c20d0463a', 1795988926754, 'cart.created', '01a22948-3122-7985-9e95-70269f806a6e', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":2,"sku":"MUG"}],"version":1}'),
	(1, 49, '01a22948-315b-74aa-bb25-a1bd6166f171', 1795988926811, 'cart.changed', '01a22948-3122-7985-9e95-70269f806a6e', NULL, 'shopper', '{"cause":"coupon_applied","code":"ONCE","version":2}'),
	(1, 50, '01a22948-3187-7030-8cfa-52699b1bdf4c', 1795988926855, 'order.created', NULL, '01a22948-3187-7d07-9aac-8b1e7e37b221', 'shopper', '{"cart_id":"01a22948-3122-7985-9e95-70269f806a6e","currency":"EUR","customer":null,"lines":1,"total":1080}'),
	(1, 51, '01a22948-3187-7057-b52d-f4868b70e771', 1795988926855, 'cart.checked_out', '01a22948-3122-7985-9e95-70269f806a6e', NULL, 'shopper', '{"order_id":"01a22948-3187-7d07-9aac-8b1e7e37b221","version":3}'),
	(1, 52, '01a22948-3191-7319-bd20-a48ac40f403b', 1795988926865, 'payment.captured', NULL, '01a22948-3187-7d07-9aac-8b1e7e37b221', 'gateway', '{"amount":1080,"attempt_id":"01a22948-3187-79c3-9212-8e357016e597","currency":"EUR"}'),
	(1, 53, '01a22948-3191-7a9a-9c18-4d96cfe3a21c', 1795988926865, 'order.placed', NULL, '01a22948-3187-7d07-9aac-8b1e7e37b221', 'gateway', '{"currency":"EUR","total":1080}'),
	(1, 54, '01a22948-31b9-7388-a66e-8402b0865bfd', 1795988926905, 'cart.created', '01a22948-31b9-7f9f-a050-249bbf5015d0', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":2,"sku":"MUG"}],"version":1}'),
	(1, 55, '01a22948-3204-7e3b-ba35-8a7b2a0992c9', 1795988926980, 'order.created', NULL, '01a22948-3204-7942-ba01-d0a611dfd30a', 'shopper', '{"cart_id":"01a22948-31b9-7f9f-a050-249bbf5015d0","currency":"EUR","customer":null,"lines":1,"total":1350}'),
	(1, 56, '01a22948-3204-7c30-b709-102de65ae29d', 1795988926980, 'cart.checked_out', '01a22948-31b9-7f9f-a050-249bbf5015d0', NULL, 'shopper', '{"order_id":"01a22948-3204-7942-ba01-d0a611dfd30a","version":2}'),
	(1, 57, '01a22948-3206-76e5-943e-95f5cb2f952b', 1795988926982, 'payment.action_required', NULL, '01a22948-3204-7942-ba01-d0a611dfd30a', 'gateway', '{"amount":1350,"attempt_id":"01a22948-3204-7248-91a8-730d0bb72c6b","currency":"EUR"}'),
	(1, 58, '01a22948-3242-709c-8c99-ff2dbc22b02f', 1795988927042, 'order.cancelled', NULL, '01a22948-3204-7942-ba01-d0a611dfd30a', 'gateway', '{"reason":"cancelled"}');
INSERT INTO public.idempotency VALUES
	(1, 'cart/01a22948-2cb9-7d07-b407-96d16960701c', 'demo-order', '\xd985c46c770af081f65b04fd731be267572c3b5bfe0ee44a76b321afbd57a531', '01a22948-2cba-7fb5-a7f6-764f25c7ac34', 1795988925626),
	(1, 'cart/01a22948-2d02-7d99-b1c3-8b0aef45d7cd', 'k-01a22948-2d02-7d99-b1c3-8b0aef45d7cd', '\xd985c46c770af081f65b04fd731be267572c3b5bfe0ee44a76b321afbd57a531', '01a22948-2d4b-717d-8e6b-52b344cf263c', 1795988925771),
	(1, 'cart/01a22948-2d71-74ec-a76f-e2b0a9a8bfdb', 'k-01a22948-2d71-74ec-a76f-e2b0a9a8bfdb', '\x72d34f3bfeedae5ffee8fdda683627108e0aaa51a85af2825790a950e1079931', '01a22948-2daa-746c-8942-dabff71b49f3', 1795988925866),
	(1, 'cart/01a22948-2dcc-7127-a783-943ad24a338e', 'k-01a22948-2dcc-7127-a783-943ad24a338e', '\x0b7614828849a7d6a6d58e0263c33a4a286c0418af9302d8ab67af73d9b69163', '01a22948-2df3-7a09-b340-5be1c7fb9f92', 1795988925939),
	(1, 'cart/01a22948-2e20-7233-9634-35a8825421f2', 'k-01a22948-2e20-7233-9634-35a8825421f2', '\x609e3286eb63ade6af13ec9d57dda99776f2d502818ac7abc5f430e1a952f3ab', '01a22948-2e5c-7612-aaf8-4aaee30a0493', 1795988926044),
	(1, 'cart/01a22948-2f62-74ab-8d93-b1575c1d47d1', 'k-01a22948-2f62-74ab-8d93-b1575c1d47d1', '\xd985c46c770af081f65b04fd731be267572c3b5bfe0ee44a76b321afbd57a531', '01a22948-2fc8-7ace-b446-76e43cef604f', 1795988926408),
	(1, 'cart/01a22948-3048-71f8-abf1-5aa999feb936', 'k-01a22948-3048-71f8-abf1-5aa999feb936', '\xd985c46c770af081f65b04fd731be267572c3b5bfe0ee44a76b321afbd57a531', '01a22948-30cb-7e78-a1d3-a55c98586062', 1795988926667),
	(1, 'cart/01a22948-3122-7985-9e95-70269f806a6e', 'k-01a22948-3122-7985-9e95-70269f806a6e', '\xd985c46c770af081f65b04fd731be267572c3b5bfe0ee44a76b321afbd57a531', '01a22948-3187-7d07-9aac-8b1e7e37b221', 1795988926855),
	(1, 'cart/01a22948-31b9-7f9f-a050-249bbf5015d0', 'k-01a22948-31b9-7f9f-a050-249bbf5015d0', '\x0b7614828849a7d6a6d58e0263c33a4a286c0418af9302d8ab67af73d9b69163', '01a22948-3204-7942-ba01-d0a611dfd30a', 1795988926980),
	(1, 'operator/c78a45de51637936', 'op-1083027303', '\xf8f044fff92787971530450d5834d2ac5342544ef0232603a37b2e99d342fe2f', '01a22948-2fc8-7ace-b446-76e43cef604f', 1795988926449);
INSERT INTO public.lanes VALUES
	(1, 1795988937748, 1795988937748, 72, 58, NULL, NULL, 0, NULL, NULL);
INSERT INTO public.mailed_tokens VALUES
	(1, '\x68269b4cf6590bd55e187b6f54efdba2d2f3e43d0af28c2a4ffd0f6fcf6e022d', '01a22948-2bf5-7bed-b064-cb24b0f1564e', 'verify', 0, 1795988925598);
INSERT INTO public.mails VALUES
	(1, '01a22948-2bf5-7361-aef9-dcc964cd13e9', 'demo@example.com', 'verify_account', NULL, '{}', 'sent', 1, NULL, 1795988925429);
INSERT INTO public.order_lines VALUES
	(1, '01a22948-2cba-7fb5-a7f6-764f25c7ac34', 0, '01a22948-2cb9-705a-aa7f-22eab7653eeb', '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 'MUG', 'Lana Coffee Mug', 1, 750, 0, 0, 0, 0, '{}', 'committed'),
	(1, '01a22948-2d4b-717d-8e6b-52b344cf263c', 0, '01a22948-2d02-7b11-a82e-6e3240231e29', '01a22948-2be9-7f89-a902-fc6f5affb127', 'PEN', 'Lana Pen', 3, 500, 500, 0, 0, 0, '{}', 'committed'),
	(1, '01a22948-2d4b-717d-8e6b-52b344cf263c', 1, '01a22948-2d02-777d-8d9f-cb7e4c7dab96', '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 'MUG', 'Lana Coffee Mug', 1, 750, 0, 0, 0, 0, '{}', 'committed'),
	(1, '01a22948-2daa-746c-8942-dabff71b49f3', 0, '01a22948-2d71-7f11-88f4-8be3fa97e262', '01a22948-2be9-7f89-a902-fc6f5affb127', 'PEN', 'Lana Pen', 3, 500, 500, 0, 0, 0, '{}', 'released'),
	(1, '01a22948-2daa-746c-8942-dabff71b49f3', 1, '01a22948-2d71-71d5-a52f-fea84de92298', '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 'MUG', 'Lana Coffee Mug', 1, 750, 0, 0, 0, 0, '{}', 'released'),
	(1, '01a22948-2df3-7a09-b340-5be1c7fb9f92', 0, '01a22948-2dcc-7991-8f65-89b0891b6f81', '01a22948-2be9-7f89-a902-fc6f5affb127', 'PEN', 'Lana Pen', 3, 500, 500, 0, 0, 0, '{}', 'held'),
	(1, '01a22948-2df3-7a09-b340-5be1c7fb9f92', 1, '01a22948-2dcc-7a2f-aaad-d6841395da09', '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 'MUG', 'Lana Coffee Mug', 1, 750, 0, 0, 0, 0, '{}', 'held'),
	(1, '01a22948-2e5c-7612-aaf8-4aaee30a0493', 0, '01a22948-2e20-7bf6-9e31-a78295496b52', '01a22948-2be9-7f89-a902-fc6f5affb127', 'PEN', 'Lana Pen', 3, 500, 500, 0, 0, 0, '{}', 'held'),
	(1, '01a22948-2e5c-7612-aaf8-4aaee30a0493', 1, '01a22948-2e20-7bd1-8823-287c98ee19a2', '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 'MUG', 'Lana Coffee Mug', 1, 750, 0, 0, 0, 0, '{}', 'held'),
	(1, '01a22948-2fc8-7ace-b446-76e43cef604f', 0, '01a22948-2f62-7df8-ae90-a89cd4b5b4b5', '01a22948-2beb-7fab-b481-bbb6da80a280', 'TSHIRT', 'Lana T-Shirt', 3, 2000, 1950, 0, 0, 0, '{}', 'committed'),
	(1, '01a22948-30cb-7e78-a1d3-a55c98586062', 0, '01a22948-3048-79f5-9516-b3af3a5df4a0', '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 'MUG', 'Lana Coffee Mug', 2, 750, 0, 0, 0, 0, '{}', 'released'),
	(1, '01a22948-3187-7d07-9aac-8b1e7e37b221', 0, '01a22948-3122-74cb-bce8-7f772dc3c864', '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 'MUG', 'Lana Coffee Mug', 2, 750, 420, 0, 0, 0, '{}', 'committed'),
	(1, '01a22948-3204-7942-ba01-d0a611dfd30a', 0, '01a22948-31b9-732e-ad49-a30b7625fdc7', '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 'MUG', 'Lana Coffee Mug', 2, 750, 150, 0, 0, 0, '{}', 'released');
INSERT INTO public.orders VALUES
	(1, '01a22948-2cba-7fb5-a7f6-764f25c7ac34', '01a22948-2cb9-7d07-b407-96d16960701c', NULL, '01a22948-2bf5-7bed-b064-cb24b0f1564e', '01a22948-2bf5-7bed-b064-cb24b0f1564e', 'placed', 'EUR', 750, 0, 0, 0, 0, 0, 0, 750, '{"email":"demo@example.com","shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1795988925626, 1795988925627, 'unfulfilled'),
	(1, '01a22948-2d4b-717d-8e6b-52b344cf263c', '01a22948-2d02-7d99-b1c3-8b0aef45d7cd', '\x6d17f91e262d6e5b2a49db7f16e6355be27905dd355c4fd71992fefc65104dd4', NULL, 'ann@example.com', 'placed', 'EUR', 2250, 500, 0, 0, 0, 0, 0, 1750, '{"email":"Ann@Example.com","discounts":[{"promotion_id":"01a22948-2bed-7e7b-a006-de925d111130","name":"2 for 1 on pens","goods":500,"shipping":0}],"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1795988925771, 1795988925772, 'unfulfilled'),
	(1, '01a22948-2daa-746c-8942-dabff71b49f3', '01a22948-2d71-74ec-a76f-e2b0a9a8bfdb', '\xbcc974b739dc70895edc14f575c9128e9828042b2a2e3ed5290e6f2a91237704', NULL, 'ann@example.com', 'payment_failed', 'EUR', 2250, 500, 0, 0, 0, 0, 0, 1750, '{"email":"Ann@Example.com","discounts":[{"promotion_id":"01a22948-2bed-7e7b-a006-de925d111130","name":"2 for 1 on pens","goods":500,"shipping":0}],"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0},"payment_failure":"declined"}', 1795988925866, 1795988925875, NULL),
	(1, '01a22948-2df3-7a09-b340-5be1c7fb9f92', '01a22948-2dcc-7127-a783-943ad24a338e', '\xf45850d966086447391971b4d1c4cb515ee8fef95aacfe61531e296fbd0577bb', NULL, 'ann@example.com', 'pending_payment', 'EUR', 2250, 500, 0, 0, 0, 0, 0, 1750, '{"email":"Ann@Example.com","discounts":[{"promotion_id":"01a22948-2bed-7e7b-a006-de925d111130","name":"2 for 1 on pens","goods":500,"shipping":0}],"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1795988925939, 1795988925940, NULL),
	(1, '01a22948-2e5c-7612-aaf8-4aaee30a0493', '01a22948-2e20-7233-9634-35a8825421f2', '\xfcb7f6d44b56f3d7c642d6c53a3c4e8facfe5f362b78da24c5b03b2c3bc1e193', NULL, 'ann@example.com', 'pending_payment', 'EUR', 2250, 500, 0, 0, 0, 0, 0, 1750, '{"email":"Ann@Example.com","discounts":[{"promotion_id":"01a22948-2bed-7e7b-a006-de925d111130","name":"2 for 1 on pens","goods":500,"shipping":0}],"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1795988926044, 1795988926262, NULL),
	(1, '01a22948-2fc8-7ace-b446-76e43cef604f', '01a22948-2f62-74ab-8d93-b1575c1d47d1', '\x737f588468912b1e53b394bd57974412bae31820621fb3b9112b9bc74f75c56e', NULL, 'bob@example.com', 'placed', 'EUR', 6000, 1950, 0, 0, 0, 0, 0, 4050, '{"email":"bob@example.com","coupons":[{"code":"WELCOME10","promotion_id":"01a22948-2bee-780e-a8ab-e50ec9c8f92b"}],"discounts":[{"promotion_id":"01a22948-2bed-7e7b-a006-de925d111131","name":"3 or more T-shirts: 25% off","goods":1500,"shipping":0},{"promotion_id":"01a22948-2bee-780e-a8ab-e50ec9c8f92b","name":"Welcome: 10% off","goods":450,"shipping":0}],"redeemed":["01a22948-2bee-780e-a8ab-e50ec9c8f92b"],"limits":[["01a22948-2bee-780e-a8ab-e50ec9c8f92b",{}]],"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0},"refunds":[{"id":"01a22948-2ff1-7bfa-bebb-444ead56e1e3","amount":500,"parts":{"lines":[{"line_id":"01a22948-2f62-7df8-ae90-a89cd4b5b4b5","quantity":0,"restocked":0,"unsent":0,"portion":{"net":500,"tax_added":0,"tax_included":0,"relief":0,"rounding":0}}],"shipping":{"net":0,"tax_added":0,"tax_included":0,"relief":0,"rounding":0}},"reason":"sorry","by":"demo","status":"succeeded","at":1795988926449}]}', 1795988926408, 1795988926450, 'unfulfilled'),
	(1, '01a22948-30cb-7e78-a1d3-a55c98586062', '01a22948-3048-71f8-abf1-5aa999feb936', '\x276f1b7ee525585a62fb1e1c6edc98e86ca5652487d3a01b588bfa01f3391a92', NULL, 'carl@example.com', 'cancelled', 'EUR', 1500, 0, 0, 0, 0, 0, 0, 1500, '{"email":"carl@example.com","shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0},"cancel_reason":"cancelled","refunds":[{"id":"01a22948-30ed-7b3d-beb6-c2224cb90d4d","amount":1500,"parts":{"lines":[{"line_id":"01a22948-3048-79f5-9516-b3af3a5df4a0","quantity":2,"restocked":0,"unsent":2,"portion":{"net":1500,"tax_added":0,"tax_included":0,"relief":0,"rounding":0}}],"shipping":{"net":0,"tax_added":0,"tax_included":0,"relief":0,"rounding":0}},"reason":"cancelled","by":"","status":"succeeded","at":1795988926701}]}', 1795988926667, 1795988926707, NULL),
	(1, '01a22948-3187-7d07-9aac-8b1e7e37b221', '01a22948-3122-7985-9e95-70269f806a6e', '\x17b7628b390a8f4e5dbb32cc52379bb4a391b3e54dbadfb3f18d5ed3f18ff916', NULL, 'dora@example.com', 'placed', 'EUR', 1500, 420, 0, 0, 0, 0, 0, 1080, '{"email":"dora@example.com","coupons":[{"code":"ONCE","promotion_id":"01a22948-3110-7c65-98b8-26f20fb7bea5"}],"discounts":[{"promotion_id":"01a22948-3104-7eef-9afc-4b867edac945","name":"Night","goods":150,"shipping":0},{"promotion_id":"01a22948-3110-7c65-98b8-26f20fb7bea5","name":"Once","goods":270,"shipping":0}],"redeemed":["01a22948-3110-7c65-98b8-26f20fb7bea5"],"limits":[["01a22948-3110-7c65-98b8-26f20fb7bea5",{"uses_per_customer":1}]],"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1795988926855, 1795988926865, 'unfulfilled'),
	(1, '01a22948-3204-7942-ba01-d0a611dfd30a', '01a22948-31b9-7f9f-a050-249bbf5015d0', '\x44e022b83323f1ced5d056daf5a75c59491c90fda379fd12fd8efb8955852aef', NULL, 'eve@example.com', 'cancelled', 'EUR', 1500, 150, 0, 0, 0, 0, 0, 1350, '{"email":"eve@example.com","discounts":[{"promotion_id":"01a22948-3104-7eef-9afc-4b867edac945","name":"Night","goods":150,"shipping":0}],"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0},"cancel_reason":"cancelled"}', 1795988926980, 1795988927042, NULL);
INSERT INTO public.payments VALUES
	(1, '01a22948-2cba-7fb5-a7f6-764f25c7ac34', '01a22948-2cba-7a4c-8041-ee52d6ae5ea9', 'test', 'ok', 'captured', 750, 0, 0, NULL),
	(1, '01a22948-2d4b-717d-8e6b-52b344cf263c', '01a22948-2d4b-7804-b11a-2b4e135a9d67', 'test', 'ok', 'captured', 1750, 0, 0, NULL),
	(1, '01a22948-2daa-746c-8942-dabff71b49f3', '01a22948-2daa-73f8-9a90-6467d308a110', 'test', 'declined', 'declined', 0, 0, 0, NULL),
	(1, '01a22948-2df3-7a09-b340-5be1c7fb9f92', '01a22948-2df3-7966-b96c-4c3a07c0fcab', 'test', 'requires_action', 'requires_action', 0, 0, 0, 1795992525939),
	(1, '01a22948-2e5c-7612-aaf8-4aaee30a0493', '01a22948-2e5c-7aa4-9e81-407aeec99eb5', 'test', 'timeout', 'unknown', 0, 0, 1, 1795988927262),
	(1, '01a22948-2fc8-7ace-b446-76e43cef604f', '01a22948-2fc8-7aa4-a585-799251ee33b8', 'test', 'ok', 'captured', 4050, 500, 0, NULL),
	(1, '01a22948-30cb-7e78-a1d3-a55c98586062', '01a22948-30cb-712b-9ecb-adb09f8b3ddb', 'test', 'ok', 'refunded', 1500, 1500, 0, NULL),
	(1, '01a22948-3187-7d07-9aac-8b1e7e37b221', '01a22948-3187-79c3-9212-8e357016e597', 'test', 'ok', 'captured', 1080, 0, 0, NULL),
	(1, '01a22948-3204-7942-ba01-d0a611dfd30a', '01a22948-3204-7248-91a8-730d0bb72c6b', 'test', 'requires_action', 'voided', 0, 0, 0, NULL);
INSERT INTO public.products VALUES
	(1, '01a22948-2be9-7f60-ba47-209863b3f164', 'lana-pen', 'Lana Pen', 'lana pen', 'lana pen
lana-pen
pen', 500, 500, true, '["office"]', 'standard', NULL, '{"description":"A ballpoint pen that writes on the first stroke.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22948-2beb-705c-a6c7-2c0f09b637b1', 'lana-t-shirt', 'Lana T-Shirt', 'lana t-shirt', 'lana t-shirt
lana-t-shirt
tshirt', 2000, 2000, true, '["apparel"]', 'standard', NULL, '{"description":"Heavy organic cotton, printed in Barcelona.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22948-2beb-71bf-901a-b635bfc8777c', 'wall-clock', 'Wall Clock', 'wall clock', 'wall clock
wall-clock
clock', 4990, 4990, true, '["home"]', 'standard', NULL, '{"description":"Silent movement, 30 cm.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22948-2beb-72c1-9332-540edccb7a7c', 'wool-socks', 'Wool Socks', 'wool socks', 'wool socks
wool-socks
socks-36
socks-41', 1650, 1650, true, '["apparel","wool"]', 'standard', NULL, '{"description":"Three pairs, reinforced heel.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22948-2beb-734b-9b7f-2fad8663530b', 'merino-jumper', 'Merino Jumper', 'merino jumper', 'merino jumper
merino-jumper
jumper-nav-s
jumper-nav-m
jumper-nav-l
jumper-nav-xl
jumper-oat-s
jumper-oat-m
jumper-oat-l
jumper-oat-xl', 7900, 7900, true, '["apparel","wool"]', 'standard', NULL, '{"description":"Fine merino wool, knitted in one piece.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22948-2beb-73ba-b302-9f73587683c2', 'ink-blue', 'Ink, Blue', 'ink, blue', 'ink, blue
ink-blue
ink-blue', 890, 890, true, '["office"]', 'standard', NULL, '{"description":"50 ml of royal blue.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22948-2beb-7439-99ae-3e803cf98077', 'desk-lamp', 'Desk Lamp', 'desk lamp', 'desk lamp
desk-lamp
lamp', 6490, 6490, true, '["office","home"]', 'standard', NULL, '{"description":"Warm light, dimmable, brass joint.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22948-2beb-74b0-a89a-2908bc1cddee', 'fountain-pen', 'Fountain Pen', 'fountain pen', 'fountain pen
fountain-pen
fountain', 3490, 3490, true, '["office"]', 'standard', NULL, '{"description":"Steel nib, medium.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22948-2beb-750a-8ed8-5675570355b3', 'wool-blanket', 'Wool Blanket', 'wool blanket', 'wool blanket
wool-blanket
blanket', 8900, 8900, true, '["home","wool"]', 'standard', NULL, '{"description":"130 × 180 cm, fringed.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22948-2beb-756c-bd02-7c3efd84a0ab', 'picnic-rug', 'Picnic Rug', 'picnic rug', 'picnic rug
picnic-rug
rug', 4490, 4490, true, '["outdoor","home"]', 'standard', NULL, '{"description":"Waterproof back, carry strap.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22948-2beb-75c9-9d85-609a3c15a467', 'lana-coffee-mug', 'Lana Coffee Mug', 'lana coffee mug', 'lana coffee mug
lana-coffee-mug
mug', 750, 750, true, '["kitchen"]', 'standard', NULL, '{"description":"Stoneware, 330 ml, survives the dishwasher.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22948-2beb-769f-a9f0-cc1d8e96b3f5', 'notebook', 'Dotted Notebook', 'dotted notebook', 'dotted notebook
notebook
notebook', 1290, 1290, true, '["office"]', 'standard', NULL, '{"description":"192 pages that take ink.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22948-2beb-769f-b0ec-ca26fc09a154', 'bread-knife', 'Bread Knife', 'bread knife', 'bread knife
bread-knife
breadknife', 4490, 4490, true, '["kitchen"]', 'standard', NULL, '{"description":"Olive handle, 24 cm blade.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22948-2beb-76c6-91f7-1b312e6a39be', 'espresso-cups', 'Espresso Cups', 'espresso cups', 'espresso cups
espresso-cups
espresso', 2490, 2490, true, '["kitchen"]', 'standard', NULL, '{"description":"Set of four.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22948-2beb-76ea-ad54-2dd2dde7c37d', 'honey', 'Forest Honey', 'forest honey', 'forest honey
honey
honey', 950, 950, true, '["food"]', 'reduced', NULL, '{"description":"500 g, unfiltered.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22948-2beb-7761-a21c-d2af10cf503d', 'kitchen-scale', 'Kitchen Scale', 'kitchen scale', 'kitchen scale
kitchen-scale
scale', 2790, 2790, true, '["kitchen"]', 'standard', NULL, '{"description":"To the gram, up to 5 kg.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22948-2beb-77d9-8259-74e1f18baa3a', 'cutting-board', 'Cutting Board', 'cutting board', 'cutting board
cutting-board
board', 3290, 3290, true, '["kitchen"]', 'standard', NULL, '{"description":"End-grain beech.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22948-2beb-792a-b261-7bc1308c4640', 'pencil-set', 'Pencil Set', 'pencil set', 'pencil set
pencil-set
pencils', 1490, 1490, true, '["office"]', 'standard', NULL, '{"description":"Twelve graphite pencils, 2H to 6B.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22948-2beb-79a0-96da-4e2c7afccdaf', 'rain-jacket', 'Rain Jacket', 'rain jacket', 'rain jacket
rain-jacket
rain-s
rain-m
rain-l
rain-xl', 11900, 11900, true, '["apparel","outdoor"]', 'standard', NULL, '{"description":"Two layers, taped seams, packs into its pocket.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22948-2beb-7ac0-ba64-6d30db79556c', 'candle', 'Beeswax Candle', 'beeswax candle', 'beeswax candle
candle
candle', 1490, 1490, true, '["home"]', 'standard', NULL, '{"description":"Burns for 40 hours.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22948-2beb-7b36-81d1-4dee1510607c', 'paper-tray', 'Paper Tray', 'paper tray', 'paper tray
paper-tray
tray', 2290, 2290, true, '["office"]', 'standard', NULL, '{"description":"Powder-coated steel for A4.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22948-2beb-7b58-abb6-808d3d157a89', 'coffee-beans', 'Coffee Beans', 'coffee beans', 'coffee beans
coffee-beans
beans', 1890, 1890, true, '["food"]', 'reduced', NULL, '{"description":"House blend, 1 kg.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22948-2beb-7ba9-a3b7-6df14b47735e', 'herb-seeds', 'Herb Seeds', 'herb seeds', 'herb seeds
herb-seeds
seeds', 690, 690, true, '["garden"]', 'standard', NULL, '{"description":"Basil, parsley, thyme.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22948-2beb-7c6b-a013-7679829ade34', 'watering-can', 'Watering Can', 'watering can', 'watering can
watering-can
can', 2690, 2690, true, '["garden"]', 'standard', NULL, '{"description":"Long spout, 1.5 litres.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22948-2beb-7c93-ad30-735efef36e11', 'tote-bag', 'Tote Bag', 'tote bag', 'tote bag
tote-bag
tote', 1490, 1490, true, '["apparel","home"]', 'standard', NULL, '{"description":"Holds a week of groceries.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22948-2beb-7d24-adb1-73f68739e152', 'clay-pot', 'Clay Pot', 'clay pot', 'clay pot
clay-pot
pot', 1190, 1190, true, '["home","garden"]', 'standard', NULL, '{"description":"Unglazed, 18 cm.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22948-2beb-7d72-9f25-a918bfa89120', 'gift-card-box', 'Gift Box', 'gift box', 'gift box
gift-card-box
giftbox', 450, 450, true, '["home"]', 'standard', NULL, '{"description":"Cardboard box with ribbon; we pack your order in it.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22948-2beb-7ddc-92d8-70941efd7a88', 'water-bottle', 'Water Bottle', 'water bottle', 'water bottle
water-bottle
bottle', 2490, 2490, true, '["outdoor"]', 'standard', NULL, '{"description":"Steel, keeps cold for 24 hours.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22948-2beb-7dfa-92cb-88dff8bfea5b', 'garden-shears', 'Garden Shears', 'garden shears', 'garden shears
garden-shears
shears', 3890, 3890, true, '["garden"]', 'standard', NULL, '{"description":"Forged, spare spring included.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22948-2beb-7e24-a1e5-a0fd30761826', 'dark-chocolate', 'Dark Chocolate', 'dark chocolate', 'dark chocolate
dark-chocolate
chocolate', 390, 390, true, '["food"]', 'reduced', NULL, '{"description":"72 %, 100 g.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22948-2beb-7ebb-8df2-3c9c39e0c367', 'teapot', 'Teapot', 'teapot', 'teapot
teapot
teapot', 3990, 3990, true, '["kitchen"]', 'standard', NULL, '{"description":"Cast glass with a strainer, 1 litre.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22948-2beb-7eff-9625-eb98840bdce3', 'headlamp', 'Headlamp', 'headlamp', 'headlamp
headlamp
headlamp', 3990, 3990, true, '["outdoor"]', 'standard', NULL, '{"description":"300 lumen, rechargeable.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22948-2beb-7f20-bb13-3cc9dc149cd7', 'linen-shirt', 'Linen Shirt', 'linen shirt', 'linen shirt
linen-shirt
linen-s
linen-m
linen-l
linen-xl', 5900, 5900, true, '["apparel"]', 'standard', NULL, '{"description":"Washed linen with shell buttons.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22948-2beb-7f82-ab9b-401741556ba6', 'olive-oil', 'Olive Oil', 'olive oil', 'olive oil
olive-oil
oil', 1390, 1390, true, '["food"]', 'reduced', NULL, '{"description":"Early harvest, 0.5 litre.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22948-2beb-7fb6-94cb-d372e7d3a8f9', 'apron', 'Apron', 'apron', 'apron
apron
apron', 3490, 3490, true, '["kitchen","apparel"]', 'standard', NULL, '{"description":"Waxed canvas with two pockets.","vendor":"Hearth","images":[]}', NULL);
INSERT INTO public.promotion_uses VALUES
	(1, '01a22948-2bee-780e-a8ab-e50ec9c8f92b', 1),
	(1, '01a22948-3110-7c65-98b8-26f20fb7bea5', 1);
INSERT INTO public.promotions VALUES
	(1, '01a22948-2bed-7e7b-a006-de925d111130', '{"id":"01a22948-2bed-7e7b-a006-de925d111130","name":"2 for 1 on pens","description":"Of every two pens one is free.","active":true,"priority":10,"stacking":"combinable","requires_code":false,"conditions":{"utc_offset_minutes":0},"benefit":{"kind":"buy_x_get_y","buy":{"skus":["PEN"]},"buy_quantity":1,"get_quantity":1,"percent":"100","count_by":"together"},"limits":{}}', 0),
	(1, '01a22948-2bed-7e7b-a006-de925d111131', '{"id":"01a22948-2bed-7e7b-a006-de925d111131","name":"3 or more T-shirts: 25% off","description":"From three T-shirts on each costs a quarter less.","active":true,"priority":20,"stacking":"combinable","requires_code":false,"conditions":{"utc_offset_minutes":0},"benefit":{"kind":"bulk_price","only":{"skus":["TSHIRT"]},"count_by":"together","tiers":[{"from_quantity":3,"off":{"percent":"25"}}]},"limits":{}}', 0),
	(1, '01a22948-2bee-780e-a8ab-e50ec9c8f92b', '{"id":"01a22948-2bee-780e-a8ab-e50ec9c8f92b","name":"Welcome: 10% off","active":true,"priority":30,"stacking":"combinable","requires_code":true,"conditions":{"utc_offset_minutes":0},"benefit":{"kind":"percentage","percent":"10","target":{"scope":"order"}},"limits":{}}', 0),
	(1, '01a22948-2bef-7825-b5dd-6afb29186323', '{"id":"01a22948-2bef-7825-b5dd-6afb29186323","name":"5.00€ off from 40.00€","active":true,"priority":40,"stacking":"combinable","requires_code":true,"conditions":{"min_order_amount":4000,"utc_offset_minutes":0},"benefit":{"kind":"fixed_amount","amount":500,"per":"order","target":{"scope":"order"}},"limits":{"total_uses":100}}', 0),
	(1, '01a22948-2bef-7825-b5dd-6afb29186324', '{"id":"01a22948-2bef-7825-b5dd-6afb29186324","name":"Free shipping","active":true,"priority":50,"stacking":"combinable","requires_code":true,"conditions":{"utc_offset_minutes":0},"benefit":{"kind":"free_shipping"},"limits":{}}', 0),
	(1, '01a22948-3104-7eef-9afc-4b867edac945', '{"id":"01a22948-3104-7eef-9afc-4b867edac945","name":"Night","active":true,"priority":0,"stacking":"combinable","requires_code":false,"conditions":{"weekdays":["sunday"],"hours":{"from_minute":1320,"until_minute":120},"utc_offset_minutes":60},"benefit":{"kind":"percentage","percent":"10","target":{"scope":"order"}},"limits":{}}', 0),
	(1, '01a22948-3110-7c65-98b8-26f20fb7bea5', '{"id":"01a22948-3110-7c65-98b8-26f20fb7bea5","name":"Once","active":true,"priority":0,"stacking":"combinable","requires_code":true,"conditions":{"utc_offset_minutes":0},"benefit":{"kind":"percentage","percent":"20","target":{"scope":"order"}},"limits":{"uses_per_customer":1}}', 0);
INSERT INTO public.redemptions VALUES
	(1, '01a22948-2fc8-7ace-b446-76e43cef604f', '01a22948-2bee-780e-a8ab-e50ec9c8f92b', 'bob@example.com', 'WELCOME10', true),
	(1, '01a22948-3187-7d07-9aac-8b1e7e37b221', '01a22948-3110-7c65-98b8-26f20fb7bea5', 'dora@example.com', 'ONCE', true);
INSERT INTO public.refinery_schema_history VALUES
	(1, 'first', '2026-11-29T21:48:57.675001147Z', '17159386386389323879'),
	(2, 'prices_in_lists', '2026-11-29T21:48:57.699020483Z', '1884562366142803417'),
	(3, 'refunds', '2026-11-29T21:48:57.70153398Z', '1268982618797640413'),
	(4, 'events', '2026-11-29T21:48:57.702055187Z', '1521819427740710281'),
	(5, 'big_shops', '2026-11-29T21:48:57.708564801Z', '461128879614732118'),
	(6, 'token_of_the_turn', '2026-11-29T21:48:57.709454457Z', '17749935860579115611'),
	(7, 'fulfilment_and_lists', '2026-11-29T21:48:57.709836106Z', '4064320886341499138'),
	(9, 'accounts', '2026-11-29T21:48:57.711799423Z', '13159479239408297269'),
	(10, 'inbox', '2026-11-29T21:48:57.719286534Z', '12982625363554042907'),
	(11, 'recovery', '2026-11-29T21:48:57.72134373Z', '11579631925222947431'),
	(12, 'holds', '2026-11-29T21:48:57.724448719Z', '15296976147359666134'),
	(13, 'demand', '2026-11-29T21:48:57.726095734Z', '5493815733421750530'),
	(14, 'mail_templates', '2026-11-29T21:48:57.727604033Z', '3514123076918620370'),
	(15, 'told', '2026-11-29T21:48:57.729380231Z', '3848818946217993091');
INSERT INTO public.sessions VALUES
	(1, '\xa119b0c49377972d6d61a3b1952d8fa772aa05daa0ef83c16e335d964fa33f8e', '01a22948-2bf5-7bed-b064-cb24b0f1564e', 1, 'program', 1795988925621, 1795988925630);
INSERT INTO public.stock VALUES
	(1, '01a22948-2be9-7f89-a902-fc6f5affb127', 997, 6, 62),
	(1, '01a22948-2beb-7046-9f45-11422e35ba18', 12, 0, 12),
	(1, '01a22948-2beb-7103-8727-3aaeec3dde72', 28, 0, 44),
	(1, '01a22948-2beb-7159-b71b-5ddeff7a875e', 40, 0, 39),
	(1, '01a22948-2beb-716e-9f41-2f81259f19f3', 70, 0, 38),
	(1, '01a22948-2beb-71a0-9d7c-df59be1a570b', 220, 0, 37),
	(1, '01a22948-2beb-71c2-bbc8-70caec6fd191', 60, 0, 5),
	(1, '01a22948-2beb-71c9-8e49-ace53dbc6c5f', 400, 0, 40),
	(1, '01a22948-2beb-7251-a63c-4ac1d78290e5', 600, 0, 49),
	(1, '01a22948-2beb-7253-a30d-5fa4e623f2a0', 60, 0, 18),
	(1, '01a22948-2beb-72be-a084-4053575a1d71', 55, 0, 33),
	(1, '01a22948-2beb-73d6-b1d2-4ba6cb0a423f', 60, 0, 17),
	(1, '01a22948-2beb-74b5-8f65-fd9e45d87ca2', 20, 0, 13),
	(1, '01a22948-2beb-7559-a27f-261cd44b586a', 90, 0, 26),
	(1, '01a22948-2beb-7630-a0bb-546039e4005d', 20, 0, 14),
	(1, '01a22948-2beb-7678-911b-5e6fd43f4e69', 500, 0, 36),
	(1, '01a22948-2beb-7683-a7f0-b88211265370', 160, 0, 35),
	(1, '01a22948-2beb-76d9-a487-ac8e7cec03dc', 20, 0, 42),
	(1, '01a22948-2beb-76ed-9a6a-96fd7200f18b', 60, 0, 47),
	(1, '01a22948-2beb-7794-8f67-52946a2d9f8f', 300, 0, 22),
	(1, '01a22948-2beb-7795-b9d8-4302aae50d4d', 60, 0, 6),
	(1, '01a22948-2beb-77e4-a414-0139a4d7f712', 40, 0, 8),
	(1, '01a22948-2beb-780f-b64d-ce91f305d284', 150, 0, 25),
	(1, '01a22948-2beb-783b-a6f9-3016123f2dab', 25, 0, 7),
	(1, '01a22948-2beb-78b6-9586-4af7edef834b', 60, 0, 29),
	(1, '01a22948-2beb-7930-884c-74563bbc1ed2', 8, 0, 15),
	(1, '01a22948-2beb-7957-a7f7-627b75636611', 40, 0, 28),
	(1, '01a22948-2beb-795d-8e94-f0a974eeb96e', 60, 0, 10),
	(1, '01a22948-2beb-7976-9223-ad1c3faddd10', 140, 0, 43),
	(1, '01a22948-2beb-7aa1-97b1-a1ba9135d6a1', 40, 0, 16),
	(1, '01a22948-2beb-7aaf-9903-5411c7f6d597', 250, 0, 45),
	(1, '01a22948-2beb-7af1-85e2-f1bcbcfd2512', 25, 0, 32),
	(1, '01a22948-2beb-7b06-b5b6-3957f9f4d336', 40, 0, 4),
	(1, '01a22948-2beb-7b2b-9983-0181505053eb', 180, 0, 46),
	(1, '01a22948-2beb-7b74-8453-1217d9d41793', 60, 0, 9),
	(1, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 996, 2, 72),
	(1, '01a22948-2beb-7c14-af49-4124cc865f6f', 120, 0, 21),
	(1, '01a22948-2beb-7cac-b1c0-8c8321c1043e', 3, 0, 48),
	(1, '01a22948-2beb-7d5f-ba6c-ceea5360acbe', 50, 0, 31),
	(1, '01a22948-2beb-7d7b-ad6e-1050c3f15602', 200, 0, 34),
	(1, '01a22948-2beb-7d9b-aeb8-b8a4c1754420', 45, 0, 27),
	(1, '01a22948-2beb-7db2-8ef0-74d73e9e8d1b', 120, 0, 20),
	(1, '01a22948-2beb-7ded-b378-4424e66cee4f', 35, 0, 23),
	(1, '01a22948-2beb-7ebf-81b4-39a19072c2d4', 25, 0, 11),
	(1, '01a22948-2beb-7ec8-b540-bf3f0f151a27', 35, 0, 41),
	(1, '01a22948-2beb-7ed8-9caa-c3ba6b3502e3', 80, 0, 24),
	(1, '01a22948-2beb-7f0f-a14c-fbc3cc7f2eff', 30, 0, 30),
	(1, '01a22948-2beb-7fab-b481-bbb6da80a280', 997, 0, 65),
	(1, '01a22948-2beb-7ff6-848a-68b2400a0eb9', 25, 0, 19);
INSERT INTO public.stock_movements VALUES
	(1, 1, '01a22948-2be9-7f89-a902-fc6f5affb127', 0, 1000, 0, 'count', NULL, 'catalogue import', 1795988925417, NULL),
	(1, 2, '01a22948-2beb-7fab-b481-bbb6da80a280', 0, 1000, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 3, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 0, 1000, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 4, '01a22948-2beb-7b06-b5b6-3957f9f4d336', 0, 40, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 5, '01a22948-2beb-71c2-bbc8-70caec6fd191', 0, 60, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 6, '01a22948-2beb-7795-b9d8-4302aae50d4d', 0, 60, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 7, '01a22948-2beb-783b-a6f9-3016123f2dab', 0, 25, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 8, '01a22948-2beb-77e4-a414-0139a4d7f712', 0, 40, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 9, '01a22948-2beb-7b74-8453-1217d9d41793', 0, 60, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 10, '01a22948-2beb-795d-8e94-f0a974eeb96e', 0, 60, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 11, '01a22948-2beb-7ebf-81b4-39a19072c2d4', 0, 25, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 12, '01a22948-2beb-7046-9f45-11422e35ba18', 0, 12, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 13, '01a22948-2beb-74b5-8f65-fd9e45d87ca2', 0, 20, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 14, '01a22948-2beb-7630-a0bb-546039e4005d', 0, 20, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 15, '01a22948-2beb-7930-884c-74563bbc1ed2', 0, 8, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 16, '01a22948-2beb-7aa1-97b1-a1ba9135d6a1', 0, 40, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 17, '01a22948-2beb-73d6-b1d2-4ba6cb0a423f', 0, 60, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 18, '01a22948-2beb-7253-a30d-5fa4e623f2a0', 0, 60, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 19, '01a22948-2beb-7ff6-848a-68b2400a0eb9', 0, 25, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 20, '01a22948-2beb-7db2-8ef0-74d73e9e8d1b', 0, 120, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 21, '01a22948-2beb-7c14-af49-4124cc865f6f', 0, 120, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 22, '01a22948-2beb-7794-8f67-52946a2d9f8f', 0, 300, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 23, '01a22948-2beb-7ded-b378-4424e66cee4f', 0, 35, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 24, '01a22948-2beb-7ed8-9caa-c3ba6b3502e3', 0, 80, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 25, '01a22948-2beb-780f-b64d-ce91f305d284', 0, 150, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 26, '01a22948-2beb-7559-a27f-261cd44b586a', 0, 90, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 27, '01a22948-2beb-7d9b-aeb8-b8a4c1754420', 0, 45, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 28, '01a22948-2beb-7957-a7f7-627b75636611', 0, 40, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 29, '01a22948-2beb-78b6-9586-4af7edef834b', 0, 60, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 30, '01a22948-2beb-7f0f-a14c-fbc3cc7f2eff', 0, 30, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 31, '01a22948-2beb-7d5f-ba6c-ceea5360acbe', 0, 50, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 32, '01a22948-2beb-7af1-85e2-f1bcbcfd2512', 0, 25, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 33, '01a22948-2beb-72be-a084-4053575a1d71', 0, 55, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 34, '01a22948-2beb-7d7b-ad6e-1050c3f15602', 0, 200, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 35, '01a22948-2beb-7683-a7f0-b88211265370', 0, 160, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 36, '01a22948-2beb-7678-911b-5e6fd43f4e69', 0, 500, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 37, '01a22948-2beb-71a0-9d7c-df59be1a570b', 0, 220, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 38, '01a22948-2beb-716e-9f41-2f81259f19f3', 0, 70, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 39, '01a22948-2beb-7159-b71b-5ddeff7a875e', 0, 40, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 40, '01a22948-2beb-71c9-8e49-ace53dbc6c5f', 0, 400, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 41, '01a22948-2beb-7ec8-b540-bf3f0f151a27', 0, 35, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 42, '01a22948-2beb-76d9-a487-ac8e7cec03dc', 0, 20, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 43, '01a22948-2beb-7976-9223-ad1c3faddd10', 0, 140, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 44, '01a22948-2beb-7103-8727-3aaeec3dde72', 0, 28, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 45, '01a22948-2beb-7aaf-9903-5411c7f6d597', 0, 250, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 46, '01a22948-2beb-7b2b-9983-0181505053eb', 0, 180, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 47, '01a22948-2beb-76ed-9a6a-96fd7200f18b', 0, 60, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 48, '01a22948-2beb-7cac-b1c0-8c8321c1043e', 0, 3, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 49, '01a22948-2beb-7251-a63c-4ac1d78290e5', 0, 600, 0, 'count', NULL, 'catalogue import', 1795988925419, NULL),
	(1, 50, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 3, 0, 1, 'hold', '01a22948-2cba-7fb5-a7f6-764f25c7ac34', NULL, 1795988925626, NULL),
	(1, 51, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 50, -1, -1, 'commit', '01a22948-2cba-7fb5-a7f6-764f25c7ac34', NULL, 1795988925627, NULL),
	(1, 52, '01a22948-2be9-7f89-a902-fc6f5affb127', 1, 0, 3, 'hold', '01a22948-2d4b-717d-8e6b-52b344cf263c', NULL, 1795988925771, NULL),
	(1, 53, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 51, 0, 1, 'hold', '01a22948-2d4b-717d-8e6b-52b344cf263c', NULL, 1795988925771, NULL),
	(1, 54, '01a22948-2be9-7f89-a902-fc6f5affb127', 52, -3, -3, 'commit', '01a22948-2d4b-717d-8e6b-52b344cf263c', NULL, 1795988925772, NULL),
	(1, 55, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 53, -1, -1, 'commit', '01a22948-2d4b-717d-8e6b-52b344cf263c', NULL, 1795988925772, NULL),
	(1, 56, '01a22948-2be9-7f89-a902-fc6f5affb127', 54, 0, 3, 'hold', '01a22948-2daa-746c-8942-dabff71b49f3', NULL, 1795988925866, NULL),
	(1, 57, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 55, 0, 1, 'hold', '01a22948-2daa-746c-8942-dabff71b49f3', NULL, 1795988925866, NULL),
	(1, 58, '01a22948-2be9-7f89-a902-fc6f5affb127', 56, 0, -3, 'release', '01a22948-2daa-746c-8942-dabff71b49f3', NULL, 1795988925875, NULL),
	(1, 59, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 57, 0, -1, 'release', '01a22948-2daa-746c-8942-dabff71b49f3', NULL, 1795988925875, NULL),
	(1, 60, '01a22948-2be9-7f89-a902-fc6f5affb127', 58, 0, 3, 'hold', '01a22948-2df3-7a09-b340-5be1c7fb9f92', NULL, 1795988925939, NULL),
	(1, 61, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 59, 0, 1, 'hold', '01a22948-2df3-7a09-b340-5be1c7fb9f92', NULL, 1795988925939, NULL),
	(1, 62, '01a22948-2be9-7f89-a902-fc6f5affb127', 60, 0, 3, 'hold', '01a22948-2e5c-7612-aaf8-4aaee30a0493', NULL, 1795988926044, NULL),
	(1, 63, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 61, 0, 1, 'hold', '01a22948-2e5c-7612-aaf8-4aaee30a0493', NULL, 1795988926044, NULL),
	(1, 64, '01a22948-2beb-7fab-b481-bbb6da80a280', 2, 0, 3, 'hold', '01a22948-2fc8-7ace-b446-76e43cef604f', NULL, 1795988926408, NULL),
	(1, 65, '01a22948-2beb-7fab-b481-bbb6da80a280', 64, -3, -3, 'commit', '01a22948-2fc8-7ace-b446-76e43cef604f', NULL, 1795988926409, NULL),
	(1, 66, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 63, 0, 2, 'hold', '01a22948-30cb-7e78-a1d3-a55c98586062', NULL, 1795988926667, NULL),
	(1, 67, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 66, -2, -2, 'commit', '01a22948-30cb-7e78-a1d3-a55c98586062', NULL, 1795988926668, NULL),
	(1, 68, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 67, 2, 0, 'restock', '01a22948-30cb-7e78-a1d3-a55c98586062', NULL, 1795988926701, NULL),
	(1, 69, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 68, 0, 2, 'hold', '01a22948-3187-7d07-9aac-8b1e7e37b221', NULL, 1795988926855, NULL),
	(1, 70, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 69, -2, -2, 'commit', '01a22948-3187-7d07-9aac-8b1e7e37b221', NULL, 1795988926865, NULL),
	(1, 71, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 70, 0, 2, 'hold', '01a22948-3204-7942-ba01-d0a611dfd30a', NULL, 1795988926980, NULL),
	(1, 72, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', 71, 0, -2, 'release', '01a22948-3204-7942-ba01-d0a611dfd30a', NULL, 1795988927042, NULL);
INSERT INTO public.stores VALUES
	(1, 'default', 'Default store', 'EUR', '[]', '{"guest_cart_days":30,"customer_cart_days":365,"cart_event_days":90,"storefront_url":"https://shop.example","payment_minutes":60,"payment_capture":"automatic","authorization_days":7,"prices_include_tax":true,"require_shipping":false,"price_policy":{"kind":"latest"},"hold_policy":{"kind":"at_checkout"},"pricing":{"tax_round":"line","tax_rounding":"half_up","disc_rounding":"half_up","disc_round":"line","split":"largest_remainder","stack":"sequential","threshold":"discounted","weights":"shown","disc_tax":"after","multi_rate":"per_rate","incl_extract":"tax","pick":"cheapest","bxgy_pick":"cheapest","partial_get":false,"ship_tax":"own","exclusive":"best_for_customer","exempt_price":"net"},"recovery":{"enabled":true,"stage_minutes":[1,60,1440],"hold_out_percent":0,"link_days":7},"urgency":false}', '[{"handle":"standard","name":"Standard","zones":[{"countries":["AT","BE","DE","ES","FR","IE","IT","NL","PT"]}],"rate":{"kind":"flat","amount":490},"free_from":5000,"tax_category":"shipping","estimated_days":{"fewest":2,"most":4}},{"handle":"express","name":"Express","zones":[{"countries":["DE","FR","ES"]}],"rate":{"kind":"weight","bands":[{"up_to_grams":2000,"amount":1290},{"up_to_grams":10000,"amount":1990}]},"tax_category":"shipping","estimated_days":{"fewest":1,"most":1}},{"handle":"world","name":"Worldwide","rate":{"kind":"order_value","bands":[{"from_amount":0,"amount":1990},{"from_amount":15000,"amount":990}]},"tax_category":"shipping","estimated_days":{"fewest":5,"most":12}}]', '[{"name":"VAT 19%","percent":"19","zone":{"countries":["DE"]},"applies_to":"all","layer":0},{"name":"VAT 7%","percent":"7","zone":{"countries":["DE"]},"categories":["reduced"],"applies_to":"all","layer":0},{"name":"IVA 21%","percent":"21","zone":{"countries":["ES"]},"applies_to":"all","layer":0},{"name":"IVA 10%","percent":"10","zone":{"countries":["ES"]},"categories":["reduced"],"applies_to":"all","layer":0},{"name":"TVA 20%","percent":"20","zone":{"countries":["FR"]},"applies_to":"all","layer":0}]');
INSERT INTO public.variants VALUES
	(1, '01a22948-2be9-7f89-a902-fc6f5affb127', '01a22948-2be9-7f60-ba47-209863b3f164', 'PEN', '{}', 500, '{}', '{}', 12, true, 0),
	(1, '01a22948-2beb-7046-9f45-11422e35ba18', '01a22948-2beb-79a0-96da-4e2c7afccdaf', 'RAIN-S', '{"Size":"S"}', 11900, '{}', '{}', 410, true, 0),
	(1, '01a22948-2beb-7103-8727-3aaeec3dde72', '01a22948-2beb-71bf-901a-b635bfc8777c', 'CLOCK', '{}', 4990, '{}', '{}', 800, true, 0),
	(1, '01a22948-2beb-7159-b71b-5ddeff7a875e', '01a22948-2beb-7c6b-a013-7679829ade34', 'CAN', '{}', 2690, '{}', '{}', 540, true, 0),
	(1, '01a22948-2beb-716e-9f41-2f81259f19f3', '01a22948-2beb-7d24-adb1-73f68739e152', 'POT', '{}', 1190, '{}', '{}', 1500, true, 0),
	(1, '01a22948-2beb-71a0-9d7c-df59be1a570b', '01a22948-2beb-7b58-abb6-808d3d157a89', 'BEANS', '{}', 1890, '{}', '{}', 1050, true, 0),
	(1, '01a22948-2beb-71c2-bbc8-70caec6fd191', '01a22948-2beb-734b-9b7f-2fad8663530b', 'JUMPER-NAV-M', '{"Color":"Navy","Size":"M"}', 7900, '{}', '{}', 320, true, 1),
	(1, '01a22948-2beb-71c9-8e49-ace53dbc6c5f', '01a22948-2beb-7ba9-a3b7-6df14b47735e', 'SEEDS', '{}', 690, '{}', '{}', 30, true, 0),
	(1, '01a22948-2beb-7251-a63c-4ac1d78290e5', '01a22948-2beb-7d72-9f25-a918bfa89120', 'GIFTBOX', '{}', 450, '{}', '{}', 120, true, 0),
	(1, '01a22948-2beb-7253-a30d-5fa4e623f2a0', '01a22948-2beb-7f20-bb13-3cc9dc149cd7', 'LINEN-L', '{"Size":"L"}', 5900, '{}', '{}', 210, true, 2),
	(1, '01a22948-2beb-72be-a084-4053575a1d71', '01a22948-2beb-7fb6-94cb-d372e7d3a8f9', 'APRON', '{}', 3490, '{}', '{}', 380, true, 0),
	(1, '01a22948-2beb-73d6-b1d2-4ba6cb0a423f', '01a22948-2beb-7f20-bb13-3cc9dc149cd7', 'LINEN-M', '{"Size":"M"}', 5900, '{}', '{}', 210, true, 1),
	(1, '01a22948-2beb-74b5-8f65-fd9e45d87ca2', '01a22948-2beb-79a0-96da-4e2c7afccdaf', 'RAIN-M', '{"Size":"M"}', 11900, '{}', '{}', 410, true, 1),
	(1, '01a22948-2beb-7559-a27f-261cd44b586a', '01a22948-2beb-792a-b261-7bc1308c4640', 'PENCILS', '{}', 1490, '{}', '{}', 130, true, 0),
	(1, '01a22948-2beb-7630-a0bb-546039e4005d', '01a22948-2beb-79a0-96da-4e2c7afccdaf', 'RAIN-L', '{"Size":"L"}', 11900, '{}', '{}', 410, true, 2),
	(1, '01a22948-2beb-7678-911b-5e6fd43f4e69', '01a22948-2beb-7e24-a1e5-a0fd30761826', 'CHOCOLATE', '{}', 390, '{}', '{}', 105, true, 0),
	(1, '01a22948-2beb-7683-a7f0-b88211265370', '01a22948-2beb-76ea-ad54-2dd2dde7c37d', 'HONEY', '{}', 950, '{}', '{}', 780, true, 0),
	(1, '01a22948-2beb-76d9-a487-ac8e7cec03dc', '01a22948-2beb-750a-8ed8-5675570355b3', 'BLANKET', '{}', 8900, '{}', '{}', 1300, true, 0),
	(1, '01a22948-2beb-76ed-9a6a-96fd7200f18b', '01a22948-2beb-7eff-9625-eb98840bdce3', 'HEADLAMP', '{}', 3990, '{}', '{}', 90, true, 0),
	(1, '01a22948-2beb-7794-8f67-52946a2d9f8f', '01a22948-2beb-769f-a9f0-cc1d8e96b3f5', 'NOTEBOOK', '{}', 1290, '{}', '{}', 310, true, 0),
	(1, '01a22948-2beb-7795-b9d8-4302aae50d4d', '01a22948-2beb-734b-9b7f-2fad8663530b', 'JUMPER-NAV-L', '{"Color":"Navy","Size":"L"}', 7900, '{}', '{}', 320, true, 2),
	(1, '01a22948-2beb-77e4-a414-0139a4d7f712', '01a22948-2beb-734b-9b7f-2fad8663530b', 'JUMPER-OAT-S', '{"Color":"Oat","Size":"S"}', 7900, '{}', '{}', 320, true, 4),
	(1, '01a22948-2beb-780f-b64d-ce91f305d284', '01a22948-2beb-73ba-b302-9f73587683c2', 'INK-BLUE', '{}', 890, '{}', '{}', 120, true, 0),
	(1, '01a22948-2beb-783b-a6f9-3016123f2dab', '01a22948-2beb-734b-9b7f-2fad8663530b', 'JUMPER-NAV-XL', '{"Color":"Navy","Size":"XL"}', 7900, '{}', '{}', 320, true, 3),
	(1, '01a22948-2beb-78b6-9586-4af7edef834b', '01a22948-2beb-76c6-91f7-1b312e6a39be', 'ESPRESSO', '{}', 2490, '{}', '{}', 620, true, 0),
	(1, '01a22948-2beb-7930-884c-74563bbc1ed2', '01a22948-2beb-79a0-96da-4e2c7afccdaf', 'RAIN-XL', '{"Size":"XL"}', 11900, '{}', '{}', 410, true, 3),
	(1, '01a22948-2beb-7957-a7f7-627b75636611', '01a22948-2beb-7ebb-8df2-3c9c39e0c367', 'TEAPOT', '{}', 3990, '{}', '{}', 780, true, 0),
	(1, '01a22948-2beb-795d-8e94-f0a974eeb96e', '01a22948-2beb-734b-9b7f-2fad8663530b', 'JUMPER-OAT-L', '{"Color":"Oat","Size":"L"}', 7900, '{}', '{}', 320, true, 6),
	(1, '01a22948-2beb-7976-9223-ad1c3faddd10', '01a22948-2beb-7ac0-ba64-6d30db79556c', 'CANDLE', '{}', 1490, '{}', '{}', 260, true, 0),
	(1, '01a22948-2beb-7aa1-97b1-a1ba9135d6a1', '01a22948-2beb-7f20-bb13-3cc9dc149cd7', 'LINEN-S', '{"Size":"S"}', 5900, '{}', '{}', 210, true, 0),
	(1, '01a22948-2beb-7aaf-9903-5411c7f6d597', '01a22948-2beb-7c93-ad30-735efef36e11', 'TOTE', '{}', 1490, '{}', '{}', 160, true, 0),
	(1, '01a22948-2beb-7af1-85e2-f1bcbcfd2512', '01a22948-2beb-7761-a21c-d2af10cf503d', 'SCALE', '{}', 2790, '{}', '{}', 650, true, 0),
	(1, '01a22948-2beb-7b06-b5b6-3957f9f4d336', '01a22948-2beb-734b-9b7f-2fad8663530b', 'JUMPER-NAV-S', '{"Color":"Navy","Size":"S"}', 7900, '{}', '{}', 320, true, 0),
	(1, '01a22948-2beb-7b2b-9983-0181505053eb', '01a22948-2beb-7ddc-92d8-70941efd7a88', 'BOTTLE', '{}', 2490, '{}', '{}', 360, true, 0),
	(1, '01a22948-2beb-7b74-8453-1217d9d41793', '01a22948-2beb-734b-9b7f-2fad8663530b', 'JUMPER-OAT-M', '{"Color":"Oat","Size":"M"}', 7900, '{}', '{}', 320, true, 5),
	(1, '01a22948-2beb-7ba6-b05c-bb82567aa9d2', '01a22948-2beb-75c9-9d85-609a3c15a467', 'MUG', '{}', 750, '{}', '{}', 340, true, 0),
	(1, '01a22948-2beb-7c14-af49-4124cc865f6f', '01a22948-2beb-72c1-9332-540edccb7a7c', 'SOCKS-41', '{"Size":"41–45"}', 1650, '{}', '{}', 150, true, 1),
	(1, '01a22948-2beb-7cac-b1c0-8c8321c1043e', '01a22948-2beb-756c-bd02-7c3efd84a0ab', 'RUG', '{}', 4490, '{}', '{}', 1100, true, 0),
	(1, '01a22948-2beb-7d5f-ba6c-ceea5360acbe', '01a22948-2beb-77d9-8259-74e1f18baa3a', 'BOARD', '{}', 3290, '{}', '{}', 1900, true, 0),
	(1, '01a22948-2beb-7d7b-ad6e-1050c3f15602', '01a22948-2beb-7f82-ab9b-401741556ba6', 'OIL', '{}', 1390, '{}', '{}', 920, true, 0),
	(1, '01a22948-2beb-7d9b-aeb8-b8a4c1754420', '01a22948-2beb-7b36-81d1-4dee1510607c', 'TRAY', '{}', 2290, '{}', '{}', 900, true, 0),
	(1, '01a22948-2beb-7db2-8ef0-74d73e9e8d1b', '01a22948-2beb-72c1-9332-540edccb7a7c', 'SOCKS-36', '{"Size":"36–40"}', 1650, '{}', '{}', 140, true, 0),
	(1, '01a22948-2beb-7ded-b378-4424e66cee4f', '01a22948-2beb-7439-99ae-3e803cf98077', 'LAMP', '{}', 6490, '{}', '{}', 1400, true, 0),
	(1, '01a22948-2beb-7ebf-81b4-39a19072c2d4', '01a22948-2beb-734b-9b7f-2fad8663530b', 'JUMPER-OAT-XL', '{"Color":"Oat","Size":"XL"}', 7900, '{}', '{}', 320, true, 7),
	(1, '01a22948-2beb-7ec8-b540-bf3f0f151a27', '01a22948-2beb-7dfa-92cb-88dff8bfea5b', 'SHEARS', '{}', 3890, '{}', '{}', 290, true, 0),
	(1, '01a22948-2beb-7ed8-9caa-c3ba6b3502e3', '01a22948-2beb-74b0-a89a-2908bc1cddee', 'FOUNTAIN', '{}', 3490, '{}', '{}', 28, true, 0),
	(1, '01a22948-2beb-7f0f-a14c-fbc3cc7f2eff', '01a22948-2beb-769f-b0ec-ca26fc09a154', 'BREADKNIFE', '{}', 4490, '{}', '{}', 210, true, 0),
	(1, '01a22948-2beb-7fab-b481-bbb6da80a280', '01a22948-2beb-705c-a6c7-2c0f09b637b1', 'TSHIRT', '{}', 2000, '{}', '{}', 180, true, 0),
	(1, '01a22948-2beb-7ff6-848a-68b2400a0eb9', '01a22948-2beb-7f20-bb13-3cc9dc149cd7', 'LINEN-XL', '{"Size":"XL"}', 5900, '{}', '{}', 210, true, 3);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (store_id, account_id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (store_id, hash);
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (store_id, audit_id);
ALTER TABLE ONLY public.cart_demand
    ADD CONSTRAINT cart_demand_pkey PRIMARY KEY (store_id, variant_id);
ALTER TABLE ONLY public.carts
    ADD CONSTRAINT carts_pkey PRIMARY KEY (store_id, cart_id);
ALTER TABLE ONLY public.coupons
    ADD CONSTRAINT coupons_pkey PRIMARY KEY (store_id, code);
ALTER TABLE ONLY public.customer_carts
    ADD CONSTRAINT customer_carts_pkey PRIMARY KEY (store_id, customer);
ALTER TABLE ONLY public.customer_uses
    ADD CONSTRAINT customer_uses_pkey PRIMARY KEY (store_id, promotion_id, customer);
ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (store_id, customer);
ALTER TABLE ONLY public.demand_counts
    ADD CONSTRAINT demand_counts_pkey PRIMARY KEY (store_id);
ALTER TABLE ONLY public.event_sinks
    ADD CONSTRAINT event_sinks_pkey PRIMARY KEY (store_id, name);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (store_id, sequence);
ALTER TABLE ONLY public.gateway_events
    ADD CONSTRAINT gateway_events_pkey PRIMARY KEY (store_id, gateway, event_id);
ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (store_id, cart_id, variant_id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (store_id, scope, key);
ALTER TABLE ONLY public.lanes
    ADD CONSTRAINT lanes_pkey PRIMARY KEY (store_id);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (store_id, job);
ALTER TABLE ONLY public.link_secrets
    ADD CONSTRAINT link_secrets_pkey PRIMARY KEY (store_id);
ALTER TABLE ONLY public.mail_templates
    ADD CONSTRAINT mail_templates_pkey PRIMARY KEY (store_id, kind, locale);
ALTER TABLE ONLY public.mailed_tokens
    ADD CONSTRAINT mailed_tokens_pkey PRIMARY KEY (store_id, token_hash);
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_pkey PRIMARY KEY (store_id, mail_id);
ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (store_id, order_id, "position");
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (store_id, order_id);
ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (store_id, order_id);
ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (store_id, product_id);
ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_store_id_handle_key UNIQUE (store_id, handle);
ALTER TABLE ONLY public.promotion_uses
    ADD CONSTRAINT promotion_uses_pkey PRIMARY KEY (store_id, promotion_id);
ALTER TABLE ONLY public.promotions
    ADD CONSTRAINT promotions_pkey PRIMARY KEY (store_id, promotion_id);
ALTER TABLE ONLY public.redemptions
    ADD CONSTRAINT redemptions_pkey PRIMARY KEY (store_id, order_id, promotion_id);
ALTER TABLE ONLY public.refinery_schema_history
    ADD CONSTRAINT refinery_schema_history_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.reminders
    ADD CONSTRAINT reminders_pkey PRIMARY KEY (store_id, cart_id, stage);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (store_id, token_hash);
ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_pkey PRIMARY KEY (store_id, sequence);
ALTER TABLE ONLY public.stock
    ADD CONSTRAINT stock_pkey PRIMARY KEY (store_id, variant_id);
ALTER TABLE ONLY public.stores
    ADD CONSTRAINT stores_pkey PRIMARY KEY (store_id);
ALTER TABLE ONLY public.unsubscribed
    ADD CONSTRAINT unsubscribed_pkey PRIMARY KEY (store_id, email);
ALTER TABLE ONLY public.variants
    ADD CONSTRAINT variants_pkey PRIMARY KEY (store_id, variant_id);
ALTER TABLE ONLY public.variants
    ADD CONSTRAINT variants_store_id_sku_key UNIQUE (store_id, sku);
ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (store_id, webhook_id, sequence);
ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (store_id, webhook_id);
ALTER TABLE ONLY public.writers
    ADD CONSTRAINT writers_pkey PRIMARY KEY (store_id, writer);
CREATE UNIQUE INDEX accounts_by_email ON public.accounts USING btree (store_id, email);
CREATE UNIQUE INDEX api_keys_by_hash ON public.api_keys USING btree (hash);
CREATE INDEX carts_by_expiry ON public.carts USING btree (store_id, expires_at, cart_id) WHERE (status = ANY (ARRAY['active'::text, 'abandoned'::text]));
CREATE INDEX carts_by_recovery ON public.carts USING btree (store_id, recovery_at) WHERE (recovery_at IS NOT NULL);
CREATE INDEX coupons_by_promotion ON public.coupons USING btree (store_id, promotion_id, bulk, code);
CREATE INDEX deliveries_by_age ON public.webhook_deliveries USING btree (store_id, changed_at) WHERE (status <> 'pending'::text);
CREATE INDEX deliveries_due ON public.webhook_deliveries USING btree (store_id, webhook_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX deliveries_open ON public.webhook_deliveries USING btree (store_id, webhook_id, status, sequence) WHERE (status <> 'delivered'::text);
CREATE INDEX deliveries_waiting ON public.webhook_deliveries USING btree (store_id, webhook_id, subject, sequence) WHERE (status = 'pending'::text);
CREATE INDEX events_by_cart ON public.events USING btree (store_id, cart_id, sequence) WHERE (cart_id IS NOT NULL);
CREATE INDEX events_by_order ON public.events USING btree (store_id, order_id, sequence) WHERE (order_id IS NOT NULL);
CREATE INDEX gateway_events_by_end ON public.gateway_events USING btree (store_id, done_at) WHERE (done_at IS NOT NULL);
CREATE INDEX gateway_events_due ON public.gateway_events USING btree (store_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX holds_by_time ON public.holds USING btree (store_id, until);
CREATE INDEX holds_of_variant ON public.holds USING btree (store_id, variant_id, until, cart_id);
CREATE INDEX idempotency_by_age ON public.idempotency USING btree (store_id, created_at);
CREATE UNIQUE INDEX live_order_of_cart ON public.orders USING btree (store_id, cart_id) WHERE (status = ANY (ARRAY['pending_payment'::text, 'placed'::text]));
CREATE INDEX mailed_tokens_by_end ON public.mailed_tokens USING btree (store_id, expires_at);
CREATE INDEX mails_by_due ON public.mails USING btree (store_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX operators ON public.accounts USING btree (store_id, account_id) WHERE (role IS NOT NULL);
CREATE INDEX orders_by_buyer ON public.orders USING btree (store_id, buyer, order_id) WHERE (buyer IS NOT NULL);
CREATE INDEX orders_by_email ON public.orders USING btree (store_id, lower((TRIM(BOTH FROM (detail ->> 'email'::text)) COLLATE "C")), order_id) WHERE (customer IS NOT NULL);
CREATE INDEX orders_by_fulfilment ON public.orders USING btree (store_id, fulfilment, order_id) WHERE (fulfilment IS NOT NULL);
CREATE INDEX orders_by_status ON public.orders USING btree (store_id, status, order_id) WHERE (status <> 'placed'::text);
CREATE INDEX payments_by_due ON public.payments USING btree (store_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX payments_by_status ON public.payments USING btree (store_id, status, order_id) WHERE (status <> 'captured'::text);
CREATE INDEX products_by_age ON public.products USING btree (store_id, product_id, active, min_price, max_price);
CREATE INDEX products_by_name ON public.products USING btree (store_id, sort_name, product_id, active, min_price, max_price);
CREATE INDEX products_by_price ON public.products USING btree (store_id, min_price, product_id, active, max_price);
CREATE INDEX products_by_text ON public.products USING gin (store_id, search public.gin_trgm_ops);
CREATE INDEX redemptions_by_code ON public.redemptions USING btree (store_id, code, promotion_id) WHERE (live AND (code IS NOT NULL));
CREATE INDEX reminders_by_time ON public.reminders USING btree (store_id, at) WHERE (stage = 1);
CREATE INDEX sessions_by_account ON public.sessions USING btree (store_id, account_id, expires_at);
CREATE INDEX sessions_by_end ON public.sessions USING btree (store_id, expires_at);
CREATE INDEX variants_by_product ON public.variants USING btree (store_id, product_id, "position");
