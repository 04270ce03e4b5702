//! `POST /carts`.

use super::lines::goods_of;
use super::reply;
use crate::access::{CartCookie, Secret, Visitor, check_page};
use crate::input::{Body, OptionalKey, email_of, idempotency};
use crate::network;
use crate::peer::Peer;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::{Access, CartRef, Command, Idempotency, NewLine, Reply};
use cartwright_domain::email::EmailAddress;
use cartwright_wire as wire;
use cartwright_wire::CreateCart;
use http::{HeaderMap, StatusCode};

/// Makes a cart
///
/// A guest's cart comes with its secret as `token`, once; send it as `Cart-Token` from then on. With `cookie` a browser keeps the
/// secret instead, and `csrf_token` comes in its place. With `customer` (which takes an
/// operator's key) the cart is the customer's, has no secret, and is the one that customer already has, if there is one. Whoever is
/// logged in gets their own cart. Sent again with the same `Idempotency-Key`, it answers the same cart, with its secret. A guest's
/// key counts for one network; choose one that nobody guesses, such as a UUID.
#[utoipa::path(
    post, path = "/api/v1/carts", tag = "Carts", request_body = CreateCart,
    responses(
        (status = 201, description = "The new cart.", body = wire::Cart, headers(
            ("Location" = String, description = "Where it is."),
            ("Set-Cookie" = String, description = "With `cookie`."),
        )),
        (status = 200, description = "The cart that this customer, or this browser, already has.", body = wire::Cart),
        (status = 403, description = "`customer` takes an operator's key: `operator_required`; the key is of another store: `other_store`, or acts for another customer: `not_allowed`; `csrf`: a page of another origin wants `cookie`, and the store does not allow it."),
        (status = 404, description = "`variant_unknown`, `store_not_found`."),
        (status = 409, description = "`insufficient_stock`, `not_for_sale`, `too_many_lines`, `options_too_large`, `cart_too_heavy`, `amount_too_large`, `currency_unknown`."),
    ),
)]
pub(crate) async fn create_cart(
    State(api): State<Shared>,
    visitor: Visitor,
    peer: Peer,
    OptionalKey(key): OptionalKey,
    headers: HeaderMap,
    Body(request): Body<CreateCart>,
) -> Outcome {
    let email = request.email.as_deref().map(email_of).transpose()?;
    let customer = customer_of(&visitor, request.customer.as_ref())?;
    let email = match &visitor.account {
        Some(account) if request.customer.is_none() => email.or_else(|| EmailAddress::parse(&account.email).ok()),
        _ => email,
    };
    let network = || network_of(peer, &headers, &visitor);
    let idempotency = key.map(|key| idempotency(visitor.key_scope(network), key, "make a cart", &request));
    let lines: Vec<NewLine> = request.lines.into_iter().map(goods_of).collect();
    let in_cookie = request.cookie && customer.is_none();
    let Browser { kept, secret } =
        if in_cookie { Browser::of(&api, &visitor, &headers).await? } else { Browser::default() };
    let secret = match (customer.is_some(), secret) {
        (true, _) => None,
        (false, Some(secret)) => Some(secret),
        (false, None) => Some(new_secret(&api, &visitor, idempotency.as_ref()).await?),
    };
    let own = kept.as_ref().map(|kept| CartRef { id: kept.cart, access: Access::Token(kept.hash()), if_version: None });
    let command = Command::CreateCart {
        token_hash: secret.as_ref().map(|secret| secret.hash),
        customer,
        currency: request.currency,
        email,
        lines,
        own,
        idempotency,
    };
    let (cart, status) = match api.engine.run(&visitor.store, command).await? {
        Reply::CartCreated(cart) => (cart, StatusCode::CREATED),
        Reply::Cart(cart) => (cart, StatusCode::OK),
        other => return Err(reply::unexpected(&other)),
    };
    let view = reply::view(&api, &visitor, cart).await?;
    let cart = &view.cart;
    // What was made under a key long ago may have another secret since.
    let secret = secret.filter(|secret| cart.token_hash == Some(secret.hash)).map(|secret| secret.token);
    let store = &visitor.store.store;
    let opens = |kept: &CartCookie| kept.cart == cart.id && cart.is_opened_by(&Access::Token(kept.hash()));
    Ok(match kept.filter(opens) {
        Some(kept) => {
            let seen = view.clone().seen_by(&Access::Token(kept.hash()));
            reply::cart_in_cookie(&seen, status, kept.secret, store, &headers)
        }
        None => match secret {
            Some(secret) if in_cookie => reply::cart_in_cookie(&view, status, secret, store, &headers),
            secret if status == StatusCode::CREATED => reply::new_cart(&view, secret),
            _ => reply::cart(&view),
        },
    })
}

/// Whose cart it is to be; `None` for a guest's.
fn customer_of(visitor: &Visitor, named: Option<&String>) -> Outcome<Option<String>> {
    if named.is_some() && !visitor.is_shop() {
        visitor.require_operator()?;
    }
    match (named, &visitor.acts_for, &visitor.account) {
        (Some(named), Some(own), _) if named != own => {
            let detail = "`customer` is another one than `Cartwright-Customer` names.";
            Err(Problem::new(&kinds::NOT_ALLOWED, detail))
        }
        (Some(customer), ..) | (None, Some(customer), _) => Ok(Some(customer.clone())),
        (None, None, Some(account)) => Ok(Some(account.customer())),
        (None, None, None) => Ok(None),
    }
}

/// What a guest's browser has.
#[derive(Default)]
struct Browser {
    /// The cart that it had last.
    kept: Option<CartCookie>,
    /// The secret of its carts, where it is the browser's own and did not come by a link.
    secret: Option<Secret>,
}

impl Browser {
    async fn of(api: &Api, visitor: &Visitor, headers: &HeaderMap) -> Outcome<Browser> {
        let config = &visitor.store;
        check_page(headers, &config.store.settings)?;
        let Some(kept) = CartCookie::of(headers, &config.store)? else { return Ok(Browser::default()) };
        let found = api.engine.reader().cart(config.store.id, kept.cart).await?;
        // A secret that never opened anything was made up, or planted.
        let is_own = found.is_some_and(|cart| cart.token_hash == Some(kept.hash()));
        let secret = is_own.then(|| Secret { token: kept.secret.clone(), hash: kept.hash() });
        Ok(Browser { kept: Some(kept), secret })
    }
}

/// A guest's secret: drawn, or the same for each request under one key.
async fn new_secret(api: &Api, visitor: &Visitor, idempotency: Option<&Idempotency>) -> Outcome<Secret> {
    match idempotency {
        None => Secret::draw(),
        Some(key) => Ok(Secret::of(api.engine.guest_secret(&visitor.store, key).await?)),
    }
}

/// From which network a guest asks; behind a proxy whose word is not trusted, what it says tells its shoppers apart all the same.
fn network_of(peer: Peer, headers: &HeaderMap, visitor: &Visitor) -> String {
    let Peer(origin, _) = peer;
    let told = headers.get_all("x-forwarded-for").iter().next_back();
    network::hash_of_told(origin, told.map_or(b"", |told| told.as_bytes()), &visitor.store.store.handle)
}
