-- What a node knows stays true when another has written, if the log of events and the ledger tell of all that it changed. `untold`
-- counts the batches of which they do not; `told_writer` and `told_batch` say which batch was the last to heed that. Where they are
-- not those of `writer` and `batch`, somebody has written who knows nothing of this: a node of an older version, or a hand.
ALTER TABLE lanes ADD COLUMN untold bigint NOT NULL DEFAULT 0, ADD COLUMN told_writer uuid, ADD COLUMN told_batch bigint;
