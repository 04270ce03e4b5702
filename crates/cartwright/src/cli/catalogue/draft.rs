//! A product while its rows are read. Every rule that both formats share stands here: what a handle, an SKU, a price, a
//! quantity may look like, and that a bad row does not take the product's other rows with it.

use super::sheet::{Catalogue, ReadProduct, RefusedRow, Row};
use crate::cli::amount;
use cartwright_client::wire::{ProductInput, VariantInput};
use cartwright_domain::money::MOST_AMOUNT;
use std::collections::{BTreeMap, HashMap};

/// Limits of the interface; the shop refuses what passes them, so that they are told with the line here.
const MOST_VARIANTS: usize = 250;
const MOST_IMAGES: usize = 250;
const MOST_TAGS: usize = 100;
const LONGEST_HANDLE: usize = 200;
const LONGEST_NAME: usize = 500;
const LONGEST_TEXT: usize = 20_000;
const LONGEST_SKU: usize = 100;
const MOST_UNITS: i64 = 1_000_000_000;
const MOST_GRAMS: i64 = 100_000_000;

/// Puts products together, row by row.
pub(crate) struct Drafts {
    pub(crate) catalogue: Catalogue,
    skus: HashMap<String, u64>,
}

/// A product that is not complete yet.
pub(crate) struct Draft {
    pub(crate) product: ProductInput,
    kinds: HashMap<BTreeMap<String, String>, u64>,
}

impl Drafts {
    pub(crate) fn new(rows: usize, refused: Vec<RefusedRow>) -> Self {
        let rows = rows + refused.len();
        Self { catalogue: Catalogue { refused, rows, ..Catalogue::default() }, skus: HashMap::new() }
    }

    pub(crate) fn refuse(&mut self, line: u64, handle: &str, reason: impl Into<String>) {
        self.catalogue.refused.push(RefusedRow { line, handle: handle.to_owned(), reason: reason.into() });
    }

    pub(crate) fn refuse_all(&mut self, rows: &[&Row], handle: &str, reason: &str) {
        for row in rows {
            self.refuse(row.line, handle, reason);
        }
    }

    /// Takes a variant into the product, or says why not.
    pub(crate) fn add_variant(&mut self, draft: &mut Draft, line: u64, variant: VariantInput) {
        let handle = draft.product.handle.clone();
        let first = self.skus.get(&variant.sku).copied();
        let twin = draft.kinds.get(&variant.attributes).copied();
        let reason = if variant.sku.chars().count() > LONGEST_SKU {
            Some(format!("the SKU is longer than {LONGEST_SKU} characters"))
        } else if let Some(first) = first {
            Some(format!("the SKU `{}` is on line {first} already", variant.sku))
        } else if let Some(twin) = twin {
            Some(format!("nothing sets it apart from the variant on line {twin}"))
        } else if draft.product.variants.len() >= MOST_VARIANTS {
            Some(format!("a product has at most {MOST_VARIANTS} variants"))
        } else {
            None
        };
        match reason {
            Some(reason) => self.refuse(line, &handle, reason),
            None => {
                self.skus.insert(variant.sku.clone(), line);
                draft.kinds.insert(variant.attributes.clone(), line);
                draft.product.variants.push(variant);
            }
        }
    }

    /// The product is complete. One without a variant, or past a limit, is refused with all its rows.
    pub(crate) fn finish(&mut self, draft: Draft, rows: &[&Row]) {
        let product = draft.product;
        let already: Vec<u64> = self.catalogue.refused.iter().map(|refused| refused.line).collect();
        let rest: Vec<&Row> = rows.iter().filter(|row| !already.contains(&row.line)).copied().collect();
        match fault_of(&product) {
            Some(reason) => self.refuse_all(&rest, &product.handle, &reason),
            None => {
                let lines = rest.iter().map(|row| row.line).collect();
                self.catalogue.products.push(ReadProduct { input: product, lines });
            }
        }
    }

