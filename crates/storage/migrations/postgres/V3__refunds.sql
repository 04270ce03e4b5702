-- Refunds are noted one by one on their order. One that is on its way without a note is asked about anew: the gateway tells
-- that the money is there, which then goes back as money does that came too late.
UPDATE payments SET status = 'unknown', captured = 0, tries = 0 WHERE status = 'refund_pending';
