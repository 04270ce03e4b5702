//! What the fake remembers, and how it answers.

use super::objects::{error, intent_object, refund_object};
use super::{BrowserAction, Fault};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Account {
    pub intents: Vec<Value>,
    pub refunds: Vec<Value>,
    pub disputes: Vec<Value>,
    /// Intent and amount of every charge that took money.
    pub charges: Vec<(Value, i64)>,
    pub faults: Vec<(&'static str, Fault)>,
    /// How many requests of each kind came.
    pub asked: HashMap<&'static str, usize>,
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

    fn metadata(&self) -> Map<String, Value> {
        let named = |(name, value): &(String, String)| {
            Some((name.strip_prefix("metadata[")?.strip_suffix(']')?.to_owned(), json!(value)))
        };
        self.parameters.iter().filter_map(named).collect()
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
            ("POST", ["payment_intents", _, "capture"]) => "capture",
            ("GET", ["payment_intents", "search"]) => "search",
            ("GET", ["payment_intents"]) => "list",
            ("GET", ["refunds"]) => "list_refunds",
            ("GET", ["disputes"]) => "list_disputes",
            ("GET", ["payment_intents", _]) => "retrieve",
            ("POST", ["refunds"]) => "refund",
            _ => return Some(Told::missing("route")),
        };
        *self.asked.entry(operation).or_default() += 1;
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
            Some(Fault::Refused) => Told::new(402, error("card_error", "capture_charge_authorization_expired", "No.")),
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
            "list" => self.list(request),
            "list_refunds" => self.list_refunds(request),
            "list_disputes" => self.list_disputes(request),
            "refund" => self.refund(request),
            _ => {
                let Some(at) = self.intents.iter().position(|intent| intent["id"] == steps[1]) else {
                    return Told::missing("payment_intent");
                };
                match operation {
                    "confirm" => self.confirm(at, request),
                    "cancel" => self.cancel(at),
                    "capture" => self.capture(at, request),
                    _ => {
                        let mut intent = self.intents[at].clone();
                        if request.get("expand[]").is_some_and(|what| what.starts_with("latest_charge")) {
                            intent["latest_charge"] = self.charge_of(&intent);
                        }
                        Told::new(200, intent)
                    }
                }
            }
        }
    }

    fn create(&mut self, request: &Request) -> Told {
        let known =
            ["amount", "currency", "metadata", "payment_method", "payment_method_types", "confirm", "capture_method"];
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
        let mut intent = intent_object(self.intents.len() + 1, amount, currency, request.metadata());
        if let Some(capture) = request.get("capture_method") {
            intent["capture_method"] = json!(capture);
        }
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

    /// The bank agrees: the money is taken, or set aside.
    fn succeed(&mut self, at: usize) {
        let intent = &mut self.intents[at];
        let amount = intent["amount"].as_i64().unwrap_or_default();
        intent["next_action"] = Value::Null;
        intent["last_payment_error"] = Value::Null;
        if intent["capture_method"] == "manual" {
            intent["status"] = json!("requires_capture");
            intent["amount_capturable"] = json!(amount);
        } else {
            self.take(at, amount);
        }
    }

    pub fn take_late(&mut self, order: &Value) {
        let at = self.intents.iter().position(|intent| intent["metadata"]["cartwright_order"] == *order);
        if let Some(at) = at {
            self.intents[at]["last_payment_error"] = Value::Null;
            self.take(at, self.intents[at]["amount"].as_i64().unwrap_or_default());
        }
    }

    pub fn take(&mut self, at: usize, amount: i64) {
        let charge = format!("ch_fake{:012}", self.charges.len() + 1);
        let intent = &mut self.intents[at];
        intent["status"] = json!("succeeded");
        intent["amount_received"] = json!(amount);
        intent["amount_capturable"] = json!(0);
        intent["latest_charge"] = json!(charge);
        self.charges.push((intent["id"].clone(), amount));
    }

    fn capture(&mut self, at: usize, request: &Request) -> Told {
        if let Some(strange) = request.stranger(&["amount_to_capture"]) {
            return strange;
        }
        if self.status(at) != "requires_capture" {
            return self.unexpected(at);
        }
        let most = self.intents[at]["amount_capturable"].as_i64().unwrap_or_default();
        let amount = request.get("amount_to_capture").map_or(Some(most), |amount| amount.parse().ok());
        match amount.filter(|amount| (1..=most).contains(amount)) {
            Some(amount) => {
                self.take(at, amount);
                Told::new(200, self.intents[at].clone())
            }
            None => Told::invalid("amount_too_large", "The amount to capture is not within what is capturable."),
        }
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
        if let Some(strange) = request.stranger(&["payment_intent", "amount", "metadata"]) {
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
            .filter(|refund| {
                refund["payment_intent"] == id && refund["status"] != "failed" && refund["status"] != "canceled"
            })
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
        let mut refund = refund_object(self.refunds.len() + 1, intent, amount);
        refund["metadata"] = Value::Object(request.metadata());
        self.refunds.push(refund.clone());
        Told::new(200, refund)
    }

    /// The charge of an intent, as far as anybody reads it.
    pub fn charge_of(&self, intent: &Value) -> Value {
        let own = |refund: &&Value| {
            refund["payment_intent"] == intent["id"] && refund["status"] != "failed" && refund["status"] != "canceled"
        };
        let disputed = self.disputes.iter().any(|dispute| dispute["payment_intent"] == intent["id"]);
        let back: i64 = self.refunds.iter().filter(own).filter_map(|refund| refund["amount"].as_i64()).sum();
        match &intent["latest_charge"] {
            Value::Null => Value::Null,
            id => json!({
                "id": id, "object": "charge", "amount": intent["amount"], "amount_captured": intent["amount_received"],
                "amount_refunded": back, "balance_transaction": null, "currency": intent["currency"], "disputed": disputed,
                "payment_intent": intent["id"], "refunded": back > 0, "metadata": {},
            }),
        }
    }

    /// Newest first.
    fn list_refunds(&mut self, request: &Request) -> Told {
        if let Some(strange) = request.stranger(&["payment_intent", "limit", "starting_after"]) {
            return strange;
        }
        let id = request.get("payment_intent");
        let all = self.refunds.iter().rev().filter(|refund| id.is_none_or(|id| refund["payment_intent"] == id));
        let mut all: Vec<Value> = all.cloned().collect();
        if let Some(after) = request.get("starting_after") {
            let place = all.iter().position(|refund| refund["id"] == after).map_or(all.len(), |at| at + 1);
            all.drain(..place);
        }
        page("/v1/refunds", all, request)
    }

    /// Newest first.
    fn list_disputes(&mut self, request: &Request) -> Told {
        if let Some(strange) = request.stranger(&["payment_intent", "limit"]) {
            return strange;
        }
        let id = request.get("payment_intent");
        let all = self.disputes.iter().rev().filter(|dispute| id.is_none_or(|id| dispute["payment_intent"] == id));
        page("/v1/disputes", all.cloned().collect(), request)
    }

    /// Somebody captures part of an intent in the dashboard.
    pub fn capture_by_hand(&mut self, order: &Value, amount: i64) {
        let at = self.intents.iter().position(|intent| intent["metadata"]["cartwright_order"] == *order);
        self.take(at.expect("an intent"), amount);
    }

    /// Somebody cancels an intent in the dashboard.
    pub fn cancel_by_hand(&mut self, order: &Value) {
        let at = self.intents.iter().position(|intent| intent["metadata"]["cartwright_order"] == *order);
        assert_eq!(self.cancel(at.expect("an intent")).status, 200);
    }

    /// Newest first.
    fn list(&mut self, request: &Request) -> Told {
        if let Some(strange) = request.stranger(&["created", "limit", "starting_after", "expand"]) {
            return strange;
        }
        let bound = |name: &str| request.get(name).and_then(|seconds| seconds.parse::<i64>().ok());
        let (from, to) = (bound("created[gte]").unwrap_or(0), bound("created[lt]").unwrap_or(i64::MAX));
        let within = |intent: &&Value| intent["created"].as_i64().is_some_and(|at| from <= at && at < to);
        let mut all: Vec<Value> = self.intents.iter().rev().filter(within).cloned().collect();
        if let Some(after) = request.get("starting_after") {
            let place = all.iter().position(|intent| intent["id"] == after).map_or(all.len(), |at| at + 1);
            all.drain(..place);
        }
        if request.get("expand[]") == Some("data.latest_charge") {
            all.iter_mut().for_each(|intent| intent["latest_charge"] = self.charge_of(intent));
        }
        page("/v1/payment_intents", all, request)
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

fn page(url: &str, mut all: Vec<Value>, request: &Request) -> Told {
    let limit = request.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10);
    let more = all.len() > limit;
    all.truncate(limit);
    Told::new(200, json!({"object": "list", "url": url, "has_more": more, "data": all}))
}

fn broken() -> Told {
    Told::new(500, error("api_error", "api_error", "An unknown error occurred"))
}

fn is_card(method: &str) -> bool {
    let known = ["visa", "authenticationRequired", "visa_chargeDeclined", "visa_chargeDeclinedInsufficientFunds"];
    method.strip_prefix("pm_card_").is_some_and(|name| known.contains(&name))
}
