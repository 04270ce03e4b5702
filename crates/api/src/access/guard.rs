//! The guard: finds out who sends a request and asks the operation's rule before the handler runs. Handlers find here who it is;
//! one that was reached past the guard finds nobody and does not run.

use super::acting;
use super::cart_cookie::CartCookie;
use super::key::{Operator, by_key};
use super::rules::Rule;
use super::session::{self, LoggedIn};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::{Api, Shared};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cartwright_domain::account::{Account, Role, SecretHash, SessionKind};
use cartwright_domain::command::{AccountCommand, Command};
use cartwright_domain::id::{AuditId, Timestamp};
use cartwright_domain::people::{AuditEntry, AuditOutcome};
use cartwright_domain::store::StoreConfig;
use cartwright_engine::acting as in_the_name_of;
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

const CART_TOKEN: &str = "cart-token";
/// Longest address of a request that the log of what operators did takes over.
const LONGEST_SUBJECT: usize = 300;

/// Who sends a request, and about which store.
#[derive(Clone)]
pub(crate) struct Guarded {
    pub store: Arc<StoreConfig>,
    pub principal: Principal,
}

/// Who sends a request.
#[derive(Clone)]
pub(crate) enum Principal {
    /// Nobody that is known.
    Nobody,
    /// Whoever has the secret of a cart; here its SHA-256.
    Guest(SecretHash),
    /// Somebody who is logged in.
    Customer(LoggedIn),
    /// An operator.
    Operator(Operator),
}

/// Lets a request through to its handler, or answers in its place.
pub(crate) async fn guard(State(api): State<Shared>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let known = route.and_then(|route| api.rules.at(request.method(), route.as_str()));
    // What has no rule has no guarded handler either: the document's own addresses.
    let Some((operation, rule)) = known.filter(|(_, rule)| !matches!(rule, Rule::Public | Rule::Provider | Rule::Link))
    else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    let guarded = match admit(&api, &parts, operation, rule).await {
        Ok(guarded) => guarded,
        Err(problem) => return problem.into_response(),
    };
    let entry = match &guarded.principal {
        _ if parts.method.is_safe() => None,
        Principal::Operator(operator) => Some(entry(operator.actor.clone(), operation, &parts)),
        // What operators do to their own accounts: they log out, change the password.
        Principal::Customer(found) if found.account.role.is_some() && matches!(rule, Rule::Account) => {
            Some(entry(actor_of(&found.account), operation, &parts))
        }
        _ => None,
    };
    parts.extensions.insert(guarded);
    let answer = next.run(Request::from_parts(parts, body));
    match entry {
        Some(entry) => in_the_name_of(entry, answer).await,
        None => answer.await,
    }
}

async fn admit(api: &Api, parts: &Parts, operation: &str, rule: Rule) -> Outcome<Guarded> {
    let mut guarded = identify(api, parts, rule).await?;
    if let Some(customer) = acting::customer(&parts.headers)? {
        acting::act_for(customer, &mut guarded.principal, rule)?;
    }
    match (&guarded.principal, rule) {
        (Principal::Customer(_), Rule::Account) => Ok(guarded),
        (_, Rule::Account) => Err(not_logged_in()),
        (Principal::Operator(operator), _) if rule.admits(operator.role, &operator.scopes) => Ok(guarded),
        (Principal::Operator(operator), _) => {
            let mut entry = entry(operator.actor.clone(), operation, parts);
            entry.outcome = AuditOutcome::Denied;
            in_the_name_of(entry, api.engine.run(&guarded.store, Command::Account(AccountCommand::Note))).await?;
            Err(Problem::new(&kinds::NOT_ALLOWED, "Your role, or the scopes of your key, do not allow this."))
        }
        (_, Rule::Shopper(..)) => Ok(guarded),
        (Principal::Customer(_), _) => {
            Err(Problem::new(&kinds::OPERATOR_REQUIRED, "Only operators of the shop may do this."))
        }
        _ => {
            let missing = "Send an operator's key as `Authorization: Bearer sk_…`.";
            Err(Problem::new(&kinds::UNAUTHORIZED, missing))
        }
    }
}

fn not_logged_in() -> Problem {
    let detail = "Log in first: `POST /api/v1/account/session`.";
    Problem::new(&kinds::SESSION_REQUIRED, detail).with_remedy("log_in", None)
}

