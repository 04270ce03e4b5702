//! Items saved for later: out of the cart and its totals, but still the shopper's.

use super::{MAX_QUANTITY, Options};
use crate::id::{LineId, Timestamp, VariantId};
use serde::{Deserialize, Serialize};

/// Most items saved for later with one cart: as many as it may have lines, so that a whole cart can be set aside.
pub const MAX_SAVED: usize = super::MAX_LINES;

/// Goods that wait beside the cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedItem {
    /// Identity; that of the line it was.
    pub id: LineId,
    /// What.
    pub variant_id: VariantId,
    /// How many, 1 to [`MAX_QUANTITY`].
    pub quantity: i64,
    /// Unit price that the shopper saw last, minor units of the cart's currency; `None` where it had none in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<i64>,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// Options; the same variant with other options is another item.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// Why it was put here; `None` where the shopper did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<SetAside>,
}

/// Why goods were put beside the cart: by a merge of carts, or because they cannot be bought any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetAside {
    /// Fewer were available.
    ShortStock,
    /// No longer sold, or without a price in the cart's currency.
    NotForSale,
    /// The cart or the line was full.
    NoRoom,
    /// They were in the cart, and none are left.
    SoldOut,
    /// They were in the cart, and are not sold any more, or not in its currency.
    Discontinued,
}

/// Saves an item: what is there already adds up, as far as one item may go.
pub fn save(saved: &mut Vec<SavedItem>, item: SavedItem) {
    let same = |known: &&mut SavedItem| {
        known.variant_id == item.variant_id
            && known.options == item.options
            && known.quantity + item.quantity <= MAX_QUANTITY
    };
    match saved.iter_mut().find(same) {
        Some(known) => {
            known.quantity += item.quantity;
            known.unit_price = item.unit_price;
            known.saved_at = item.saved_at;
            known.set_aside = item.set_aside;
        }
        None => saved.push(item),
    }
}
