//! E-mail addresses. Whatever comes in as one is parsed once, into [`EmailAddress`]; what does not parse is no address, and no
//! mail goes to it. Rows hold the text, in its normal form where it is compared: old rows may hold what no longer parses.
//!
//! The grammar is the mailbox of RFC 5321 and RFC 6531 without what only serves to hide who is meant: no quoted local
//! parts, comments, display names, lists, routes (`<@relay:…>`, `%`, `!`, `|`) and IP addresses; a domain of two labels at least.
//! Letters of all scripts are taken, but only in the one form that Unicode composes them to, and nothing that cannot be seen. What
//! stands behind a `+` belongs to the name: only the mail server of the domain knows whether it means the same mailbox.

use std::fmt;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Octets of a whole address at most (RFC 5321, 4.5.3.1, less the angle brackets).
const MOST_OCTETS: usize = 254;
/// Octets of the part before the `@` at most.
const MOST_LOCAL_OCTETS: usize = 64;
/// Octets of a part of the domain at most.
const MOST_LABEL_OCTETS: usize = 63;
/// Signs that a local part may have besides letters, digits and dots: those of RFC 5322's `atext` without `%`, `!` and `|`, which
/// mail servers have taken for routes and programs.
const SIGNS: &[u8] = b"#$&'*+-/=?^_`{}~";

/// An e-mail address: exactly one mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    typed: String,
    plain: String,
}

/// Why a text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnAddress(&'static str);

impl fmt::Display for NotAnAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for NotAnAddress {}

impl EmailAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// Why it is none, to follow the name of a field.
    pub fn parse(text: &str) -> Result<EmailAddress, NotAnAddress> {
        let too_long = NotAnAddress("must have at most 254 characters");
        // Before anything else: to bring a long text into its normal form takes long.
        if text.len() > MOST_OCTETS {
            return Err(too_long);
        }
        let plain = plain_email(text);
        if plain.len() > MOST_OCTETS {
            return Err(too_long);
        }
        let (local, domain) = text.split_once('@').ok_or(NotAnAddress("must be an e-mail address"))?;
        let (plain_local, plain_domain) = plain.split_once('@').ok_or(NotAnAddress("must be an e-mail address"))?;
        if local.len() > MOST_LOCAL_OCTETS || plain_local.len() > MOST_LOCAL_OCTETS {
            return Err(NotAnAddress("must have at most 64 characters before the @"));
        }
        if !is_local(local) || !is_local(plain_local) {
            return Err(NotAnAddress(
                "must be one plain e-mail address: letters, digits and single signs before the @",
            ));
        }
        if text.trim() != text || !is_visible(domain) || !is_domain(plain_domain) {
            return Err(NotAnAddress("must be one plain e-mail address with a domain such as example.com"));
        }
        Ok(EmailAddress { typed: text.to_owned(), plain })
    }

    /// As it was typed: what is shown.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The form in which addresses are compared and counted ([`plain_email`]).
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// Where mail to it goes: the local part as it was typed, composed, and the domain in its ASCII form.
    pub fn mailbox(&self) -> (String, &str) {
        // Both have an `@`, or it would not have been parsed.
        let local = self.typed.split_once('@').map_or("", |(local, _)| local);
        let domain = self.plain.split_once('@').map_or("", |(_, domain)| domain);
        (local.nfc().collect(), domain)
    }
}

/// Words separated by single dots. Marks that no letter takes in are refused: what sends our mails knows no such mailbox.
fn is_local(text: &str) -> bool {
    is_visible(text)
        && text.split('.').all(|word| {
            let plain = |letter: char| letter.is_alphanumeric() || is_sign(letter);
            !word.is_empty() && word.nfc().all(plain)
        })
}

fn is_sign(letter: char) -> bool {
    u8::try_from(letter).is_ok_and(|byte| SIGNS.contains(&byte))
}

/// Whether each letter beyond ASCII is one that can be seen, and is written in the one way that does not stand for another.
fn is_visible(text: &str) -> bool {
    if text.is_ascii() {
        return true;
    }
    let seen = |letter: char| {
        letter.is_ascii() || ((letter.is_alphanumeric() || is_combining_mark(letter)) && !is_ignorable(letter))
    };
    text.chars().all(seen) && text.nfc().eq(text.nfkc())
}

