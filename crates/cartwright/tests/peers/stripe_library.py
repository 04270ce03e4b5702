"""Drives the fake Stripe with Stripe's own library, unchanged. It must not notice that it is a fake.

Arguments: address, secret key, secret of the webhooks, a webhook's header, a file with its body.
"""

import sys

import stripe

address, secret_key, webhook_secret, header, body_file = sys.argv[1:]
client = stripe.StripeClient(secret_key, base_addresses={"api": address}, max_network_retries=0)
intents = client.v1.payment_intents


def expect(error, work):
    """Runs what must fail with this error of the library, and returns the error."""
    try:
        work()
    except error as met:
        return met
    raise AssertionError(f"{error.__name__} was expected")


# Create, repeat under the same key, retrieve, confirm.
paid = {"amount": 1099, "currency": "eur", "payment_method": "pm_card_visa", "metadata": {"order": "o-1"}}
first = intents.create(paid, {"idempotency_key": "k-1"})
assert (first.status, first.amount, first.metadata["order"]) == ("requires_confirmation", 1099, "o-1")
again = intents.create(paid, {"idempotency_key": "k-1"})
assert again.id == first.id
assert again.last_response.headers["Idempotent-Replayed"] == "true"
error = expect(stripe.IdempotencyError, lambda: intents.create({**paid, "amount": 1}, {"idempotency_key": "k-1"}))
assert error.http_status == 400
done = intents.confirm(first.id)
assert (done.status, done.amount_received) == ("succeeded", 1099)
assert intents.retrieve(first.id).latest_charge.startswith("ch_")
expect(stripe.InvalidRequestError, lambda: intents.cancel(first.id))
found = intents.search({"query": "metadata['order']:'o-1'"})
assert [intent.id for intent in found.data] == [first.id]

# Declined, and made and confirmed in one request.
declined = {"amount": 500, "currency": "jpy", "payment_method": "pm_card_visa_chargeDeclined", "confirm": True}
error = expect(stripe.CardError, lambda: intents.create(declined))
assert (error.code, error.error.decline_code, error.http_status) == ("card_declined", "generic_decline", 402)
assert intents.retrieve(error.error.payment_intent.id).status == "requires_payment_method"

# Needs the shopper; cancelled.
waits = intents.create({**declined, "payment_method": "pm_card_authenticationRequired"})
assert waits.status == "requires_action" and waits.next_action.type == "use_stripe_sdk"
assert intents.cancel(waits.id).status == "canceled"

# Refunds: in part, the rest, and no more.
refund = client.v1.refunds.create({"payment_intent": first.id, "amount": 99})
assert (refund.status, refund.amount, refund.payment_intent) == ("succeeded", 99, first.id)
assert client.v1.refunds.create({"payment_intent": first.id}).amount == 1000
error = expect(stripe.InvalidRequestError, lambda: client.v1.refunds.create({"payment_intent": first.id}))
assert error.code == "charge_already_refunded"

# Set aside first, captured in part, once; refunds that are found again by what is noted on them.
manual = {"amount": 900, "currency": "eur", "payment_method": "pm_card_visa", "capture_method": "manual", "confirm": True}
aside = intents.create(manual)
assert (aside.status, aside.amount_capturable, aside.amount_received) == ("requires_capture", 900, 0)
error = expect(stripe.InvalidRequestError, lambda: intents.capture(aside.id, {"amount_to_capture": 901}))
assert error.code == "amount_too_large"
taken = intents.capture(aside.id, {"amount_to_capture": 600})
assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 600, 0)
expect(stripe.InvalidRequestError, lambda: intents.capture(aside.id))
part = client.v1.refunds.create({"payment_intent": aside.id, "amount": 200, "metadata": {"refund": "r-1"}})
listed = client.v1.refunds.list({"payment_intent": aside.id, "limit": 100})
assert [(refund.id, refund.metadata["refund"]) for refund in listed.data] == [(part.id, "r-1")]
assert intents.cancel(intents.create(manual).id).status == "canceled"

# Lists, the newest first, in pages.
newest = intents.list({"limit": 2, "created": {"gte": 1}})
assert len(newest.data) == 2 and newest.has_more
everything = [intent.id for intent in intents.list({"limit": 2}).auto_paging_iter()]
assert len(everything) == len(set(everything)) and everything[-1] == first.id

# Refusals of other kinds.
expect(stripe.InvalidRequestError, lambda: intents.retrieve("pi_nobody"))
expect(stripe.InvalidRequestError, lambda: intents.create({**paid, "nonsense": "1"}))
stranger = stripe.StripeClient("sk_test_other", base_addresses={"api": address})
expect(stripe.AuthenticationError, lambda: stranger.v1.payment_intents.retrieve(first.id))

# The fake signs as Stripe does.
with open(body_file, encoding="utf-8") as file:
    body = file.read()
event = stripe.Webhook.construct_event(body, header, webhook_secret)
assert (event.type, event.data.object.object) == ("payment_intent.succeeded", "payment_intent")
expect(stripe.SignatureVerificationError, lambda: stripe.Webhook.construct_event(body + " ", header, webhook_secret))

print("the library is content")
