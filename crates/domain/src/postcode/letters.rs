//! The letters and digits of a postcode, without what stands between them.

use unicode_normalization::UnicodeNormalization;

/// Letters and digits that are kept: more than any postcode has.
const MOST: usize = 24;

/// Capitals and digits of a text, and before which of them something else stood. Nothing is allocated: zones are looked at for
/// every price.
#[derive(Clone, Copy)]
pub(super) struct Letters {
    text: [u8; MOST],
    len: usize,
    /// Bit by bit: whether a blank, a hyphen or the like stood before this letter.
    breaks: u32,
}

impl Letters {
    pub(super) fn of(text: &str) -> Letters {
        let mut letters = Letters { text: [0; MOST], len: 0, breaks: 0 };
        match text.is_ascii() {
            true => text.chars().for_each(|letter| letters.push(letter)),
            false => text.nfkc().for_each(|letter| letters.push(letter)),
        }
        letters
    }

    fn push(&mut self, letter: char) {
        if !letter.is_alphanumeric() {
            self.breaks |= 1 << self.len.min(MOST);
        } else if self.len < MOST {
            // No postcode has letters of another script.
            self.text[self.len] = digit(letter).unwrap_or(if letter.is_ascii() { letter as u8 } else { b'?' });
            self.text[self.len].make_ascii_uppercase();
            self.len += 1;
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.text[..self.len]
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn starts_with(&self, beginning: &Letters) -> bool {
        self.bytes().starts_with(beginning.bytes())
    }

    pub(super) fn begins_with_digit(&self) -> bool {
        self.bytes().first().is_some_and(u8::is_ascii_digit)
    }

    /// How many letters stand before the first break.
    pub(super) fn first_word(&self) -> usize {
        let inner = self.breaks & !1;
        (inner.trailing_zeros() as usize).min(self.len)
    }

    /// What follows a mark that it begins with.
    pub(super) fn without(&self, mark: &str) -> Option<Letters> {
        self.bytes().starts_with(mark.as_bytes()).then(|| self.after(mark.len()))
    }

    pub(super) fn after(&self, count: usize) -> Letters {
        let mut rest = Letters { text: [0; MOST], len: self.len - count, breaks: self.breaks >> count };
        rest.text[..rest.len].copy_from_slice(&self.bytes()[count..]);
        rest
    }

    /// Drops the first letter, where that is no digit.
    pub(super) fn drop_letter(&mut self) {
        if !self.is_empty() && !self.begins_with_digit() {
            *self = self.after(1);
        }
    }
}

/// The digit that a letter is, in the scripts that countries write their postcodes in.
fn digit(letter: char) -> Option<u8> {
    /// Zero in Arabic, Persian, the scripts of India, Thai, Lao, Tibetan, Burmese, Khmer and Mongolian.
    const ZEROS: [u32; 17] = [
        0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x0F20,
        0x1040, 0x17E0, 0x1810,
    ];
    let value = ZEROS.iter().find_map(|zero| (letter as u32).checked_sub(*zero).filter(|value| *value < 10))?;
    Some(b'0' + value as u8)
}
