//! `/admin/keys`: secret keys for the shop's own programs.

use super::operators::role_of;
use crate::access::{Operator, Secret};
use crate::input::{Body, KeyPath};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{created, nothing, ok, rfc3339};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::account::{SecretHash, StoreKey};
use cartwright_domain::command::{AccountCommand, Command};
use cartwright_wire::{Key, KeyInput, Keys};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const MOST: usize = 500;

/// Lists keys
///
/// Those that open this store alone. The keys themselves are shown nowhere.
#[utoipa::path(
    get, path = "/api/v1/admin/keys", tag = "Operators",
    responses((status = 200, description = "Keys, withdrawn ones too.", body = Keys)),
)]
pub(crate) async fn list_keys(State(api): State<Shared>, operator: Operator) -> Outcome {
    let found = api.engine.reader().store_keys(operator.store.store.id, MOST).await?;
    Ok(ok(&Keys { keys: found.into_iter().map(shown).collect() }))
}

/// Makes a key
///
/// For this store. A key with `scopes` may do these things only: with `carts:act` a shop's backend fills the carts of its own
/// users and checks them out. Never give a key to a browser.
#[utoipa::path(
    post, path = "/api/v1/admin/keys", tag = "Operators", request_body = KeyInput,
    responses((status = 201, description = "The key, shown this once.", body = Key)),
)]
pub(crate) async fn create_key(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<KeyInput>,
) -> Outcome {
    let secret = format!("sk_{}", Secret::draw()?.token);
    let hash: SecretHash = Sha256::digest(&secret).into();
    let (name, role) = (request.name, role_of(request.role));
    let key = Key {
        id: key_id(&hash),
        name: name.clone(),
        role: role.as_str().to_owned(),
        scopes: request.scopes.clone(),
        secret: Some(secret),
        created_at: None,
        revoked_at: None,
    };
    let command = AccountCommand::CreateKey { hash, name, role, scopes: request.scopes };
    api.engine.run(&operator.store, Command::Account(command)).await?;
    Ok(created(&key, "/api/v1/admin/keys"))
}

/// Withdraws a key
///
/// It opens nothing any more: at once on this node, within five seconds on all.
#[utoipa::path(
    delete, path = "/api/v1/admin/keys/{key_id}", tag = "Operators",
    responses(
        (status = 204, description = "It is withdrawn."),
        (status = 404, description = "`key_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn revoke_key(State(api): State<Shared>, operator: Operator, KeyPath(id): KeyPath) -> Outcome {
    let keys = api.engine.reader().store_keys(operator.store.store.id, MOST).await?;
    let found = keys.into_iter().map(|(hash, _)| hash).find(|hash| key_id(hash) == id);
    let hash = found.ok_or_else(|| Problem::new(&kinds::KEY_NOT_FOUND, "This store has no such key."))?;
    api.engine.run(&operator.store, Command::Account(AccountCommand::RevokeKey { hash })).await?;
    api.keys.forget(&hash);
    Ok(nothing())
}

/// Half of the key's hash: it names the key and opens nothing.
fn key_id(hash: &SecretHash) -> Uuid {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(half)
}

fn shown((hash, key): (SecretHash, StoreKey)) -> Key {
    Key {
        id: key_id(&hash),
        name: key.name,
        role: key.role.as_str().to_owned(),
        scopes: key.scopes,
        secret: None,
        created_at: Some(rfc3339(key.created_at)),
        revoked_at: key.revoked_at.map(rfc3339),
    }
}
