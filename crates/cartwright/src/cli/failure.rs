//! How a command can end without having done its work, with its exit code, and how that is told: what happened, what is
//! wrong with which line, and what to type next.

use super::ClientOptions;
use cartwright_client::{Error, wire};
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// Why a command has not done its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The shop refused.
    Refused(Box<wire::Problem>),
    /// All is told already; there is something to look at.
    Found,
    /// What was typed makes no sense, or a file cannot be read or written.
    Usage(String),
    /// No answer.
    Unreachable(String),
    /// An answer that is not Cartwright's.
    Unexpected(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem(problem) => Self::Refused(problem),
            Error::Transport(detail) => Self::Unreachable(detail),
            Error::Unexpected { .. } => Self::Unexpected(error.to_string()),
            Error::Invalid(detail) => Self::Usage(detail),
        }
    }
}

impl Failure {
    /// A file that cannot be read or written.
    pub(crate) fn of_file(what: &str, path: &Path, error: &dyn std::fmt::Display) -> Self {
        Self::Usage(format!("cannot {what} {}: {error}", path.display()))
    }

    /// Tells it on stderr, and the exit code.
    pub(crate) fn tell(&self, options: &ClientOptions) -> ExitCode {
        match self {
            Self::Refused(problem) if options.json => {
                eprintln!("{}", serde_json::to_string_pretty(problem).unwrap_or_default());
            }
            Self::Refused(problem) => eprint!("{}", in_words(problem)),
            Self::Found => {}
            Self::Usage(detail) => eprintln!("error: {detail}"),
            Self::Unreachable(detail) => {
                eprintln!("error: no answer from {}: {detail}", options.url);
                eprintln!("hint: is it running? Start one with `cartwright serve --demo`, or name another with --url.");
            }
            Self::Unexpected(detail) => {
                eprintln!("error: {}", wire::brief(detail));
                eprintln!("hint: is {} a Cartwright server of this version?", options.url);
            }
        }
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::Found => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
            Self::Unexpected(_) => 4,
        }
    }
}

fn in_words(problem: &wire::Problem) -> String {
    let outcome = if problem.status < 500 { "refused" } else { "not done" };
    let mut text = format!("{outcome}: {} [{}]\n", wire::brief(&problem.detail), wire::cut(&problem.code));
    // A single entry says what the problem says already.
    let entries = problem.errors.iter().filter(|item| item.detail != problem.detail || item.field.is_some());
    for item in entries {
        let place = item.sku.as_deref().or(item.field.as_deref());
        let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
        let _ = writeln!(text, "  - {place}{}", wire::brief(&item.detail));
    }
    if let Some(hint) = hint(problem) {
        let _ = writeln!(text, "hint: {hint}");
    }
    text
}

/// What to type next: from the remedy, else from what the code means at this command line.
fn hint(problem: &wire::Problem) -> Option<String> {
    let from_remedy = problem.remedy.as_ref().map(|remedy| remedy_hint(problem, remedy));
    let from_code = || match problem.code.as_str() {
        "unauthorized" | "operator_required" => Some(
            "operators' commands need a key: set CARTWRIGHT_API_KEY=sk_… (`cartwright keys --help`); a session that has ended \
                  is forgotten with `cartwright account logout`.",
        ),
        "session_required" => Some("log in with `cartwright account login EMAIL`."),
        "credentials_wrong" => Some("forgotten? `cartwright account password forgot EMAIL`."),
        "mail_template_not_found" => {
            Some("`cartwright mails list` names all kinds of mail, and the store's own words.")
        }
        "cart_not_found" => Some("start a new cart with `cartwright cart new`."),
        "cart_empty" => Some("`cartwright products` lists what there is; `cartwright cart add SKU` puts it in."),
        "store_not_found" => Some("an operator sees all stores with `cartwright stores list`."),
        "order_not_found" => Some("an order opens to who made it, or with an operator's key in CARTWRIGHT_API_KEY."),
        "payment_declined" => Some("the cart is yours again; pay in another way: `cartwright checkout --method ok`."),
        "idempotency_key_reused" => Some("leave --key out, or name a new one."),
        "other_store" => Some("the key opens one store only: name it with --store, or use a key of this store."),
        "product_not_found" | "variant_unknown" => Some("`cartwright products` lists what there is."),
        _ => None,
    };
    from_remedy.or_else(|| from_code().map(str::to_owned))
}

