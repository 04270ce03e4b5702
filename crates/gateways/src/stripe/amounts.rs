//! Amounts as Stripe counts them. Ours are ISO 4217 minor units; Stripe's are nearly always the same, but not for currencies
//! whose small units it leaves away or keeps for old times' sake. Source: docs.stripe.com/currencies.

use cartwright_domain::money::Currency;

/// Currencies that Stripe counts in whole units.
const WHOLE: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies that Stripe counts in thousandths, of which the last digit must be 0.
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// Currencies without small units that Stripe counts in hundredths all the same.
const WHOLE_IN_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];

/// Digits after the decimal point in Stripe's amounts.
fn digits(currency: Currency) -> u32 {
    match currency.code() {
        code if WHOLE.contains(&code) => 0,
        code if THOUSANDTHS.contains(&code) => 3,
        // ISK, UGX, HUF and TWD too: the last two are special for payouts only.
        _ => 2,
    }
}

/// Which multiples Stripe takes.
fn step(currency: Currency) -> i64 {
    match currency.code() {
        code if THOUSANDTHS.contains(&code) => 10,
        code if WHOLE_IN_HUNDREDTHS.contains(&code) => 100,
        _ => 1,
    }
}

/// Our minor units as Stripe's; `None` where Stripe cannot charge exactly this. Never rounded: the shopper agreed to a total.
pub(super) fn to_stripe(amount: i64, currency: Currency) -> Option<i64> {
    let converted = convert(amount, currency.exponent(), digits(currency))?;
    (converted % step(currency) == 0).then_some(converted)
}

/// Stripe's minor units as ours; `None` where it would not be exact, which Stripe never answers to what we asked for.
pub(super) fn from_stripe(amount: i64, currency: Currency) -> Option<i64> {
    convert(amount, digits(currency), currency.exponent())
}

fn convert(amount: i64, from: u32, to: u32) -> Option<i64> {
    if to >= from {
        return amount.checked_mul(10_i64.checked_pow(to - from)?);
    }
    let factor = 10_i64.checked_pow(from - to)?;
    (amount % factor == 0).then_some(amount / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, ours: i64, stripes: Option<i64>) {
        let currency: Currency = code.parse().expect("a currency");
        assert_eq!(to_stripe(ours, currency), stripes, "{code} {ours}");
        if let Some(stripes) = stripes {
            assert_eq!(from_stripe(stripes, currency), Some(ours), "{code} {stripes}");
        }
    }

    #[test]
    fn amounts_are_counted_as_stripe_counts_them() {
        check("EUR", 1_099, Some(1_099));
        check("JPY", 500, Some(500));
        check("KRW", 500, Some(500));
        // The ariary has fifths in ISO 4217 (written as two digits) and none at Stripe.
        check("MGA", 700, Some(7));
        check("MGA", 720, None);
        // No small units in ISO 4217, hundredths at Stripe.
        check("ISK", 5, Some(500));
        check("UGX", 5, Some(500));
        check("HUF", 1_045, Some(1_045));
        check("TWD", 80_045, Some(80_045));
        check("KWD", 5_120, Some(5_120));
        check("KWD", 5_124, None);
    }

    #[test]
    fn an_amount_that_has_no_place_in_a_number_is_not_charged() {
        let isk: Currency = "ISK".parse().expect("a currency");
        assert_eq!(to_stripe(i64::MAX, isk), None);
    }
}
