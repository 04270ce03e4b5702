//! Texts for people repeat at most the beginning of what somebody sent: enough to recognise it, too little to fill a log or a
//! screen with. Used where a text leaves the program: in problems, and in what the command line says of a failure.

use std::borrow::Cow;

/// Most characters of one value that a text repeats.
pub const LONGEST_VALUE: usize = 64;
/// Most characters of a text that repeats values.
const LONGEST_TEXT: usize = 600;
/// Longest path of a field that is shown whole: deeper ones are made of what somebody sent.
const LONGEST_PATH: usize = 120;

/// The beginning of a value.
pub fn cut(value: &str) -> Cow<'_, str> {
    beginning(value, LONGEST_VALUE)
}

/// The path of a field, or the beginning of it.
pub fn cut_path(path: &str) -> Cow<'_, str> {
    if path.chars().count() > LONGEST_PATH || path.split('.').any(|part| part.chars().count() > LONGEST_VALUE) {
        return cut(path);
    }
    Cow::Borrowed(path)
}

/// A sentence in which every value, quoted or not, is cut.
pub fn brief(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_VALUE {
        return Cow::Borrowed(text);
    }
    let text = without_long_name(text);
    let mut written = String::with_capacity(text.len().min(LONGEST_TEXT));
    let mut rest = &*text;
    while let Some(first) = rest.chars().next() {
        let after_blank = written.chars().next_back().is_none_or(char::is_whitespace);
        let quote = Some(first).filter(|c| matches!(c, '"' | '`') || *c == '\'' && after_blank);
        let (value, after) = match quote {
            Some(quote) => quoted(&rest[1..], quote),
            None => rest.split_at(rest.find(|c: char| c.is_whitespace() || "\"`".contains(c)).unwrap_or(rest.len())),
        };
        written.extend(quote);
        written.push_str(&cut(value));
        let closing = quote.filter(|quote| after.starts_with(*quote));
        written.extend(closing);
        let after = &after[closing.map_or(0, char::len_utf8)..];
        let blanks = after.len() - after.trim_start().len();
        written.push_str(&beginning(&after[..blanks], LONGEST_VALUE));
        rest = &after[blanks..];
    }
    Cow::Owned(beginning(&written, LONGEST_TEXT).into_owned())
}

fn beginning(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// What stands before the closing quote, and the rest with it; a quote that is never closed takes all.
fn quoted(text: &str, quote: char) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == quote && !escaped {
            return text.split_at(at);
        }
        escaped = !escaped && c == '\\' && quote == '"';
    }
    (text, "")
}

/// Readers name a field that they do not know between backticks as it was sent, also where it has backticks itself.
fn without_long_name(text: &str) -> Cow<'_, str> {
    for opening in ["unknown field `", "unknown variant `"] {
        let Some(start) = text.find(opening).map(|at| at + opening.len()) else { continue };
        let ends = ["`, expected ", "`, there are no "].into_iter().filter_map(|end| text[start..].rfind(end));
        if let Some(end) = ends.max() {
            let name = text[start..start + end].replace('`', "'");
            return Cow::Owned(format!("{}{}{}", &text[..start], cut(&name), &text[start + end..]));
        }
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_without_long_values_stay_as_they_are() {
        for text in [
            "Only 3 of \"PEN\" are available; the cart would have 5.",
            "Log in first: `POST /api/v1/account/session`. The shopper's session has ended, and nobody else's is known here.",
            "unknown field `x`, expected one of `quantity`, `sku`, `options`, `variant_id`, `something_else_that_is_long`",
        ] {
            assert_eq!(brief(text), text);
        }
    }

    #[test]
    fn of_a_long_value_only_the_beginning_is_repeated_however_it_is_written() {
        let blanks = "zq ".repeat(3_000);
        let odd = "zq`zq\" zq'\\".repeat(3_000);
        for value in ["zq".repeat(5_000), blanks, odd] {
            for text in [
                format!("{value:?} is not known here, and nothing else is said."),
                format!("The code {value:?} does not exist."),
                format!("unknown field `{value}`, expected one of `a`, `b`"),
                format!("unknown field `{value}`, there are no fields"),
                format!("invalid type: string {value:?}, expected i64"),
            ] {
                let said = brief(&text);
                assert!(said.matches("zq").count() <= LONGEST_VALUE / 2, "{said}");
                assert!(said.chars().count() <= 200, "{said}");
            }
        }
        let said = brief(&format!("field {} is odd", "zq".repeat(5_000))).into_owned();
        assert!(said.ends_with("… is odd"), "{said}");
        let (deep, name) = ("a.".repeat(5_000), format!("lines[0].{}", "n".repeat(80)));
        assert!(cut_path(&deep).chars().count() <= 65 && cut_path(&name).chars().count() <= 65);
        assert_eq!(cut_path("definition.conditions.destinations[0]"), "definition.conditions.destinations[0]");
    }
}
