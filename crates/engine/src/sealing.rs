//! Seals anew what the database keeps sealed: at the start of a server, since a database may have been written before there were
//! keys, and whenever its keys have changed.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::{Reader, StorageError};
use crate::vault::{SealedFor, sealed_by};
use cartwright_domain::command::{Command, RecoveryCommand, SecretChange};
use cartwright_domain::id::StoreId;
use cartwright_domain::store::StoreConfig;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What to do with secrets that do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Leave them.
    Keep,
    /// Remove them: links end, and webhooks are switched off until they are given another secret.
    Forget,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// How many were sealed anew.
    pub renewed: usize,
    /// The ids of keys that have sealed what does not open.
    pub lost: BTreeSet<String>,
}

impl Engine {
    /// A text as it is kept: sealed.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn seal(&self, purpose: SealedFor, store: StoreId, text: &str) -> Result<String, StorageError> {
        self.vault.seal(purpose, store, text)
    }

    /// Seals with the newest key what is in the clear or sealed with an older one. May be done at any time and on any number of
    /// nodes: of two that do it at once one is right.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn seal_secrets(&self, lost: Lost) -> Result<Sealed, Failure> {
        let mut sealed = Sealed::default();
        for config in self.stores() {
            self.seal_link_secret(&config, lost, &mut sealed).await?;
            self.seal_webhooks(&config, lost, &mut sealed).await?;
        }
        Ok(sealed)
    }

    async fn seal_link_secret(
        &self,
        config: &Arc<StoreConfig>,
        lost: Lost,
        sealed: &mut Sealed,
    ) -> Result<(), Failure> {
        let store = config.store.id;
        let Some(kept) = self.reader.link_secret(store).await? else { return Ok(()) };
        if let Some(change) = self.sealed_anew(SealedFor::Links, store, &kept, lost, sealed)? {
            self.run(config, Command::Recovery(RecoveryCommand::ChangeSecret(change))).await?;
        }
        Ok(())
    }

    async fn seal_webhooks(&self, config: &Arc<StoreConfig>, lost: Lost, sealed: &mut Sealed) -> Result<(), Failure> {
        let store = config.store.id;
        for webhook in self.reader.webhooks(store).await? {
            let mut changes = Vec::new();
            for secret in &webhook.definition.secrets {
                changes.extend(self.sealed_anew(SealedFor::Webhook, store, &secret.key, lost, sealed)?);
            }
            if !changes.is_empty() {
                self.run(config, Command::ChangeWebhookSecrets { id: webhook.id, changes }).await?;
            }
        }
        Ok(())
    }

    /// What is to become of a secret; nothing where it stands as it should.
    fn sealed_anew(
        &self,
        purpose: SealedFor,
        store: StoreId,
        kept: &str,
        lost: Lost,
        sealed: &mut Sealed,
    ) -> Result<Option<SecretChange>, StorageError> {
        let from = || Some(kept.to_owned());
        match self.vault.open(purpose, store, kept) {
            Ok(_) if self.vault.is_current(kept) => Ok(None),
            Ok(text) => {
                sealed.renewed += 1;
                Ok(Some(SecretChange { from: from(), to: Some(self.vault.seal(purpose, store, &text)?) }))
            }
            Err(key) => {
                sealed.lost.insert(key.0);
                Ok((lost == Lost::Forget).then(|| SecretChange { from: from(), to: None }))
            }
        }
    }
}

/// The ids of the keys with which secrets of webhooks and links are sealed in a database.
///
/// # Errors
/// The storage's failure.
pub async fn keys_in_use(reader: &dyn Reader) -> Result<BTreeSet<String>, StorageError> {
    let mut ids = BTreeSet::new();
    for store in reader.stores().await? {
        let mut kept: Vec<String> = reader.link_secret(store.id).await?.into_iter().collect();
        let webhooks = reader.webhooks(store.id).await?;
        kept.extend(webhooks.into_iter().flat_map(|webhook| webhook.definition.secrets).map(|secret| secret.key));
        ids.extend(kept.iter().filter_map(|text| sealed_by(text)).map(str::to_owned));
    }
    Ok(ids)
}
