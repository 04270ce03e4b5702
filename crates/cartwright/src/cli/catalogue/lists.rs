//! Lists inside one cell of the plain format: `a,b` and `name=value;name=value`. A backslash takes the meaning from the
//! character after it, so that everything that is written reads back.

use std::collections::BTreeMap;

/// `a, b, c`: blanks around entries and empty entries do not count.
pub(crate) fn read_list(text: &str) -> Vec<String> {
    split(text, ',').into_iter().map(|part| unescape(part.trim())).filter(|part| !part.is_empty()).collect()
}

pub(crate) fn write_list(items: &[String]) -> String {
    items.iter().map(|item| escape(item, ",")).collect::<Vec<_>>().join(", ")
}

/// `name=value;name=value`.
pub(crate) fn read_pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut pairs = BTreeMap::new();
    for part in split(text, ';').into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        let halves = split(part, '=');
        let (name, value) = match halves.as_slice() {
            [name, value] => (unescape(name.trim()), unescape(value.trim())),
            _ => return Err(format!("`{part}` is not name=value")),
        };
        if name.is_empty() || pairs.insert(name.clone(), value).is_some() {
            return Err(format!("the name `{name}` is empty or comes twice"));
        }
    }
    Ok(pairs)
}

pub(crate) fn write_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let written = pairs.map(|(name, value)| format!("{}={}", escape(name, ";="), escape(value, ";=")));
    written.collect::<Vec<_>>().join(";")
}

fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (index, c) in text.char_indices() {
        if !escaped && c == separator {
            parts.push(&text[start..index]);
            start = index + c.len_utf8();
        }
        escaped = !escaped && c == '\\';
    }
    parts.push(&text[start..]);
    parts
}

fn escape(text: &str, separators: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\\' || separators.contains(c) {
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
        let items = ["plain", "with, comma", "back\\slash"].map(str::to_owned).to_vec();
        assert_eq!(read_list(&write_list(&items)), items);
        let pairs = BTreeMap::from([("Size".to_owned(), "M;L=x\\".to_owned()), ("a=b".to_owned(), String::new())]);
        let written = write_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        assert_eq!(read_pairs(&written), Ok(pairs));
    }

    #[test]
    fn pairs_without_a_name_or_named_twice_are_refused() {
        for text in ["red", "=red", "a=1;a=2", "a=b=c"] {
            assert!(read_pairs(text).is_err(), "{text}");
        }
        assert_eq!(read_pairs(" Size = M ; "), Ok(BTreeMap::from([("Size".to_owned(), "M".to_owned())])));
    }
}