/// Letters and marks that Unicode lets programs leave out (`Default_Ignorable_Code_Point`), and the mark that is a blank.
fn is_ignorable(letter: char) -> bool {
    matches!(letter, '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

/// Two labels of letters, digits and inner hyphens at least; the last begins with a letter, so that it is no IP address.
fn is_domain(ascii: &str) -> bool {
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=MOST_LABEL_OCTETS).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let named = |last: &str| last.starts_with(|letter: char| letter.is_ascii_lowercase());
    let encoded = !ascii.contains("xn--") || idna::domain_to_ascii(ascii).is_ok_and(|again| again == ascii);
    encoded && ascii.split('.').all(label) && ascii.rsplit_once('.').is_some_and(|(_, last)| named(last))
}

/// The form in which e-mail addresses are compared and stored: without surrounding blanks, in lower case, composed (Unicode
/// NFC), an international domain in its ASCII form (RFC 5891). Also of a text on record that is no address.
pub fn plain_email(email: &str) -> String {
    let email = email.trim();
    if email.is_ascii() {
        return email.to_ascii_lowercase();
    }
    let email: String = email.nfc().collect::<String>().to_lowercase().nfc().collect();
    match email.rsplit_once('@') {
        Some((name, domain)) if !domain.is_ascii() => match idna::domain_to_ascii(domain) {
            Ok(domain) => format!("{name}@{domain}"),
            Err(_) => email,
        },
        _ => email,
    }
}

/// Under which name mails to an address in its normal form are counted: all `+tag`s of a mailbox are one, since most providers
/// bring them to one. That is no address, so that they take nothing from the mailbox itself.
pub fn counted_email(plain: &str) -> String {
    let tagged = plain.rsplit_once('@').and_then(|(local, domain)| Some((local.split_once('+')?.0, domain)));
    tagged.map_or_else(|| plain.to_owned(), |(name, domain)| format!("{name}+%@{domain}"))
}

/// The normal form of an address, then the other forms under which rows may have been recorded before there was one.
pub fn spellings(email: &str) -> Vec<String> {
    let plain = plain_email(email);
    let mut all = vec![plain.clone()];
    let unicode = match plain.rsplit_once('@') {
        Some((name, domain)) if domain.contains("xn--") => format!("{name}@{}", idna::domain_to_unicode(domain).0),
        _ => plain.clone(),
    };
    for form in [unicode.clone(), unicode.nfd().collect(), plain.nfd().collect()] {
        if !all.contains(&form) {
            all.push(form);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> bool {
        EmailAddress::parse(text).is_err()
    }

    #[test]
    fn a_text_of_a_mebibyte_is_too_long_before_it_is_looked_at() {
        // The worst for Punycode: labels of ever other letters. Each would take a part of a second.
        let letters = (0x4e00..0x4e00 + 1_000).filter_map(char::from_u32).collect::<String>();
        let text = format!("a@{}", vec![letters; 349].join("."));
        assert!(text.len() > 1_000_000);
        for _ in 0..1_000 {
            assert_eq!(EmailAddress::parse(&text), Err(NotAnAddress("must have at most 254 characters")));
        }
    }

    #[test]
    fn addresses_of_all_scripts_and_with_tags_are_taken_as_they_are() {
        for text in [
            "ada@example.com",
            "Ada.Love-lace+tea@mail.example.co.uk",
            "o'brien/a=b@example.com",
            "jos\u{e9}@m\u{fc}ller.example",
            "jose\u{301}@mu\u{308}ller.example",
            "\u{7528}\u{6237}@\u{4f8b}\u{5b50}.\u{6d4b}\u{8bd5}",
            "\u{3b4}\u{3bf}\u{3ba}\u{3b9}\u{3bc}\u{3ae}@xn--mller-kva.example",
            "1@9.ex",
            &format!("{}@example.com", "a".repeat(64)),
        ] {
            let address = EmailAddress::parse(text).unwrap_or_else(|error| panic!("{text:?} {error}"));
            assert_eq!(address.typed(), text);
            assert_eq!(address.plain(), plain_email(text));
        }
        let tags = ["a+b@example.com", "a@example.com"].map(|text| EmailAddress::parse(text).expect("an address"));
        assert_ne!(tags[0].plain(), tags[1].plain());
    }

    #[test]
    fn what_means_somebody_else_or_several_is_no_address() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "x1<victim@example.com>",
            "Ada <ada@example.com>",
            "<ada@example.com>",
            "ada@example.com,eve@example.com",
            "ada@example.com;eve",
            "ada@example.com eve@example.com",
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@b@example.com",
            "\"ada\"@example.com",
            "\"a@b\"@example.com",
            "ada(eve)@example.com",
            "ada@(eve)example.com",
            "@relay.example:ada@example.com",
            "victim%example.org@example.com",
            "example.org!victim@example.com",
            "|/bin/sh@example.com",
            "ada\\@b@example.com",
            " ada@example.com",
            "ada@example.com ",
            "ada@example.com.",
            ".ada@example.com",
            "ada.@example.com",
            "a..da@example.com",
            "ada@.example.com",
            "ada@example..com",
            "ada@-example.com",
            "ada@example-.com",
            "ada@exa_mple.com",
            "ada@localhost",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada@0x7f.1",
            "ada@xn--.example",
            "mailto:ada@example.com",
        ] {
            assert!(refused(text), "{text:?}");
        }
        assert!(refused(&format!("{}@example.com", "a".repeat(65))));
        assert!(refused(&format!("{}@example.com", "\u{e9}".repeat(33))));
        assert!(refused(&format!("a@{}.com", "b".repeat(64))));
        assert!(refused(&format!("a@{}com", "b23456789.".repeat(25))));
    }

    #[test]
    fn what_cannot_be_seen_or_stands_for_something_else_is_no_part_of_an_address() {
        for hidden in [
            '\u{ff20}', '\u{fe6b}', '\u{a0}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{202e}',
            '\u{2066}', '\u{feff}', '\u{ad}', '\u{34f}', '\u{fe0f}', '\u{3164}', '\u{115f}', '\u{2800}', '\u{3000}',
            '\u{ff0c}', '\u{ff0e}', '\u{3002}', '\u{ff41}', '\u{2028}', '\u{85}', '\u{0}', '\u{7f}', '\u{e000}',
            '\u{fffd}',
        ] {
            for text in [
                format!("a{hidden}da@example.com"),
                format!("ada@exa{hidden}mple.com"),
                format!("ada{hidden}example.com"),
            ] {
                assert!(refused(&text), "{text:?}");
            }
            assert!(
                refused(&format!("ada@example.com{hidden}")) && refused(&format!("{hidden}ada@example.com")),
                "{hidden:?}"
            );
        }
    }

    #[test]
    fn mail_goes_to_the_local_part_as_typed_and_the_domain_in_ascii() {
        let address = EmailAddress::parse("Jose\u{301}@M\u{fc}ller.example").expect("an address");
        assert_eq!(address.mailbox(), ("Jos\u{e9}".to_owned(), "xn--mller-kva.example"));
    }

    #[test]
    fn one_address_has_one_form_whatever_way_it_is_typed() {
        for typed in ["ann@example.com", " Ann@Example.COM ", "ANN@EXAMPLE.com\t"] {
            assert_eq!(plain_email(typed), "ann@example.com", "{typed:?}");
        }
        let composed = "jos\u{e9}@example.com";
        for typed in ["jose\u{301}@example.com", "JOS\u{c9}@example.com", "JOSE\u{301}@Example.com"] {
            assert_eq!(plain_email(typed), composed, "{typed:?}");
        }
        for typed in ["ann@m\u{fc}ller.example", "ann@mu\u{308}ller.example", "Ann@XN--MLLER-KVA.example"] {
            assert_eq!(plain_email(typed), "ann@xn--mller-kva.example", "{typed:?}");
        }
    }

    #[test]
    fn a_normal_form_stays_as_it_is_and_is_among_its_spellings() {
        for typed in ["a@b", "", "no address", "jose\u{301}@m\u{fc}ller.example", "a@b@c\u{e9}", "\u{130}@x.example"] {
            let plain = plain_email(typed);
            assert_eq!(plain_email(&plain), plain, "{typed:?}");
            assert_eq!(spellings(typed)[0], plain);
        }
        let found = spellings("jose\u{301}@mu\u{308}ller.example");
        for before in ["jos\u{e9}@m\u{fc}ller.example", "jose\u{301}@mu\u{308}ller.example"] {
            assert!(found.iter().any(|form| form == before), "{before} in {found:?}");
        }
        assert_eq!(spellings("Ann@example.com"), ["ann@example.com"]);
    }

    proptest! {
        #[test]
        fn whatever_is_an_address_has_one_normal_form_that_is_an_address_too(
            text in "[a-zA-Z0-9.+\u{c0}-\u{24f}\u{370}-\u{3ff}\u{5d0}-\u{5ea}\u{300}-\u{36f}_-]{1,12}@[a-zA-Z0-9.\u{c0}-\u{24f}\u{4e00}-\u{4eff}-]{1,12}\\.[a-z\u{e0}-\u{ff}]{1,5}"
        ) {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(address.plain().matches('@').count(), 1);
                let again = EmailAddress::parse(address.plain()).map_err(|error| TestCaseError::fail(format!("{:?} {error}", address.plain())))?;
                prop_assert_eq!(again.plain(), address.plain());
                let (local, domain) = address.mailbox();
                let mailbox = EmailAddress::parse(&format!("{local}@{domain}")).map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert_eq!(mailbox.plain(), address.plain());
            }
        }
    }
}