/// Finds out who sends a request. What names somebody and is wrong is refused, but a cookie that has ended says nothing.
async fn identify(api: &Api, parts: &Parts, rule: Rule) -> Outcome<Guarded> {
    let headers = &parts.headers;
    if headers.contains_key(AUTHORIZATION) {
        let secret = bearer(headers).ok_or_else(unknown)?;
        if !secret.starts_with(session::PREFIX) {
            let operator = by_key(headers, secret, api).await?.ok_or_else(unknown)?;
            return Ok(Guarded { store: operator.store.clone(), principal: Principal::Operator(operator) });
        }
        let store = api.stores.find_newest(&api.engine, headers).await?;
        let found = session::find(api, &store, secret, SessionKind::Program).await?.ok_or_else(unknown)?;
        return Ok(guarded(store, found, rule));
    }
    let store = api.stores.find(&api.engine, headers).await?;
    if let (Some(token), Rule::Shopper(..)) = (headers.get(CART_TOKEN), rule) {
        return Ok(Guarded { store, principal: Principal::Guest(Sha256::digest(token.as_bytes()).into()) });
    }
    if !headers.contains_key(COOKIE) {
        return Ok(Guarded { store, principal: Principal::Nobody });
    }
    by_cookies(api, parts, rule, store).await
}

/// Whom a browser's cookies name: a guest, where the request is about the cart that the browser has; else whoever is logged in;
/// else the guest, by what they bought before.
async fn by_cookies(api: &Api, parts: &Parts, rule: Rule, store: Arc<StoreConfig>) -> Outcome<Guarded> {
    let headers = &parts.headers;
    let cart = match rule {
        Rule::Shopper(..) => CartCookie::of(headers, &store.store)?,
        _ => None,
    };
    let is_of_cart = cart.as_ref().is_some_and(|cart| cart.names(parts));
    let session = match session::cookie(headers)?.filter(|_| !is_of_cart) {
        Some(secret) => session::find(api, &store, secret, SessionKind::Browser).await?.map(|found| (secret, found)),
        None => None,
    };
    if session.is_none() && cart.is_none() {
        return Ok(Guarded { store, principal: Principal::Nobody });
    }
    let store = api.engine.newest(store).await?;
    let settings = &store.store.settings;
    if let Some((secret, found)) = session {
        session::check_csrf(&parts.method, headers, secret, settings)?;
        return Ok(guarded(store, found, rule));
    }
    let opened = cart.map(|cart| cart.opens(parts, settings)).transpose()?.flatten();
    Ok(Guarded { principal: opened.map_or(Principal::Nobody, Principal::Guest), store })
}

/// The secret that a request carries as `Authorization: Bearer …`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

fn unknown() -> Problem {
    Problem::new(&kinds::UNAUTHORIZED, "Nobody has this key. Send one as `Authorization: Bearer sk_…`.")
}

/// Somebody who is logged in is a shopper, and an operator where they have a role and what they want takes one.
fn guarded(store: Arc<StoreConfig>, found: LoggedIn, rule: Rule) -> Guarded {
    let principal = match found.account.role.filter(|_| matches!(rule, Rule::Operator(..) | Rule::Unscoped(_))) {
        Some(role) => Principal::Operator(of_account(&store, found, role)),
        None => Principal::Customer(found),
    };
    Guarded { store, principal }
}

fn of_account(store: &Arc<StoreConfig>, found: LoggedIn, role: Role) -> Operator {
    Operator {
        store: store.clone(),
        scope: format!("operator/{}", found.account.id),
        name: found.account.email.clone(),
        bound_to: Some(store.store.id),
        role,
        scopes: Vec::new(),
        actor: actor_of(&found.account),
        account: Some(found.account.id),
        acts_for: None,
    }
}

fn entry(actor: String, operation: &str, parts: &Parts) -> AuditEntry {
    AuditEntry {
        id: AuditId(Uuid::now_v7()),
        // The batch tells when.
        at: Timestamp(0),
        actor,
        operation: operation.to_owned(),
        subject: parts.uri.path().chars().take(LONGEST_SUBJECT).collect(),
        outcome: AuditOutcome::Done,
    }
}

/// How the log of what operators did names somebody.
fn actor_of(account: &Account) -> String {
    format!("account:{}", account.id)
}

/// That an operator logs in, or that somebody tries to in their place.
pub(crate) fn log_in_entry(account: &Account, outcome: AuditOutcome) -> AuditEntry {
    AuditEntry {
        id: AuditId(Uuid::now_v7()),
        at: Timestamp(0),
        actor: actor_of(account),
        operation: "log_in".to_owned(),
        subject: "/api/v1/account/session".to_owned(),
        outcome,
    }
}

/// What the guard has found out, for the handlers.
pub(super) fn found(parts: &Parts) -> Outcome<&Guarded> {
    parts.extensions.get::<Guarded>().ok_or_else(|| {
        tracing::error!(
            path = %cartwright_wire::cut(parts.uri.path()),
            "a handler was reached past the guard: its operation has no rule for it"
        );
        Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.")
    })
}
