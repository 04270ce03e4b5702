//! Parts of paths. What is no identity names nothing: the answer is that there is no such thing.

use super::account_requests::is_language;
use super::control::is_control;
use crate::problem::registry::{self as kinds, Kind};
use crate::problem::{Outcome, Problem};
use crate::state::Shared;
use axum::extract::{FromRequestParts, RawPathParams};
use cartwright_domain::id::{CartId, FulfilmentId, LineId, OrderId, PromotionId, RefundId, WebhookId};
use cartwright_domain::mail::MailKind;
use cartwright_wire::plain_handle;
use http::request::Parts;
use uuid::Uuid;

/// `{cart_id}`.
pub(crate) struct CartPath(pub CartId);
/// `{cart_id}` and `{line_id}`.
pub(crate) struct LinePath(pub CartId, pub LineId);
/// `{cart_id}` and `{item_id}`: something saved for later.
pub(crate) struct SavedPath(pub CartId, pub LineId);
/// `{cart_id}` and `{code}`.
pub(crate) struct CouponPath(pub CartId, pub String);
/// `{order_id}`.
pub(crate) struct OrderPath(pub OrderId);
/// `{order_id}` and `{fulfilment_id}`.
pub(crate) struct FulfilmentPath(pub OrderId, pub FulfilmentId);
/// An order and a refund of it.
#[derive(Debug)]
pub(crate) struct RefundPath(pub OrderId, pub RefundId);
/// `{promotion_id}`.
pub(crate) struct PromotionPath(pub PromotionId);
/// `{webhook_id}`.
pub(crate) struct WebhookPath(pub WebhookId);
/// `{webhook_id}` and `{sequence}`.
pub(crate) struct DeliveryPath(pub WebhookId, pub i64);
/// `{session_id}`.
pub(crate) struct SessionPath(pub Uuid);
/// `{key_id}`.
pub(crate) struct KeyPath(pub Uuid);
/// `{token}`: the last part of a link.
pub(crate) struct TokenPath(pub String);
/// `{kind}` of mail and `{locale}`.
pub(crate) struct TemplatePath(pub MailKind, pub String);
/// `{sku}`.
pub(crate) struct SkuPath(pub String);
/// `{customer}`: the customer's name in the shop's own system.
pub(crate) struct CustomerPath(pub String);
/// `{handle}`, in its one form.
pub(crate) struct HandlePath(pub String);
/// `{store}`: a store by its handle.
pub(crate) struct StorePath(pub String);

/// The parts of one path.
struct Params(Option<RawPathParams>);

impl Params {
    async fn of(parts: &mut Parts, api: &Shared) -> Params {
        Params(RawPathParams::from_request_parts(parts, api).await.ok())
    }

    fn text(&self, name: &str, missing: &'static Kind) -> Outcome<&str> {
        let found = self.0.iter().flatten().find(|(key, _)| *key == name).map(|(_, value)| value);
        found.filter(|value| !value.chars().any(is_control)).ok_or_else(|| no_such(missing))
    }

    fn number(&self, name: &str, missing: &'static Kind) -> Outcome<i64> {
        self.text(name, missing)?.parse().map_err(|_| no_such(missing))
    }

    fn id(&self, name: &str, missing: &'static Kind) -> Outcome<Uuid> {
        self.text(name, missing)?.parse().map_err(|_| no_such(missing))
    }
}

fn no_such(kind: &'static Kind) -> Problem {
    Problem::new(kind, format!("{}.", kind.title))
}

macro_rules! from_path {
    ($($name:ident: $params:ident => $read:expr;)*) => {$(
        impl FromRequestParts<Shared> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Outcome<$name> {
                let $params = Params::of(parts, api).await;
                Ok($read)
            }
        }
    )*};
}

from_path! {
    CartPath: params => CartPath(CartId(params.id("cart_id", &kinds::CART_NOT_FOUND)?));
    LinePath: params => LinePath(
        CartId(params.id("cart_id", &kinds::CART_NOT_FOUND)?),
        LineId(params.id("line_id", &kinds::LINE_NOT_FOUND)?),
    );
    SavedPath: params => SavedPath(
        CartId(params.id("cart_id", &kinds::CART_NOT_FOUND)?),
        LineId(params.id("item_id", &kinds::SAVED_ITEM_NOT_FOUND)?),
    );
    CouponPath: params => CouponPath(
        CartId(params.id("cart_id", &kinds::CART_NOT_FOUND)?),
        params.text("code", &kinds::ROUTE_NOT_FOUND)?.to_owned(),
    );
    OrderPath: params => OrderPath(OrderId(params.id("order_id", &kinds::ORDER_NOT_FOUND)?));
    FulfilmentPath: params => FulfilmentPath(
        OrderId(params.id("order_id", &kinds::ORDER_NOT_FOUND)?),
        FulfilmentId(params.id("fulfilment_id", &kinds::FULFILMENT_NOT_FOUND)?),
    );
    RefundPath: params => RefundPath(
        OrderId(params.id("order_id", &kinds::ORDER_NOT_FOUND)?),
        RefundId(params.id("refund_id", &kinds::REFUND_NOT_FOUND)?),
    );
    PromotionPath: params => PromotionPath(PromotionId(params.id("promotion_id", &kinds::PROMOTION_NOT_FOUND)?));
    WebhookPath: params => WebhookPath(WebhookId(params.id("webhook_id", &kinds::WEBHOOK_NOT_FOUND)?));
    DeliveryPath: params => DeliveryPath(
        WebhookId(params.id("webhook_id", &kinds::WEBHOOK_NOT_FOUND)?),
        params.number("sequence", &kinds::DELIVERY_NOT_FOUND)?,
    );
    SessionPath: params => SessionPath(params.id("session_id", &kinds::SESSION_NOT_FOUND)?);
    KeyPath: params => KeyPath(params.id("key_id", &kinds::KEY_NOT_FOUND)?);
    TokenPath: params => TokenPath(params.text("token", &kinds::TOKEN_INVALID)?.to_owned());
    TemplatePath: params => {
        let missing = &kinds::MAIL_TEMPLATE_NOT_FOUND;
        let (kind, locale) = (params.text("kind", missing)?, params.text("locale", missing)?);
        let kind = MailKind::named(kind).filter(|_| is_language(locale)).ok_or_else(|| no_such(missing))?;
        TemplatePath(kind, locale.to_owned())
    };
    SkuPath: params => SkuPath(params.text("sku", &kinds::VARIANT_UNKNOWN)?.to_owned());
    CustomerPath: params => {
        let name = params.text("customer", &kinds::CUSTOMER_UNNAMED)?;
        let fits = (1..=100).contains(&name.chars().count());
        CustomerPath(fits.then(|| name.to_owned()).ok_or_else(|| no_such(&kinds::CUSTOMER_UNNAMED))?)
    };
    HandlePath: params => {
        let handle = params.text("handle", &kinds::PRODUCT_NOT_FOUND)?;
        HandlePath(plain_handle(handle).unwrap_or_else(|| handle.to_owned()))
    };
    StorePath: params => StorePath(params.text("store", &kinds::STORE_NOT_FOUND)?.to_owned());
}
