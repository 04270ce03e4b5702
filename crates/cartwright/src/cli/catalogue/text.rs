//! The text of a file, in whatever encoding a spreadsheet wrote it. UTF-8 and UTF-16 are known for certain. Anything else can only
//! be judged by what it reads like, so what was taken for what is said, with words by which a person sees whether it is right.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Words that are shown of a text whose encoding was not certain.
const SHOWN_WORDS: usize = 5;

/// The bytes of a file as UTF-8, and what is to be said about it. Of a file that is UTF-8 but for some bytes, these stay.
pub(super) fn decode<'a>(bytes: &'a [u8], named: Option<&str>) -> Result<(Cow<'a, [u8]>, Option<String>), String> {
    if let Some(name) = named {
        let encoding = Encoding::for_label(name.as_bytes()).ok_or_else(|| format!("`{name}` is no known encoding"))?;
        return match read(encoding, bytes) {
            Some(text) => Ok((text, None)),
            None => Err(format!("the file is not {}", encoding.name())),
        };
    }
    let wide = match bytes {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        // The headings begin with an ASCII letter.
        [first, 0, ..] if *first != 0 => Some(UTF_16LE),
        [0, second, ..] if *second != 0 => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = wide {
        let text = read(encoding, bytes).ok_or_else(|| format!("the file is not whole {} text", encoding.name()))?;
        return Ok((text, Some(format!("the file was read as {}", encoding.name()))));
    }
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if is_mostly_utf8(bare) { Ok((Cow::Borrowed(bare), None)) } else { Ok(judged(bare)) }
}

fn read<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let (text, failed) = encoding.decode_with_bom_removal(bytes);
    (!failed).then(|| match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    })
}

/// Whether more letters beyond ASCII are UTF-8 than bytes are not.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut letters, mut strange) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        strange += usize::from(!chunk.invalid().is_empty());
    }
    strange == 0 || letters > strange
}

/// What the file reads like in the encoding that fits best; as it is, where it reads like nothing.
fn judged(bytes: &[u8]) -> (Cow<'_, [u8]>, Option<String>) {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let Some(text) = read(encoding, bytes).filter(|_| encoding != UTF_8) else { return (Cow::Borrowed(bytes), None) };
    let words = strange_words(&String::from_utf8_lossy(&text));
    let Some(words) = words else { return (Cow::Borrowed(bytes), None) };
    let name = encoding.name();
    let said = format!(
        "the file is not UTF-8 and was read as {name} ({words}); if that is wrong, name another with --encoding"
    );
    (text, Some(said))
}

/// Some of the words that have letters beyond ASCII; nothing where these do not make words.
fn strange_words(text: &str) -> Option<String> {
    let mut shown: Vec<&str> = Vec::new();
    let (mut good, mut bad) = (0, 0);
    for word in text.split(|c: char| c.is_whitespace() || ",;\t|\"".contains(c)) {
        let strange = word.chars().filter(|c| !c.is_ascii());
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let fits = |c: char| {
            !c.is_control()
                && (c.is_alphabetic() && letters > 1 || "€£¥©®™°–—“”„‘’‚«»…½¼¾×±²³µ·•§ªº¿¡\u{a0}".contains(c))
        };
        let (fitting, all) = strange.fold((0, 0), |(fitting, all), c| (fitting + usize::from(fits(c)), all + 1));
        good += fitting;
        bad += all - fitting;
        if all > 0 && shown.len() < SHOWN_WORDS && !shown.contains(&word) {
            shown.push(word);
        }
    }
    (good > 0 && bad * 10 <= good).then(|| shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{MACINTOSH, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

    const GERMAN: &str = "handle,name,price\ncafe,\"Café größer, schöner\",5\nstrasse,Straßenkötergäste für 3 €,7\n";

    fn decoded(bytes: &[u8], named: Option<&str>) -> (String, String) {
        let (text, said) = decode(bytes, named).expect("it can be read");
        (String::from_utf8(text.into_owned()).expect("UTF-8"), said.unwrap_or_default())
    }

    #[test]
    fn what_spreadsheets_write_is_recognised_and_said() {
        assert_eq!(decoded(GERMAN.as_bytes(), None), (GERMAN.to_owned(), String::new()));
        assert_eq!(decoded(format!("\u{feff}{GERMAN}").as_bytes(), None).0, GERMAN);
        let wide: Vec<u8> = GERMAN.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&wide, None), (GERMAN.to_owned(), "the file was read as UTF-16LE".to_owned()));
        assert_eq!(decoded(&[&[0xff, 0xfe], &wide[..]].concat(), None).0, GERMAN);
        let big: Vec<u8> = GERMAN.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&[&[0xfe, 0xff], &big[..]].concat(), None).0, GERMAN);
        let (text, said) = decoded(&WINDOWS_1252.encode(GERMAN).0, None);
        assert_eq!(text, GERMAN);
        assert!(said.contains("windows-1252") && said.contains("Café"), "{said}");
    }

    #[test]
    fn other_scripts_are_recognised_and_said_too() {
        for (encoding, text) in [
            (WINDOWS_1251, "handle,name\nkruzhka,Кружка большая для чая\nlampa,Настольная лампа с абажуром\n"),
            (SHIFT_JIS, "handle,name\nkappu,コーヒーカップ大きい\nranpu,机の上のランプ\n"),
            (WINDOWS_1250, "handle,name\nhrnek,Šálek na kávu, žlutý a příliš velký\nlampa,Stolní lampička ze dřeva\n"),
        ] {
            let (read, said) = decoded(&encoding.encode(text).0, None);
            assert_eq!(read, text);
            assert!(said.to_lowercase().contains(&encoding.name().to_lowercase()), "{said}");
        }
    }

    #[test]
    fn an_encoding_that_is_named_is_taken_and_one_that_does_not_fit_is_refused() {
        let bytes = MACINTOSH.encode(GERMAN).0;
        assert_eq!(decoded(&bytes, Some("macintosh")).0, GERMAN);
        assert!(decode(&bytes, Some("utf-8")).is_err());
        assert!(decode(&bytes, Some("klingon")).is_err());
    }

    #[test]
    fn a_stray_byte_is_no_other_encoding() {
        for bytes in [&b"handle,name\na,\xff\n"[..], "handle,name\na,Café\nb,größer".as_bytes()] {
            assert_eq!(decode(bytes, None).expect("read"), (Cow::Borrowed(bytes), None));
        }
    }
}
