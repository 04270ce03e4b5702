-- People: accounts, what opens them, the mails to them, and what operators did. Secrets are known by their SHA-256 only.

CREATE TABLE accounts (
    store_id bigint NOT NULL,
    account_id uuid NOT NULL,
    -- In lower case.
    email text COLLATE "C" NOT NULL,
    -- Argon2id in PHC form.
    password text,
    role text CHECK (role IN ('read_only', 'staff', 'owner')),
    verified_at bigint,
    generation bigint NOT NULL,
    profile json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (store_id, account_id)
);
CREATE UNIQUE INDEX accounts_by_email ON accounts (store_id, email);
CREATE INDEX operators ON accounts (store_id, account_id) WHERE role IS NOT NULL;

CREATE TABLE sessions (
    store_id bigint NOT NULL,
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    account_id uuid NOT NULL,
    generation bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('browser', 'program')),
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (store_id, token_hash)
);
CREATE INDEX sessions_by_account ON sessions (store_id, account_id, expires_at);
CREATE INDEX sessions_by_end ON sessions (store_id, expires_at);

-- Links of mails, good for one use.
CREATE TABLE mailed_tokens (
    store_id bigint NOT NULL,
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    account_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('verify', 'reset')),
    generation bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (store_id, token_hash)
);
CREATE INDEX mailed_tokens_by_end ON mailed_tokens (store_id, expires_at);

-- Intents to send, and what became of them.
CREATE TABLE mails (
    store_id bigint NOT NULL,
    mail_id uuid NOT NULL,
    recipient text NOT NULL,
    kind text NOT NULL,
    locale text,
    data json NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'unknown')),
    tries bigint NOT NULL,
    due_at bigint,
    created_at bigint NOT NULL,
    PRIMARY KEY (store_id, mail_id)
);
CREATE INDEX mails_by_due ON mails (store_id, due_at) WHERE due_at IS NOT NULL;

-- Appended, never changed.
CREATE TABLE audit_log (
    store_id bigint NOT NULL,
    audit_id uuid NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    operation text NOT NULL,
    subject text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'denied')),
    PRIMARY KEY (store_id, audit_id)
);

-- Keys that are there already may do everything. Names of the only things a key may do stand as JSON.
ALTER TABLE api_keys ADD COLUMN role text NOT NULL DEFAULT 'owner' CHECK (role IN ('read_only', 'staff', 'owner'));
ALTER TABLE api_keys ADD COLUMN scopes json NOT NULL DEFAULT '[]';
ALTER TABLE api_keys ADD COLUMN revoked_at bigint;
