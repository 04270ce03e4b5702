-- With what links are signed: in hexadecimal digits, or sealed with a key that is not in the database.
CREATE TABLE sealed_link_secrets (
    store_id INTEGER NOT NULL,
    secret TEXT NOT NULL,
    PRIMARY KEY (store_id)
) STRICT, WITHOUT ROWID;

INSERT INTO sealed_link_secrets SELECT store_id, lower(hex(secret)) FROM link_secrets;
DROP TABLE link_secrets;
ALTER TABLE sealed_link_secrets RENAME TO link_secrets;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('link_secrets', 'link_secrets', '10 1');
