//! Stripe's objects with the names and shapes that Stripe publishes.

use super::now_seconds;
use serde_json::{Map, Value, json};

/// A PaymentIntent that was just made.
pub(crate) fn intent_object(number: usize, amount: i64, currency: &str, metadata: Map<String, Value>) -> Value {
    let id = format!("pi_fake{number:012}");
    json!({
        "id": id, "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_details": {"tip": {}},
        "amount_received": 0, "application": null, "application_fee_amount": null,
        "automatic_payment_methods": null, "canceled_at": null, "cancellation_reason": null,
        "capture_method": "automatic", "client_secret": format!("{id}_secret_{:x}", now_seconds() * 31 + number as u64),
        "confirmation_method": "automatic", "created": now_seconds(), "currency": currency, "customer": null,
        "description": null, "last_payment_error": null, "latest_charge": null, "livemode": false,
        "metadata": metadata, "next_action": null, "on_behalf_of": null, "payment_method": null,
        "payment_method_options": {}, "payment_method_types": ["card"], "processing": null, "receipt_email": null,
        "review": null, "setup_future_usage": null, "shipping": null, "source": null, "statement_descriptor": null,
        "statement_descriptor_suffix": null, "status": "requires_payment_method", "transfer_data": null,
        "transfer_group": null,
    })
}

/// A refund of an intent.
pub(crate) fn refund_object(number: usize, intent: &Value, amount: i64) -> Value {
    json!({
        "id": format!("re_fake{number:012}"), "object": "refund", "amount": amount, "balance_transaction": null,
        "charge": intent["latest_charge"], "created": now_seconds(), "currency": intent["currency"],
        "destination_details": {"card": {"type": "reversal"}, "type": "card"}, "metadata": {},
        "payment_intent": intent["id"], "reason": null, "receipt_number": null, "source_transfer_reversal": null,
        "status": "succeeded", "transfer_reversal": null,
    })
}

/// A dispute of an intent's charge.
pub(crate) fn dispute_object(intent: &Value, amount: i64, status: &str) -> Value {
    let id = intent["id"].as_str().unwrap_or_default().replace("pi_", "dp_");
    let fee = json!({"id": "txn_fake", "object": "balance_transaction", "amount": -amount, "fee": 1_500, "currency": intent["currency"]});
    json!({
        "id": id, "object": "dispute", "amount": amount, "balance_transactions": [fee], "charge": intent["latest_charge"],
        "created": now_seconds(), "currency": intent["currency"], "evidence": {}, "evidence_details": {},
        "is_charge_refundable": false, "livemode": false, "metadata": {}, "payment_intent": intent["id"],
        "reason": "fraudulent", "status": status,
    })
}

/// The body of a refusal.
pub(super) fn error(kind: &str, code: &str, message: &str) -> Value {
    json!({"error": {"type": kind, "code": code, "message": message, "doc_url": format!("https://stripe.com/docs/error-codes/{code}")}})
}
