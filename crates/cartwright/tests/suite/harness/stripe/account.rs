//! What the fake remembers, and how it answers.

use super::objects::{error, intent_object, refund_object};
use super::{BrowserAction, Fault};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Account {
    pub intents: Vec<Value>,
    pub refunds: Vec<Value>,
    /// Intent and amount of every charge that took money.
    pub charges: Vec<(Value, i64)>,
    pub faults: Vec<(&'static str, Fault)>,
    /// What was answered under an idempotency key: to which request, with what.
    pub answers: HashMap<String, (String, Told)>,
}

pub(super) struct Request {
    pub method: String,
    pub path: String,
    pub parameters: Vec<(String, String)>,
    pub key: Option<String>,
    pub authorised: bool,
}

#[derive(Clone)]
pub(super) struct Told {
    pub status: u16,
    pub body: Value,
    pub replayed: bool,
}

impl Told {
    fn new(status: u16, body: Value) -> Told {
        Told { status, body, replayed: false }
    }

    fn invalid(code: &str, message: &str) -> Told {
        Told::new(400, error("invalid_request_error", code, message))
    }

    fn missing(what: &str) -> Told {
        Told::new(404, error("invalid_request_error", "resource_missing", &format!("No such {what}")))
    }
}

impl Request {
    fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn fingerprint(&self) -> String {
        format!("{} {:?}", self.path, self.parameters)
    }

    /// Stripe refuses parameters that it does not know.
    fn stranger(&self, known: &[&str]) -> Option<Told> {
        let stem = |name: &str| name.split('[').next().unwrap_or_default().to_owned();
        let strange = self.parameters.iter().find(|(name, _)| !known.contains(&stem(name).as_str()))?;
        Some(Told::invalid("parameter_unknown", &format!("Received unknown parameter: {}", strange.0)))
    }
}

impl Account {
    /// The answer; `None` where it is lost.
    pub fn answer(&mut self, request: &Request) -> Option<Told> {
        if !request.authorised {
            return Some(Told::new(401, error("invalid_request_error", "api_key_invalid", "Invalid API Key provided")));
        }
        let steps: Vec<&str> = request.path.trim_start_matches("/v1/").split('/').collect();
        let operation = match (request.method.as_str(), steps.as_slice()) {
            ("POST", ["payment_intents"]) => "create",
            ("POST", ["payment_intents", _, "confirm"]) => "confirm",
            ("POST", ["payment_intents", _, "cancel"]) => "cancel",
            ("GET", ["payment_intents", "search"]) => "search",
            ("GET", ["payment_intents", _]) => "retrieve",
            ("POST", ["refunds"]) => "refund",
            _ => return Some(Told::missing("route")),
        };
        let fault = self.faults.iter().position(|(on, _)| *on == operation).map(|at| self.faults.remove(at).1);
        if fault == Some(Fault::Unreachable) {
            return None;
        }
        if fault == Some(Fault::Locked) {
            return Some(Told::new(
                409,
                error("invalid_request_error", "lock_timeout", "This object cannot be accessed"),
            ));
        }
        let told = self.once(request, |account| match fault {
            Some(Fault::ErrorBefore) => broken(),
            Some(Fault::ErrorAfter) => {
                account.execute(operation, &steps, request);
                broken()
            }
            _ => account.execute(operation, &steps, request),
        });
        (fault != Some(Fault::AnswerLost)).then_some(told)
    }

    /// Under a key that came before the same answer, whatever became of the object since; no matter whether it was an error.
    fn once(&mut self, request: &Request, execute: impl FnOnce(&mut Account) -> Told) -> Told {
        let Some(key) = &request.key else { return execute(self) };
        if let Some((fingerprint, told)) = self.answers.get(key) {
            if *fingerprint != request.fingerprint() {
                let message =
                    "Keys for idempotent requests can only be used with the same parameters they were first used with.";
                return Told::new(400, error("idempotency_error", "idempotency_key_in_use", message));
            }
            return Told { replayed: true, ..told.clone() };
        }
        let told = execute(self);
        // What fails validation has not begun, and is not kept.
        if !matches!(told.status, 400 | 404) {
            self.answers.insert(key.clone(), (request.fingerprint(), told.clone()));
        }
        told
    }

    fn execute(&mut self, operation: &str, steps: &[&str], request: &Request) -> Told {
        match operation {
            "create" => self.create(request),
            "search" => self.search(request),
            "refund" => self.refund(request),
            _ => {
                let Some(at) = self.intents.iter().position(|intent| intent["id"] == steps[1]) else {
                    return Told::missing("payment_intent");
                };
                match operation {
                    "confirm" => self.confirm(at, request),
                    "cancel" => self.cancel(at),
                    _ => Told::new(200, self.intents[at].clone()),
                }
            }
        }
    }

    fn create(&mut self, request: &Request) -> Told {
        let known = ["amount", "currency", "metadata", "payment_method", "payment_method_types", "confirm"];
        if let Some(strange) = request.stranger(&known) {
            return strange;
        }
        let amount = request.get("amount").and_then(|amount| amount.parse::<i64>().ok()).unwrap_or_default();
        let currency = request.get("currency").unwrap_or_default();
        let step = match currency {
            "bhd" | "jod" | "kwd" | "omr" | "tnd" => 10,
            "isk" | "ugx" => 100,
            _ => 1,
        };
        if amount <= 0 || amount % step != 0 {
            return Told::invalid("parameter_invalid_integer", "Invalid integer: amount");
        }
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Told::invalid("parameter_invalid", "Invalid currency");
        }
        let metadata: Map<String, Value> = request
            .parameters
            .iter()
            .filter_map(|(name, value)| {
                Some((name.strip_prefix("metadata[")?.strip_suffix(']')?.to_owned(), json!(value)))
            })
            .collect();
        let mut intent = intent_object(self.intents.len() + 1, amount, currency, metadata);
        if let Some(method) = request.get("payment_method") {
            if !is_card(method) {
                return Told::invalid("resource_missing", &format!("No such PaymentMethod: '{method}'"));
            }
            intent["payment_method"] = json!(method);
            intent["status"] = json!("requires_confirmation");
        }
        self.intents.push(intent);
        let at = self.intents.len() - 1;
        match request.get("confirm") {
            Some("true") => self.pay(at),
            _ => Told::new(200, self.intents[at].clone()),
        }
    }

    fn confirm(&mut self, at: usize, request: &Request) -> Told {
        if let Some(strange) = request.stranger(&["payment_method"]) {
            return strange;
        }
        if let Some(method) = request.get("payment_method") {
            self.intents[at]["payment_method"] = json!(method);
        }
        if !matches!(self.status(at).as_str(), "requires_confirmation" | "requires_payment_method") {
            return self.unexpected(at);
        }
        if self.intents[at]["payment_method"].is_null() {
            return Told::invalid(
                "payment_intent_unexpected_state",
                "You cannot confirm this PaymentIntent: it has no payment method.",
            );
        }
        self.pay(at)
    }

    fn status(&self, at: usize) -> String {
        self.intents[at]["status"].as_str().unwrap_or_default().to_owned()
    }

    fn unexpected(&self, at: usize) -> Told {
        let message = format!("This PaymentIntent's status is {}.", self.status(at));
        let mut told = Told::invalid("payment_intent_unexpected_state", &message);
        told.body["error"]["payment_intent"] = self.intents[at].clone();
        told
    }

    /// Asks the bank, whose answer the card decides.
    fn pay(&mut self, at: usize) -> Told {
        let method = self.intents[at]["payment_method"].as_str().unwrap_or_default().to_owned();
        match method.as_str() {
            "pm_card_authenticationRequired" => {
                self.intents[at]["status"] = json!("requires_action");
                self.intents[at]["next_action"] = json!({"type": "use_stripe_sdk", "use_stripe_sdk": {}});
                Told::new(200, self.intents[at].clone())
            }
            "pm_card_visa_chargeDeclined" => self.decline(at, "card_declined", "generic_decline"),
            "pm_card_visa_chargeDeclinedInsufficientFunds" => self.decline(at, "card_declined", "insufficient_funds"),
            _ => {
                self.succeed(at);
                Told::new(200, self.intents[at].clone())
            }
        }
    }

    fn succeed(&mut self, at: usize) {
        let charge = format!("ch_fake{:012}", self.charges.len() + 1);
        let intent = &mut self.intents[at];
        let amount = intent["amount"].as_i64().unwrap_or_default();
        intent["status"] = json!("succeeded");
        intent["amount_received"] = json!(amount);
        intent["latest_charge"] = json!(charge);
        intent["next_action"] = Value::Null;
        intent["last_payment_error"] = Value::Null;
        self.charges.push((intent["id"].clone(), amount));
    }

    fn decline(&mut self, at: usize, code: &str, decline_code: &str) -> Told {
        let mut body = error("card_error", code, "Your card was declined.");
        body["error"]["decline_code"] = json!(decline_code);
        let intent = &mut self.intents[at];
        intent["status"] = json!("requires_payment_method");
        intent["payment_method"] = Value::Null;
        intent["next_action"] = Value::Null;
        intent["last_payment_error"] = body["error"].clone();
        body["error"]["payment_intent"] = intent.clone();
        Told::new(402, body)
    }

    fn cancel(&mut self, at: usize) -> Told {
        if matches!(self.status(at).as_str(), "succeeded" | "canceled" | "processing") {
            return self.unexpected(at);
        }
        let intent = &mut self.intents[at];
        intent["status"] = json!("canceled");
        intent["canceled_at"] = json!(super::now_seconds());
        intent["next_action"] = Value::Null;
        Told::new(200, intent.clone())
    }

    fn search(&mut self, request: &Request) -> Told {
        let query = request.get("query").unwrap_or_default();
        let parts: Vec<&str> = query.split('\'').collect();
        let ["metadata[", field, "]:", value, ""] = parts.as_slice() else {
            return Told::invalid("search_query_invalid", "The query cannot be read.");
        };
        let data: Vec<&Value> = self.intents.iter().filter(|intent| intent["metadata"][field] == *value).collect();
        Told::new(
            200,
            json!({"object": "search_result", "url": "/v1/payment_intents/search", "has_more": false, "data": data}),
        )
    }

    fn refund(&mut self, request: &Request) -> Told {
        if let Some(strange) = request.stranger(&["payment_intent", "amount"]) {
            return strange;
        }
        let id = request.get("payment_intent").unwrap_or_default();
        let Some(intent) = self.intents.iter().find(|intent| intent["id"] == id) else {
            return Told::missing("payment_intent");
        };
        let received = intent["amount_received"].as_i64().unwrap_or_default();
        let back: i64 = self
            .refunds
            .iter()
            .filter(|refund| refund["payment_intent"] == id)
            .filter_map(|refund| refund["amount"].as_i64())
            .sum();
        let amount =
            request.get("amount").map_or(Some(received - back), |amount| amount.parse().ok()).unwrap_or_default();
        if received > 0 && back == received {
            return Told::invalid("charge_already_refunded", "The charge has already been refunded.");
        }
        if amount <= 0 || back + amount > received {
            return Told::invalid("amount_too_large", "Refund amount is greater than unrefunded amount on charge.");
        }
        let refund = refund_object(self.refunds.len() + 1, intent, amount);
        self.refunds.push(refund.clone());
        Told::new(200, refund)
    }

    /// What the browser may do with a client secret; whether Stripe lets it.
    pub fn browser(&mut self, client_secret: &str, action: BrowserAction) -> bool {
        let Some(at) = self.intents.iter().position(|intent| intent["client_secret"] == client_secret) else {
            return false;
        };
        let status = self.status(at);
        match (status.as_str(), action) {
            ("requires_payment_method" | "requires_confirmation", BrowserAction::Pay(card)) => {
                self.intents[at]["payment_method"] = json!(card);
                self.pay(at).status == 200
            }
            ("requires_action", BrowserAction::Authenticate) => {
                self.succeed(at);
                true
            }
            ("requires_action", BrowserAction::FailAuthentication) => {
                self.decline(at, "payment_intent_authentication_failure", "authentication_failed");
                true
            }
            _ => false,
        }
    }
}

fn broken() -> Told {
    Told::new(500, error("api_error", "api_error", "An unknown error occurred"))
}

fn is_card(method: &str) -> bool {
    let known = ["visa", "authenticationRequired", "visa_chargeDeclined", "visa_chargeDeclinedInsufficientFunds"];
    method.strip_prefix("pm_card_").is_some_and(|name| known.contains(&name))
}
