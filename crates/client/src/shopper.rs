//! What shoppers do: browse, fill a cart, check out, follow an order.

use crate::call::Call;
use crate::{CartWatch, Client, Error, Pages};
use cartwright_wire::{
    AddLines, ApplyCoupon, CancelOrder, Cart, CartEvents, ChangeCart, ChangeLine, Checkout, CreateCart, Event, Order,
    Page, PaymentMethods, Product, ShippingMethods,
};
use reqwest::Method;
use uuid::Uuid;

/// Which products to list, and in which order.
#[derive(Clone, Debug, Default)]
pub struct ProductQuery {
    /// Words that name or description must have.
    pub text: Option<String>,
    /// Lowest price, minor units.
    pub min_price: Option<i64>,
    /// Highest price, minor units.
    pub max_price: Option<i64>,
    /// Only what can be bought now.
    pub in_stock: bool,
    /// `name`, `-name`, `price`, `-price`, `newest`.
    pub sort: Option<String>,
    /// Rows per page; the server's own measure unless given.
    pub limit: Option<u32>,
}

impl ProductQuery {
    pub(crate) fn on(&self, call: Call) -> Call {
        call.query("text", self.text.clone())
            .query("min_price", self.min_price.map(|price| price.to_string()))
            .query("max_price", self.max_price.map(|price| price.to_string()))
            .query("in_stock", self.in_stock.then(|| "true".to_owned()))
            .query("sort", self.sort.clone())
            .query("limit", self.limit.map(|limit| limit.to_string()))
    }
}

/// A cart and the secret that opens it. Without the secret a guest's cart does not exist; a customer's cart opens with
/// an operator's key instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartAccess {
    /// The cart.
    pub id: Uuid,
    /// The guest's secret.
    pub token: Option<String>,
}

impl CartAccess {
    /// From the answer that created the cart.
    #[must_use]
    pub fn of(cart: &Cart) -> Self {
        Self { id: cart.id, token: cart.token.clone() }
    }

    fn call(&self, method: Method, rest: &[&str]) -> Call {
        let id = self.id.to_string();
        let mut segments = vec!["carts", id.as_str()];
        segments.extend(rest);
        Call::new(method, &segments).cart_token(self.token.as_deref())
    }
}

/// Errors of all of these: [`Error::Problem`] where the server refuses, [`Error::Transport`] where there is no answer,
/// [`Error::Unexpected`] where the answer cannot be read.
#[allow(clippy::missing_errors_doc)]
impl Client {
    /// `GET /products`: what the shop sells.
    #[must_use]
    pub fn products(&self, query: &ProductQuery) -> Pages<Product> {
        Pages::new(self, query.on(Call::get(&["products"])))
    }

    /// `GET /products/{handle}`: one product.
    pub async fn product(&self, handle: &str) -> Result<Product, Error> {
        self.send(Call::get(&["products", handle])).await
    }

    /// `POST /carts`: a new cart. A guest's answer carries the secret ([`Cart::token`]), once.
    pub async fn create_cart(&self, cart: &CreateCart) -> Result<Cart, Error> {
        let call = Call::post(&["carts"], cart);
        // A guest's cart too many is empty of consequences and expires; a customer's cart would get its lines twice.
        self.send(if cart.customer.is_none() { call.repeatable() } else { call }).await
    }

    /// `GET /carts/{id}`: the cart with today's sums.
    pub async fn cart(&self, cart: &CartAccess) -> Result<Cart, Error> {
        self.send(cart.call(Method::GET, &[])).await
    }

    /// `GET /carts/{id}?explain=true`: the cart with [`Cart::explanations`], of each promotion why it counts or does not.
    pub async fn cart_explained(&self, cart: &CartAccess) -> Result<Cart, Error> {
        self.send(cart.call(Method::GET, &[]).query("explain", Some("true".to_owned()))).await
    }

    /// `GET /carts/{id}/events` as a stream: what happens to the cart, its goods and its order, from now on or after an event.
    #[must_use]
    pub fn watch_cart(&self, cart: &CartAccess, after: Option<i64>) -> CartWatch {
        CartWatch::new(self, cart.call(Method::GET, &["events"]), after)
    }

    /// `GET /carts/{id}/events` as a page: what happened after an event, and where the cart stands.
    pub async fn cart_events(&self, cart: &CartAccess, after: Option<i64>) -> Result<CartEvents, Error> {
        let after = after.map(|after| after.to_string());
        self.send(cart.call(Method::GET, &["events"]).query("after", after)).await
    }

    /// `DELETE /carts/{id}`: the cart is gone.
    pub async fn delete_cart(&self, cart: &CartAccess) -> Result<(), Error> {
        self.send_for_nothing(cart.call(Method::DELETE, &[])).await
    }

    /// `PATCH /carts/{id}`: e-mail address, addresses, shipping method.
    pub async fn change_cart(&self, cart: &CartAccess, change: &ChangeCart) -> Result<Cart, Error> {
        self.send(cart.call(Method::PATCH, &[]).body(change)).await
    }

