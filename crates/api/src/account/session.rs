//! Sessions: log in, log out, and the list of them.

use super::{account_in, account_of};
use crate::access::{
    CartCookie, Person, Store, carried, check_page, cookies, csrf_token, device_carried, device_cookie, draw_session,
    log_in_entry,
};
use crate::carts::reply;
use crate::input::{Body, SessionPath};
use crate::passwords::Asker;
use crate::peer::Peer;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{cart_of, created, form_of, nothing, ok, rfc3339};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::account::{Account, SESSION_MS, SecretHash, Session, SessionKind, plain_email};
use cartwright_domain::command::{Access, AccountCommand, CartRef, Command, Reply};
use cartwright_domain::id::CartId;
use cartwright_domain::people::AuditOutcome;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use cartwright_engine::{Failure, PeopleReader, acting};
use cartwright_wire as wire;
use cartwright_wire::{GuestCart, LogIn, NewSession, Sessions};
use http::HeaderMap;
use http::header::SET_COOKIE;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

/// Most sessions that are listed.
const MOST: usize = 100;

/// Logs in
///
/// Always begins a new session, and ends the one that the request came with. Browsers get cookies and `csrf_token`, programs
/// `token`. A device that somebody has logged in from is known by a cookie (programs send `device`), and its tries are counted
/// apart from those of strangers. An unknown address is answered like a wrong password, and takes as long. The goods of `guest_cart` come along into one's
/// own cart; where they cannot, one is logged in all the same.
#[utoipa::path(
    post, path = "/api/v1/account/session", tag = "Account", request_body = LogIn,
    responses(
        (status = 201, description = "Logged in.", body = NewSession, headers(("Set-Cookie" = String, description = "For browsers."))),
        (status = 401, description = "`credentials_wrong`: address and password do not go together, or the address is not confirmed."),
    ),
)]
pub(crate) async fn log_in(
    State(api): State<Shared>,
    Store(store): Store,
    peer: Peer,
    headers: HeaderMap,
    Body(request): Body<LogIn>,
) -> Outcome {
    let store_id = store.store.id;
    let answer = begin(&api, &store, peer, &headers, request).await;
    match &answer {
        Ok(_) => api.login_watch.opened(),
        Err(problem) => api.login_watch.failed(store_id, peer, problem).await,
    }
    answer
}

