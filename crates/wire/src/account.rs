//! Accounts of shoppers and operators, keys, and the log of what operators did.

use crate::{Address, Cart, Patch, Problem};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Wants an account. Whoever reads the mail that follows confirms the address and chooses the password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterAccount {
    /// E-mail address; upper and lower case are the same.
    pub email: String,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub name: Option<String>,
    /// Language of mails, e.g. `de`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// Sets a password with the secret of a mail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetPassword {
    /// The secret from the mail.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub token: String,
    /// The password.
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 200))]
    pub password: String,
}

/// Logs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogIn {
    /// E-mail address.
    pub email: String,
    /// The password.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub password: String,
    /// Where the session is used.
    #[serde(default)]
    pub kind: SessionKind,
    /// A guest's cart whose goods come along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_cart: Option<GuestCart>,
    /// For programs: `device` of the last answer, so that this is no stranger's try. Browsers have a cookie for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub device: Option<String>,
}

/// What opens a guest's cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestCart {
    /// The cart.
    pub id: Uuid,
    /// Its secret; left out where the browser has it in a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub token: Option<String>,
}

/// Where a session is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SessionKind {
    /// In a browser: by cookies, with `csrf_token` in `Cartwright-CSRF` for all that changes something.
    #[default]
    Browser,
    /// In a program: by `token` as `Authorization: Bearer cs_…`.
    Program,
}

/// A session that has just begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSession {
    /// Who is logged in.
    pub account: Account,
    /// For programs: what opens the account, shown this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// For browsers: what goes into `Cartwright-CSRF`; also in the cookie `__Host-cartwright_csrf`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
    /// For programs: shows at the next log-in that it comes from a known device; good for 180 days. It opens nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// When it ends. RFC 3339.
    pub expires_at: String,
    /// The person's cart with the goods of `guest_cart`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<Cart>,
    /// Why `guest_cart` stayed what it was; the person is logged in all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart_problem: Option<Problem>,
}

/// Wants another password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForgotPassword {
    /// E-mail address.
    pub email: String,
}

/// Changes the password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePassword {
    /// The password until now.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub current_password: String,
    /// The password from now on.
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 200))]
    pub password: String,
}

/// Changes what a person tells of itself, as a JSON Merge Patch: what is absent stays, `null` unsets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeAccount {
    /// Name.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 200))]
    pub name: Patch<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 50))]
    pub phone: Patch<String>,
    /// Language of mails, e.g. `de`.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub locale: Patch<String>,
    /// Whether the person wants advertising by mail. `null` is no.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    pub marketing: Patch<bool>,
    /// All addresses, the preferred first. `null` is none.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Address>>, max_items = 20))]
    pub addresses: Patch<Vec<Address>>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// Identity; in carts and orders the name of the customer.
    pub id: Uuid,
    /// E-mail address.
    pub email: String,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Language of mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Whether the person wants advertising by mail.
    pub marketing: bool,
    /// Addresses, the preferred first.
    pub addresses: Vec<Address>,
    /// `read_only`, `staff` or `owner` of operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// When it was made. RFC 3339.
    pub created_at: String,
}

/// An account whose owner has chosen a password with a mailed secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfirmedAccount {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// For programs: shows at the next log-in that it comes from a known device; good for 180 days. Browsers get it as a cookie.
    pub device: String,
}

/// Deletes an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteAccount {
    /// The account's password.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub password: String,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Identity; it opens nothing.
    pub id: Uuid,
    /// Where it is used.
    pub kind: SessionKind,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it began. RFC 3339.
    pub created_at: String,
    /// When it ends. RFC 3339.
    pub expires_at: String,
    /// When it was last used, to ten minutes. RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
}

/// An account's sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sessions {
    /// The newest first, at most 100.
    pub sessions: Vec<Session>,
}

/// Makes somebody an operator of the store, changes what they may do, or takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorInput {
    /// Their e-mail address.
    pub email: String,
    /// The role; `null` takes it.
    #[serde(default)]
    pub role: Option<Role>,
}

/// What an operator may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Look, change nothing.
    ReadOnly,
    /// The daily work.
    Staff,
    /// Everything, with operators, keys and the store itself.
    Owner,
}

/// A person who may run the shop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Operator {
    /// Identity of the account.
    pub id: Uuid,
    /// E-mail address.
    pub email: String,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The role; absent where it was just taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether the address is confirmed.
    pub verified: bool,
}

/// All operators of the store who are people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Operators {
    /// In the order in which their accounts were made, at most 500.
    pub operators: Vec<Operator>,
}

/// Makes a key for a program of the shop's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyInput {
    /// A name that tells it from others.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The only things it may do, e.g. `carts:act`; empty for all that its role may.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub scopes: Vec<String>,
    /// For how many minutes it opens, at most ten years; without it until it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 5_256_000))]
    pub expires_in_minutes: Option<u32>,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Key {
    /// Identity; it opens nothing.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub role: String,
    /// The only things it may do; empty for all that its role may.
    pub scopes: Vec<String>,
    /// The key itself, shown once when it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When it was made; absent in the answer that makes it. RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was withdrawn. RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
    /// When it ends, or ended; absent where it opens until it is withdrawn. RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When it was last used, to ten minutes; absent where it never was. RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
    /// Whether it opens all stores of the installation.
    #[serde(default)]
    pub all_stores: bool,
    /// Whether its time is over, so that it opens nothing any more.
    #[serde(default)]
    pub ended: bool,
}

/// Keys that open this store alone; to a key for all stores also those.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Keys {
    /// At most 500 of each kind, those that open before those that were withdrawn.
    pub keys: Vec<Key>,
}

/// What an operator did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Identity.
    pub id: Uuid,
    /// When. RFC 3339.
    pub at: String,
    /// Who: `key:NAME:ID`, `account:ID`, or `database` for who worked on it beside the server; `key:NAME` in entries from before
    /// keys had ids.
    pub actor: String,
    /// What: the name of the operation in this document.
    pub operation: String,
    /// To what: the address of the request.
    pub subject: String,
    /// `done` or `denied`.
    pub outcome: String,
}
