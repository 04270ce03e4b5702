-- People: accounts, what opens them, the mails to them, and what operators did. Secrets are known by their SHA-256 only.

CREATE TABLE accounts (
    store_id INTEGER NOT NULL,
    account_id BLOB NOT NULL,
    -- In lower case.
    email TEXT NOT NULL,
    -- Argon2id in PHC form.
    password TEXT,
    role TEXT CHECK (role IN ('read_only', 'staff', 'owner')),
    verified_at INTEGER,
    generation INTEGER NOT NULL,
    profile TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX accounts_by_email ON accounts (store_id, email);
CREATE INDEX operators ON accounts (store_id, account_id) WHERE role IS NOT NULL;

CREATE TABLE sessions (
    store_id INTEGER NOT NULL,
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
    account_id BLOB NOT NULL,
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('browser', 'program')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_account ON sessions (store_id, account_id, expires_at);
CREATE INDEX sessions_by_end ON sessions (store_id, expires_at);

-- Links of mails, good for one use.
CREATE TABLE mailed_tokens (
    store_id INTEGER NOT NULL,
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
    account_id BLOB NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('verify', 'reset')),
    generation INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX mailed_tokens_by_end ON mailed_tokens (store_id, expires_at);

-- Intents to send, and what became of them.
CREATE TABLE mails (
    store_id INTEGER NOT NULL,
    mail_id BLOB NOT NULL,
    recipient TEXT NOT NULL,
    kind TEXT NOT NULL,
    locale TEXT,
    data TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'unknown')),
    tries INTEGER NOT NULL,
    due_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, mail_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mails_by_due ON mails (store_id, due_at) WHERE due_at IS NOT NULL;

-- Appended, never changed.
CREATE TABLE audit_log (
    store_id INTEGER NOT NULL,
    audit_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    operation TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'denied')),
    PRIMARY KEY (store_id, audit_id)
) STRICT, WITHOUT ROWID;

-- Keys that are there already may do everything. Names of the only things a key may do stand as JSON.
ALTER TABLE api_keys ADD COLUMN role TEXT NOT NULL DEFAULT 'owner' CHECK (role IN ('read_only', 'staff', 'owner'));
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE api_keys ADD COLUMN revoked_at INTEGER;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('accounts', 'accounts', '100000 100000 1'),
    ('accounts', 'accounts_by_email', '100000 100000 1'),
    ('accounts', 'operators', '20 20 1'),
    ('sessions', 'sessions', '200000 200000 1'),
    ('sessions', 'sessions_by_account', '200000 200000 2 1'),
    ('sessions', 'sessions_by_end', '200000 200000 2'),
    ('mailed_tokens', 'mailed_tokens', '10000 10000 1'),
    ('mailed_tokens', 'mailed_tokens_by_end', '10000 10000 2'),
    ('mails', 'mails', '200000 200000 1'),
    ('mails', 'mails_by_due', '100 100 2'),
    ('audit_log', 'audit_log', '1000000 1000000 1');
