-- Keys end, say when they were last used, and have one name each. Where several had one, all but the first get
-- another: the beginning of their id behind it. Sessions say when they were last used.

ALTER TABLE api_keys ADD COLUMN expires_at bigint;
ALTER TABLE api_keys ADD COLUMN used_at bigint;
UPDATE api_keys k SET name = k.name || '-' || substr(encode(k.hash, 'hex'), 1, 16)
WHERE k.revoked_at IS NULL AND EXISTS (
    SELECT 1 FROM api_keys o WHERE o.store_id = k.store_id AND o.name = k.name
    AND o.revoked_at IS NULL AND (o.created_at, o.hash) < (k.created_at, k.hash)
);
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (store_id, name) WHERE revoked_at IS NULL;
ALTER TABLE sessions ADD COLUMN used_at bigint;
