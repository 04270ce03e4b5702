//! Handles: names of products in URLs.

use unicode_normalization::UnicodeNormalization;

/// A handle in the form in which it is kept, or `None` where it is none: letters and digits of any script, `-`, `_` and `.`, the
/// first a letter or digit; no capitals among the ASCII letters, no blanks, nothing that is invisible or turns the direction of
/// a text.
pub fn plain_handle(text: &str) -> Option<String> {
    let handle: String = text.nfc().collect();
    let is_letter = |c: char| match c {
        'a'..='z' | '0'..='9' => true,
        _ => c > '\u{a0}' && !is_unseen(c),
    };
    let fits = handle.starts_with(is_letter) && handle.chars().all(|c| is_letter(c) || "._-".contains(c));
    fits.then_some(handle)
}

/// Blanks, controls, marks of direction, what joins nothing, and what is no character. Two joiners count as letters: scripts
/// of India and Persian need them.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}')
        || c >= '\u{e0000}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_of_any_script_and_of_one_form() {
        for handle in ["pen", "9-to-5_x.y", "münzen", "テスト", "кружка", "כוס", "हिन्दी", "可愛い-mug", "می‌خواهم", "ß"]
        {
            assert_eq!(plain_handle(handle).as_deref(), Some(handle));
        }
        assert_eq!(plain_handle("mu\u{308}nzen").as_deref(), Some("m\u{fc}nzen"));
        for handle in [
            "",
            "Pen",
            "a b",
            "-a",
            ".a",
            "a/b",
            "a?b",
            "a\u{a0}b",
            "a\u{200b}",
            "a\u{202e}b",
            "a\u{0}",
            "a%20b",
            "a\u{3000}b",
        ] {
            assert_eq!(plain_handle(handle), None, "{handle:?}");
        }
    }
}
