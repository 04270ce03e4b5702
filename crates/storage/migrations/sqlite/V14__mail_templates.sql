-- What a store's mails say, in its own words; and by what the report of recovered revenue finds the carts of a day.

CREATE TABLE mail_templates (
    store_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    locale TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, kind, locale)
) STRICT, WITHOUT ROWID;

CREATE INDEX reminders_by_time ON reminders (store_id, at) WHERE stage = 1;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('mail_templates', 'mail_templates', '100 100 4 1'),
    ('reminders', 'reminders_by_time', '50000 50000 2');
