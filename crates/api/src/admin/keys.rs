//! `/admin/keys`: secret keys for the shop's own programs.

use super::operators::role_of;
use crate::access::{Operator, Secret};
use crate::input::{Body, KeyPath};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{created, nothing, ok, rfc3339};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::account::{ALL_STORES, SecretHash, StoreKey, key_id};
use cartwright_domain::command::{AccountCommand, Command};
use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_wire::{Key, KeyInput, Keys};
use sha2::{Digest, Sha256};

const MOST: usize = 500;

/// Lists keys
///
/// Those that open this store alone; a key for all stores sees those for all stores too. The keys themselves are shown nowhere.
#[utoipa::path(
    get, path = "/api/v1/admin/keys", tag = "Operators",
    responses((status = 200, description = "Keys, withdrawn ones too.", body = Keys)),
)]
pub(crate) async fn list_keys(State(api): State<Shared>, operator: Operator) -> Outcome {
    let (found, now) = (keys_for(&api, &operator).await?, api.engine.now());
    Ok(ok(&Keys { keys: found.into_iter().map(|(owner, hash, key)| shown(owner, &hash, key, now)).collect() }))
}

/// Makes a key
///
/// For this store. A key with `scopes` may do these things only: with `carts:act` a shop's backend fills the carts of its own
/// users and checks them out. Never give a key to a browser.
#[utoipa::path(
    post, path = "/api/v1/admin/keys", tag = "Operators", request_body = KeyInput,
    responses(
        (status = 201, description = "The key, shown this once.", body = Key),
        (status = 409, description = "`conflict`: a key of this store has the name."),
    ),
)]
pub(crate) async fn create_key(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<KeyInput>,
) -> Outcome {
    let secret = format!("sk_{}", Secret::draw()?.token);
    let hash: SecretHash = Sha256::digest(&secret).into();
    let (name, role) = (request.name, role_of(request.role));
    let lasts_ms = request.expires_in_minutes.map(|minutes| i64::from(minutes) * 60_000);
    let key = Key {
        id: key_id(&hash),
        name: name.clone(),
        role: role.as_str().to_owned(),
        scopes: request.scopes.clone(),
        secret: Some(secret),
        created_at: None,
        revoked_at: None,
        expires_at: lasts_ms.map(|ms| rfc3339(api.engine.now().plus_ms(ms))),
        last_used_at: None,
        all_stores: false,
        ended: false,
    };
    let command = AccountCommand::CreateKey { hash, name, role, scopes: request.scopes, lasts_ms };
    api.engine.run(&operator.store, Command::Account(command)).await?;
    Ok(created(&key, "/api/v1/admin/keys"))
}

/// Withdraws a key
///
/// It opens nothing any more: at once on this node, within five seconds on all. Keys for all stores are withdrawn with such a key;
/// none withdraws itself.
#[utoipa::path(
    delete, path = "/api/v1/admin/keys/{key_id}", tag = "Operators",
    responses(
        (status = 204, description = "It is withdrawn."),
        (status = 404, description = "`key_not_found`, `store_not_found`."),
        (status = 409, description = "`conflict`: it is the key that asks."),
    ),
)]
pub(crate) async fn revoke_key(State(api): State<Shared>, operator: Operator, KeyPath(id): KeyPath) -> Outcome {
    let found = keys_for(&api, &operator).await?.into_iter().find(|(_, hash, _)| key_id(hash) == id);
    let (owner, hash, _) = found.ok_or_else(|| Problem::new(&kinds::KEY_NOT_FOUND, "There is no such key."))?;
    if operator.came_by(&hash) {
        return Err(Problem::new(&kinds::CONFLICT, "A key does not withdraw itself: use another one."));
    }
    let command = match owner {
        ALL_STORES => AccountCommand::RevokeKeyOfAll { hash },
        _ => AccountCommand::RevokeKey { hash },
    };
    api.engine.run(&operator.store, Command::Account(command)).await?;
    api.keys.forget(&hash);
    Ok(nothing())
}

/// The keys that an operator may see: those of the store, and those for all stores where theirs is one.
async fn keys_for(api: &Shared, operator: &Operator) -> Outcome<Vec<(StoreId, SecretHash, StoreKey)>> {
    let mut owners = vec![operator.store.store.id];
    if operator.bound_to.is_none() {
        owners.push(ALL_STORES);
    }
    let mut keys = Vec::new();
    for owner in owners {
        let found = api.engine.reader().store_keys(owner, MOST).await?;
        keys.extend(found.into_iter().map(|(hash, key)| (owner, hash, key)));
    }
    Ok(keys)
}

fn shown(owner: StoreId, hash: &SecretHash, key: StoreKey, now: Timestamp) -> Key {
    Key {
        id: key_id(hash),
        name: key.name,
        role: key.role.as_str().to_owned(),
        scopes: key.scopes,
        secret: None,
        created_at: Some(rfc3339(key.created_at)),
        revoked_at: key.revoked_at.map(rfc3339),
        expires_at: key.expires_at.map(rfc3339),
        last_used_at: key.used_at.map(rfc3339),
        all_stores: owner == ALL_STORES,
        ended: key.expires_at.is_some_and(|end| end <= now),
    }
}
