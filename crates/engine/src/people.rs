//! What the storage tells about people.

use crate::storage::StorageError;
use async_trait::async_trait;
use cartwright_domain::account::{Account, MailedToken, SecretHash, Session, StoreKey};
use cartwright_domain::id::{AccountId, AuditId, CartId, MailId, StoreId, Timestamp};
use cartwright_domain::mail::{MailKind, MailTemplate};
use cartwright_domain::people::AuditEntry;
use cartwright_domain::recovery::Visited;

/// A kind of mail, a language of the store's own words for it, and when they were last changed.
pub type TemplateName = (MailKind, String, Timestamp);

/// A store's open carts that are planned anew since settings changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replan {
    /// The last one that is done.
    pub after: Visited,
    /// The next, in the order in which they expire.
    pub next: Vec<Visited>,
}

/// Reads about people.
#[async_trait]
pub trait PeopleReader: Send + Sync {
    /// An account.
    async fn account(&self, store: StoreId, id: AccountId) -> Result<Option<Account>, StorageError>;
    /// The account of an e-mail address in lower case.
    async fn account_by_email(&self, store: StoreId, email: &str) -> Result<Option<Account>, StorageError>;
    /// A session with its account, by the hash of its secret. Whether it opens the account is the caller's to ask.
    async fn session(&self, store: StoreId, hash: SecretHash) -> Result<Option<(Session, Account)>, StorageError>;
    /// An account's sessions that have not ended, of any generation, the newest first.
    async fn sessions(
        &self,
        store: StoreId,
        id: AccountId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(SecretHash, Session)>, StorageError>;
    /// A mailed secret by its hash.
    async fn mailed_token(&self, store: StoreId, hash: SecretHash) -> Result<Option<MailedToken>, StorageError>;
    /// Accounts that have a role.
    async fn operators(&self, store: StoreId, limit: usize) -> Result<Vec<Account>, StorageError>;
    /// Keys that open this store alone.
    async fn store_keys(&self, store: StoreId, limit: usize) -> Result<Vec<(SecretHash, StoreKey)>, StorageError>;
    /// Mails that somebody has to look at by now, the most overdue first.
    async fn due_mails(&self, store: StoreId, now: Timestamp, limit: usize) -> Result<Vec<MailId>, StorageError>;
    /// Open carts whose recovery is to be looked at by now, the most overdue first.
    async fn due_recoveries(&self, store: StoreId, now: Timestamp, limit: usize) -> Result<Vec<CartId>, StorageError>;
    /// How far a store's open carts have come that are planned anew, and the next of them; `None` where nothing is to be done.
    async fn replan(&self, store: StoreId, limit: usize) -> Result<Option<Replan>, StorageError>;
    /// The store's own words for a kind of mail, in all languages.
    async fn mail_templates(&self, store: StoreId, kind: MailKind) -> Result<Vec<MailTemplate>, StorageError>;
    /// Of which kinds of mail the store has own words, in which languages, and since when.
    async fn mail_template_names(&self, store: StoreId) -> Result<Vec<TemplateName>, StorageError>;
    /// With what the store signs links, in hexadecimal digits, sealed; `None` until it has signed one.
    async fn link_secret(&self, store: StoreId) -> Result<Option<String>, StorageError>;
    /// A page of what operators did before this entry, the newest first.
    async fn audit_log(&self, store: StoreId, before: AuditId, limit: usize) -> Result<Vec<AuditEntry>, StorageError>;
}
