-- Keys end, say when they were last used, and have one name each. Where several had one, all but the first get
-- another: the beginning of their id behind it. Sessions say when they were last used.

ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE api_keys ADD COLUMN used_at INTEGER;
UPDATE api_keys SET name = name || '-' || lower(substr(hex(hash), 1, 16))
WHERE revoked_at IS NULL AND EXISTS (
    SELECT 1 FROM api_keys o WHERE o.store_id = api_keys.store_id AND o.name = api_keys.name
    AND o.revoked_at IS NULL AND (o.created_at, o.hash) < (api_keys.created_at, api_keys.hash)
);
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (store_id, name) WHERE revoked_at IS NULL;
ALTER TABLE sessions ADD COLUMN used_at INTEGER;
UPDATE sessions SET used_at = created_at;
