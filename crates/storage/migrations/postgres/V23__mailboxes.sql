-- Addresses to which mails go that strangers can cause, in their normal form: when they went, which cart is reminded of, whether
-- whoever reads the address wants that.

CREATE TABLE mailboxes (
    store_id bigint NOT NULL,
    address text COLLATE "C" NOT NULL,
    detail json NOT NULL,
    -- When nothing of it counts any more.
    until bigint NOT NULL,
    PRIMARY KEY (store_id, address)
);
CREATE INDEX mailboxes_by_end ON mailboxes (store_id, until);
