-- Who changed the store last, and in which of his batches: a node that finds its own token knows that nobody else has written
-- since, and need not read again what it wrote. Whoever changes a shop's rows by hand beside running nodes sets them to null.
ALTER TABLE lanes ADD COLUMN writer uuid, ADD COLUMN batch bigint;
