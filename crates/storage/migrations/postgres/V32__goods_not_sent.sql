-- Services, files and vouchers are not sent.

ALTER TABLE variants ADD COLUMN requires_shipping boolean NOT NULL DEFAULT true;