    /// `POST /carts/{id}/lines`: adds goods; quantities of what is there already add up. When the cart had expired, the
    /// answer is a new cart with a new secret.
    pub async fn add_lines(&self, cart: &CartAccess, key: Option<&str>, lines: &AddLines) -> Result<Cart, Error> {
        self.send(cart.call(Method::POST, &["lines"]).idempotency_key(key).body(lines)).await
    }

    /// `PATCH /carts/{id}/lines/{line}`: sets the quantity; 0 removes the line.
    pub async fn change_line(&self, cart: &CartAccess, line: Uuid, change: &ChangeLine) -> Result<Cart, Error> {
        self.send(cart.call(Method::PATCH, &["lines", &line.to_string()]).body(change)).await
    }

    /// `DELETE /carts/{id}/lines/{line}`: removes the line.
    pub async fn remove_line(&self, cart: &CartAccess, line: Uuid) -> Result<Cart, Error> {
        self.send(cart.call(Method::DELETE, &["lines", &line.to_string()])).await
    }

    /// `POST /carts/{id}/lines/{line}/save`: the line leaves the cart for [`Cart::saved`].
    pub async fn save_line(&self, cart: &CartAccess, line: Uuid) -> Result<Cart, Error> {
        self.send(cart.call(Method::POST, &["lines", &line.to_string(), "save"])).await
    }

    /// `POST /carts/{id}/saved/{item}/restore`: the item comes back into the cart, at today's price.
    pub async fn restore_saved(&self, cart: &CartAccess, item: Uuid) -> Result<Cart, Error> {
        self.send(cart.call(Method::POST, &["saved", &item.to_string(), "restore"])).await
    }

    /// `DELETE /carts/{id}/saved/{item}`: removes the item.
    pub async fn remove_saved(&self, cart: &CartAccess, item: Uuid) -> Result<Cart, Error> {
        self.send(cart.call(Method::DELETE, &["saved", &item.to_string()])).await
    }

    /// `POST /carts/{id}/undo`: takes the last removal back.
    pub async fn undo_removal(&self, cart: &CartAccess) -> Result<Cart, Error> {
        self.send(cart.call(Method::POST, &["undo"])).await
    }

    /// `POST /carts/{id}/coupons`: applies a code.
    pub async fn apply_coupon(&self, cart: &CartAccess, code: &str) -> Result<Cart, Error> {
        self.send(cart.call(Method::POST, &["coupons"]).body(&ApplyCoupon { code: code.to_owned() })).await
    }

    /// `DELETE /carts/{id}/coupons/{code}`: takes a code off.
    pub async fn remove_coupon(&self, cart: &CartAccess, code: &str) -> Result<Cart, Error> {
        self.send(cart.call(Method::DELETE, &["coupons", code])).await
    }

    /// `GET /carts/{id}/shipping-methods`: how this cart can be sent, and at what price.
    pub async fn cart_shipping_methods(&self, cart: &CartAccess) -> Result<ShippingMethods, Error> {
        self.send(cart.call(Method::GET, &["shipping-methods"])).await
    }

    /// `GET /carts/{id}/payment-methods`: how this cart can be paid.
    pub async fn cart_payment_methods(&self, cart: &CartAccess) -> Result<PaymentMethods, Error> {
        self.send(cart.call(Method::GET, &["payment-methods"])).await
    }

    /// `POST /carts/{id}/checkout`: turns the cart into an order and pays. The same key answers the same order. The
    /// order is `placed`, or `pending_payment` while the payment needs the shopper or its outcome is unknown.
    pub async fn checkout(&self, cart: &CartAccess, key: &str, checkout: &Checkout) -> Result<Order, Error> {
        self.send(cart.call(Method::POST, &["checkout"]).idempotency_key(Some(key)).body(checkout)).await
    }

    /// `GET /orders/{id}`: with the secret of the cart it was made of, or an operator's key.
    pub async fn order(&self, id: Uuid, token: Option<&str>) -> Result<Order, Error> {
        self.send(Call::get(&["orders", &id.to_string()]).cart_token(token)).await
    }

    /// `GET /orders/{id}/timeline`: what happened to it, after the event of this number.
    pub async fn order_timeline(&self, id: Uuid, token: Option<&str>, after: i64) -> Result<Page<Event>, Error> {
        let call = Call::get(&["orders", &id.to_string(), "timeline"]).cart_token(token);
        self.send(call.query("after", Some(after.to_string()))).await
    }

    /// `POST /orders/{id}/cancel`: goods go back to the shelf, money to the shopper.
    pub async fn cancel_order(&self, id: Uuid, token: Option<&str>, why: &CancelOrder) -> Result<Order, Error> {
        self.send(Call::post(&["orders", &id.to_string(), "cancel"], why).cart_token(token)).await
    }

    /// `POST /orders/{id}/payment/confirm`: the shopper has done what the payment asked for.
    pub async fn confirm_payment(&self, id: Uuid, token: Option<&str>) -> Result<Order, Error> {
        let call = Call::new(Method::POST, &["orders", &id.to_string(), "payment", "confirm"]);
        self.send(call.cart_token(token)).await
    }
}
