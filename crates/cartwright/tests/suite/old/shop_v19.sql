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
    tax_exempt boolean NOT NULL,
    email text COLLATE pg_catalog."C",
    email_since bigint
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
CREATE TABLE public.kept_promotions (
    store_id bigint NOT NULL,
    promotion_id uuid NOT NULL,
    until bigint NOT NULL,
    definition json NOT NULL
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
CREATE TABLE public.unmatched_payments (
    store_id bigint NOT NULL,
    gateway text NOT NULL COLLATE pg_catalog."C",
    reference text NOT NULL COLLATE pg_catalog."C",
    captured bigint NOT NULL,
    refunded bigint NOT NULL,
    action text NOT NULL,
    reason text NOT NULL,
    by_name text NOT NULL,
    at bigint NOT NULL,
    CONSTRAINT unmatched_payments_action_check CHECK ((action = ANY (ARRAY['refunded'::text, 'dismissed'::text])))
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
	(1, '01a22ba1-226a-75ac-b319-eb195ace28ed', 'demo@example.com', '$argon2id$v=19$m=19456,t=2,p=1$X932fGyk9PrnUDSODz000g$TYl0JUm3YvaVt/R1dcqNj5MyjlRfSepgz5RtFTF7C4w', NULL, 1796028310280, 1, '{"name":"Dana Demo","marketing":false}', 1796028310122, 1796028310280),
	(1, '01a22ba1-236f-7f0e-8c67-089658a5bf9c', 'owner@example.com', NULL, 'owner', NULL, 1, '{"marketing":false}', 1796028310383, 1796028310383);
INSERT INTO public.api_keys VALUES
	(0, '\x396fa659900e2c62ab06f5f67c435ca8ff553898bc48892c7058234b59108219', 'demo', 1796028309805, 'owner', '[]', NULL),
	(1, '\xafc0407ef53fab9fa223f42442cc3e44c8fcc0dd9e9c50ae18ce1145958c4cae', 'desk', 1796028310385, 'staff', '[]', NULL);
INSERT INTO public.audit_log VALUES
	(1, '01a22ba1-21c4-72ab-a0b8-8fb71fc707d1', 1796028309963, 'key:demo', 'upsert_products', '/api/v1/admin/products', 'done'),
	(1, '01a22ba1-21e1-7446-a84c-ae1a859dbc1f', 1796028309985, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22ba1-21e9-757b-9a75-99c17fe9390e', 1796028309993, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22ba1-21f0-7099-b4a7-4f6b00404c4e', 1796028310001, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22ba1-21f2-7172-aa81-4261296fa6f0', 1796028310002, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22ba1-21f8-71c6-9edc-d035d383496b', 1796028310008, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22ba1-2224-71ab-84a6-139f0ae56a24', 1796028310053, 'key:demo', 'replace_shipping_methods', '/api/v1/admin/shipping-methods', 'done'),
	(1, '01a22ba1-222f-7171-b37c-2660c09891cc', 1796028310063, 'key:demo', 'replace_tax_rates', '/api/v1/admin/tax-rates', 'done'),
	(1, '01a22ba1-2237-731f-9e6d-2299648e46d4', 1796028310071, 'key:demo', 'put_store', '/api/v1/admin/stores', 'done'),
	(1, '01a22ba1-2362-71d3-b1c7-5b0cb38b15cf', 1796028310370, 'key:demo', 'create_promotion', '/api/v1/admin/promotions', 'done'),
	(1, '01a22ba1-236c-755f-bcaa-a8e5383d4bb8', 1796028310380, 'key:demo', 'create_webhook', '/api/v1/admin/webhooks', 'done'),
	(1, '01a22ba1-236e-7200-a710-17b65d0dc3d1', 1796028310383, 'key:demo', 'put_operator', '/api/v1/admin/operators', 'done'),
	(1, '01a22ba1-2371-750a-bb88-ee01ad3ac172', 1796028310385, 'key:demo', 'create_key', '/api/v1/admin/keys', 'done'),
	(1, '01a22ba1-23ba-7227-84b5-ebbe984450bb', 1796028310458, 'key:demo', 'refund_order', '/api/v1/orders/01a22ba1-23b8-7eaa-8af3-016392296ba9/refunds', 'done');
INSERT INTO public.carts VALUES
	(1, '01a22ba1-2254-7729-838d-084f760c279a', '\x17ae873f96c3fb58e4e0d3a83eebfbdbfae3e674e92ce98fd9531674442b100a', NULL, 'active', 2, 'EUR', '[{"id":"01a22ba1-2254-7676-9660-57a3c67eefb8","variant_id":"01a22ba1-21cb-741a-8c8b-cbf74903b47d","quantity":1,"unit_price":2000,"priced_at":1796028310100},{"id":"01a22ba1-2254-7bfd-b49c-89c7ec422d7f","variant_id":"01a22ba1-21cb-7b75-ae43-6cbe1a887fe4","quantity":1,"unit_price":750,"priced_at":1796028310100}]', '{"email":"forgetful@example.com","email_consent":true,"recovery":{"next_at":1796028370116}}', NULL, 1796028310100, 1796028310116, 1798620310116, 1796028370116),
	(1, '01a22ba1-233c-73c4-9717-306a0a2e77e8', NULL, '01a22ba1-226a-75ac-b319-eb195ace28ed', 'checked_out', 3, 'EUR', '[{"id":"01a22ba1-233d-7c9e-be11-c97b22706058","variant_id":"01a22ba1-21cb-7b75-ae43-6cbe1a887fe4","quantity":1,"unit_price":750,"priced_at":1796028310333}]', '{"email":"demo@example.com","recovery":{"next_at":1796028370333}}', '01a22ba1-233e-715c-818d-595a46e6488b', 1796028310332, 1796028310334, 1827564310333, NULL),
	(1, '01a22ba1-2340-7e50-a53b-cc211305c053', NULL, '01a22ba1-226a-75ac-b319-eb195ace28ed', 'active', 4, 'EUR', '[{"id":"01a22ba1-2341-7a91-b129-06acbbceb3df","variant_id":"01a22ba1-21cb-7c5e-97bd-9977f754c2de","quantity":1,"unit_price":500,"priced_at":1796028310337}]', '{"email":"demo@example.com","saved":[{"id":"01a22ba1-2342-7135-a2b7-cebacf2d4e0e","variant_id":"01a22ba1-21cb-7b75-ae43-6cbe1a887fe4","quantity":1,"unit_price":750,"saved_at":1796028310338}],"recovery":{"next_at":1796028370338}}', NULL, 1796028310336, 1796028310338, 1827564310338, 1796028370338),
	(1, '01a22ba1-2372-77f8-82f8-2a3e60099cda', '\x5d04ee124422a8db824dc5cc0234ab529e9312b068a9371a324cc45e99edc8b0', NULL, 'active', 2, 'EUR', '[{"id":"01a22ba1-2372-7cba-9dfc-07003665fef3","variant_id":"01a22ba1-21cb-7c5e-97bd-9977f754c2de","quantity":2,"unit_price":500,"priced_at":1796028310386}]', '{"coupons":[{"code":"WELCOME10","promotion_id":"01a22ba1-21f1-7f43-897b-94e411241112"}]}', NULL, 1796028310386, 1796028310388, 1798620310388, NULL),
	(1, '01a22ba1-2375-752e-93e4-abd0d0c70619', '\x6cca7c38fe1785b97988d4774841beaf171e56484619a75a68079784453feec9', NULL, 'checked_out', 2, 'EUR', '[{"id":"01a22ba1-2375-7c0b-9785-8027bac3058d","variant_id":"01a22ba1-21cb-7c5e-97bd-9977f754c2de","quantity":3,"unit_price":500,"priced_at":1796028310389},{"id":"01a22ba1-2375-7448-a5eb-5a797e21cd22","variant_id":"01a22ba1-21cb-7b75-ae43-6cbe1a887fe4","quantity":1,"unit_price":750,"priced_at":1796028310389}]', '{}', '01a22ba1-2377-745c-aa76-4ee620f18b21', 1796028310389, 1796028310391, 1798620310389, NULL),
	(1, '01a22ba1-2389-7f07-baef-0ad908c998c2', '\x479e6120da02e2bc7b95fcf769445946389086a00e9707ca68fd27a2166833a7', NULL, 'checked_out', 4, 'EUR', '[{"id":"01a22ba1-2389-7a29-b9bb-bd435a02ba6d","variant_id":"01a22ba1-21cb-7b75-ae43-6cbe1a887fe4","quantity":1,"unit_price":750,"priced_at":1796028310409}]', '{"email":"dora@example.com","coupons":[{"code":"ONCE","promotion_id":"01a22ba1-2362-7019-af0d-b43f69c90fdd"}]}', '01a22ba1-239d-7e1d-985c-b6004ac85abe', 1796028310409, 1796028310429, 1798620310421, NULL),
	(1, '01a22ba1-23a1-7750-8859-c033efff2056', '\x5f21069dd5c306c7122cad4cd4bb9ba289c290d7bbef5302094e25055b1f7178', NULL, 'active', 3, 'EUR', '[{"id":"01a22ba1-23a1-7b28-b280-6d6d1bf81ebf","variant_id":"01a22ba1-21cb-7b75-ae43-6cbe1a887fe4","quantity":1,"unit_price":750,"priced_at":1796028310433}]', '{"last_payment_failure":{"reason":"declined","at":1796028310440}}', NULL, 1796028310433, 1796028310440, 1798620310440, NULL),
	(1, '01a22ba1-23b5-7ce3-8362-48b913c0ff6b', '\xd2c203b5340002cf63603d856a9fb16674bd670503ac9469a4a5b4c3a8d24875', NULL, 'checked_out', 2, 'EUR', '[{"id":"01a22ba1-23b5-79b4-aba5-758261d73827","variant_id":"01a22ba1-21cb-7b75-ae43-6cbe1a887fe4","quantity":2,"unit_price":750,"priced_at":1796028310453}]', '{}', '01a22ba1-23b8-7eaa-8af3-016392296ba9', 1796028310453, 1796028310456, 1798620310453, NULL),
	(1, '01a22ba1-23bd-785e-8c87-e4daae134a4e', '\x38c6ad55251d8a3f2afa71aa902b2ac47b6a8cd8a70b3502046355e0a2159866', NULL, 'checked_out', 2, 'EUR', '[{"id":"01a22ba1-23bd-7fcd-bcc2-445976210963","variant_id":"01a22ba1-21cb-741a-8c8b-cbf74903b47d","quantity":1,"unit_price":2000,"priced_at":1796028310461}]', '{}', '01a22ba1-23be-7cb5-8845-02e3d9e52be4', 1796028310461, 1796028310462, 1798620310461, NULL),
	(1, '01a22ba1-23c5-71d0-bc2d-94238f0f2291', '\x77f218c08ea02808b478d5ca522bb1782f01ce549885b521d6fa2a8fd9db0608', NULL, 'active', 3, 'EUR', '[{"id":"01a22ba1-23c5-72a4-93a9-891fb4f73121","variant_id":"01a22ba1-21cb-7c5e-97bd-9977f754c2de","quantity":1,"unit_price":500,"priced_at":1796028310469}]', '{"last_payment_failure":{"reason":"cancelled","at":1796028310474}}', NULL, 1796028310469, 1796028310474, 1798620310474, NULL),
	(1, '01a22ba1-23cb-7270-bad3-bb2a84d551d0', '\x801d49232a122677c1df3ff70ffcfbac62eee4cfc6ac6602ddb5ce62f3a21143', NULL, 'checked_out', 3, 'EUR', '[{"id":"01a22ba1-23cb-7ede-9e4c-3a549375714d","variant_id":"01a22ba1-21cb-741a-8c8b-cbf74903b47d","quantity":2,"unit_price":2000,"priced_at":1796028310475}]', '{"email":"eve@example.com"}', '01a22ba1-23d5-74a1-8a9e-5017844c2550', 1796028310475, 1796028310485, 1798620310478, NULL),
	(1, '01a22ba1-23db-7acf-b4d4-fc28b1c7810c', '\xa2eade51c66d491af507df34188ad7ee3fff54976c1bb773b53ec6946bcb3d88', NULL, 'checked_out', 2, 'EUR', '[{"id":"01a22ba1-23db-7800-9ef5-63ca9146f685","variant_id":"01a22ba1-21cb-7c5e-97bd-9977f754c2de","quantity":1,"unit_price":500,"priced_at":1796028310491}]', '{}', '01a22ba1-23de-78c8-9e02-d76e723c4781', 1796028310491, 1796028310494, 1798620310491, NULL);
INSERT INTO public.coupons VALUES
	(1, 'FIVE', '01a22ba1-21f2-709f-9f39-35bba2179760', NULL, false),
	(1, 'ONCE', '01a22ba1-2362-7019-af0d-b43f69c90fdd', NULL, false),
	(1, 'SHIPFREE', '01a22ba1-21f8-7020-b0c5-89254d32deff', NULL, false),
	(1, 'WELCOME10', '01a22ba1-21f1-7f43-897b-94e411241112', NULL, false);
INSERT INTO public.customer_carts VALUES
	(1, '01a22ba1-226a-75ac-b319-eb195ace28ed', '01a22ba1-2340-7e50-a53b-cc211305c053');
INSERT INTO public.customer_uses VALUES
	(1, '01a22ba1-2362-7019-af0d-b43f69c90fdd', 'dora@example.com', 1);
INSERT INTO public.events VALUES
	(1, 1, '01a22ba1-2254-7f0c-a021-02a77422248d', 1796028310100, 'cart.created', '01a22ba1-2254-7729-838d-084f760c279a', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":1,"sku":"TSHIRT"},{"quantity":1,"sku":"MUG"}],"version":1}'),
	(1, 2, '01a22ba1-2264-7435-87fc-7a5a27629db4', 1796028310116, 'cart.changed', '01a22ba1-2254-7729-838d-084f760c279a', NULL, 'shopper', '{"cause":"details_set","fields":["email_consent"],"version":2}'),
	(1, 3, '01a22ba1-233c-75b6-beff-d5ebf0bbb0e9', 1796028310332, 'cart.created', '01a22ba1-233c-73c4-9717-306a0a2e77e8', NULL, 'operator', '{"currency":"EUR","lines":[],"version":1}'),
	(1, 4, '01a22ba1-233d-7989-98a0-fdddee8bf19e', 1796028310333, 'cart.changed', '01a22ba1-233c-73c4-9717-306a0a2e77e8', NULL, 'shopper', '{"cause":"lines_added","lines":[{"quantity":1,"sku":"MUG"}],"version":2}'),
	(1, 5, '01a22ba1-233e-7a4b-9e12-9eeabb61d93e', 1796028310334, 'order.created', NULL, '01a22ba1-233e-715c-818d-595a46e6488b', 'shopper', '{"cart_id":"01a22ba1-233c-73c4-9717-306a0a2e77e8","currency":"EUR","customer":"01a22ba1-226a-75ac-b319-eb195ace28ed","lines":1,"total":750}'),
	(1, 6, '01a22ba1-233e-7f53-96cc-6ad5af34745a', 1796028310334, 'cart.checked_out', '01a22ba1-233c-73c4-9717-306a0a2e77e8', NULL, 'shopper', '{"order_id":"01a22ba1-233e-715c-818d-595a46e6488b","version":3}'),
	(1, 7, '01a22ba1-233f-76f3-a7d0-9da4c05e72b5', 1796028310335, 'payment.captured', NULL, '01a22ba1-233e-715c-818d-595a46e6488b', 'gateway', '{"amount":750,"attempt_id":"01a22ba1-233e-7e4f-a32d-8f70f5f83018","currency":"EUR"}'),
	(1, 8, '01a22ba1-233f-7669-88c2-08eef7dfa2b0', 1796028310335, 'order.placed', NULL, '01a22ba1-233e-715c-818d-595a46e6488b', 'gateway', '{"currency":"EUR","total":750}'),
	(1, 9, '01a22ba1-2340-7ef8-8dd2-5a7584b415f7', 1796028310336, 'cart.created', '01a22ba1-2340-7e50-a53b-cc211305c053', NULL, 'operator', '{"currency":"EUR","lines":[],"version":1}'),
	(1, 10, '01a22ba1-2341-791d-b8f2-7e79137d991b', 1796028310337, 'cart.changed', '01a22ba1-2340-7e50-a53b-cc211305c053', NULL, 'shopper', '{"cause":"lines_added","lines":[{"quantity":1,"sku":"PEN"}],"version":2}'),
	(1, 11, '01a22ba1-2342-7e5e-9f25-9b46b7cfd1c4', 1796028310338, 'cart.changed', '01a22ba1-2340-7e50-a53b-cc211305c053', NULL, 'shopper', '{"cause":"lines_added","lines":[{"quantity":1,"sku":"MUG"}],"version":3}'),
	(1, 12, '01a22ba1-2342-72d5-aa50-5f79ae2115d0', 1796028310338, 'cart.changed', '01a22ba1-2340-7e50-a53b-cc211305c053', NULL, 'shopper', '{"cause":"line_saved","quantity":1,"sku":"MUG","version":4}'),
	(1, 13, '01a22ba1-2372-70a8-bdf2-1142c4c49d7c', 1796028310386, 'cart.created', '01a22ba1-2372-77f8-82f8-2a3e60099cda', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":2,"sku":"PEN"}],"version":1}'),
	(1, 14, '01a22ba1-2374-7dba-a65d-a7d364bc2c0c', 1796028310388, 'cart.changed', '01a22ba1-2372-77f8-82f8-2a3e60099cda', NULL, 'shopper', '{"cause":"coupon_applied","code":"WELCOME10","version":2}'),
	(1, 15, '01a22ba1-2375-7a76-a6a2-9b981695c7ce', 1796028310389, 'cart.created', '01a22ba1-2375-752e-93e4-abd0d0c70619', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":3,"sku":"PEN"},{"quantity":1,"sku":"MUG"}],"version":1}'),
	(1, 16, '01a22ba1-2377-7f79-9226-f88671406822', 1796028310391, 'order.created', NULL, '01a22ba1-2377-745c-aa76-4ee620f18b21', 'shopper', '{"cart_id":"01a22ba1-2375-752e-93e4-abd0d0c70619","currency":"EUR","customer":null,"lines":2,"total":1750}'),
	(1, 17, '01a22ba1-2377-7913-8026-5b94236b3e1a', 1796028310391, 'cart.checked_out', '01a22ba1-2375-752e-93e4-abd0d0c70619', NULL, 'shopper', '{"order_id":"01a22ba1-2377-745c-aa76-4ee620f18b21","version":2}'),
	(1, 18, '01a22ba1-2378-7404-a3a6-899d8a61ce50', 1796028310392, 'payment.captured', NULL, '01a22ba1-2377-745c-aa76-4ee620f18b21', 'gateway', '{"amount":1750,"attempt_id":"01a22ba1-2377-706c-9bf3-fc5207a47e4b","currency":"EUR"}'),
	(1, 19, '01a22ba1-2378-7c7f-8351-a65f257eac00', 1796028310392, 'order.placed', NULL, '01a22ba1-2377-745c-aa76-4ee620f18b21', 'gateway', '{"currency":"EUR","total":1750}'),
	(1, 20, '01a22ba1-2389-7765-9868-b560cebf90d9', 1796028310409, 'cart.created', '01a22ba1-2389-7f07-baef-0ad908c998c2', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":1,"sku":"MUG"}],"version":1}'),
	(1, 21, '01a22ba1-238d-7ec9-abd0-990959e66bfc', 1796028310413, 'cart.changed', '01a22ba1-2389-7f07-baef-0ad908c998c2', NULL, 'shopper', '{"cause":"details_set","fields":["email"],"version":2}'),
	(1, 22, '01a22ba1-2395-708c-82b3-6e7c5a6e206d', 1796028310421, 'cart.changed', '01a22ba1-2389-7f07-baef-0ad908c998c2', NULL, 'shopper', '{"cause":"coupon_applied","code":"ONCE","version":3}'),
	(1, 23, '01a22ba1-239d-7475-91c5-ea65a68ee1b0', 1796028310429, 'order.created', NULL, '01a22ba1-239d-7e1d-985c-b6004ac85abe', 'shopper', '{"cart_id":"01a22ba1-2389-7f07-baef-0ad908c998c2","currency":"EUR","customer":null,"lines":1,"total":600}'),
	(1, 24, '01a22ba1-239d-7e18-98e6-db9cbec089a0', 1796028310429, 'cart.checked_out', '01a22ba1-2389-7f07-baef-0ad908c998c2', NULL, 'shopper', '{"order_id":"01a22ba1-239d-7e1d-985c-b6004ac85abe","version":4}'),
	(1, 25, '01a22ba1-239e-76a5-9545-5b7ad1bfda55', 1796028310430, 'payment.captured', NULL, '01a22ba1-239d-7e1d-985c-b6004ac85abe', 'gateway', '{"amount":600,"attempt_id":"01a22ba1-239d-7845-a621-ae766c7e59ee","currency":"EUR"}'),
	(1, 26, '01a22ba1-239e-7e94-8d8b-10719983f88f', 1796028310430, 'order.placed', NULL, '01a22ba1-239d-7e1d-985c-b6004ac85abe', 'gateway', '{"currency":"EUR","total":600}'),
	(1, 27, '01a22ba1-23a1-7046-b871-937f78378764', 1796028310433, 'cart.created', '01a22ba1-23a1-7750-8859-c033efff2056', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":1,"sku":"MUG"}],"version":1}'),
	(1, 28, '01a22ba1-23a7-7949-8785-70ec9084a7a7', 1796028310439, 'order.created', NULL, '01a22ba1-23a7-7e03-ba4e-3e8eee89fab9', 'shopper', '{"cart_id":"01a22ba1-23a1-7750-8859-c033efff2056","currency":"EUR","customer":null,"lines":1,"total":750}'),
	(1, 29, '01a22ba1-23a7-710e-be60-f02e565f0650', 1796028310439, 'cart.checked_out', '01a22ba1-23a1-7750-8859-c033efff2056', NULL, 'shopper', '{"order_id":"01a22ba1-23a7-7e03-ba4e-3e8eee89fab9","version":2}'),
	(1, 30, '01a22ba1-23a8-7d0e-8c0c-9da10da2a0ae', 1796028310440, 'order.payment_failed', NULL, '01a22ba1-23a7-7e03-ba4e-3e8eee89fab9', 'gateway', '{"reason":"declined"}'),
	(1, 31, '01a22ba1-23a8-7b66-94f3-2eb52ad09dc6', 1796028310440, 'cart.reactivated', '01a22ba1-23a1-7750-8859-c033efff2056', NULL, 'gateway', '{"order_id":"01a22ba1-23a7-7e03-ba4e-3e8eee89fab9","reason":"declined","version":3}'),
	(1, 32, '01a22ba1-23b5-778a-99c8-5aec776f3b86', 1796028310453, 'cart.created', '01a22ba1-23b5-7ce3-8362-48b913c0ff6b', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":2,"sku":"MUG"}],"version":1}'),
	(1, 33, '01a22ba1-23b8-7b90-9ec7-9c24e3d58571', 1796028310456, 'order.created', NULL, '01a22ba1-23b8-7eaa-8af3-016392296ba9', 'shopper', '{"cart_id":"01a22ba1-23b5-7ce3-8362-48b913c0ff6b","currency":"EUR","customer":null,"lines":1,"total":1500}'),
	(1, 34, '01a22ba1-23b8-7930-9cdd-972c46e908ed', 1796028310456, 'cart.checked_out', '01a22ba1-23b5-7ce3-8362-48b913c0ff6b', NULL, 'shopper', '{"order_id":"01a22ba1-23b8-7eaa-8af3-016392296ba9","version":2}'),
	(1, 35, '01a22ba1-23b9-7e93-9c0b-0dc29c01ea91', 1796028310457, 'payment.captured', NULL, '01a22ba1-23b8-7eaa-8af3-016392296ba9', 'gateway', '{"amount":1500,"attempt_id":"01a22ba1-23b8-717a-bb3f-b4a5d107a6b3","currency":"EUR"}'),
	(1, 36, '01a22ba1-23b9-7607-9ff5-9647ab226e24', 1796028310457, 'order.placed', NULL, '01a22ba1-23b8-7eaa-8af3-016392296ba9', 'gateway', '{"currency":"EUR","total":1500}'),
	(1, 37, '01a22ba1-23ba-7792-a69d-5b49b2c4d9a1', 1796028310458, 'refund.created', NULL, '01a22ba1-23b8-7eaa-8af3-016392296ba9', 'operator', '{"amount":100,"origin":"shop","reason":"","refund_id":"01a22ba1-23ba-74a2-b648-3d1aecaf8a76"}'),
	(1, 38, '01a22ba1-23bb-7ed9-b6c5-9ad2eff6d249', 1796028310459, 'refund.succeeded', NULL, '01a22ba1-23b8-7eaa-8af3-016392296ba9', 'gateway', '{"amount":100,"origin":"shop","reason":"","refund_id":"01a22ba1-23ba-74a2-b648-3d1aecaf8a76"}'),
	(1, 39, '01a22ba1-23bd-76fd-820a-ff4f1fff748a', 1796028310461, 'cart.created', '01a22ba1-23bd-785e-8c87-e4daae134a4e', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":1,"sku":"TSHIRT"}],"version":1}'),
	(1, 40, '01a22ba1-23be-7860-9bd3-14046f511b7f', 1796028310462, 'order.created', NULL, '01a22ba1-23be-7cb5-8845-02e3d9e52be4', 'shopper', '{"cart_id":"01a22ba1-23bd-785e-8c87-e4daae134a4e","currency":"EUR","customer":null,"lines":1,"total":2000}'),
	(1, 41, '01a22ba1-23be-793c-9273-203c27e022fa', 1796028310462, 'cart.checked_out', '01a22ba1-23bd-785e-8c87-e4daae134a4e', NULL, 'shopper', '{"order_id":"01a22ba1-23be-7cb5-8845-02e3d9e52be4","version":2}'),
	(1, 42, '01a22ba1-23bf-7f4d-95bb-1c6cf661dab9', 1796028310463, 'payment.action_required', NULL, '01a22ba1-23be-7cb5-8845-02e3d9e52be4', 'gateway', '{"amount":2000,"attempt_id":"01a22ba1-23be-7a67-a50d-3dcef1580efe","currency":"EUR"}'),
	(1, 43, '01a22ba1-23c5-753e-b2f5-48724f6e779e', 1796028310469, 'cart.created', '01a22ba1-23c5-71d0-bc2d-94238f0f2291', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":1,"sku":"PEN"}],"version":1}'),
	(1, 44, '01a22ba1-23c7-7ca6-b701-e9f4adf7bf73', 1796028310471, 'order.created', NULL, '01a22ba1-23c7-72d9-b44f-a72d8c645959', 'shopper', '{"cart_id":"01a22ba1-23c5-71d0-bc2d-94238f0f2291","currency":"EUR","customer":null,"lines":1,"total":500}'),
	(1, 45, '01a22ba1-23c7-79f8-9182-a68158327f66', 1796028310471, 'cart.checked_out', '01a22ba1-23c5-71d0-bc2d-94238f0f2291', NULL, 'shopper', '{"order_id":"01a22ba1-23c7-72d9-b44f-a72d8c645959","version":2}'),
	(1, 46, '01a22ba1-23c8-759b-8705-f0866f3fdb41', 1796028310472, 'payment.action_required', NULL, '01a22ba1-23c7-72d9-b44f-a72d8c645959', 'gateway', '{"amount":500,"attempt_id":"01a22ba1-23c7-7328-9187-f29f32034a91","currency":"EUR"}'),
	(1, 47, '01a22ba1-23ca-77d5-af12-c19ba3113cfd', 1796028310474, 'order.cancelled', NULL, '01a22ba1-23c7-72d9-b44f-a72d8c645959', 'gateway', '{"reason":"cancelled"}'),
	(1, 48, '01a22ba1-23ca-75e2-bd04-d2120e9a7128', 1796028310474, 'cart.reactivated', '01a22ba1-23c5-71d0-bc2d-94238f0f2291', NULL, 'gateway', '{"order_id":"01a22ba1-23c7-72d9-b44f-a72d8c645959","reason":"cancelled","version":3}'),
	(1, 49, '01a22ba1-23cb-77d6-8aed-0e62b03e6aa3', 1796028310475, 'cart.created', '01a22ba1-23cb-7270-bad3-bb2a84d551d0', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":2,"sku":"TSHIRT"}],"version":1}'),
	(1, 50, '01a22ba1-23ce-7df1-aa29-6b93fa61230c', 1796028310478, 'cart.changed', '01a22ba1-23cb-7270-bad3-bb2a84d551d0', NULL, 'shopper', '{"cause":"details_set","fields":["email"],"version":2}'),
	(1, 51, '01a22ba1-23d5-72be-bed4-196593f34a0c', 1796028310485, 'order.created', NULL, '01a22ba1-23d5-74a1-8a9e-5017844c2550', 'shopper', '{"cart_id":"01a22ba1-23cb-7270-bad3-bb2a84d551d0","currency":"EUR","customer":null,"lines":1,"total":4000}'),
	(1, 52, '01a22ba1-23d5-757a-916b-336b7f1551a4', 1796028310485, 'cart.checked_out', '01a22ba1-23cb-7270-bad3-bb2a84d551d0', NULL, 'shopper', '{"order_id":"01a22ba1-23d5-74a1-8a9e-5017844c2550","version":3}'),
	(1, 53, '01a22ba1-23db-7a3f-942f-23cd32705bed', 1796028310491, 'cart.created', '01a22ba1-23db-7acf-b4d4-fc28b1c7810c', NULL, 'shopper', '{"currency":"EUR","lines":[{"quantity":1,"sku":"PEN"}],"version":1}'),
	(1, 54, '01a22ba1-23de-7498-8fc6-5be80fc6ca01', 1796028310494, 'order.created', NULL, '01a22ba1-23de-78c8-9e02-d76e723c4781', 'shopper', '{"cart_id":"01a22ba1-23db-7acf-b4d4-fc28b1c7810c","currency":"EUR","customer":null,"lines":1,"total":500}'),
	(1, 55, '01a22ba1-23de-788c-bf9c-260911fb3035', 1796028310494, 'cart.checked_out', '01a22ba1-23db-7acf-b4d4-fc28b1c7810c', NULL, 'shopper', '{"order_id":"01a22ba1-23de-78c8-9e02-d76e723c4781","version":2}');
INSERT INTO public.idempotency VALUES
	(1, 'cart/01a22ba1-233c-73c4-9717-306a0a2e77e8', 'demo-order', '\xedcecf88832cbb93ae571a9a25b0c7e93745ad808901cb55401b771a8680cc34', '01a22ba1-233e-715c-818d-595a46e6488b', 1796028310334),
	(1, 'cart/01a22ba1-2375-752e-93e4-abd0d0c70619', 'buy-01a22ba1-2375-752e-93e4-abd0d0c70619', '\xc9df66abcccb92fef8e35a4e479a5b5309df88992d4f766730a54fa31ba4a868', '01a22ba1-2377-745c-aa76-4ee620f18b21', 1796028310391),
	(1, 'cart/01a22ba1-2389-7f07-baef-0ad908c998c2', 'buy-01a22ba1-2389-7f07-baef-0ad908c998c2', '\x420aa9b4c31c226a63fb0d5ca29f330b1c654f7b28af036d53cc19fedd74ea63', '01a22ba1-239d-7e1d-985c-b6004ac85abe', 1796028310429),
	(1, 'cart/01a22ba1-23a1-7750-8859-c033efff2056', 'buy-01a22ba1-23a1-7750-8859-c033efff2056', '\x9476abda881d8474a4cbc2f810522aec32a00a02d6a1ba6b3eb809fb87bca15a', '01a22ba1-23a7-7e03-ba4e-3e8eee89fab9', 1796028310439),
	(1, 'cart/01a22ba1-23b5-7ce3-8362-48b913c0ff6b', 'buy-01a22ba1-23b5-7ce3-8362-48b913c0ff6b', '\xdf09bc9fd3eaee38c0456d42987d76d6d2c042984ffa2b4d30792bb9bf16ab7e', '01a22ba1-23b8-7eaa-8af3-016392296ba9', 1796028310456),
	(1, 'cart/01a22ba1-23bd-785e-8c87-e4daae134a4e', 'buy-01a22ba1-23bd-785e-8c87-e4daae134a4e', '\x7f921fbad1ab3310d274860d20a95d53368d45e7762543c7eb227c9f7e6f830a', '01a22ba1-23be-7cb5-8845-02e3d9e52be4', 1796028310462),
	(1, 'cart/01a22ba1-23c5-71d0-bc2d-94238f0f2291', 'buy-01a22ba1-23c5-71d0-bc2d-94238f0f2291', '\xd740a81dd9e6085c4e730ae17ccf129efe1647e5cb972b7bb2d0de35b4115866', '01a22ba1-23c7-72d9-b44f-a72d8c645959', 1796028310471),
	(1, 'cart/01a22ba1-23cb-7270-bad3-bb2a84d551d0', 'buy-01a22ba1-23cb-7270-bad3-bb2a84d551d0', '\x4ba536d5aa9ec0854ef6e77c931427a56c1a346851428432508b350632f7bfbd', '01a22ba1-23d5-74a1-8a9e-5017844c2550', 1796028310485),
	(1, 'cart/01a22ba1-23db-7acf-b4d4-fc28b1c7810c', 'buy-01a22ba1-23db-7acf-b4d4-fc28b1c7810c', '\x78a78d7cb3120ef727508b35be49931e64b462dfb0a8b3b3ebdbd483c9856783', '01a22ba1-23de-78c8-9e02-d76e723c4781', 1796028310494),
	(1, 'operator/396fa659900e2c62', 'refund', '\x7a59c195e1ee3bd570bd06c8855d36049c3e888660e6d503af935662b77659ba', '01a22ba1-23b8-7eaa-8af3-016392296ba9', 1796028310458);
INSERT INTO public.lanes VALUES
	(1, 1796028314950, 1796028314950, 66, 55, NULL, NULL, 0, NULL, NULL);
INSERT INTO public.mailed_tokens VALUES
	(1, '\x08d938acf7bd435ab452862c5c3cc271b8b992212cdae0e31b4190d70769d329', '01a22ba1-236f-7f0e-8c67-089658a5bf9c', 'verify', 1, 1796287510383),
	(1, '\xe400915b47e1774ecf58e859660d56c65f02aea4d7dcf41ed4cc04715416bfc9', '01a22ba1-226a-75ac-b319-eb195ace28ed', 'verify', 0, 1796028310280);
INSERT INTO public.mails VALUES
	(1, '01a22ba1-226a-78dc-a930-941b96cb1c5d', 'demo@example.com', 'verify_account', NULL, '{}', 'sent', 1, NULL, 1796028310122),
	(1, '01a22ba1-236f-74f4-9b4d-90301de1386c', 'owner@example.com', 'operator_invited', NULL, '{}', 'sent', 1, NULL, 1796028310383);
INSERT INTO public.order_lines VALUES
	(1, '01a22ba1-233e-715c-818d-595a46e6488b', 0, '01a22ba1-233d-7c9e-be11-c97b22706058', '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 'MUG', 'Lana Coffee Mug', 1, 750, 0, 0, 0, 0, '{}', 'committed'),
	(1, '01a22ba1-2377-745c-aa76-4ee620f18b21', 0, '01a22ba1-2375-7c0b-9785-8027bac3058d', '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 'PEN', 'Lana Pen', 3, 500, 500, 0, 0, 0, '{}', 'committed'),
	(1, '01a22ba1-2377-745c-aa76-4ee620f18b21', 1, '01a22ba1-2375-7448-a5eb-5a797e21cd22', '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 'MUG', 'Lana Coffee Mug', 1, 750, 0, 0, 0, 0, '{}', 'committed'),
	(1, '01a22ba1-239d-7e1d-985c-b6004ac85abe', 0, '01a22ba1-2389-7a29-b9bb-bd435a02ba6d', '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 'MUG', 'Lana Coffee Mug', 1, 750, 150, 0, 0, 0, '{}', 'committed'),
	(1, '01a22ba1-23a7-7e03-ba4e-3e8eee89fab9', 0, '01a22ba1-23a1-7b28-b280-6d6d1bf81ebf', '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 'MUG', 'Lana Coffee Mug', 1, 750, 0, 0, 0, 0, '{}', 'released'),
	(1, '01a22ba1-23b8-7eaa-8af3-016392296ba9', 0, '01a22ba1-23b5-79b4-aba5-758261d73827', '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 'MUG', 'Lana Coffee Mug', 2, 750, 0, 0, 0, 0, '{}', 'committed'),
	(1, '01a22ba1-23be-7cb5-8845-02e3d9e52be4', 0, '01a22ba1-23bd-7fcd-bcc2-445976210963', '01a22ba1-21cb-741a-8c8b-cbf74903b47d', 'TSHIRT', 'Lana T-Shirt', 1, 2000, 0, 0, 0, 0, '{}', 'held'),
	(1, '01a22ba1-23c7-72d9-b44f-a72d8c645959', 0, '01a22ba1-23c5-72a4-93a9-891fb4f73121', '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 'PEN', 'Lana Pen', 1, 500, 0, 0, 0, 0, '{}', 'released'),
	(1, '01a22ba1-23d5-74a1-8a9e-5017844c2550', 0, '01a22ba1-23cb-7ede-9e4c-3a549375714d', '01a22ba1-21cb-741a-8c8b-cbf74903b47d', 'TSHIRT', 'Lana T-Shirt', 2, 2000, 0, 0, 0, 0, '{}', 'held'),
	(1, '01a22ba1-23de-78c8-9e02-d76e723c4781', 0, '01a22ba1-23db-7800-9ef5-63ca9146f685', '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 'PEN', 'Lana Pen', 1, 500, 0, 0, 0, 0, '{}', 'held');
INSERT INTO public.orders VALUES
	(1, '01a22ba1-233e-715c-818d-595a46e6488b', '01a22ba1-233c-73c4-9717-306a0a2e77e8', NULL, '01a22ba1-226a-75ac-b319-eb195ace28ed', '01a22ba1-226a-75ac-b319-eb195ace28ed', 'placed', 'EUR', 750, 0, 0, 0, 0, 0, 0, 750, '{"email":"demo@example.com","shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1796028310334, 1796028310335, 'unfulfilled'),
	(1, '01a22ba1-2377-745c-aa76-4ee620f18b21', '01a22ba1-2375-752e-93e4-abd0d0c70619', '\x6cca7c38fe1785b97988d4774841beaf171e56484619a75a68079784453feec9', NULL, NULL, 'placed', 'EUR', 2250, 500, 0, 0, 0, 0, 0, 1750, '{"discounts":[{"promotion_id":"01a22ba1-21e1-7d89-a095-eae5bc547421","name":"2 for 1 on pens","goods":500,"shipping":0}],"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1796028310391, 1796028310392, 'unfulfilled'),
	(1, '01a22ba1-239d-7e1d-985c-b6004ac85abe', '01a22ba1-2389-7f07-baef-0ad908c998c2', '\x479e6120da02e2bc7b95fcf769445946389086a00e9707ca68fd27a2166833a7', NULL, 'dora@example.com', 'placed', 'EUR', 750, 150, 0, 0, 0, 0, 0, 600, '{"email":"dora@example.com","coupons":[{"code":"ONCE","promotion_id":"01a22ba1-2362-7019-af0d-b43f69c90fdd"}],"discounts":[{"promotion_id":"01a22ba1-2362-7019-af0d-b43f69c90fdd","name":"Once","goods":150,"shipping":0}],"redeemed":["01a22ba1-2362-7019-af0d-b43f69c90fdd"],"limits":[["01a22ba1-2362-7019-af0d-b43f69c90fdd",{"uses_per_customer":1}]],"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1796028310429, 1796028310430, 'unfulfilled'),
	(1, '01a22ba1-23a7-7e03-ba4e-3e8eee89fab9', '01a22ba1-23a1-7750-8859-c033efff2056', '\x5f21069dd5c306c7122cad4cd4bb9ba289c290d7bbef5302094e25055b1f7178', NULL, NULL, 'payment_failed', 'EUR', 750, 0, 0, 0, 0, 0, 0, 750, '{"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0},"payment_failure":"declined"}', 1796028310439, 1796028310440, NULL),
	(1, '01a22ba1-23b8-7eaa-8af3-016392296ba9', '01a22ba1-23b5-7ce3-8362-48b913c0ff6b', '\xd2c203b5340002cf63603d856a9fb16674bd670503ac9469a4a5b4c3a8d24875', NULL, NULL, 'placed', 'EUR', 1500, 0, 0, 0, 0, 0, 0, 1500, '{"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0},"refunds":[{"id":"01a22ba1-23ba-74a2-b648-3d1aecaf8a76","amount":100,"parts":{"lines":[{"line_id":"01a22ba1-23b5-79b4-aba5-758261d73827","quantity":0,"restocked":0,"unsent":0,"portion":{"net":100,"tax_added":0,"tax_included":0,"relief":0,"rounding":0}}],"shipping":{"net":0,"tax_added":0,"tax_included":0,"relief":0,"rounding":0}},"reason":"","by":"demo","status":"succeeded","at":1796028310458}]}', 1796028310456, 1796028310459, 'unfulfilled'),
	(1, '01a22ba1-23be-7cb5-8845-02e3d9e52be4', '01a22ba1-23bd-785e-8c87-e4daae134a4e', '\x38c6ad55251d8a3f2afa71aa902b2ac47b6a8cd8a70b3502046355e0a2159866', NULL, NULL, 'pending_payment', 'EUR', 2000, 0, 0, 0, 0, 0, 0, 2000, '{"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1796028310462, 1796028310463, NULL),
	(1, '01a22ba1-23c7-72d9-b44f-a72d8c645959', '01a22ba1-23c5-71d0-bc2d-94238f0f2291', '\x77f218c08ea02808b478d5ca522bb1782f01ce549885b521d6fa2a8fd9db0608', NULL, NULL, 'cancelled', 'EUR', 500, 0, 0, 0, 0, 0, 0, 500, '{"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0},"cancel_reason":"cancelled"}', 1796028310471, 1796028310474, NULL),
	(1, '01a22ba1-23d5-74a1-8a9e-5017844c2550', '01a22ba1-23cb-7270-bad3-bb2a84d551d0', '\x801d49232a122677c1df3ff70ffcfbac62eee4cfc6ac6602ddb5ce62f3a21143', NULL, 'eve@example.com', 'pending_payment', 'EUR', 4000, 0, 0, 0, 0, 0, 0, 4000, '{"email":"eve@example.com","shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0},"manual":{"method":{"handle":"transfer","kind":"bank_transfer","title":"Bank transfer","instructions":"Please transfer {amount} to DE02 1203 0000 0000 2020 51 and name order {order}.","place":"when_paid"},"until":1796633110485}}', 1796028310485, 1796028310485, NULL),
	(1, '01a22ba1-23de-78c8-9e02-d76e723c4781', '01a22ba1-23db-7acf-b4d4-fc28b1c7810c', '\xa2eade51c66d491af507df34188ad7ee3fff54976c1bb773b53ec6946bcb3d88', NULL, NULL, 'pending_payment', 'EUR', 500, 0, 0, 0, 0, 0, 0, 500, '{"shipping":{"amount":0,"discount":0,"tax_added":0,"tax_included":0,"relief":0,"total":0}}', 1796028310494, 1796028310696, NULL);
INSERT INTO public.payments VALUES
	(1, '01a22ba1-233e-715c-818d-595a46e6488b', '01a22ba1-233e-7e4f-a32d-8f70f5f83018', 'test', 'ok', 'captured', 750, 0, 0, NULL),
	(1, '01a22ba1-2377-745c-aa76-4ee620f18b21', '01a22ba1-2377-706c-9bf3-fc5207a47e4b', 'test', 'ok', 'captured', 1750, 0, 0, NULL),
	(1, '01a22ba1-239d-7e1d-985c-b6004ac85abe', '01a22ba1-239d-7845-a621-ae766c7e59ee', 'test', 'ok', 'captured', 600, 0, 0, NULL),
	(1, '01a22ba1-23a7-7e03-ba4e-3e8eee89fab9', '01a22ba1-23a7-761c-a94c-fd6d91231631', 'test', 'declined', 'declined', 0, 0, 0, NULL),
	(1, '01a22ba1-23b8-7eaa-8af3-016392296ba9', '01a22ba1-23b8-717a-bb3f-b4a5d107a6b3', 'test', 'ok', 'captured', 1500, 100, 0, NULL),
	(1, '01a22ba1-23be-7cb5-8845-02e3d9e52be4', '01a22ba1-23be-7a67-a50d-3dcef1580efe', 'test', 'requires_action', 'requires_action', 0, 0, 0, 1796031910462),
	(1, '01a22ba1-23c7-72d9-b44f-a72d8c645959', '01a22ba1-23c7-7328-9187-f29f32034a91', 'test', 'requires_action', 'voided', 0, 0, 0, NULL),
	(1, '01a22ba1-23d5-74a1-8a9e-5017844c2550', '01a22ba1-23d5-71a6-903b-f1f9a81b8451', 'manual', 'transfer', 'awaited', 0, 0, 0, 1796633110485),
	(1, '01a22ba1-23de-78c8-9e02-d76e723c4781', '01a22ba1-23de-7201-b06a-0a85da3667b0', 'test', 'timeout', 'unknown', 0, 0, 1, 1796028311696);
INSERT INTO public.products VALUES
	(1, '01a22ba1-21cb-70ca-b7fa-da1c8b82da6f', 'paper-tray', 'Paper Tray', 'paper tray', 'paper tray
paper-tray
tray', 2290, 2290, true, '["office"]', 'standard', NULL, '{"description":"Powder-coated steel for A4.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22ba1-21cb-70df-be50-bd1996bd8f13', 'cutting-board', 'Cutting Board', 'cutting board', 'cutting board
cutting-board
board', 3290, 3290, true, '["kitchen"]', 'standard', NULL, '{"description":"End-grain beech.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-7156-a732-98c979880447', 'wool-blanket', 'Wool Blanket', 'wool blanket', 'wool blanket
wool-blanket
blanket', 8900, 8900, true, '["home","wool"]', 'standard', NULL, '{"description":"130 × 180 cm, fringed.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22ba1-21cb-718b-b20c-ff0b1ed76566', 'herb-seeds', 'Herb Seeds', 'herb seeds', 'herb seeds
herb-seeds
seeds', 690, 690, true, '["garden"]', 'standard', NULL, '{"description":"Basil, parsley, thyme.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22ba1-21cb-71c6-9ee0-1faa66703664', 'bread-knife', 'Bread Knife', 'bread knife', 'bread knife
bread-knife
breadknife', 4490, 4490, true, '["kitchen"]', 'standard', NULL, '{"description":"Olive handle, 24 cm blade.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-726c-8486-fe23ce466cd2', 'water-bottle', 'Water Bottle', 'water bottle', 'water bottle
water-bottle
bottle', 2490, 2490, true, '["outdoor"]', 'standard', NULL, '{"description":"Steel, keeps cold for 24 hours.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22ba1-21cb-7325-a3ce-e74ad3d34ccb', 'ink-blue', 'Ink, Blue', 'ink, blue', 'ink, blue
ink-blue
ink-blue', 890, 890, true, '["office"]', 'standard', NULL, '{"description":"50 ml of royal blue.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22ba1-21cb-7344-99c3-e5aca473e741', 'headlamp', 'Headlamp', 'headlamp', 'headlamp
headlamp
headlamp', 3990, 3990, true, '["outdoor"]', 'standard', NULL, '{"description":"300 lumen, rechargeable.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22ba1-21cb-7492-9114-782ff6486ff6', 'watering-can', 'Watering Can', 'watering can', 'watering can
watering-can
can', 2690, 2690, true, '["garden"]', 'standard', NULL, '{"description":"Long spout, 1.5 litres.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22ba1-21cb-74c1-8511-14ddea5600c4', 'wool-socks', 'Wool Socks', 'wool socks', 'wool socks
wool-socks
socks-36
socks-41', 1650, 1650, true, '["apparel","wool"]', 'standard', NULL, '{"description":"Three pairs, reinforced heel.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22ba1-21cb-74fe-8d07-80e364d29afa', 'tote-bag', 'Tote Bag', 'tote bag', 'tote bag
tote-bag
tote', 1490, 1490, true, '["apparel","home"]', 'standard', NULL, '{"description":"Holds a week of groceries.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22ba1-21cb-7501-9fab-89082eb1355a', 'fountain-pen', 'Fountain Pen', 'fountain pen', 'fountain pen
fountain-pen
fountain', 3490, 3490, true, '["office"]', 'standard', NULL, '{"description":"Steel nib, medium.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22ba1-21cb-7573-82da-a26a24910b48', 'garden-shears', 'Garden Shears', 'garden shears', 'garden shears
garden-shears
shears', 3890, 3890, true, '["garden"]', 'standard', NULL, '{"description":"Forged, spare spring included.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22ba1-21cb-760f-9947-f5f18ae54b37', 'coffee-beans', 'Coffee Beans', 'coffee beans', 'coffee beans
coffee-beans
beans', 1890, 1890, true, '["food"]', 'reduced', NULL, '{"description":"House blend, 1 kg.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-7612-a1ed-5512f1348c96', 'dark-chocolate', 'Dark Chocolate', 'dark chocolate', 'dark chocolate
dark-chocolate
chocolate', 390, 390, true, '["food"]', 'reduced', NULL, '{"description":"72 %, 100 g.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-7750-8406-9618e0e0509c', 'pencil-set', 'Pencil Set', 'pencil set', 'pencil set
pencil-set
pencils', 1490, 1490, true, '["office"]', 'standard', NULL, '{"description":"Twelve graphite pencils, 2H to 6B.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22ba1-21cb-779e-b695-bcc29640a2a0', 'lana-t-shirt', 'Lana T-Shirt', 'lana t-shirt', 'lana t-shirt
lana-t-shirt
tshirt', 2000, 2000, true, '["apparel"]', 'standard', NULL, '{"description":"Heavy organic cotton, printed in Barcelona.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22ba1-21cb-77aa-95fe-c189aafc66ba', 'lana-pen', 'Lana Pen', 'lana pen', 'lana pen
lana-pen
pen', 500, 500, true, '["office"]', 'standard', NULL, '{"description":"A ballpoint pen that writes on the first stroke.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22ba1-21cb-77e4-be6c-0b37fc9ae64e', 'lana-coffee-mug', 'Lana Coffee Mug', 'lana coffee mug', 'lana coffee mug
lana-coffee-mug
mug', 750, 750, true, '["kitchen"]', 'standard', NULL, '{"description":"Stoneware, 330 ml, survives the dishwasher.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22ba1-21cb-77f5-91dc-2c6355f9ccfb', 'teapot', 'Teapot', 'teapot', 'teapot
teapot
teapot', 3990, 3990, true, '["kitchen"]', 'standard', NULL, '{"description":"Cast glass with a strainer, 1 litre.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-786f-8b13-120bd740d01a', 'linen-shirt', 'Linen Shirt', 'linen shirt', 'linen shirt
linen-shirt
linen-s
linen-m
linen-l
linen-xl', 5900, 5900, true, '["apparel"]', 'standard', NULL, '{"description":"Washed linen with shell buttons.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22ba1-21cb-7904-9f9f-b692dadbad8b', 'desk-lamp', 'Desk Lamp', 'desk lamp', 'desk lamp
desk-lamp
lamp', 6490, 6490, true, '["office","home"]', 'standard', NULL, '{"description":"Warm light, dimmable, brass joint.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22ba1-21cb-793c-879a-61c8d64b06c8', 'olive-oil', 'Olive Oil', 'olive oil', 'olive oil
olive-oil
oil', 1390, 1390, true, '["food"]', 'reduced', NULL, '{"description":"Early harvest, 0.5 litre.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-7971-9b32-5c8cfdfd52c6', 'apron', 'Apron', 'apron', 'apron
apron
apron', 3490, 3490, true, '["kitchen","apparel"]', 'standard', NULL, '{"description":"Waxed canvas with two pockets.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-79c5-89e1-b40fc66b5b44', 'wall-clock', 'Wall Clock', 'wall clock', 'wall clock
wall-clock
clock', 4990, 4990, true, '["home"]', 'standard', NULL, '{"description":"Silent movement, 30 cm.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22ba1-21cb-7a2d-baed-2aced2db5196', 'clay-pot', 'Clay Pot', 'clay pot', 'clay pot
clay-pot
pot', 1190, 1190, true, '["home","garden"]', 'standard', NULL, '{"description":"Unglazed, 18 cm.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22ba1-21cb-7ac9-aee1-d75495b1cbaa', 'kitchen-scale', 'Kitchen Scale', 'kitchen scale', 'kitchen scale
kitchen-scale
scale', 2790, 2790, true, '["kitchen"]', 'standard', NULL, '{"description":"To the gram, up to 5 kg.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-7b0b-8ab7-0cd1e9852093', 'notebook', 'Dotted Notebook', 'dotted notebook', 'dotted notebook
notebook
notebook', 1290, 1290, true, '["office"]', 'standard', NULL, '{"description":"192 pages that take ink.","vendor":"Folio","images":[]}', NULL),
	(1, '01a22ba1-21cb-7be6-b6e1-5861bfd669f1', 'honey', 'Forest Honey', 'forest honey', 'forest honey
honey
honey', 950, 950, true, '["food"]', 'reduced', NULL, '{"description":"500 g, unfiltered.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-7c26-849c-a7159cf9473f', 'picnic-rug', 'Picnic Rug', 'picnic rug', 'picnic rug
picnic-rug
rug', 4490, 4490, true, '["outdoor","home"]', 'standard', NULL, '{"description":"Waterproof back, carry strap.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22ba1-21cb-7d66-aa7c-06da9b477493', 'candle', 'Beeswax Candle', 'beeswax candle', 'beeswax candle
candle
candle', 1490, 1490, true, '["home"]', 'standard', NULL, '{"description":"Burns for 40 hours.","vendor":"Grove","images":[]}', NULL),
	(1, '01a22ba1-21cb-7dc3-a524-3528c8fbc9aa', 'merino-jumper', 'Merino Jumper', 'merino jumper', 'merino jumper
merino-jumper
jumper-nav-s
jumper-nav-m
jumper-nav-l
jumper-nav-xl
jumper-oat-s
jumper-oat-m
jumper-oat-l
jumper-oat-xl', 7900, 7900, true, '["apparel","wool"]', 'standard', NULL, '{"description":"Fine merino wool, knitted in one piece.","vendor":"Harbour","images":[]}', NULL),
	(1, '01a22ba1-21cb-7eb1-8225-2ec7c8e767c7', 'espresso-cups', 'Espresso Cups', 'espresso cups', 'espresso cups
espresso-cups
espresso', 2490, 2490, true, '["kitchen"]', 'standard', NULL, '{"description":"Set of four.","vendor":"Hearth","images":[]}', NULL),
	(1, '01a22ba1-21cb-7eb2-abd3-bcee74b9de5f', 'gift-card-box', 'Gift Box', 'gift box', 'gift box
gift-card-box
giftbox', 450, 450, true, '["home"]', 'standard', NULL, '{"description":"Cardboard box with ribbon; we pack your order in it.","vendor":"Lana","images":[]}', NULL),
	(1, '01a22ba1-21cb-7f17-9d63-1a6ec2488ceb', 'rain-jacket', 'Rain Jacket', 'rain jacket', 'rain jacket
rain-jacket
rain-s
rain-m
rain-l
rain-xl', 11900, 11900, true, '["apparel","outdoor"]', 'standard', NULL, '{"description":"Two layers, taped seams, packs into its pocket.","vendor":"Harbour","images":[]}', NULL);
INSERT INTO public.promotion_uses VALUES
	(1, '01a22ba1-2362-7019-af0d-b43f69c90fdd', 1);
INSERT INTO public.promotions VALUES
	(1, '01a22ba1-21e1-7d89-a095-eae5bc547421', '{"id":"01a22ba1-21e1-7d89-a095-eae5bc547421","name":"2 for 1 on pens","description":"Of every two pens one is free.","active":true,"priority":10,"stacking":"combinable","requires_code":false,"conditions":{},"benefit":{"kind":"buy_x_get_y","buy":{"skus":["PEN"]},"buy_quantity":1,"get_quantity":1,"percent":"100","count_by":"together"},"limits":{}}', 0),
	(1, '01a22ba1-21e9-7f6a-bf09-e16bff725464', '{"id":"01a22ba1-21e9-7f6a-bf09-e16bff725464","name":"3 or more T-shirts: 25% off","description":"From three T-shirts on each costs a quarter less.","active":true,"priority":20,"stacking":"combinable","requires_code":false,"conditions":{},"benefit":{"kind":"bulk_price","only":{"skus":["TSHIRT"]},"count_by":"together","tiers":[{"from_quantity":3,"off":{"percent":"25"}}]},"limits":{}}', 0),
	(1, '01a22ba1-21f1-7f43-897b-94e411241112', '{"id":"01a22ba1-21f1-7f43-897b-94e411241112","name":"Welcome: 10% off","active":true,"priority":30,"stacking":"combinable","requires_code":true,"conditions":{},"benefit":{"kind":"percentage","percent":"10","target":{"scope":"order"}},"limits":{}}', 0),
	(1, '01a22ba1-21f2-709f-9f39-35bba2179760', '{"id":"01a22ba1-21f2-709f-9f39-35bba2179760","name":"5.00€ off from 40.00€","active":true,"priority":40,"stacking":"combinable","requires_code":true,"conditions":{"min_order_amount":4000},"benefit":{"kind":"fixed_amount","amount":500,"per":"order","target":{"scope":"order"}},"limits":{"total_uses":100}}', 0),
	(1, '01a22ba1-21f8-7020-b0c5-89254d32deff', '{"id":"01a22ba1-21f8-7020-b0c5-89254d32deff","name":"Free shipping","active":true,"priority":50,"stacking":"combinable","requires_code":true,"conditions":{},"benefit":{"kind":"free_shipping"},"limits":{}}', 0),
	(1, '01a22ba1-2362-7019-af0d-b43f69c90fdd', '{"id":"01a22ba1-2362-7019-af0d-b43f69c90fdd","name":"Once","active":true,"priority":0,"stacking":"combinable","requires_code":true,"conditions":{},"benefit":{"kind":"percentage","percent":"20","target":{"scope":"order"}},"limits":{"uses_per_customer":1}}', 0);
INSERT INTO public.redemptions VALUES
	(1, '01a22ba1-239d-7e1d-985c-b6004ac85abe', '01a22ba1-2362-7019-af0d-b43f69c90fdd', 'dora@example.com', 'ONCE', true);
INSERT INTO public.refinery_schema_history VALUES
	(1, 'first', '2026-11-30T08:45:14.09397062Z', '17159386386389323879'),
	(2, 'prices_in_lists', '2026-11-30T08:45:14.388958011Z', '1884562366142803417'),
	(3, 'refunds', '2026-11-30T08:45:14.418167192Z', '1268982618797640413'),
	(4, 'events', '2026-11-30T08:45:14.432488128Z', '1521819427740710281'),
	(5, 'big_shops', '2026-11-30T08:45:14.525577084Z', '461128879614732118'),
	(6, 'token_of_the_turn', '2026-11-30T08:45:14.53649303Z', '17749935860579115611'),
	(7, 'fulfilment_and_lists', '2026-11-30T08:45:14.537605604Z', '4064320886341499138'),
	(9, 'accounts', '2026-11-30T08:45:14.560117005Z', '13159479239408297269'),
	(10, 'inbox', '2026-11-30T08:45:14.668536198Z', '12982625363554042907'),
	(11, 'recovery', '2026-11-30T08:45:14.696409048Z', '11579631925222947431'),
	(12, 'holds', '2026-11-30T08:45:14.752548389Z', '15296976147359666134'),
	(13, 'demand', '2026-11-30T08:45:14.765106728Z', '5493815733421750530'),
	(14, 'mail_templates', '2026-11-30T08:45:14.773350111Z', '3514123076918620370'),
	(15, 'told', '2026-11-30T08:45:14.796467771Z', '3848818946217993091'),
	(16, 'kept_promotions', '2026-11-30T08:45:14.80448916Z', '4959559402563871457'),
	(17, 'persons', '2026-11-30T08:45:14.828704417Z', '13335829807954218344'),
	(18, 'unmatched_payments', '2026-11-30T08:45:14.844516083Z', '14532640788596504372'),
	(19, 'currencies', '2026-11-30T08:45:14.860572596Z', '18392548348755656695');
INSERT INTO public.sessions VALUES
	(1, '\xa44e641fa8f9f9dc51a9f320bf9fa0be11e9693820cad3150ff9abb453d06da3', '01a22ba1-226a-75ac-b319-eb195ace28ed', 1, 'program', 1796028310324, 1796028310339);
INSERT INTO public.stock VALUES
	(1, '01a22ba1-21cb-702a-876e-2904555e5b37', 400, 0, 40),
	(1, '01a22ba1-21cb-70d5-b58c-7eb5dd5f7d58', 12, 0, 12),
	(1, '01a22ba1-21cb-7123-8621-4715eb2c7340', 40, 0, 39),
	(1, '01a22ba1-21cb-7178-946d-da56055437e8', 25, 0, 32),
	(1, '01a22ba1-21cb-71fc-8246-3d66dd2c392a', 60, 0, 47),
	(1, '01a22ba1-21cb-7358-ac4e-f506d6287500', 150, 0, 25),
	(1, '01a22ba1-21cb-7366-bf08-fbae19fc71c1', 500, 0, 36),
	(1, '01a22ba1-21cb-741a-8c8b-cbf74903b47d', 1000, 3, 65),
	(1, '01a22ba1-21cb-742f-ad1e-aaaee8e9b262', 70, 0, 38),
	(1, '01a22ba1-21cb-74f1-b1ab-dcfb75370418', 40, 0, 16),
	(1, '01a22ba1-21cb-752b-8a99-b77a5e1bb820', 45, 0, 27),
	(1, '01a22ba1-21cb-7556-be39-585ac4cc6c59', 40, 0, 28),
	(1, '01a22ba1-21cb-7557-8428-0a13ddd19cf8', 300, 0, 22),
	(1, '01a22ba1-21cb-75f4-ba90-61aec4f7b2ec', 20, 0, 14),
	(1, '01a22ba1-21cb-7621-b533-fbc390bf8f98', 28, 0, 44),
	(1, '01a22ba1-21cb-7642-bc37-31ab2edf453a', 200, 0, 34),
	(1, '01a22ba1-21cb-76ff-bdce-c62c7cd5f243', 60, 0, 6),
	(1, '01a22ba1-21cb-7725-b5fc-5444782b478d', 120, 0, 21),
	(1, '01a22ba1-21cb-779a-aeae-85dbb573f93c', 25, 0, 7),
	(1, '01a22ba1-21cb-77c5-8885-98172d64546c', 35, 0, 23),
	(1, '01a22ba1-21cb-783b-8f9a-4e479cdfa8e5', 220, 0, 37),
	(1, '01a22ba1-21cb-7868-82d2-6feb5833b9f6', 55, 0, 33),
	(1, '01a22ba1-21cb-78ae-8409-87d6749d8f99', 30, 0, 30),
	(1, '01a22ba1-21cb-78fa-8650-47bd62e7235a', 600, 0, 49),
	(1, '01a22ba1-21cb-7945-953e-1afe1e5e4822', 160, 0, 35),
	(1, '01a22ba1-21cb-7988-9846-2e34ec8016fd', 60, 0, 29),
	(1, '01a22ba1-21cb-79a9-8e2a-d068738cad35', 180, 0, 46),
	(1, '01a22ba1-21cb-79c4-a7bd-d67ba20ecea4', 20, 0, 42),
	(1, '01a22ba1-21cb-7a30-b562-21b0a982f63d', 25, 0, 11),
	(1, '01a22ba1-21cb-7a97-bd93-c21a12ddd596', 35, 0, 41),
	(1, '01a22ba1-21cb-7b33-a89e-ecf6051d5020', 50, 0, 31),
	(1, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 995, 0, 61),
	(1, '01a22ba1-21cb-7b91-b761-9bc4d618776f', 120, 0, 20),
	(1, '01a22ba1-21cb-7c14-8dec-fd6eae26857a', 140, 0, 43),
	(1, '01a22ba1-21cb-7c42-98e0-dfd975530081', 20, 0, 13),
	(1, '01a22ba1-21cb-7c43-a13b-71157db96d29', 250, 0, 45),
	(1, '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 997, 1, 66),
	(1, '01a22ba1-21cb-7ca4-a2d1-bbfcfcd03f50', 25, 0, 19),
	(1, '01a22ba1-21cb-7d5e-b5f6-06923f898a04', 40, 0, 8),
	(1, '01a22ba1-21cb-7d79-8d9b-165b2fffb19c', 60, 0, 10),
	(1, '01a22ba1-21cb-7d89-9ebf-782ea6485beb', 3, 0, 48),
	(1, '01a22ba1-21cb-7ddb-98fd-96d3f94735e1', 60, 0, 5),
	(1, '01a22ba1-21cb-7e3c-baaa-a0fed91fbaa7', 60, 0, 17),
	(1, '01a22ba1-21cb-7e41-ae98-6cdbec531740', 8, 0, 15),
	(1, '01a22ba1-21cb-7ef9-a27f-997990c9a4b3', 60, 0, 9),
	(1, '01a22ba1-21cb-7f00-98d9-36be97c738a9', 80, 0, 24),
	(1, '01a22ba1-21cb-7f01-bf83-2ad689ad3254', 60, 0, 18),
	(1, '01a22ba1-21cb-7f28-9338-cbf5de95c8dd', 40, 0, 4),
	(1, '01a22ba1-21cb-7f54-b26d-97e2ada0df67', 90, 0, 26);
INSERT INTO public.stock_movements VALUES
	(1, 1, '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 0, 1000, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 2, '01a22ba1-21cb-741a-8c8b-cbf74903b47d', 0, 1000, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 3, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 0, 1000, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 4, '01a22ba1-21cb-7f28-9338-cbf5de95c8dd', 0, 40, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 5, '01a22ba1-21cb-7ddb-98fd-96d3f94735e1', 0, 60, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 6, '01a22ba1-21cb-76ff-bdce-c62c7cd5f243', 0, 60, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 7, '01a22ba1-21cb-779a-aeae-85dbb573f93c', 0, 25, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 8, '01a22ba1-21cb-7d5e-b5f6-06923f898a04', 0, 40, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 9, '01a22ba1-21cb-7ef9-a27f-997990c9a4b3', 0, 60, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 10, '01a22ba1-21cb-7d79-8d9b-165b2fffb19c', 0, 60, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 11, '01a22ba1-21cb-7a30-b562-21b0a982f63d', 0, 25, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 12, '01a22ba1-21cb-70d5-b58c-7eb5dd5f7d58', 0, 12, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 13, '01a22ba1-21cb-7c42-98e0-dfd975530081', 0, 20, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 14, '01a22ba1-21cb-75f4-ba90-61aec4f7b2ec', 0, 20, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 15, '01a22ba1-21cb-7e41-ae98-6cdbec531740', 0, 8, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 16, '01a22ba1-21cb-74f1-b1ab-dcfb75370418', 0, 40, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 17, '01a22ba1-21cb-7e3c-baaa-a0fed91fbaa7', 0, 60, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 18, '01a22ba1-21cb-7f01-bf83-2ad689ad3254', 0, 60, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 19, '01a22ba1-21cb-7ca4-a2d1-bbfcfcd03f50', 0, 25, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 20, '01a22ba1-21cb-7b91-b761-9bc4d618776f', 0, 120, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 21, '01a22ba1-21cb-7725-b5fc-5444782b478d', 0, 120, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 22, '01a22ba1-21cb-7557-8428-0a13ddd19cf8', 0, 300, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 23, '01a22ba1-21cb-77c5-8885-98172d64546c', 0, 35, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 24, '01a22ba1-21cb-7f00-98d9-36be97c738a9', 0, 80, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 25, '01a22ba1-21cb-7358-ac4e-f506d6287500', 0, 150, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 26, '01a22ba1-21cb-7f54-b26d-97e2ada0df67', 0, 90, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 27, '01a22ba1-21cb-752b-8a99-b77a5e1bb820', 0, 45, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 28, '01a22ba1-21cb-7556-be39-585ac4cc6c59', 0, 40, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 29, '01a22ba1-21cb-7988-9846-2e34ec8016fd', 0, 60, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 30, '01a22ba1-21cb-78ae-8409-87d6749d8f99', 0, 30, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 31, '01a22ba1-21cb-7b33-a89e-ecf6051d5020', 0, 50, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 32, '01a22ba1-21cb-7178-946d-da56055437e8', 0, 25, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 33, '01a22ba1-21cb-7868-82d2-6feb5833b9f6', 0, 55, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 34, '01a22ba1-21cb-7642-bc37-31ab2edf453a', 0, 200, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 35, '01a22ba1-21cb-7945-953e-1afe1e5e4822', 0, 160, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 36, '01a22ba1-21cb-7366-bf08-fbae19fc71c1', 0, 500, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 37, '01a22ba1-21cb-783b-8f9a-4e479cdfa8e5', 0, 220, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 38, '01a22ba1-21cb-742f-ad1e-aaaee8e9b262', 0, 70, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 39, '01a22ba1-21cb-7123-8621-4715eb2c7340', 0, 40, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 40, '01a22ba1-21cb-702a-876e-2904555e5b37', 0, 400, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 41, '01a22ba1-21cb-7a97-bd93-c21a12ddd596', 0, 35, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 42, '01a22ba1-21cb-79c4-a7bd-d67ba20ecea4', 0, 20, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 43, '01a22ba1-21cb-7c14-8dec-fd6eae26857a', 0, 140, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 44, '01a22ba1-21cb-7621-b533-fbc390bf8f98', 0, 28, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 45, '01a22ba1-21cb-7c43-a13b-71157db96d29', 0, 250, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 46, '01a22ba1-21cb-79a9-8e2a-d068738cad35', 0, 180, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 47, '01a22ba1-21cb-71fc-8246-3d66dd2c392a', 0, 60, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 48, '01a22ba1-21cb-7d89-9ebf-782ea6485beb', 0, 3, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 49, '01a22ba1-21cb-78fa-8650-47bd62e7235a', 0, 600, 0, 'count', NULL, 'catalogue import', 1796028309963, NULL),
	(1, 50, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 3, 0, 1, 'hold', '01a22ba1-233e-715c-818d-595a46e6488b', NULL, 1796028310334, NULL),
	(1, 51, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 50, -1, -1, 'commit', '01a22ba1-233e-715c-818d-595a46e6488b', NULL, 1796028310335, NULL),
	(1, 52, '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 1, 0, 3, 'hold', '01a22ba1-2377-745c-aa76-4ee620f18b21', NULL, 1796028310391, NULL),
	(1, 53, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 51, 0, 1, 'hold', '01a22ba1-2377-745c-aa76-4ee620f18b21', NULL, 1796028310391, NULL),
	(1, 54, '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 52, -3, -3, 'commit', '01a22ba1-2377-745c-aa76-4ee620f18b21', NULL, 1796028310392, NULL),
	(1, 55, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 53, -1, -1, 'commit', '01a22ba1-2377-745c-aa76-4ee620f18b21', NULL, 1796028310392, NULL),
	(1, 56, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 55, 0, 1, 'hold', '01a22ba1-239d-7e1d-985c-b6004ac85abe', NULL, 1796028310429, NULL),
	(1, 57, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 56, -1, -1, 'commit', '01a22ba1-239d-7e1d-985c-b6004ac85abe', NULL, 1796028310430, NULL),
	(1, 58, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 57, 0, 1, 'hold', '01a22ba1-23a7-7e03-ba4e-3e8eee89fab9', NULL, 1796028310439, NULL),
	(1, 59, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 58, 0, -1, 'release', '01a22ba1-23a7-7e03-ba4e-3e8eee89fab9', NULL, 1796028310440, NULL),
	(1, 60, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 59, 0, 2, 'hold', '01a22ba1-23b8-7eaa-8af3-016392296ba9', NULL, 1796028310456, NULL),
	(1, 61, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', 60, -2, -2, 'commit', '01a22ba1-23b8-7eaa-8af3-016392296ba9', NULL, 1796028310457, NULL),
	(1, 62, '01a22ba1-21cb-741a-8c8b-cbf74903b47d', 2, 0, 1, 'hold', '01a22ba1-23be-7cb5-8845-02e3d9e52be4', NULL, 1796028310462, NULL),
	(1, 63, '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 54, 0, 1, 'hold', '01a22ba1-23c7-72d9-b44f-a72d8c645959', NULL, 1796028310471, NULL),
	(1, 64, '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 63, 0, -1, 'release', '01a22ba1-23c7-72d9-b44f-a72d8c645959', NULL, 1796028310474, NULL),
	(1, 65, '01a22ba1-21cb-741a-8c8b-cbf74903b47d', 62, 0, 2, 'hold', '01a22ba1-23d5-74a1-8a9e-5017844c2550', NULL, 1796028310485, NULL),
	(1, 66, '01a22ba1-21cb-7c5e-97bd-9977f754c2de', 64, 0, 1, 'hold', '01a22ba1-23de-78c8-9e02-d76e723c4781', NULL, 1796028310494, NULL);
INSERT INTO public.stores VALUES
	(1, 'default', 'Default store', 'EUR', '[]', '{"guest_cart_days":30,"customer_cart_days":365,"cart_event_days":90,"storefront_url":"https://shop.example","payment_minutes":60,"payment_capture":"automatic","authorization_days":7,"gateways":["test","manual"],"manual_methods":[{"handle":"transfer","kind":"bank_transfer","title":"Bank transfer","instructions":"Please transfer {amount} to DE02 1203 0000 0000 2020 51 and name order {order}.","place":"when_paid"},{"handle":"invoice","kind":"invoice","title":"Invoice","instructions":"The invoice over {amount} comes with the parcel.","days":30,"place":"at_once"}],"manual_payment_days":7,"prices_include_tax":true,"require_shipping":false,"price_policy":{"kind":"latest"},"hold_policy":{"kind":"at_checkout"},"time_zone":"UTC","pricing":{"tax_round":"line","tax_rounding":"half_up","disc_rounding":"half_up","disc_round":"line","split":"largest_remainder","stack":"sequential","threshold":"discounted","weights":"shown","disc_tax":"after","multi_rate":"per_rate","incl_extract":"tax","pick":"cheapest","bxgy_pick":"cheapest","partial_get":false,"bxgy_units":"offered_again","unit_discounts":"averaged","ship_tax":"own","exclusive":"best_for_customer","exempt_price":"net"},"recovery":{"enabled":true,"stage_minutes":[1,60,1440],"hold_out_percent":0,"link_days":7},"urgency":false,"codes_per_cart":20}', '[{"handle":"standard","name":"Standard","zones":[{"countries":["AT","BE","DE","ES","FR","IE","IT","NL","PT"]}],"rate":{"kind":"flat","amount":490},"free_from":5000,"tax_category":"shipping","estimated_days":{"fewest":2,"most":4}},{"handle":"express","name":"Express","zones":[{"countries":["DE","FR","ES"]}],"rate":{"kind":"weight","bands":[{"up_to_grams":2000,"amount":1290},{"up_to_grams":10000,"amount":1990}]},"tax_category":"shipping","estimated_days":{"fewest":1,"most":1}},{"handle":"world","name":"Worldwide","rate":{"kind":"order_value","bands":[{"from_amount":0,"amount":1990},{"from_amount":15000,"amount":990}]},"tax_category":"shipping","estimated_days":{"fewest":5,"most":12}}]', '[{"name":"VAT 19%","percent":"19","zone":{"countries":["DE"]},"applies_to":"all","layer":0},{"name":"VAT 7%","percent":"7","zone":{"countries":["DE"]},"categories":["reduced"],"applies_to":"all","layer":0},{"name":"IVA 21%","percent":"21","zone":{"countries":["ES"]},"applies_to":"all","layer":0},{"name":"IVA 10%","percent":"10","zone":{"countries":["ES"]},"categories":["reduced"],"applies_to":"all","layer":0},{"name":"TVA 20%","percent":"20","zone":{"countries":["FR"]},"applies_to":"all","layer":0}]');
INSERT INTO public.variants VALUES
	(1, '01a22ba1-21cb-702a-876e-2904555e5b37', '01a22ba1-21cb-718b-b20c-ff0b1ed76566', 'SEEDS', '{}', 690, '{}', '{}', 30, true, 0),
	(1, '01a22ba1-21cb-70d5-b58c-7eb5dd5f7d58', '01a22ba1-21cb-7f17-9d63-1a6ec2488ceb', 'RAIN-S', '{"Size":"S"}', 11900, '{}', '{}', 410, true, 0),
	(1, '01a22ba1-21cb-7123-8621-4715eb2c7340', '01a22ba1-21cb-7492-9114-782ff6486ff6', 'CAN', '{}', 2690, '{}', '{}', 540, true, 0),
	(1, '01a22ba1-21cb-7178-946d-da56055437e8', '01a22ba1-21cb-7ac9-aee1-d75495b1cbaa', 'SCALE', '{}', 2790, '{}', '{}', 650, true, 0),
	(1, '01a22ba1-21cb-71fc-8246-3d66dd2c392a', '01a22ba1-21cb-7344-99c3-e5aca473e741', 'HEADLAMP', '{}', 3990, '{}', '{}', 90, true, 0),
	(1, '01a22ba1-21cb-7358-ac4e-f506d6287500', '01a22ba1-21cb-7325-a3ce-e74ad3d34ccb', 'INK-BLUE', '{}', 890, '{}', '{}', 120, true, 0),
	(1, '01a22ba1-21cb-7366-bf08-fbae19fc71c1', '01a22ba1-21cb-7612-a1ed-5512f1348c96', 'CHOCOLATE', '{}', 390, '{}', '{}', 105, true, 0),
	(1, '01a22ba1-21cb-741a-8c8b-cbf74903b47d', '01a22ba1-21cb-779e-b695-bcc29640a2a0', 'TSHIRT', '{}', 2000, '{}', '{}', 180, true, 0),
	(1, '01a22ba1-21cb-742f-ad1e-aaaee8e9b262', '01a22ba1-21cb-7a2d-baed-2aced2db5196', 'POT', '{}', 1190, '{}', '{}', 1500, true, 0),
	(1, '01a22ba1-21cb-74f1-b1ab-dcfb75370418', '01a22ba1-21cb-786f-8b13-120bd740d01a', 'LINEN-S', '{"Size":"S"}', 5900, '{}', '{}', 210, true, 0),
	(1, '01a22ba1-21cb-752b-8a99-b77a5e1bb820', '01a22ba1-21cb-70ca-b7fa-da1c8b82da6f', 'TRAY', '{}', 2290, '{}', '{}', 900, true, 0),
	(1, '01a22ba1-21cb-7556-be39-585ac4cc6c59', '01a22ba1-21cb-77f5-91dc-2c6355f9ccfb', 'TEAPOT', '{}', 3990, '{}', '{}', 780, true, 0),
	(1, '01a22ba1-21cb-7557-8428-0a13ddd19cf8', '01a22ba1-21cb-7b0b-8ab7-0cd1e9852093', 'NOTEBOOK', '{}', 1290, '{}', '{}', 310, true, 0),
	(1, '01a22ba1-21cb-75f4-ba90-61aec4f7b2ec', '01a22ba1-21cb-7f17-9d63-1a6ec2488ceb', 'RAIN-L', '{"Size":"L"}', 11900, '{}', '{}', 410, true, 2),
	(1, '01a22ba1-21cb-7621-b533-fbc390bf8f98', '01a22ba1-21cb-79c5-89e1-b40fc66b5b44', 'CLOCK', '{}', 4990, '{}', '{}', 800, true, 0),
	(1, '01a22ba1-21cb-7642-bc37-31ab2edf453a', '01a22ba1-21cb-793c-879a-61c8d64b06c8', 'OIL', '{}', 1390, '{}', '{}', 920, true, 0),
	(1, '01a22ba1-21cb-76ff-bdce-c62c7cd5f243', '01a22ba1-21cb-7dc3-a524-3528c8fbc9aa', 'JUMPER-NAV-L', '{"Color":"Navy","Size":"L"}', 7900, '{}', '{}', 320, true, 2),
	(1, '01a22ba1-21cb-7725-b5fc-5444782b478d', '01a22ba1-21cb-74c1-8511-14ddea5600c4', 'SOCKS-41', '{"Size":"41–45"}', 1650, '{}', '{}', 150, true, 1),
	(1, '01a22ba1-21cb-779a-aeae-85dbb573f93c', '01a22ba1-21cb-7dc3-a524-3528c8fbc9aa', 'JUMPER-NAV-XL', '{"Color":"Navy","Size":"XL"}', 7900, '{}', '{}', 320, true, 3),
	(1, '01a22ba1-21cb-77c5-8885-98172d64546c', '01a22ba1-21cb-7904-9f9f-b692dadbad8b', 'LAMP', '{}', 6490, '{}', '{}', 1400, true, 0),
	(1, '01a22ba1-21cb-783b-8f9a-4e479cdfa8e5', '01a22ba1-21cb-760f-9947-f5f18ae54b37', 'BEANS', '{}', 1890, '{}', '{}', 1050, true, 0),
	(1, '01a22ba1-21cb-7868-82d2-6feb5833b9f6', '01a22ba1-21cb-7971-9b32-5c8cfdfd52c6', 'APRON', '{}', 3490, '{}', '{}', 380, true, 0),
	(1, '01a22ba1-21cb-78ae-8409-87d6749d8f99', '01a22ba1-21cb-71c6-9ee0-1faa66703664', 'BREADKNIFE', '{}', 4490, '{}', '{}', 210, true, 0),
	(1, '01a22ba1-21cb-78fa-8650-47bd62e7235a', '01a22ba1-21cb-7eb2-abd3-bcee74b9de5f', 'GIFTBOX', '{}', 450, '{}', '{}', 120, true, 0),
	(1, '01a22ba1-21cb-7945-953e-1afe1e5e4822', '01a22ba1-21cb-7be6-b6e1-5861bfd669f1', 'HONEY', '{}', 950, '{}', '{}', 780, true, 0),
	(1, '01a22ba1-21cb-7988-9846-2e34ec8016fd', '01a22ba1-21cb-7eb1-8225-2ec7c8e767c7', 'ESPRESSO', '{}', 2490, '{}', '{}', 620, true, 0),
	(1, '01a22ba1-21cb-79a9-8e2a-d068738cad35', '01a22ba1-21cb-726c-8486-fe23ce466cd2', 'BOTTLE', '{}', 2490, '{}', '{}', 360, true, 0),
	(1, '01a22ba1-21cb-79c4-a7bd-d67ba20ecea4', '01a22ba1-21cb-7156-a732-98c979880447', 'BLANKET', '{}', 8900, '{}', '{}', 1300, true, 0),
	(1, '01a22ba1-21cb-7a30-b562-21b0a982f63d', '01a22ba1-21cb-7dc3-a524-3528c8fbc9aa', 'JUMPER-OAT-XL', '{"Color":"Oat","Size":"XL"}', 7900, '{}', '{}', 320, true, 7),
	(1, '01a22ba1-21cb-7a97-bd93-c21a12ddd596', '01a22ba1-21cb-7573-82da-a26a24910b48', 'SHEARS', '{}', 3890, '{}', '{}', 290, true, 0),
	(1, '01a22ba1-21cb-7b33-a89e-ecf6051d5020', '01a22ba1-21cb-70df-be50-bd1996bd8f13', 'BOARD', '{}', 3290, '{}', '{}', 1900, true, 0),
	(1, '01a22ba1-21cb-7b75-ae43-6cbe1a887fe4', '01a22ba1-21cb-77e4-be6c-0b37fc9ae64e', 'MUG', '{}', 750, '{}', '{}', 340, true, 0),
	(1, '01a22ba1-21cb-7b91-b761-9bc4d618776f', '01a22ba1-21cb-74c1-8511-14ddea5600c4', 'SOCKS-36', '{"Size":"36–40"}', 1650, '{}', '{}', 140, true, 0),
	(1, '01a22ba1-21cb-7c14-8dec-fd6eae26857a', '01a22ba1-21cb-7d66-aa7c-06da9b477493', 'CANDLE', '{}', 1490, '{}', '{}', 260, true, 0),
	(1, '01a22ba1-21cb-7c42-98e0-dfd975530081', '01a22ba1-21cb-7f17-9d63-1a6ec2488ceb', 'RAIN-M', '{"Size":"M"}', 11900, '{}', '{}', 410, true, 1),
	(1, '01a22ba1-21cb-7c43-a13b-71157db96d29', '01a22ba1-21cb-74fe-8d07-80e364d29afa', 'TOTE', '{}', 1490, '{}', '{}', 160, true, 0),
	(1, '01a22ba1-21cb-7c5e-97bd-9977f754c2de', '01a22ba1-21cb-77aa-95fe-c189aafc66ba', 'PEN', '{}', 500, '{}', '{}', 12, true, 0),
	(1, '01a22ba1-21cb-7ca4-a2d1-bbfcfcd03f50', '01a22ba1-21cb-786f-8b13-120bd740d01a', 'LINEN-XL', '{"Size":"XL"}', 5900, '{}', '{}', 210, true, 3),
	(1, '01a22ba1-21cb-7d5e-b5f6-06923f898a04', '01a22ba1-21cb-7dc3-a524-3528c8fbc9aa', 'JUMPER-OAT-S', '{"Color":"Oat","Size":"S"}', 7900, '{}', '{}', 320, true, 4),
	(1, '01a22ba1-21cb-7d79-8d9b-165b2fffb19c', '01a22ba1-21cb-7dc3-a524-3528c8fbc9aa', 'JUMPER-OAT-L', '{"Color":"Oat","Size":"L"}', 7900, '{}', '{}', 320, true, 6),
	(1, '01a22ba1-21cb-7d89-9ebf-782ea6485beb', '01a22ba1-21cb-7c26-849c-a7159cf9473f', 'RUG', '{}', 4490, '{}', '{}', 1100, true, 0),
	(1, '01a22ba1-21cb-7ddb-98fd-96d3f94735e1', '01a22ba1-21cb-7dc3-a524-3528c8fbc9aa', 'JUMPER-NAV-M', '{"Color":"Navy","Size":"M"}', 7900, '{}', '{}', 320, true, 1),
	(1, '01a22ba1-21cb-7e3c-baaa-a0fed91fbaa7', '01a22ba1-21cb-786f-8b13-120bd740d01a', 'LINEN-M', '{"Size":"M"}', 5900, '{}', '{}', 210, true, 1),
	(1, '01a22ba1-21cb-7e41-ae98-6cdbec531740', '01a22ba1-21cb-7f17-9d63-1a6ec2488ceb', 'RAIN-XL', '{"Size":"XL"}', 11900, '{}', '{}', 410, true, 3),
	(1, '01a22ba1-21cb-7ef9-a27f-997990c9a4b3', '01a22ba1-21cb-7dc3-a524-3528c8fbc9aa', 'JUMPER-OAT-M', '{"Color":"Oat","Size":"M"}', 7900, '{}', '{}', 320, true, 5),
	(1, '01a22ba1-21cb-7f00-98d9-36be97c738a9', '01a22ba1-21cb-7501-9fab-89082eb1355a', 'FOUNTAIN', '{}', 3490, '{}', '{}', 28, true, 0),
	(1, '01a22ba1-21cb-7f01-bf83-2ad689ad3254', '01a22ba1-21cb-786f-8b13-120bd740d01a', 'LINEN-L', '{"Size":"L"}', 5900, '{}', '{}', 210, true, 2),
	(1, '01a22ba1-21cb-7f28-9338-cbf5de95c8dd', '01a22ba1-21cb-7dc3-a524-3528c8fbc9aa', 'JUMPER-NAV-S', '{"Color":"Navy","Size":"S"}', 7900, '{}', '{}', 320, true, 0),
	(1, '01a22ba1-21cb-7f54-b26d-97e2ada0df67', '01a22ba1-21cb-7750-8406-9618e0e0509c', 'PENCILS', '{}', 1490, '{}', '{}', 130, true, 0);
INSERT INTO public.webhook_deliveries VALUES
	(1, '01a22ba1-236c-7a8c-90f7-70871541f650', 19, '01a22ba1-2378-7c7f-8351-a65f257eac00', 'order.placed', '01a22ba1-2377-745c-aa76-4ee620f18b21', 'pending', 1, 1796028315321, 'the address is private, and webhooks to private addresses are not allowed here', 1796028310617),
	(1, '01a22ba1-236c-7a8c-90f7-70871541f650', 26, '01a22ba1-239e-7e94-8d8b-10719983f88f', 'order.placed', '01a22ba1-239d-7e1d-985c-b6004ac85abe', 'pending', 1, 1796028315421, 'the address is private, and webhooks to private addresses are not allowed here', 1796028310617),
	(1, '01a22ba1-236c-7a8c-90f7-70871541f650', 36, '01a22ba1-23b9-7607-9ff5-9647ab226e24', 'order.placed', '01a22ba1-23b8-7eaa-8af3-016392296ba9', 'pending', 1, 1796028315521, 'the address is private, and webhooks to private addresses are not allowed here', 1796028310617);
INSERT INTO public.webhooks VALUES
	(1, '01a22ba1-236c-7a8c-90f7-70871541f650', '{"url":"http://192.0.2.1/hook","description":"","types":["order.placed"],"active":true,"secrets":[{"key":"whsec_7FO3K3ktCfQqndPmIGhdScke0odDV7dX"}]}', 55, 1, 1796028310380);
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
ALTER TABLE ONLY public.kept_promotions
    ADD CONSTRAINT kept_promotions_pkey PRIMARY KEY (store_id, promotion_id, until);
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
ALTER TABLE ONLY public.unmatched_payments
    ADD CONSTRAINT unmatched_payments_pkey PRIMARY KEY (store_id, gateway, reference);
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
CREATE INDEX customers_by_email ON public.customers USING btree (store_id, email) WHERE (email IS NOT NULL);
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
CREATE INDEX products_with_price_policy ON public.products USING btree (store_id) WHERE (price_policy IS NOT NULL);
CREATE INDEX redemptions_by_code ON public.redemptions USING btree (store_id, code, promotion_id) WHERE (live AND (code IS NOT NULL));
CREATE INDEX reminders_by_time ON public.reminders USING btree (store_id, at) WHERE (stage = 1);
CREATE INDEX sessions_by_account ON public.sessions USING btree (store_id, account_id, expires_at);
CREATE INDEX sessions_by_end ON public.sessions USING btree (store_id, expires_at);
CREATE INDEX variants_by_product ON public.variants USING btree (store_id, product_id, "position");
