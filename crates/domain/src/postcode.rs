//! Postcodes, by each country's form. Blanks, hyphens, case, the width of letters and the mark of the country (`D-10115`,
//! `LV-1010`) do not count. The beginning of a postcode ends where a part of it ends: `SE1` is a district of London, and
//! `SE10` is another one.

mod british;
mod forms;
mod letters;

pub use forms::{example, is_known, is_needed};
use letters::Letters;

/// Whether an address in this country may have this postcode. Where the country's form is not known all may.
pub fn fits(country: &str, postcode: &str) -> bool {
    !is_known(country) || Code::read(country, Letters::of(postcode)).is_whole
}

/// Whether postcodes of this country can begin so. Where the country's form is not known all can.
pub fn can_begin(country: &str, prefix: &str) -> bool {
    Code::beginning(country, Letters::of(prefix)).is_some()
}

/// How many letters and digits of a postcode a beginning of it tells; `None` where it is no beginning of it.
pub fn begins_with(country: &str, postcode: &str, prefix: &str) -> Option<usize> {
    let prefix = Code::beginning(country, Letters::of(prefix))?;
    let mut code = Code::read(country, Letters::of(postcode));
    if country == "AR" && prefix.letters.begins_with_digit() {
        // Codes from before 1999 lack the letter of the province, which is all that sets them apart from those of today.
        code.letters.drop_letter();
    }
    let told = prefix.letters.len();
    let same_parts = code.ends & up_to(told) == prefix.ends & up_to(told);
    (code.letters.starts_with(&prefix.letters) && same_parts).then_some(told)
}

/// A postcode or the beginning of one, without its country's mark.
#[derive(Clone, Copy)]
struct Code {
    letters: Letters,
    /// After how many letters and digits a part ends: one bit for each.
    ends: u32,
    /// Whether it has the form of its country.
    is_whole: bool,
}

/// Where each letter or digit is a part of its own.
const ANYWHERE: u32 = u32::MAX;

/// The bits of the first so many letters.
fn up_to(told: usize) -> u32 {
    (1 << (told + 1)) - 1
}

impl Code {
    /// A postcode as somebody has typed it; what has not its country's form is read as far as it goes.
    fn read(country: &str, typed: Letters) -> Code {
        let whole = |letters: Letters| -> Option<Code> {
            let ends = match is_british(country) {
                true => british::whole(&letters)?,
                false => forms::forms_of(country).any(|form| form.fits(&letters)).then_some(ANYWHERE)?,
            };
            Some(Code { letters, ends, is_whole: true })
        };
        let found = whole(typed).or_else(|| without_mark(country, typed).find_map(whole));
        found.or_else(|| Code::beginning(country, typed)).unwrap_or_else(|| {
            let ends = if is_british(country) { british::any(&typed) } else { ANYWHERE };
            Code { letters: typed, ends, is_whole: false }
        })
    }

    /// The beginning of a postcode, if any of the country can begin so.
    fn beginning(country: &str, typed: Letters) -> Option<Code> {
        let begins = |letters: Letters| -> Option<Code> {
            let ends = match is_british(country) {
                true => british::beginning(&letters)?,
                false if !is_known(country) => ANYWHERE,
                false => forms::forms_of(country).any(|form| form.can_begin(&letters)).then_some(ANYWHERE)?,
            };
            (!letters.is_empty()).then_some(Code { letters, ends, is_whole: false })
        };
        begins(typed).or_else(|| without_mark(country, typed).find_map(begins))
    }
}

/// Guernsey, the Isle of Man and Jersey have the codes of Great Britain, and areas of their own.
fn is_british(country: &str) -> bool {
    matches!(country, "GB" | "GG" | "IM" | "JE")
}

