//! A product while its rows are read. Every rule that both formats share stands here: what a handle, an SKU, a price, a
//! quantity may look like, and that a bad row does not take the product's other rows with it.

use super::numbers::Numbers;
use super::sheet::{Catalogue, Note, ReadProduct, RefusedRow, Row, Twin, gathered};
use cartwright_client::wire::{MOST_AMOUNT, ProductInput, VariantInput, plain_handle};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Limits of the interface; the shop refuses what passes them, so that they are told with the line here.
const MOST_VARIANTS: usize = 2_048;
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
    twins: Vec<Twin>,
    /// Lines that were refused.
    refused: HashSet<u64>,
    /// Whether the file says nothing of variants.
    pub(crate) product_only: bool,
}

impl Drafts {
    pub(crate) fn new(rows: usize, refused: Vec<RefusedRow>, notes: Vec<Note>) -> Self {
        let rows = rows + refused.len();
        Self { catalogue: Catalogue { refused, rows, notes, ..Catalogue::default() }, skus: HashMap::new() }
    }

    /// Refuses a row of a product whose other rows may be good.
    pub(crate) fn refuse_of(&mut self, draft: &mut Draft, line: u64, reason: impl Into<String>) {
        draft.refused.insert(line);
        let handle = draft.product.handle.clone();
        self.refuse(line, &handle, reason);
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
        let first = self.skus.get(&variant.sku).copied();
        let attributes = variant.attributes.as_set();
        let twin = attributes.and_then(|attributes| draft.kinds.get(attributes)).copied();
        let reason = if variant.sku.chars().count() > LONGEST_SKU {
            Some(format!("the SKU is longer than {LONGEST_SKU} characters"))
        } else if let Some(first) = first {
            Some(format!("the SKU `{}` is on line {first} already", variant.sku))
        } else if let Some(twin) = twin.filter(|_| variant.derived_sku) {
            Some(not_apart(twin))
        } else if draft.product.variants.len() >= MOST_VARIANTS {
            Some(format!("a product has at most {MOST_VARIANTS} variants"))
        } else {
            None
        };
        if let Some(reason) = reason {
            return self.refuse_of(draft, line, reason);
        }
        draft.twins.extend(twin.map(|first| Twin { sku: variant.sku.clone(), line, first }));
        self.skus.insert(variant.sku.clone(), line);
        if let Some(attributes) = attributes {
            draft.kinds.entry(attributes.clone()).or_insert(line);
        }
        draft.product.variants.push(variant);
    }

    /// The product is complete. One without a variant, or past a limit, is refused with all its rows.
    pub(crate) fn finish(&mut self, draft: Draft, rows: &[&Row]) {
        let Draft { product, twins, refused, product_only, .. } = draft;
        let rest: Vec<&Row> = rows.iter().filter(|row| !refused.contains(&row.line)).copied().collect();
        let fault = match product.variants.is_empty() && (!product_only || rest.is_empty()) {
            true => Some("none of its variants can be taken".to_owned()),
            false => fault_of(&product),
        };
        match fault {
            Some(reason) => self.refuse_all(&rest, &product.handle, &reason),
            None => {
                let lines = rest.iter().map(|row| row.line).collect();
                self.catalogue.products.push(ReadProduct { input: product, lines, twins });
            }
        }
    }

    /// The refusals in the order of the file.
    pub(crate) fn into_catalogue(mut self) -> Catalogue {
        self.catalogue.refused.sort_by_key(|refused| refused.line);
        self.catalogue.notes = gathered(self.catalogue.notes);
        self.catalogue
    }
}

impl Draft {
    pub(crate) fn new(product: ProductInput) -> Self {
        Self { product, kinds: HashMap::new(), twins: Vec::new(), refused: HashSet::new(), product_only: false }
    }
}

/// Why a variant is not taken that is like one before it.
pub(crate) fn not_apart(first: u64) -> String {
    format!("nothing sets it apart from the variant on line {first}")
}

fn fault_of(product: &ProductInput) -> Option<String> {
    let too_long = |what: &str, most: usize| Some(format!("the {what} is longer than {most} characters"));
    let length = |text: Option<&String>| text.map_or(0, |text| text.chars().count());
    match product {
        _ if product.name.as_deref() == Some("") => Some("it has no name".to_owned()),
        _ if length(product.name.as_ref()) > LONGEST_NAME => too_long("name", LONGEST_NAME),
        _ if length(product.description.as_set()) > LONGEST_TEXT => too_long("description", LONGEST_TEXT),
        _ if product.tags.as_set().map_or(0, Vec::len) > MOST_TAGS => {
            Some(format!("it has more than {MOST_TAGS} tags"))
        }
        _ if product.images.as_set().map_or(0, Vec::len) > MOST_IMAGES => {
            Some(format!("it has more than {MOST_IMAGES} images"))
        }
        _ => None,
    }
}

/// Says why a handle cannot be one.
pub(crate) fn check_handle(handle: &str) -> Result<(), String> {
    if handle.is_empty() {
        Err("it has no handle".to_owned())
    } else if handle.chars().count() > LONGEST_HANDLE {
        Err(format!("the handle is longer than {LONGEST_HANDLE} characters"))
    } else if plain_handle(handle).is_none() {
        Err(format!("`{handle}` is not a handle (letters and digits, no capitals or blanks, `-`, `_`, `.`)"))
    } else {
        Ok(())
    }
}

/// A price in the store's currency, exact.
pub(crate) fn price(text: &str, numbers: &Numbers) -> Result<i64, String> {
    checked_price(text, numbers.price(text))
}

/// An amount that was read, if it can be a price.
pub(crate) fn checked_price(text: &str, read: Result<i64, String>) -> Result<i64, String> {
    if text.is_empty() {
        return Err("it has no price".to_owned());
    }
    let price = read.map_err(|reason| format!("price: {reason}"))?;
    match price {
        ..0 => Err(format!("price: `{text}` is below zero")),
        _ if price > MOST_AMOUNT => Err(format!("price: `{text}` is too high")),
        _ => Ok(price),
    }
}

/// Units on hand; nothing where the cell is empty, which leaves the stock alone. Less than none is none, and said.
pub(crate) fn on_hand(text: &str, numbers: &Numbers, line: u64, notes: &mut Vec<Note>) -> Result<Option<i64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let units = whole("stock", text, MOST_UNITS, numbers)?;
    if units < 0 {
        notes.push(Note { line: Some(line), text: "stock below zero was taken as 0".to_owned() });
    }
    Ok(Some(units.max(0)))
}

/// Weight in grams; an empty cell is none.
pub(crate) fn grams(text: &str, numbers: &Numbers) -> Result<i64, String> {
    match text {
        "" => Ok(0),
        _ => match whole("weight", text, MOST_GRAMS, numbers)? {
            ..0 => Err(format!("weight: `{text}` is below zero")),
            grams => Ok(grams),
        },
    }
}

fn whole(what: &str, text: &str, most: i64, numbers: &Numbers) -> Result<i64, String> {
    let number = numbers.whole(text).map_err(|reason| format!("{what}: `{text}` is not a whole number: {reason}"))?;
    if number > most { Err(format!("{what}: `{text}` is more than {most}")) } else { Ok(number) }
}

/// `true`/`false` as spreadsheets write them; an empty cell says nothing.
pub(crate) fn yes_or_no(what: &str, text: &str) -> Result<Option<bool>, String> {
    match text.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "true" | "yes" | "1" => Ok(Some(true)),
        "false" | "no" | "0" => Ok(Some(false)),
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
