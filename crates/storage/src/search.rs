//! What products are found by, the same on every storage: a part of their name, handle or SKUs, or, for one or two letters,
//! the beginning of a word of these. So short a part stands in nearly every product, and in the middle of a word nobody looks.

use cartwright_domain::catalogue::{CatalogueState, Product, Variant};
use std::sync::Arc;

/// What parts words, beside the beginning of the name, the handle and each SKU.
pub const BETWEEN_WORDS: [char; 4] = [' ', '-', '/', '\n'];
/// Letters from which on a text may stand anywhere.
const PART_LETTERS: usize = 3;

/// What is looked for, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// Nothing in particular.
    Everything,
    /// This anywhere.
    Part(String),
    /// A word that begins so: one or two letters.
    Beginning(String),
    /// What no product can have.
    Nothing,
}

impl Sought {
    /// What is meant by this text.
    pub fn by(text: &str) -> Sought {
        let text = text.trim().to_lowercase();
        match text.chars().next() {
            None => Sought::Everything,
            Some(_) if text.chars().count() >= PART_LETTERS => Sought::Part(text),
            Some(first) if BETWEEN_WORDS.contains(&first) => Sought::Nothing,
            Some(_) => Sought::Beginning(text),
        }
    }
}

/// What a product is found by: its name, its handle, its SKUs, a line each, in lower case.
pub fn text_of(product: &Product, variants: &[&Arc<Variant>]) -> String {
    if product.state == CatalogueState::Deleted {
        return String::new();
    }
    let mut text = format!("{}\n{}", product.name, product.handle);
    for variant in variants {
        text.push('\n');
        text.push_str(&variant.sku);
    }
    text.to_lowercase()
}

/// A pattern for `LIKE`, with `\` before what would stand for something else.
pub fn like(before: &str, text: &str, after: &str) -> String {
    let mut pattern = String::with_capacity(before.len() + text.len() + after.len());
    pattern.push_str(before);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push_str(after);
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_two_letters_mean_the_beginning_of_a_word() {
        for (text, sought) in [
            ("", Sought::Everything),
            ("  ", Sought::Everything),
            ("C", Sought::Beginning("c".to_owned())),
            (" Co ", Sought::Beginning("co".to_owned())),
            ("V-", Sought::Beginning("v-".to_owned())),
            ("-v", Sought::Nothing),
            ("-", Sought::Nothing),
            ("Cot", Sought::Part("cot".to_owned())),
            ("-v-", Sought::Part("-v-".to_owned())),
        ] {
            assert_eq!(Sought::by(text), sought, "{text:?}");
        }
    }

    #[test]
    fn a_pattern_takes_its_text_literally() {
        assert_eq!(like("%", "5_%\\", "%"), "%5\\_\\%\\\\%");
    }
}
