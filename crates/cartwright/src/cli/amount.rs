//! Amounts as people and files write them, to and from minor units, exactly: no floating point, no rounding.

use iso_currency::Currency;

/// How many decimals a currency has (ISO 4217): yen 0, euro 2, Kuwaiti dinar 3.
pub(crate) fn exponent(currency: &str) -> Option<u32> {
    Currency::from_code(currency)?.exponent().map(u32::from)
}

/// Decimal text to minor units. Zeros past the currency's decimals are dropped; any other digit there is refused.
pub(crate) fn minor(text: &str, exponent: u32) -> Result<i64, String> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return Err(format!("`{text}` is not an amount (digits and one decimal point)"));
    }
    let decimals = exponent as usize;
    let (kept, beyond) = fraction.split_at(fraction.len().min(decimals));
    if beyond.bytes().any(|byte| byte != b'0') {
        return Err(format!("`{text}` has more than {exponent} decimals"));
    }
    let number = format!("0{whole}{kept:0<decimals$}");
    let amount: i64 = number.parse().map_err(|_| format!("`{text}` is too large"))?;
    Ok(if negative { -amount } else { amount })
}

/// Minor units to decimal text, with a point and no grouping: what [`minor`] reads.
pub(crate) fn decimal(amount: i64, exponent: u32) -> String {
    let decimals = exponent as usize;
    let digits = format!("{:0>width$}", amount.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let sign = if amount < 0 { "-" } else { "" };
    if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_becomes_exact_minor_units() {
        for (text, exponent, amount) in
            [("50", 2, 5000), ("9.9", 2, 990), ("2.55", 2, 255), ("0.07", 2, 7), (".5", 2, 50), ("1.2500", 2, 125)]
        {
            assert_eq!(minor(text, exponent), Ok(amount), "{text}");
        }
        assert_eq!(minor("1300", 0), Ok(1300));
        assert_eq!(minor("1.234", 3), Ok(1234));
        assert_eq!(minor("-0.01", 2), Ok(-1));
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        for text in ["9.999", "1,50", "", ".", "-", "1e3", "£5", "1.2.3", "99999999999999999999", "+5"] {
            assert!(minor(text, 2).is_err(), "{text}");
        }
        assert!(minor("5.5", 0).is_err());
    }

    #[test]
    fn what_is_written_reads_back() {
        for amount in [0, 1, 99, 100, 3250, -7, i64::from(i32::MAX)] {
            for exponent in [0, 2, 3] {
                assert_eq!(minor(&decimal(amount, exponent), exponent), Ok(amount));
            }
        }
        assert_eq!(decimal(3250, 2), "32.50");
        assert_eq!(decimal(7, 3), "0.007");
    }

    #[test]
    fn decimals_follow_the_currency() {
        assert_eq!([exponent("JPY"), exponent("EUR"), exponent("KWD")], [Some(0), Some(2), Some(3)]);
        assert_eq!(exponent("EURO"), None);
    }
}
