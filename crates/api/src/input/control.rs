//! Control characters: no text of a request has one, wherever it stands. Some storages cannot keep NUL, terminals and logs obey the
//! others, and nobody types them. In bodies texts may have several lines and tabs.

/// Whether a character is a control character (category Cc of Unicode).
pub(crate) fn is_control(character: char) -> bool {
    character.is_control()
}

/// The same for texts of several lines.
pub(super) fn is_control_in_lines(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r')
}

/// A text without its control characters, to tell where one was found.
pub(super) fn without_controls(text: &str) -> String {
    text.chars().filter(|character| !is_control(*character)).collect()
}

/// Whether JSON may have a control character in a text: as an escape, or as it is where JSON allows that. Nearly none has.
pub(super) fn may_have_controls(json: &[u8]) -> bool {
    let escaped = |rest: &[u8]| rest.starts_with(br"\u00");
    json.iter().enumerate().any(|(at, byte)| match byte {
        b'\\' => escaped(&json[at..]) || matches!(json.get(at + 1), Some(b'b' | b'f')),
        0x7f => true,
        0xc2 => json.get(at + 1).is_some_and(|next| (0x80..0xa0).contains(next)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_with_a_control_character_is_looked_at_and_all_other_is_not() {
        for json in
            [r#"{"a":"\u0000"}"#, r#"{"a":"\u001F"}"#, r#"{"a":"\b"}"#, "\"\u{7f}\"", "\"\u{85}\"", "\"\u{9f}\""]
        {
            assert!(may_have_controls(json.as_bytes()), "{json}");
        }
        for json in [r#"{"a":"\n\t\r\"\\ / u0000"}"#, "\"\u{e9}\u{a0}\u{c2}\u{20ac}\"", "{}"] {
            assert!(!may_have_controls(json.as_bytes()), "{json}");
        }
    }
}
