//! Texts in the cells of a CSV file. A spreadsheet takes a text that begins like a formula for one and runs it, so whatever
//! shoppers and suppliers may have written is marked with an apostrophe, which is taken away again where such a file is read:
//! what is written and read back is the same to the byte. Numbers stay numbers.

use std::borrow::Cow;

/// How a text stands in a cell.
pub fn write_cell(text: &str) -> Cow<'_, str> {
    if is_like_a_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that stands in a cell.
pub fn read_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_like_a_formula(cell) => text,
        _ => cell,
    }
}

/// Whether the text, or what stands behind marks and blanks, may be taken for a formula. The marks count so that a text which
/// has one already is told from one that was given one.
fn is_like_a_formula(text: &str) -> bool {
    let bare = text.trim_start_matches(['\'', ' ']);
    let begins = bare.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    begins && !is_negative_number(bare)
}

fn is_negative_number(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('-') else { return false };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_like_a_formula_and_every_text_reads_back() {
        let texts = [
            "=1+1", "+49 30 1", "-x", "-1-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1", " =1", "' =1", "＝1", "-",
            "-.5", "-5.", "", "'", "'quoted'", "a=b", "-5", "-12.50", "'-5", "plain", "5", "'plain",
        ];
        for text in texts {
            let cell = write_cell(text);
            assert_eq!(read_cell(&cell), text);
            let formula = cell.starts_with(['=', '+', '@', '\t', '\r', ' '])
                || cell.starts_with('-') && text != "-5" && text != "-12.50";
            assert!(!formula, "{text:?} is written {cell:?}");
        }
        assert_eq!(write_cell("-12.50"), "-12.50");
        assert_eq!(read_cell("'-5"), "'-5");
    }
}