fn remedy_hint(problem: &wire::Problem, remedy: &wire::Remedy) -> String {
    let value = |name: &str| remedy.with.as_ref().and_then(|with| with.get(name)).map(as_text);
    match remedy.action.as_str() {
        "accept_total" => match value("expected_total") {
            Some(total) => {
                format!("to agree, `cartwright checkout` again, or `cartwright checkout --expected-total {total}`.")
            }
            None => "look at `cartwright cart show` and check out again.".to_owned(),
        },
        "reduce_quantity" => reduce_hint(problem, value("quantity")),
        "remove_lines" | "remove_line" => {
            "leave it out, or `cartwright cart remove SKU`; `cartwright products` lists what there is.".to_owned()
        }
        "remove_coupon" => match value("code") {
            Some(code) => format!("if the cart has it: `cartwright cart coupon --remove {code}`."),
            None => "check the spelling; a code that the cart has goes with `cartwright cart coupon --remove CODE`."
                .to_owned(),
        },
        "give_email" => "`cartwright cart email ADDRESS`, then check out again.".to_owned(),
        "give_details" => {
            "`cartwright cart email ADDRESS` and `cartwright cart address …`, then check out again.".to_owned()
        }
        "choose_shipping_method" => {
            "`cartwright cart address --country …`, then `cartwright cart shipping` and `cartwright cart ship METHOD`."
                .to_owned()
        }
        "read_order" => format!("`cartwright order show {}`.", value("order_id").unwrap_or_else(|| "ID".to_owned())),
        "shorten" => match value("limit_bytes") {
            Some(most) => format!("shorten it to {most} bytes."),
            None => "shorten it.".to_owned(),
        },
        "new_cart" => "start a new cart with `cartwright cart new`.".to_owned(),
        "new_payment_method" => "pay in another way: `cartwright checkout --method ok`.".to_owned(),
        "retry" => "try the same again in a moment.".to_owned(),
        other => match &remedy.with {
            Some(with) => format!("{} with {with}.", other.replace('_', " ")),
            None => format!("{}.", other.replace('_', " ")),
        },
    }
}

/// One command per line that asks for too much.
fn reduce_hint(problem: &wire::Problem, most: Option<String>) -> String {
    let command = |item: &wire::ProblemItem| {
        let most = item.available.map(|available| available.to_string()).or_else(|| most.clone())?;
        let sku = item.sku.as_deref()?;
        Some(match (most.as_str(), &item.line_id) {
            ("0", Some(_)) => format!("`cartwright cart remove {sku}`"),
            ("0", None) => format!("leave {sku} out"),
            (most, Some(_)) => format!("`cartwright cart set {sku} {most}`"),
            (most, None) => format!("`cartwright cart add {sku}={most}`"),
        })
    };
    let commands: Vec<String> = problem.errors.iter().filter_map(command).collect();
    match (commands.is_empty(), most) {
        (false, _) => format!("{}.", commands.join(", ")),
        (true, Some(most)) => format!("ask for {most} at most."),
        (true, None) => "ask for fewer.".to_owned(),
    }
}

fn as_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problem(code: &str, remedy: serde_json::Value, sku: Option<&str>) -> wire::Problem {
        let errors =
            sku.map(|sku| json!({"code": code, "detail": "3 left", "sku": sku, "available": 3, "line_id": "1"}));
        serde_json::from_value(json!({
            "type": "urn:x", "title": "t", "status": 409, "code": code, "detail": "No.",
            "errors": errors.into_iter().collect::<Vec<_>>(), "remedy": remedy,
        }))
        .expect("a problem")
    }

    #[test]
    fn a_raised_total_tells_how_to_agree() {
        let remedy = json!({"action": "accept_total", "with": {"expected_total": 3250}});
        assert!(in_words(&problem("price_changed", remedy, None)).contains("checkout --expected-total 3250"));
    }

    #[test]
    fn short_stock_names_the_line_and_the_most_there_is() {
        let text = in_words(&problem("insufficient_stock", json!({"action": "reduce_quantity"}), Some("PEN")));
        assert!(text.contains("PEN: 3 left") && text.contains("cart set PEN 3"), "{text}");
    }

    #[test]
    fn an_unknown_remedy_is_still_told() {
        let text = in_words(&problem("x", json!({"action": "call_the_shop"}), None));
        assert!(text.contains("hint: call the shop."), "{text}");
    }
}
