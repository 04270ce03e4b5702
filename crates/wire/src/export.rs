//! All that a shop has of a person, and asking for it or for its end.

use crate::{Account, Address, Cart, Customer, Event, Order, Session};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// All that the shop has of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountExport {
    /// The account; absent for somebody who has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The names under which the person is known: addresses, and names of customers.
    #[serde(default)]
    pub names: Vec<String>,
    /// Groups that promotions name.
    pub groups: Vec<String>,
    /// What the shop has told of the person under each name as a customer.
    #[serde(default)]
    pub customers: Vec<Customer>,
    /// The open cart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<Cart>,
    /// Sessions.
    pub sessions: Vec<Session>,
    /// Mails to the person that are on record, the newest first.
    #[serde(default)]
    pub mails: Vec<MailRecord>,
    /// Addresses that want no reminders.
    #[serde(default)]
    pub unsubscribed: Vec<Unsubscribed>,
    /// What is kept and not shown here, and why.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// Carts in all states, the oldest first.
    #[serde(default)]
    pub carts: Vec<CartRecord>,
    /// What happened to the carts, as far as it is kept.
    #[serde(default)]
    pub cart_events: Vec<Event>,
    /// Orders, the newest first.
    pub orders: Vec<Order>,
    /// What happened to the orders.
    #[serde(default)]
    pub order_events: Vec<Event>,
}

/// A cart as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CartRecord {
    /// Identity.
    pub id: Uuid,
    /// `active`, `abandoned`, `checked_out`, `merged` or `expired`.
    pub status: String,
    /// ISO 4217.
    pub currency: String,
    /// The customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the shopper wanted to be reminded at this address.
    pub email_consent: bool,
    /// Where to send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Address>,
    /// Where to send the bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Codes applied.
    pub coupons: Vec<String>,
    /// What is in it.
    pub lines: Vec<KeptItem>,
    /// What is saved for later.
    pub saved: Vec<KeptItem>,
    /// How many reminders it has reached, 0 to 3.
    pub reminders: u8,
    /// The order made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<Uuid>,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it last changed, RFC 3339.
    pub updated_at: String,
}

/// An item as it is kept in a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptItem {
    /// The variant.
    pub variant_id: Uuid,
    /// Units.
    pub quantity: i64,
    /// Options.
    pub options: BTreeMap<String, String>,
}

/// A mail on record. What it said is not kept once it was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailRecord {
    /// Identity.
    pub id: Uuid,
    /// To which address.
    pub recipient: String,
    /// Which template.
    pub kind: String,
    /// `waiting`, `sending`, `sent`, `failed` or `unknown`.
    pub state: String,
    /// When it was written, RFC 3339.
    pub created_at: String,
}

/// An address that wants no reminders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unsubscribed {
    /// The address.
    pub email: String,
    /// Since when, RFC 3339.
    pub since: String,
}

/// Names a person by an e-mail address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonInput {
    /// The address.
    #[cfg_attr(feature = "openapi", schema(min_length = 3, max_length = 254))]
    pub email: String,
}
