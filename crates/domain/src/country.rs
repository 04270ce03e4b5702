//! Countries, as addresses and zones name them.

/// Codes of ISO 3166-1 alpha-2, in order, as of 2026, and `XK`: of the codes that the standard leaves to its users it is the one by
/// which carriers, payment providers and Unicode's CLDR know Kosovo.
pub const COUNTRIES: [&str; 250] = [
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD",
    "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA",
    "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE",
    "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA",
    "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK",
    "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP",
    "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT",
    "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS",
    "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ",
    "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS",
    "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST",
    "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW",
    "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "XK", "YE", "YT",
    "ZA", "ZM", "ZW",
];

/// Whether this is a country's code, in capitals.
pub fn is_country(code: &str) -> bool {
    COUNTRIES.binary_search(&code).is_ok()
}

/// The code of ISO 3166-1 for one that is often taken for such: the European Union writes `UK` and `EL`.
pub fn meant_country(code: &str) -> Option<&'static str> {
    let code = code.to_ascii_uppercase();
    match code.as_str() {
        "UK" => Some("GB"),
        "EL" => Some("GR"),
        code => COUNTRIES.iter().copied().find(|known| *known == code),
    }
}

/// What is wrong with a country's code, for whoever sent it; `None` where it is one.
pub fn country_error(code: &str) -> Option<String> {
    if is_country(code) {
        return None;
    }
    const EXPECTED: &str = "must be a country of ISO 3166-1, as two upper-case letters";
    Some(meant_country(code).map_or_else(|| EXPECTED.to_owned(), |meant| format!("{EXPECTED}: {meant}?")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard_and_kosovo() {
        assert!(COUNTRIES.is_sorted() && COUNTRIES.len() == 250);
        let plain = |code: &&str| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
        assert!(COUNTRIES.iter().all(plain));
        assert!(["DE", "GB", "ES", "XK", "SS"].into_iter().all(is_country));
        // Not assigned, withdrawn, not in capitals, not two letters.
        assert!(!["XX", "ZZ", "UK", "EU", "AN", "YU", "SU", "de", "D", "DEU", "", "ÄÄ"].into_iter().any(is_country));
    }

    #[test]
    fn what_was_probably_meant_is_said() {
        assert_eq!(country_error("GB"), None);
        assert!(country_error("UK").is_some_and(|said| said.ends_with("GB?")));
        assert!(country_error("de").is_some_and(|said| said.ends_with("DE?")));
        assert!(country_error("XX").is_some_and(|said| said.ends_with("letters")));
    }
}
