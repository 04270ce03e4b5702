//! What postcodes look like, country by country.
//!
//! Source: the address data of Google (`chromium-i18n.appspot.com`, CC BY 4.0), which goes on from Unicode CLDR's
//! `postalCodeData` and has the forms that the Universal Postal Union publishes; of what its patterns say only the length, the kinds
//! of characters and what all codes begin with is taken. Needed is a postcode where that data requires it, and in the rest of
//! Europe but Ireland, where carriers do. The marks are the signs of countries on cars, which stood before postcodes in Europe.

use super::letters::Letters;
use Need::{Needed, Optional};

/// Whether addresses of a country need a postcode.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Needed,
    Optional,
}

/// In place of forms: see [`super::british`].
const BRITISH: &str = "SW1A 1AA";

/// Country, whether addresses need it, its marks besides its code, and the forms, with `|` between them: `#` is a digit, `@` a letter,
/// `*` one of both, and blanks and hyphens stand where people write them.
const FORMS: [(&str, Need, &str, &str); 179] = [
    ("AD", Optional, "", "###"),
    ("AF", Optional, "", "####"),
    ("AI", Optional, "", "2640"),
    ("AL", Optional, "", "####"),
    ("AM", Optional, "", "####|37####"),
    ("AR", Optional, "", "@####@@@|@####|####"),
    ("AS", Needed, "", "#####|#####-####"),
    ("AT", Needed, "A", "####"),
    ("AU", Needed, "", "####"),
    ("AX", Needed, "FIN FI", "22###"),
    ("AZ", Optional, "", "####"),
    ("BA", Optional, "BIH", "#####"),
    ("BB", Optional, "", "#####"),
    ("BD", Optional, "", "####"),
    ("BE", Needed, "B", "####"),
    ("BG", Needed, "", "####"),
    ("BH", Optional, "", "###|####"),
    ("BL", Needed, "F", "9####"),
    ("BM", Optional, "", "@@ **"),
    ("BN", Optional, "", "@@####"),
    ("BR", Needed, "", "#####-###"),
    ("BT", Optional, "", "#####"),
    ("BY", Optional, "", "######"),
    ("CA", Needed, "", "@#@ #@#"),
    ("CC", Optional, "", "6799"),
    ("CH", Needed, "", "####"),
    ("CL", Optional, "", "#######"),
    ("CN", Needed, "", "######"),
    ("CO", Optional, "", "######"),
    ("CR", Optional, "", "#####|####"),
    ("CU", Optional, "", "#####"),
    ("CV", Optional, "", "####"),
    ("CX", Optional, "", "6798"),
    ("CY", Needed, "", "####"),
    ("CZ", Needed, "", "### ##"),
    ("DE", Needed, "D", "#####"),
    ("DK", Needed, "", "####"),
    ("DO", Optional, "", "#####"),
    ("DZ", Optional, "", "#####"),
    ("EC", Optional, "", "######"),
    ("EE", Needed, "EST", "#####"),
    ("EG", Optional, "", "#####"),
    ("EH", Optional, "", "#####"),
    ("ES", Needed, "E", "#####"),
    ("ET", Optional, "", "####"),
    ("FI", Needed, "FIN", "#####"),
    ("FK", Needed, "", "FIQQ 1ZZ"),
    ("FM", Needed, "", "#####|#####-####"),
    ("FO", Optional, "", "###"),
    ("FR", Needed, "F", "#####"),
    ("GB", Needed, "UK", BRITISH),
    ("GE", Optional, "", "####"),
    ("GF", Needed, "F", "9####"),
    ("GG", Needed, "GB UK", BRITISH),
    ("GI", Optional, "", "GX11 1AA"),
    ("GL", Needed, "", "39##"),
    ("GN", Optional, "", "###"),
    ("GP", Needed, "F", "9####"),
    ("GR", Needed, "EL", "### ##"),
    ("GS", Needed, "", "SIQQ 1ZZ"),
    ("GT", Optional, "", "#####"),
    ("GU", Needed, "", "#####|#####-####"),
    ("GW", Optional, "", "####"),
    ("HM", Optional, "", "####"),
    ("HN", Optional, "", "#####"),
    ("HR", Needed, "", "#####"),
    ("HT", Optional, "", "####"),
    ("HU", Needed, "H", "####"),
    ("ID", Optional, "", "#####"),
    ("IE", Optional, "IRL", "@#* ****"),
    ("IL", Optional, "", "#######|#####"),
    ("IM", Needed, "GB UK", BRITISH),
    ("IN", Needed, "", "######"),
    ("IO", Needed, "", "BBND 1ZZ"),
    ("IQ", Optional, "", "#####"),
    ("IR", Optional, "", "#####-#####"),
    ("IS", Optional, "", "###"),
    ("IT", Needed, "I", "#####"),
    ("JE", Needed, "GB UK", BRITISH),
    ("JO", Optional, "", "#####"),
    ("JP", Needed, "", "###-####"),
    ("KE", Optional, "", "#####"),
    ("KG", Optional, "", "######"),
    ("KH", Optional, "", "######|#####"),
    ("KR", Needed, "", "#####"),
    ("KW", Optional, "", "#####"),
    ("KY", Optional, "", "#-####"),
    ("KZ", Needed, "", "######|*******"),
    ("LA", Optional, "", "#####"),
    ("LB", Optional, "", "####|#### ####"),
    ("LI", Needed, "FL", "94##"),
    ("LK", Optional, "", "#####"),
    ("LR", Optional, "", "####"),
    ("LS", Optional, "", "###"),
    ("LT", Needed, "", "#####"),
    ("LU", Needed, "L", "####"),
    ("LV", Needed, "", "####"),
    ("MA", Optional, "", "#####"),
    ("MC", Needed, "F", "980##"),
    ("MD", Optional, "", "####"),
    ("ME", Optional, "", "8####"),
    ("MF", Needed, "F", "9####"),
    ("MG", Optional, "", "###"),
    ("MH", Needed, "", "#####|#####-####"),
    ("MK", Optional, "", "####"),
    ("MM", Optional, "", "#####"),
    ("MN", Optional, "", "#####"),
    ("MP", Needed, "", "#####|#####-####"),
    ("MQ", Needed, "F", "9####"),
    ("MT", Optional, "", "@@@ ####|@@@ ###|@@@ ##"),
    ("MU", Optional, "", "#####|###@@###"),
    ("MV", Optional, "", "#####"),
    ("MX", Needed, "", "#####"),
    ("MY", Needed, "", "#####"),
    ("MZ", Optional, "", "####"),
    ("NA", Optional, "", "#####"),
    ("NC", Needed, "F", "9####"),
    ("NE", Optional, "", "####"),
    ("NF", Optional, "", "2899"),
    ("NG", Optional, "", "######"),
    ("NI", Optional, "", "#####"),
    ("NL", Needed, "", "#### @@"),
    ("NO", Needed, "N", "####"),
    ("NP", Optional, "", "#####"),
    ("NZ", Needed, "", "####"),
    ("OM", Optional, "PC", "###"),
    ("PE", Optional, "", "#####"),
    ("PF", Needed, "F", "9####"),
    ("PG", Optional, "", "###"),
    ("PH", Optional, "", "####"),
    ("PK", Optional, "", "#####"),
    ("PL", Needed, "", "##-###"),
    ("PM", Needed, "F", "9####"),
    ("PN", Needed, "", "PCRN 1ZZ"),
    ("PR", Needed, "", "#####|#####-####"),
    ("PT", Needed, "P", "####-###"),
    ("PW", Needed, "", "#####|#####-####"),
    ("PY", Optional, "", "####"),
    ("RE", Needed, "F", "9####"),
    ("RO", Needed, "", "######"),
    ("RS", Needed, "SRB", "#####|######"),
    ("RU", Needed, "RUS", "######"),
    ("SA", Optional, "", "#####|#####-####"),
    ("SD", Optional, "", "#####"),
    ("SE", Needed, "S", "### ##"),
    ("SG", Needed, "", "######"),
    ("SH", Needed, "", "STHL 1ZZ|ASCN 1ZZ|TDCU 1ZZ"),
    ("SI", Needed, "SLO", "####"),
    ("SJ", Needed, "", "####"),
    ("SK", Needed, "", "### ##"),
    ("SM", Needed, "I", "4789#"),
    ("SN", Optional, "", "#####"),
    ("SO", Optional, "", "@@ #####"),
    ("SV", Optional, "CP", "####"),
    ("SZ", Optional, "", "@###"),
    ("TC", Needed, "", "TKCA 1ZZ"),
    ("TH", Optional, "", "#####"),
    ("TJ", Optional, "", "######"),
    ("TM", Optional, "", "######"),
    ("TN", Optional, "", "####"),
    ("TR", Needed, "", "#####"),
    ("TW", Needed, "", "######|#####|###"),
    ("TZ", Optional, "", "#####|####"),
    ("UA", Needed, "", "#####"),
    ("UM", Optional, "", "#####"),
    ("US", Needed, "USA", "#####|#####-####"),
    ("UY", Optional, "", "#####"),
    ("UZ", Optional, "", "######"),
    ("VA", Needed, "I V", "00120"),
    ("VC", Optional, "", "####"),
    ("VE", Optional, "", "####"),
    ("VG", Optional, "", "####"),
    ("VI", Needed, "", "#####|#####-####"),
    ("VN", Optional, "", "#####|######"),
    ("WF", Needed, "F", "9####"),
    ("XK", Optional, "", "#####"),
    ("YT", Needed, "F", "9####"),
    ("ZA", Needed, "", "####"),
    ("ZM", Optional, "", "#####"),
];

