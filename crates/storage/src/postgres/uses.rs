//! When keys and sessions were last used, and keys for all stores that are withdrawn: written, never read by decisions.

use super::session::{Pipeline, value};
use cartwright_domain::account::{ALL_STORES, UsedSecret};
use cartwright_domain::id::StoreId;
use cartwright_domain::people::People;

const NOTE_KEY: &str = "UPDATE api_keys SET used_at = $3 WHERE store_id = $1 AND hash = $2";
const NOTE_SESSION: &str = "UPDATE sessions SET used_at = $3 WHERE store_id = $1 AND token_hash = $2";
/// Withdraws a key past its store's commands.
pub const REVOKE_KEY: &str =
    "UPDATE api_keys SET revoked_at = $3 WHERE store_id = $1 AND hash = $2 AND revoked_at IS NULL";

/// Which secrets were used, and which keys for all stores are withdrawn: few, and always in one order, since stores share keys.
pub fn write<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, people: &'a People) {
    for (secret, at) in &people.used {
        match secret {
            UsedSecret::Key(owner, hash) => {
                changes.add((), NOTE_KEY, vec![value(owner.0), value(&hash[..]), value(at.0)]);
            }
            UsedSecret::Session(hash) => {
                changes.add((), NOTE_SESSION, vec![value(store.0), value(&hash[..]), value(at.0)]);
            }
        }
    }
    for (hash, at) in &people.revoked {
        changes.add((), REVOKE_KEY, vec![value(ALL_STORES.0), value(&hash[..]), value(at.0)]);
    }
}
