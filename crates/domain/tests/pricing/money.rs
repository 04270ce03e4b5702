//! Amounts as people write and read them.

use cartwright_domain::money::{Currency, ParseAmountError, Percent, Rounding, format, parse_amount, write_decimal};

fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

#[test]
fn amounts_are_written_as_shops_write_them() {
    for (amount, code, written) in [
        (3250, "EUR", "32.50€"),
        (-3250, "EUR", "-32.50€"),
        (0, "EUR", "0.00€"),
        (5, "EUR", "0.05€"),
        (3250, "USD", "$32.50"),
        (-300, "USD", "-$3.00"),
        (3250, "GBP", "£32.50"),
        (500, "JPY", "¥500"),
        (0, "JPY", "¥0"),
        (12_500, "KWD", "12.500 KWD"),
        (1250, "CHF", "12.50 CHF"),
        (i64::MAX, "EUR", "92233720368547758.07€"),
        (i64::MIN, "JPY", "-¥9223372036854775808"),
    ] {
        assert_eq!(format(amount, currency(code)), written);
    }
    let mut plain = String::new();
    write_decimal(&mut plain, -3250, Currency::EUR);
    assert_eq!(plain, "-32.50");
}

#[test]
fn amounts_are_read_exactly_or_not_at_all() {
    for (text, code, amount) in [
        ("9.99", "EUR", Ok(999)),
        ("9.9900", "EUR", Ok(999)),
        ("9.9", "EUR", Ok(990)),
        ("9", "EUR", Ok(900)),
        ("-0.05", "EUR", Ok(-5)),
        ("500", "JPY", Ok(500)),
        ("500.0", "JPY", Ok(500)),
        ("12.345", "KWD", Ok(12_345)),
        ("9.995", "EUR", Err(ParseAmountError::TooPrecise)),
        ("0.5", "JPY", Err(ParseAmountError::TooPrecise)),
        ("", "EUR", Err(ParseAmountError::NotANumber)),
        (".5", "EUR", Err(ParseAmountError::NotANumber)),
        ("5.", "EUR", Err(ParseAmountError::NotANumber)),
        ("1e3", "EUR", Err(ParseAmountError::NotANumber)),
        ("--1", "EUR", Err(ParseAmountError::NotANumber)),
        ("1,50", "EUR", Err(ParseAmountError::NotANumber)),
        ("99999999999999999999", "EUR", Err(ParseAmountError::OutOfRange)),
    ] {
        assert_eq!(parse_amount(text, currency(code)), amount, "{text} {code}");
    }
}

#[test]
fn currencies_are_those_of_iso_4217_with_a_minor_unit() {
    assert_eq!(["JPY", "EUR", "KWD"].map(|code| currency(code).exponent()), [0, 2, 3]);
    for wrong in ["eur", "EURO", "", "XAU", "ZZZ"] {
        wrong.parse::<Currency>().expect_err(wrong);
    }
}

#[test]
fn percentages_are_exact() {
    for (text, written) in [("8.25", "8.25"), ("100", "100"), ("0.250000", "0.25"), ("33.333333", "33.333333")] {
        assert_eq!(text.parse::<Percent>().expect("a percentage").to_string(), written);
    }
    for wrong in ["-1", "1000.1", "8,25", "", "1.2345678", "1e1", "."] {
        wrong.parse::<Percent>().expect_err(wrong);
    }
    let number: Percent = serde_json::from_str("8.25").expect("a number is accepted");
    assert_eq!(number, "8.25".parse().expect("a percentage"));
}

#[test]
fn halves_go_where_the_store_says() {
    let half = "50".parse::<Percent>().expect("a percentage");
    let rounded = |amount, rounding| half.of(amount, rounding).expect("it fits");
    for (rounding, of_five, of_seven) in
        [(Rounding::HalfUp, 3, 4), (Rounding::HalfEven, 2, 4), (Rounding::HalfDown, 2, 3), (Rounding::Down, 2, 3)]
    {
        assert_eq!((rounded(5, rounding), rounded(7, rounding)), (of_five, of_seven), "{rounding:?}");
    }
}
