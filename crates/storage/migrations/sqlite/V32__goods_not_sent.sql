-- Services, files and vouchers are not sent.

ALTER TABLE variants ADD COLUMN requires_shipping INTEGER NOT NULL DEFAULT 1;