async fn begin(api: &Api, store: &Arc<StoreConfig>, peer: Peer, headers: &HeaderMap, request: LogIn) -> Outcome {
    let ends = carried(headers)?;
    let account = prove(api, store, peer, headers, &request).await?;
    let secret = draw_session()?;
    let kind = match request.kind {
        wire::SessionKind::Browser => SessionKind::Browser,
        wire::SessionKind::Program => SessionKind::Program,
    };
    let seen_password = account.password.clone().unwrap_or_default();
    let command = AccountCommand::LogIn { account: account.id, seen_password, session: secret.hash, kind, ends };
    let logging_in = api.engine.run(store, Command::Account(command));
    let done = match account.role {
        Some(_) => acting(log_in_entry(&account, AuditOutcome::Done), logging_in).await,
        None => logging_in.await,
    };
    let account = match done {
        Ok(reply) => account_in(reply)?,
        Err(Failure::Refused(Refusal::CredentialsWrong)) => {
            note_failure(api, store, &account);
            return Err(wrong());
        }
        Err(failure) => return Err(failure.into()),
    };
    // The log-in is done: without a token for the device it counts all the same.
    let device = api.engine.new_device(store, &account.email).await;
    let device = device.inspect_err(|failure| tracing::warn!(?failure, "no token for a device was drawn")).ok();
    let mut session = NewSession {
        account: account_of(&account),
        token: (kind == SessionKind::Program).then(|| secret.token.clone()),
        csrf_token: (kind == SessionKind::Browser).then(|| csrf_token(&secret.token)),
        device: device.clone().filter(|_| kind == SessionKind::Program),
        expires_at: rfc3339(api.engine.now().plus_ms(SESSION_MS)),
        cart: None,
        cart_problem: None,
    };
    if let Some(guest_cart) = request.guest_cart {
        match bring_along(api, store, guest_cart, headers, account.customer()).await {
            Ok(cart) => session.cart = Some(cart),
            Err(problem) => session.cart_problem = Some(problem.into_body()),
        }
    }
    let mut response = created(&session, "/api/v1/account");
    if kind == SessionKind::Browser {
        for cookie in cookies(Some(&secret.token), SESSION_MS).into_iter().chain(device.as_deref().map(device_cookie)) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// The account whose password this is. A device that is known counts and waits apart from strangers.
async fn prove(
    api: &Api,
    store: &Arc<StoreConfig>,
    peer: Peer,
    headers: &HeaderMap,
    request: &LogIn,
) -> Outcome<Account> {
    let email = plain_email(&request.email);
    let known = match device_carried(headers)?.or(request.device.as_deref()) {
        Some(token) => api.engine.known_device(store, &email, token).await?,
        None => None,
    };
    api.login_attempts.log_in(peer, store.store.id, &email, known).await?;
    let account = api.engine.account_by_email(store.store.id, &email).await?;
    let account = account.filter(|account| account.verified_at.is_some());
    let hash = account.as_ref().and_then(|account| account.password.clone());
    let asker = if known.is_some() { Asker::Known } else { Asker::Stranger(peer.0) };
    let fits = api.passwords.fits(asker, request.password.clone(), hash).await?;
    if !fits {
        account.iter().for_each(|account| note_failure(api, store, account));
    }
    account.filter(|_| fits).ok_or_else(wrong)
}

/// Writes down that somebody failed to log in as an operator. The answer does not wait for it: it must not tell who is one.
fn note_failure(api: &Api, store: &Arc<StoreConfig>, account: &Account) {
    if account.role.is_none() {
        return;
    }
    let (engine, store, entry) = (api.engine.clone(), store.clone(), log_in_entry(account, AuditOutcome::Denied));
    tokio::spawn(async move {
        if let Err(failure) = acting(entry, engine.run(&store, Command::Account(AccountCommand::Note))).await {
            tracing::warn!(?failure, "a failed log-in of an operator was not written down");
        }
    });
}

fn wrong() -> Problem {
    let detail = "Address and password do not go together, or the address is not confirmed yet.";
    Problem::new(&kinds::CREDENTIALS_WRONG, detail)
}

/// Merges a guest's cart into the one of whoever has just logged in.
async fn bring_along(
    api: &Api,
    store: &Arc<StoreConfig>,
    guest: GuestCart,
    headers: &HeaderMap,
    customer: String,
) -> Outcome<wire::Cart> {
    let hash = match guest.token {
        Some(token) => Sha256::digest(token.as_bytes()).into(),
        None => {
            check_page(headers, &store.store.settings)?;
            CartCookie::of(headers, &store.store)?.ok_or(Refusal::CartNotFound)?.hash()
        }
    };
    let access = Access::Token(hash);
    let guest = CartRef { id: CartId(guest.id), access, if_version: None };
    match api.engine.run(store, Command::MergeCart { guest, customer }).await? {
        Reply::Cart(cart) => {
            let view = api.engine.view_changed(store, cart).await?;
            Ok(cart_of(&view, None, &form_of(&view, None)))
        }
        other => Err(reply::unexpected(&other)),
    }
}

/// Logs out
#[utoipa::path(
    delete, path = "/api/v1/account/session", tag = "Account",
    responses((status = 204, description = "The session has ended.")),
)]
pub(crate) async fn log_out(State(api): State<Shared>, person: Person) -> Outcome {
    let command = AccountCommand::EndSession { session: person.session };
    api.engine.run(&person.store, Command::Account(command)).await?;
    let mut response = nothing();
    for cookie in cookies(None, 0) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Lists one's sessions
#[utoipa::path(
    get, path = "/api/v1/account/sessions", tag = "Account",
    responses((status = 200, description = "Those that have not ended.", body = Sessions)),
)]
pub(crate) async fn list_sessions(State(api): State<Shared>, person: Person) -> Outcome {
    let reader = api.engine.reader().as_ref();
    let sessions = live(reader, &person.store, &person.account, api.engine.now()).await?;
    Ok(ok(&Sessions { sessions: sessions.iter().map(|session| session_of(session, person.session)).collect() }))
}

/// The sessions of an account that open it.
pub(super) async fn live(
    reader: &(impl PeopleReader + ?Sized),
    store: &StoreConfig,
    account: &Account,
    now: cartwright_domain::id::Timestamp,
) -> Outcome<Vec<(SecretHash, Session)>> {
    let mut sessions = reader.sessions(store.store.id, account.id, now, MOST).await?;
    sessions.retain(|(_, session)| session.opens(account, now));
    Ok(sessions)
}

pub(super) fn session_of((hash, session): &(SecretHash, Session), current: SecretHash) -> wire::Session {
    wire::Session {
        id: session_id(hash),
        kind: match session.kind {
            SessionKind::Browser => wire::SessionKind::Browser,
            SessionKind::Program => wire::SessionKind::Program,
        },
        current: *hash == current,
        created_at: rfc3339(session.created_at),
        expires_at: rfc3339(session.expires_at),
        last_used_at: Some(rfc3339(session.used_at)),
    }
}

/// Half of the secret's hash: it names the session and opens nothing.
fn session_id(hash: &SecretHash) -> Uuid {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(half)
}

/// Ends a session of one's own
#[utoipa::path(
    delete, path = "/api/v1/account/sessions/{session_id}", tag = "Account",
    responses(
        (status = 204, description = "It has ended."),
        (status = 404, description = "`session_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn end_session(State(api): State<Shared>, person: Person, SessionPath(id): SessionPath) -> Outcome {
    let reader = api.engine.reader().as_ref();
    let sessions = live(reader, &person.store, &person.account, api.engine.now()).await?;
    let found = sessions.iter().find(|(hash, _)| session_id(hash) == id).map(|(hash, _)| *hash);
    let session = found.ok_or_else(|| Problem::new(&kinds::SESSION_NOT_FOUND, "You have no such session."))?;
    api.engine.run(&person.store, Command::Account(AccountCommand::EndSession { session })).await?;
    Ok(nothing())
}
