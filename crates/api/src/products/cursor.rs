//! Cursors of product lists: where the last product stood, and in which order. Opaque to clients.

use crate::input::{decode_cursor, encode_cursor};
use crate::problem::Outcome;
use cartwright_engine::{ProductPosition, ProductSort};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Serialize, Deserialize)]
struct Place(u8, String, i64, Uuid);

fn number_of(sort: ProductSort) -> u8 {
    match sort {
        ProductSort::Name => 0,
        ProductSort::NameDown => 1,
        ProductSort::Price => 2,
        ProductSort::PriceDown => 3,
        ProductSort::Newest => 4,
    }
}

/// The cursor of the page after this place.
pub(super) fn write(sort: ProductSort, position: &ProductPosition) -> String {
    encode_cursor(&Place(number_of(sort), position.text.clone(), position.number, position.id))
}

/// The place that a cursor names; it must be of the same order.
pub(super) fn read(sort: ProductSort, cursor: &str) -> Outcome<ProductPosition> {
    let place = decode_cursor(cursor).filter(|place: &Place| place.0 == number_of(sort));
    let Place(_, text, number, id) = place.ok_or_else(crate::input::no_such_page)?;
    Ok(ProductPosition { text, number, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place_in_its_order_only() {
        let position = ProductPosition { text: "kugelschreiber ü".to_owned(), number: -3, id: Uuid::from_u128(7) };
        let cursor = write(ProductSort::Price, &position);
        assert_eq!(read(ProductSort::Price, &cursor).expect("readable"), position);
        assert!(read(ProductSort::Name, &cursor).is_err());
        assert!(read(ProductSort::Price, "zz").is_err());
    }
}
