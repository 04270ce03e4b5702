-- What a store's mails say, in its own words; and by what the report of recovered revenue finds the carts of a day.

CREATE TABLE mail_templates (
    store_id bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    locale text COLLATE "C" NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text,
    updated_at bigint NOT NULL,
    PRIMARY KEY (store_id, kind, locale)
);

CREATE INDEX reminders_by_time ON reminders (store_id, at) WHERE stage = 1;
