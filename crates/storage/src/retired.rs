//! Names of products and variants that are deleted. Their rows stay, so their names get their id behind them: then a new product
//! or variant may have the same name, and no index has to know which rows are gone.

use cartwright_domain::catalogue::CatalogueState;
use std::borrow::Cow;
use uuid::Uuid;

/// What stands between a name and the id behind it; no handle and no SKU has it.
const MARK: char = '\u{1f}';

/// A name as it is stored.
pub fn stored_name(name: &str, state: CatalogueState, id: Uuid) -> Cow<'_, str> {
    match state {
        CatalogueState::Deleted => Cow::Owned(format!("{name}{MARK}{}", id.simple())),
        CatalogueState::On | CatalogueState::Off => Cow::Borrowed(name),
    }
}

/// The name that is stored.
pub fn name_of(mut stored: String) -> String {
    if let Some(end) = stored.find(MARK) {
        stored.truncate(end);
    }
    stored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_and_is_free_once_its_owner_is_gone() {
        let id = Uuid::from_u128(7);
        for state in [CatalogueState::On, CatalogueState::Off, CatalogueState::Deleted] {
            let stored = stored_name("PEN", state, id).into_owned();
            assert_eq!(name_of(stored.clone()), "PEN");
            assert_eq!(stored == "PEN", state != CatalogueState::Deleted);
        }
    }
}
