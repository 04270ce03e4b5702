//! Lists inside one cell of the plain format: `a,b`, `name=value;name=value`, and addresses with blanks between them. A backslash
//! takes the meaning from the character after it, so that everything that is written reads back.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// `a, b, c`: blanks around entries and empty entries do not count.
pub(crate) fn read_list(text: &str) -> Vec<String> {
    let parts = split(text, |c| c == ',').into_iter().map(|part| unescape(trimmed(part)));
    parts.filter(|part| !part.is_empty()).collect()
}

pub(crate) fn write_list(items: &[String]) -> String {
    items.iter().map(|item| escape(item, |c| c == ',')).collect::<Vec<_>>().join(", ")
}

/// `a b c`
pub(crate) fn read_words(text: &str) -> Vec<String> {
    split(text, char::is_whitespace).into_iter().map(unescape).filter(|part| !part.is_empty()).collect()
}

pub(crate) fn write_words(items: &[String]) -> String {
    items.iter().map(|item| escape(item, char::is_whitespace)).collect::<Vec<_>>().join(" ")
}

/// `name=value;name=value`.
pub(crate) fn read_pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut pairs = BTreeMap::new();
    for part in split(text, |c| c == ';').into_iter().map(trimmed).filter(|part| !part.is_empty()) {
        let halves = split(part, |c| c == '=');
        let (name, value) = match halves.as_slice() {
            [name, value] => (unescape(trimmed(name)), unescape(trimmed(value))),
            _ => return Err(format!("`{part}` is not name=value")),
        };
        if name.is_empty() || pairs.insert(name.clone(), value).is_some() {
            return Err(format!("the name `{name}` is empty or comes twice"));
        }
    }
    Ok(pairs)
}

pub(crate) fn write_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let part = |c: char| c == ';' || c == '=';
    let written = pairs.map(|(name, value)| format!("{}={}", escape(name, part), escape(value, part)));
    written.collect::<Vec<_>>().join(";")
}

/// A text as it stands in a cell whose surrounding blanks do not count: between apostrophes where it has such blanks itself.
pub(crate) fn write_text(text: &str) -> Cow<'_, str> {
    if has_edges(text) || is_kept(text) { Cow::Owned(format!("'{text}'")) } else { Cow::Borrowed(text) }
}

/// The text that stands in a cell.
pub(crate) fn read_text(cell: &str) -> &str {
    let bare = cell.trim();
    if is_kept(bare) { &bare[1..bare.len() - 1] } else { bare }
}

fn has_edges(text: &str) -> bool {
    text.trim().len() != text.len()
}

/// Whether a text stands between apostrophes that keep its blanks.
fn is_kept(text: &str) -> bool {
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inner.is_some_and(|inner| has_edges(inner) || is_kept(inner))
}

/// Without surrounding blanks, but for one that a backslash keeps.
fn trimmed(text: &str) -> &str {
    let text = text.trim_start();
    let bare = text.trim_end();
    let kept = bare.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    let next = text[bare.len()..].chars().next().filter(|_| kept).map_or(0, char::len_utf8);
    &text[..bare.len() + next]
}

fn split(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (index, c) in text.char_indices() {
        if !escaped && is_separator(c) {
            parts.push(&text[start..index]);
            start = index + c.len_utf8();
        }
        escaped = !escaped && c == '\\';
    }
    parts.push(&text[start..]);
    parts
}

fn escape(text: &str, is_separator: impl Fn(char) -> bool) -> String {
    let bare = text.trim();
    let inside = text.find(bare).unwrap_or(0);
    let mut written = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_edge = bare.is_empty() || at < inside || at >= inside + bare.len();
        if c == '\\' || is_separator(c) || is_edge {
            written.push('\\');
        }
        written.push(c);
    }
    written
}

fn unescape(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        read.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let items = ["plain", "with, comma", "back\\slash", " blanks \u{a0}", "end\\", " ", "\\ ", "a\nb"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(read_list(&write_list(&items)), items);
        assert_eq!(read_words(&write_words(&items)), items);
        let pairs = BTreeMap::from([
            ("Size".to_owned(), "M;L=x\\".to_owned()),
            ("a=b".to_owned(), String::new()),
            (" b ".to_owned(), "x  ".to_owned()),
        ]);
        let written = write_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        assert_eq!(read_pairs(&written), Ok(pairs));
    }

    #[test]
    fn a_text_keeps_its_blanks_and_its_apostrophes() {
        for text in
            ["", "a", " a", "a ", " ", "'a'", "' a'", "'' a''", "'", "''", "' '", "'Tis ", "\u{a0}a", "a\n", "it's"]
        {
            let cell = write_text(text);
            assert_eq!(read_text(&cell), text);
            assert_eq!(cell.trim(), cell, "blanks around cells do not count");
        }
        assert_eq!((read_text(" 'Tis the season "), read_text("'quoted'")), ("'Tis the season", "'quoted'"));
    }

    #[test]
    fn pairs_without_a_name_or_named_twice_are_refused() {
        for text in ["red", "=red", "a=1;a=2", "a=b=c"] {
            assert!(read_pairs(text).is_err(), "{text}");
        }
        assert_eq!(read_pairs(" Size = M ; "), Ok(BTreeMap::from([("Size".to_owned(), "M".to_owned())])));
    }
}
