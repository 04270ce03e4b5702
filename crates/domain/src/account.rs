//! Accounts: people with an e-mail address and a password. A shopper is an account; an operator is an account with a role. What
//! opens an account (session tokens, links of mails) is known here by its SHA-256 only, passwords by their Argon2id hash; both
//! are made outside and handed in.

pub use crate::email::plain_email;

use crate::id::{AccountId, StoreId, Timestamp};
use crate::order::Address;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most addresses of one account.
pub const MOST_ADDRESSES: usize = 20;
/// How long a browser's or a program's session lasts: 30 days.
pub const SESSION_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How long the link that confirms an address works: 3 days.
pub const VERIFY_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// How long the link that resets a password works: 1 hour.
pub const RESET_MS: i64 = 60 * 60 * 1000;

/// SHA-256 of a secret.
pub type SecretHash = [u8; 32];

/// Half of a key's hash: it names the key for ever, whatever others are called, and opens nothing.
pub fn key_id(hash: &SecretHash) -> Uuid {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(half)
}

/// Longest that a key may last, minutes: ten years.
pub const LONGEST_KEY_MINUTES: u32 = 5_256_000;

/// What an operator may do. Each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look at everything of the store, change nothing.
    ReadOnly,
    /// The daily work: goods, orders, promotions, customers.
    Staff,
    /// Everything, with operators, keys and the store itself.
    Owner,
}

impl Role {
    /// All roles, the least first.
    pub const ALL: [Role; 3] = [Role::ReadOnly, Role::Staff, Role::Owner];

    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::ReadOnly => "read_only",
            Role::Staff => "staff",
            Role::Owner => "owner",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// A person of a store. One that was deleted stays as a row without a person, so that its id is never given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Identity; in carts, orders and promotions the customer's name.
    pub id: AccountId,
    /// E-mail address in its normal form ([`plain_email`]), one account each.
    pub email: String,
    /// Argon2id hash of the password in PHC form; `None` until the owner of the address has set one.
    pub password: Option<String>,
    /// What it may do as an operator; `None` for shoppers.
    pub role: Option<Role>,
    /// When the owner of the address confirmed it.
    pub verified_at: Option<Timestamp>,
    /// Sessions and links of other generations open nothing: growing it ends them all at once.
    pub generation: i64,
    /// What the person told of itself.
    pub profile: Profile,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Account {
    /// The customer's name in carts, orders and promotions.
    pub fn customer(&self) -> String {
        self.id.to_string()
    }
}

/// What a person tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Language of mails, e.g. `de`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Whether the person wants advertising by mail.
    pub marketing: bool,
    /// Addresses, the preferred first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
}

/// What to set on a profile; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// Name; the empty one unsets it.
    pub name: Option<String>,
    /// Telephone; the empty one unsets it.
    pub phone: Option<String>,
    /// Language of mails; the empty one unsets it.
    pub locale: Option<String>,
    /// Whether the person wants advertising by mail.
    pub marketing: Option<bool>,
    /// Addresses, all of them.
    pub addresses: Option<Vec<Address>>,
}

/// Where a session is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// In a browser, by cookie.
    Browser,
    /// In a program, by bearer token.
    Program,
}

impl SessionKind {
    /// All kinds.
    pub const ALL: [SessionKind; 2] = [SessionKind::Browser, SessionKind::Program];

    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SessionKind::Browser => "browser",
            SessionKind::Program => "program",
        }
    }
}

/// A log-in that was not ended yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub account_id: AccountId,
    /// The account's generation when it was made.
    pub generation: i64,
    /// Where it is used.
    pub kind: SessionKind,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends, or ended.
    pub expires_at: Timestamp,
    /// When it was last used, as far as that was written down: see [`is_noteworthy`].
    pub used_at: Timestamp,
}

impl Session {
    /// Whether it opens this account now.
    pub fn opens(&self, account: &Account, now: Timestamp) -> bool {
        self.account_id == account.id && self.generation == account.generation && now < self.expires_at
    }

    /// Whether it was left alone for so long that it opens nothing of an operator's any more.
    pub fn is_idle(&self, account: &Account, now: Timestamp, idle_ms: i64) -> bool {
        account.role.is_some() && now >= self.used_at.plus_ms(idle_ms)
    }
}

/// How often at most the use of a key or of a session is written down, milliseconds: 10 minutes.
pub const USE_NOTED_MS: i64 = 10 * 60 * 1000;

/// Whether a use is worth writing down: the last one that was is long enough ago. Nobody needs to know it to the second, and
/// a write for each request would cost as much as the request.
pub fn is_noteworthy(used_at: Option<Timestamp>, now: Timestamp, every_ms: i64) -> bool {
    used_at.is_none_or(|last| now >= last.plus_ms(every_ms))
}

/// Keys that open all stores stand where no store is.
pub const ALL_STORES: StoreId = StoreId(0);

/// A secret that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsedSecret {
    /// A key that opens one store, or all ([`ALL_STORES`]).
    Key(StoreId, SecretHash),
    /// A session.
    Session(SecretHash),
}

/// What a link of a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Confirm the address and set the first password.
    Verify,
    /// Set another password.
    Reset,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Purpose; 2] = [Purpose::Verify, Purpose::Reset];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Verify => "verify",
            Purpose::Reset => "reset",
        }
    }

    /// How long it works, milliseconds.
    pub fn lasts_ms(self) -> i64 {
        match self {
            Purpose::Verify => VERIFY_MS,
            Purpose::Reset => RESET_MS,
        }
    }
}

/// A secret that was mailed, good for one use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailedToken {
    /// Whose.
    pub account_id: AccountId,
    /// What for.
    pub purpose: Purpose,
    /// The account's generation when it was made.
    pub generation: i64,
    /// When it ends; the moment of its use once it was used.
    pub expires_at: Timestamp,
}

/// A new secret: as it is mailed, and as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// What opens.
    pub text: String,
    /// Its SHA-256.
    pub hash: SecretHash,
}

/// Shows nothing of the secret: commands are written to logs.
impl std::fmt::Debug for NewSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NewSecret(…)")
    }
}

/// A key of a shop's own programs. The secret itself is stored nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreKey {
    /// For people, to tell keys apart.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Names of the only things it may do; empty for all that its role may.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was withdrawn.
    pub revoked_at: Option<Timestamp>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, as far as that was written down: see [`is_noteworthy`].
    pub used_at: Option<Timestamp>,
}
