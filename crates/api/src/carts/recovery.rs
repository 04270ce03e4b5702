//! `/recovery/{token}`: what the links of reminders do. The link is the only thing that opens; whoever has it has the mail.

use super::reply;
use crate::access::{Secret, Store, check_page};
use crate::input::{Body, TokenPath};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::nothing;
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::{Access, Command, RecoveryCommand, Reply};
use cartwright_domain::store::StoreConfig;
use cartwright_engine::{LinkPurpose, RecoveryLink};
use cartwright_wire::{Cart, RestoreCart};
use http::{HeaderMap, StatusCode};

/// What a link says, however old it is.
async fn read(api: &Api, store: &StoreConfig, token: &str) -> Outcome<RecoveryLink> {
    let link = api.engine.read_recovery_link(store, token).await?;
    link.ok_or_else(|| Problem::new(&kinds::TOKEN_INVALID, "The link is not one of ours."))
}

/// What a link says that is for this and has not ended.
async fn read_live(api: &Api, store: &StoreConfig, token: &str, purpose: LinkPurpose) -> Outcome<RecoveryLink> {
    let link = read(api, store, token).await?;
    if link.purpose != purpose {
        return Err(Problem::new(&kinds::TOKEN_INVALID, "The link is for something else."));
    }
    if link.expires_at <= api.engine.now() {
        return Err(Problem::new(&kinds::TOKEN_INVALID, "The link is too old."));
    }
    Ok(link)
}

/// Shows the cart of a link
///
/// Its items and prices alone: whose it is, and where it is sent, is nobody's whom a mail was forwarded to. Changes nothing and opens
/// nothing: programs that follow links in mails are no shoppers.
#[utoipa::path(
    get, path = "/api/v1/recovery/{token}", tag = "Recovery", params(("token" = String, Path, description = "The link's last part.")),
    responses(
        (status = 200, description = "The cart.", body = Cart),
        (status = 404, description = "`token_invalid`: the link is not one of ours, or too old; `cart_not_found`, `cart_expired`, `cart_removed`."),
    ),
)]
pub(crate) async fn read_recovery(
    State(api): State<Shared>,
    Store(store): Store,
    TokenPath(token): TokenPath,
) -> Outcome {
    let link = read_live(&api, &store, &token, LinkPurpose::Restore).await?;
    let view = api.engine.cart(&store, link.cart_id, &Access::Operator).await?;
    Ok(reply::cart(&view.items_alone()))
}

/// Restores the cart of a link
///
/// The answer has a fresh secret as `token`; send it as `Cart-Token` from then on. Devices on which the cart is open stay so. It is no
/// proof of who has it: e-mail and addresses are shown where they were typed with this secret, checkout wants them typed anew, and of
/// orders it opens those that were made with it. The cart of a customer opens by login.
/// Each link works as often as it is followed until it ends.
#[utoipa::path(
    post, path = "/api/v1/recovery/{token}", tag = "Recovery", request_body = RestoreCart, params(("token" = String, Path, description = "The link's last part.")),
    responses(
        (status = 200, description = "The cart with its secret.", body = Cart),
        (status = 401, description = "`session_required`: it is a customer's; log in."),
        (status = 403, description = "`csrf`: a page of another origin wants `cookie`, and the store does not allow it."),
        (status = 404, description = "`token_invalid`: the link is not one of ours, or too old; `cart_not_found`, `cart_expired`, `cart_removed`."),
        (status = 409, description = "`cart_closed`: it was bought, or merged into another."),
    ),
)]
pub(crate) async fn restore_cart(
    State(api): State<Shared>,
    Store(store): Store,
    TokenPath(token): TokenPath,
    headers: HeaderMap,
    Body(RestoreCart { cookie }): Body<RestoreCart>,
) -> Outcome {
    if cookie {
        check_page(&headers, &store.store.settings)?;
    }
    let link = read_live(&api, &store, &token, LinkPurpose::Restore).await?;
    let secret = Secret::draw()?;
    let command = RecoveryCommand::Restore { cart_id: link.cart_id, token_hash: secret.hash };
    match api.engine.run(&store, Command::Recovery(command)).await? {
        Reply::Cart(cart) => {
            let view = api.engine.view_changed(&store, cart).await?;
            reply::share(&api, &view);
            let view = view.seen_by(&Access::Token(secret.hash));
            Ok(match cookie {
                true => reply::cart_in_cookie(&view, StatusCode::OK, secret.token, &store.store, &headers),
                false => reply::restored_cart(&view, secret.token),
            })
        }
        other => Err(reply::unexpected(&other)),
    }
}

/// No more mails about this cart
#[utoipa::path(
    post, path = "/api/v1/recovery/{token}/dismiss", tag = "Recovery", params(("token" = String, Path, description = "The link's last part.")),
    responses(
        (status = 204, description = "There will be none."),
        (status = 404, description = "`token_invalid`: the link is not one of ours."),
    ),
)]
pub(crate) async fn dismiss_recovery(
    State(api): State<Shared>,
    Store(store): Store,
    TokenPath(token): TokenPath,
) -> Outcome {
    let link = read(&api, &store, &token).await?;
    api.engine.run(&store, Command::Recovery(RecoveryCommand::Dismiss { cart_id: link.cart_id })).await?;
    Ok(nothing())
}

/// Reminders are wanted
///
/// By the link of the mail that asks whoever reads an address whether they want to be reminded: the address counts as confirmed for a
/// year. The mail's cart is reminded of from now on. Opens nothing, and may be sent again. There is no `GET`.
#[utoipa::path(
    post, path = "/api/v1/recovery/{token}/confirm", tag = "Recovery", params(("token" = String, Path, description = "The link's last part.")),
    responses(
        (status = 204, description = "There will be reminders."),
        (status = 404, description = "`token_invalid`: the link is not one of ours, too old, or not for this."),
    ),
)]
pub(crate) async fn confirm_reminders(
    State(api): State<Shared>,
    Store(store): Store,
    TokenPath(token): TokenPath,
) -> Outcome {
    let link = read_live(&api, &store, &token, LinkPurpose::Confirm).await?;
    let command = RecoveryCommand::Confirm { cart_id: link.cart_id, mail_id: link.mail_id };
    api.engine.run(&store, Command::Recovery(command)).await?;
    Ok(nothing())
}

/// No more such mails to this address
///
/// One click of a mail program (RFC 8058), whose body says nothing more and is not read. Holds at once, also for mails that are
/// written already and not sent yet. Works after the link's end too. There is no `GET`: programs that follow links must not unsubscribe.
#[utoipa::path(
    post, path = "/api/v1/recovery/{token}/unsubscribe", tag = "Recovery", params(("token" = String, Path, description = "The link's last part.")),
    responses(
        (status = 204, description = "There will be none."),
        (status = 404, description = "`token_invalid`: the link is not one of ours."),
    ),
)]
pub(crate) async fn unsubscribe(
    State(api): State<Shared>,
    Store(store): Store,
    TokenPath(token): TokenPath,
) -> Outcome {
    let link = read(&api, &store, &token).await?;
    let command = RecoveryCommand::Unsubscribe { cart_id: link.cart_id, mail_id: link.mail_id };
    api.engine.run(&store, Command::Recovery(command)).await?;
    Ok(nothing())
}
