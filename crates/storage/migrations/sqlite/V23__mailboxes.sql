-- Addresses to which mails go that strangers can cause, in their normal form: when they went, which cart is reminded of, whether
-- whoever reads the address wants that.

CREATE TABLE mailboxes (
    store_id INTEGER NOT NULL,
    address TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- When nothing of it counts any more.
    until INTEGER NOT NULL,
    PRIMARY KEY (store_id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX mailboxes_by_end ON mailboxes (store_id, until);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('mailboxes', 'mailboxes', '100000 100000 1'),
    ('mailboxes', 'mailboxes_by_end', '100000 100000 2');