/// One form of a country's postcodes.
pub(super) struct Form(&'static str);

impl Form {
    /// Whether these are all letters of a postcode.
    pub(super) fn fits(&self, letters: &Letters) -> bool {
        letters.len() == self.parts().count() && self.can_begin(letters)
    }

    /// Whether a postcode can begin with these letters.
    pub(super) fn can_begin(&self, letters: &Letters) -> bool {
        let mut parts = self.parts();
        letters.bytes().iter().all(|letter| match parts.next() {
            Some(b'#') => letter.is_ascii_digit(),
            Some(b'@') => letter.is_ascii_uppercase(),
            Some(b'*') => letter.is_ascii_alphanumeric(),
            Some(wanted) => *letter == wanted,
            None => false,
        })
    }

    fn parts(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().filter(|part| !matches!(part, b' ' | b'-'))
    }
}

fn row(country: &str) -> Option<&'static (&'static str, Need, &'static str, &'static str)> {
    FORMS.binary_search_by_key(&country, |row| row.0).ok().map(|at| &FORMS[at])
}

/// Whether it is known what a country's postcodes look like; most of the others have none.
pub fn is_known(country: &str) -> bool {
    row(country).is_some()
}

/// Whether an address in this country is not complete without a postcode.
pub fn is_needed(country: &str) -> bool {
    row(country).is_some_and(|row| row.1 == Needed)
}

/// What a postcode of a country looks like, where it is known.
pub fn example(country: &str) -> Option<String> {
    let form = row(country)?.3.split('|').next()?;
    let (mut digits, mut letters) = (('1'..='9').cycle(), ('A'..='Z').cycle());
    Some(
        form.chars()
            .filter_map(|part| match part {
                '#' | '*' => digits.next(),
                '@' => letters.next(),
                other => Some(other),
            })
            .collect(),
    )
}

/// The forms of a country's postcodes.
pub(super) fn forms_of(country: &str) -> impl Iterator<Item = Form> {
    row(country).into_iter().flat_map(|row| row.3.split('|')).map(Form)
}

/// What stands before a country's postcodes without belonging to them.
pub(super) fn marks_of(country: &str) -> impl Iterator<Item = &str> {
    let more = row(country).map_or("", |row| row.2);
    std::iter::once(country).chain(more.split(' ')).filter(|mark| !mark.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::is_country;

    #[test]
    fn the_table_is_in_order_and_about_countries() {
        assert!(FORMS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(FORMS.iter().all(|row| is_country(row.0)));
    }
}