/// What is left without each mark of the country that it begins with.
fn without_mark<'a>(country: &'a str, typed: Letters) -> impl Iterator<Item = Letters> + 'a {
    forms::marks_of(country).filter_map(move |mark| typed.without(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(country: &str, prefix: &str, postcode: &str) -> bool {
        begins_with(country, postcode, prefix).is_some()
    }

    #[test]
    fn a_beginning_of_a_british_postcode_ends_where_a_part_of_it_ends() {
        for (prefix, taken, left) in [
            ("SE1", &["SE1 7PB", "se17pb", "SE1P 1AA", "SE1"][..], &["SE10 8XJ", "SE10", "SE19 1AA", "SE11AAA"][..]),
            ("PA67", &["PA67 6AB"], &["PA6 7LN", "PA67LN"]),
            ("PA6 7", &["PA6 7LN", "PA67LN", "pa6-7ln"], &["PA67 6AB", "PA6 8LN"]),
            ("S", &["S1 1AA", "S10 2TN"], &["SE1 7PB", "SW1A 1AA"]),
            ("SE", &["SE1 7PB", "SE10 8XJ"], &["S1 1AA", "E1 7AA"]),
            ("SW1", &["SW1A 1AA", "SW1 1AA"], &["SW10 0AA", "SW11 1AA"]),
            ("SW1A", &["SW1A 1AA"], &["SW1 1AA", "SW1P 1AA"]),
            ("E1W", &["E1W 1AA"], &["E1 1AA", "E17 4AA"]),
            ("E1", &["E1 7AA", "E1W 1AA"], &["E17 4AA", "E10 5AA"]),
            ("SE1 7PB", &["SE17PB", "SE1 7PB"], &["SE1 7PA", "SE17 7PB"]),
            ("BFPO", &["BFPO 57", "BFPO5"], &["B1 1AA"]),
            ("BFPO 5", &["BFPO 5"], &["BFPO 57"]),
        ] {
            for code in taken {
                assert!(takes("GB", prefix, code), "{prefix} does not take {code}");
            }
            for code in left {
                assert!(!takes("GB", prefix, code), "{prefix} takes {code}");
            }
        }
    }

    #[test]
    fn where_codes_have_one_length_a_beginning_may_end_anywhere() {
        for (country, prefix, code) in [
            ("DE", "27", "27498"),
            ("DE", "27498", "27498"),
            ("US", "900", "90012-1234"),
            ("US", "90012", "90012"),
            ("CA", "M5V", "M5V 2T6"),
            ("CA", "m5", "m5v2t6"),
            ("NL", "1012", "1012 AB"),
            ("IE", "D02", "D02 X285"),
            ("JP", "100", "〒100-0001"),
            ("PT", "1000-2", "1000-205"),
            ("KY", "KY1", "KY1-1100"),
        ] {
            assert!(takes(country, prefix, code), "{country}: {prefix} does not take {code}");
        }
        assert!(!takes("DE", "27499", "27498"));
        assert!(!takes("DE", "274980", "27498"));
    }

    #[test]
    fn blanks_hyphens_width_case_and_marks_of_the_country_do_not_count() {
        for code in
            ["27498", "27 498", "D-27498", "DE-27498", "d 27498", "２７４９８", "\u{a0}27\u{2011}498 ", "Ｄ－27498"]
        {
            for prefix in ["27498", "D-27", "DE 274", "２７", "27 4"] {
                assert!(takes("DE", prefix, code), "{prefix} does not take {code}");
                assert_eq!(begins_with("DE", code, "D-27 49"), Some(4));
            }
        }
        assert!(takes("LV", "10", "LV-1010") && takes("LV", "LV-10", "1010"));
        assert!(takes("SE", "S-123", "123 45") && takes("FI", "FIN-00", "00100"));
        assert!(takes("GB", "GB-SE1", "GB SE1 7PB") && takes("IM", "IM1", "IM1 1AA"));
        assert!(takes("IR", "119", "۱۱۹۳۶-۱۲۳۴۵"), "digits of other scripts are digits");
        assert!(takes("MT", "VLT", "VLT 1117") && takes("SZ", "H1", "H100"), "letters of the code are no mark");
        assert!(takes("AR", "C14", "C1425DTH") && takes("AR", "1425", "C1425DTH") && !takes("AR", "C14", "1425"));
    }

    #[test]
    fn a_longer_beginning_tells_more_and_blanks_tell_nothing() {
        assert_eq!(begins_with("GB", "PA6 7LN", "PA6"), Some(3));
        assert_eq!(begins_with("GB", "PA6 7LN", "P A 6"), Some(3));
        assert_eq!(begins_with("GB", "PA6 7LN", "PA6 7"), Some(4));
        assert_eq!(begins_with("SE", "123 45", " 1 2 3 "), Some(3));
    }

    #[test]
    fn what_has_not_the_form_of_its_country_is_found_out() {
        for (country, fitting, wrong) in [
            ("DE", &["10115", "D-10115", "10 115"][..], &["1011", "101155", "ABCDE", "A-10115", "", "10115a"][..]),
            ("GB", &["SW1A 1AA", "M1 1AE", "gir 0aa", "BFPO 57", "EC1A1BB"], &["SW1A", "SW1A 1A", "1SW 1AA", "12345"]),
            ("US", &["90012", "90012-1234"], &["9001", "90012-12"]),
            ("NL", &["1012AB", "1012 AB", "NL-1012 AB"], &["1012", "AB1012"]),
            ("CA", &["K1A 0B1"], &["K1A 0BB", "KAA 0B1"]),
            ("IE", &["D02 X285", "A65F4E2", "D6W XY00"], &["D02", "123 4567"]),
            ("AR", &["C1425DTH", "1425", "C1425"], &["142"]),
            ("AD", &["AD500", "500"], &["AD5000"]),
            ("LI", &["FL-9490", "9490"], &["8490"]),
            ("HK", &["", "anything"], &[]),
        ] {
            for code in fitting {
                assert!(fits(country, code), "{country} {code}");
            }
            for code in wrong {
                assert!(!fits(country, code), "{country} {code}");
            }
        }
    }

    #[test]
    fn a_beginning_that_no_postcode_of_the_country_has_is_found_out() {
        for (country, can, cannot) in [
            ("DE", &["1", "10115", "D-1"][..], &["SE1", "101155", "D-", ""][..]),
            ("GB", &["S", "SE", "SE1", "SW1A", "SE1 7", "SE1 7PB", "BFPO"], &["SE1 7P", "27", "SE177", "ABC", "-"]),
            ("CA", &["K", "K1A", "K1A 0"], &["1", "KK"]),
            ("HK", &["anything"], &["", " "]),
        ] {
            for prefix in can {
                assert!(can_begin(country, prefix), "{country} {prefix}");
            }
            for prefix in cannot {
                assert!(!can_begin(country, prefix), "{country} {prefix}");
            }
        }
    }

    #[test]
    fn every_known_form_has_an_example_that_fits_it() {
        for country in crate::country::COUNTRIES {
            match example(country) {
                Some(example) => assert!(fits(country, &example), "{country} {example}"),
                None => assert!(!is_known(country) && !is_needed(country), "{country}"),
            }
        }
        assert_eq!(example("DE").as_deref(), Some("12345"));
        assert_eq!(example("NL").as_deref(), Some("1234 AB"));
    }
}