    /// The refusals in the order of the file.
    pub(crate) fn into_catalogue(mut self) -> Catalogue {
        self.catalogue.refused.sort_by_key(|refused| refused.line);
        self.catalogue
    }
}

impl Draft {
    pub(crate) fn new(product: ProductInput) -> Self {
        Self { product, kinds: HashMap::new() }
    }
}

fn fault_of(product: &ProductInput) -> Option<String> {
    let too_long = |what: &str, most: usize| Some(format!("the {what} is longer than {most} characters"));
    match product {
        _ if product.variants.is_empty() => Some("none of its variants can be taken".to_owned()),
        _ if product.name.is_empty() => Some("it has no name".to_owned()),
        _ if product.name.chars().count() > LONGEST_NAME => too_long("name", LONGEST_NAME),
        _ if product.description.chars().count() > LONGEST_TEXT => too_long("description", LONGEST_TEXT),
        _ if product.tags.len() > MOST_TAGS => Some(format!("it has more than {MOST_TAGS} tags")),
        _ if product.images.len() > MOST_IMAGES => Some(format!("it has more than {MOST_IMAGES} images")),
        _ => None,
    }
}

/// Says why a handle cannot be one.
pub(crate) fn check_handle(handle: &str) -> Result<(), String> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if handle.is_empty() {
        Err("it has no handle".to_owned())
    } else if handle.len() > LONGEST_HANDLE {
        Err(format!("the handle is longer than {LONGEST_HANDLE} characters"))
    } else if !handle.chars().all(good) || !handle.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        Err(format!("`{handle}` is not a handle (lower-case letters, digits, `-`, `_`, `.`)"))
    } else {
        Ok(())
    }
}

/// A price in the store's currency, exact.
pub(crate) fn price(text: &str, exponent: u32) -> Result<i64, String> {
    if text.is_empty() {
        return Err("it has no price".to_owned());
    }
    let price = amount::minor(text, exponent).map_err(|reason| format!("price: {reason}"))?;
    match price {
        ..0 => Err(format!("price: `{text}` is below zero")),
        MOST_AMOUNT.. if price > MOST_AMOUNT => Err(format!("price: `{text}` is too high")),
        _ => Ok(price),
    }
}

/// Units on hand; nothing where the cell is empty, which leaves the stock alone.
pub(crate) fn on_hand(text: &str) -> Result<Option<i64>, String> {
    if text.is_empty() { Ok(None) } else { whole("stock", text, MOST_UNITS).map(Some) }
}

/// Weight in grams; an empty cell is none.
pub(crate) fn grams(text: &str) -> Result<i64, String> {
    if text.is_empty() { Ok(0) } else { whole("weight", text, MOST_GRAMS) }
}

fn whole(what: &str, text: &str, most: i64) -> Result<i64, String> {
    let number = amount::minor(text, 0).map_err(|_| format!("{what}: `{text}` is not a whole number"))?;
    match number {
        ..0 => Err(format!("{what}: `{text}` is below zero")),
        _ if number > most => Err(format!("{what}: `{text}` is more than {most}")),
        _ => Ok(number),
    }
}

/// `true`/`false` as spreadsheets write them; an empty cell takes the default.
pub(crate) fn yes_or_no(what: &str, text: &str, when_empty: bool) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "" => Ok(when_empty),
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(format!("{what}: `{text}` is neither true nor false")),
    }
}

/// An SKU made of handle and attributes, the same on every run.
pub(crate) fn derived_sku(handle: &str, attributes: &BTreeMap<String, String>, order: &[String]) -> String {
    let values = order.iter().filter_map(|name| attributes.get(name));
    let parts = std::iter::once(handle.to_owned()).chain(values.map(|value| slug(value)));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// Lower-case letters and digits with single hyphens between them; other scripts keep their letters.
pub(crate) fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}
