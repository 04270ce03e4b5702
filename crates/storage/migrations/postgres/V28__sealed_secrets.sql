-- With what links are signed: in hexadecimal digits, or sealed with a key that is not in the database.
ALTER TABLE link_secrets DROP CONSTRAINT link_secrets_secret_check;
ALTER TABLE link_secrets ALTER COLUMN secret TYPE text COLLATE "C" USING encode(secret, 'hex');
