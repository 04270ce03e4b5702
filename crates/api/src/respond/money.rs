//! Amounts as people write them: by currency alone (`32.50€`, `$32.50`), or as CLDR has it for a locale (`32,50 €`).

use crate::locale::Locale;
use cartwright_domain::money::{self, Currency};
use cartwright_wire as wire;
use fixed_decimal::Decimal;
use icu_decimal::{DecimalFormatter, DecimalFormatterPreferences};
use icu_experimental::dimension::currency::CurrencyType;
use icu_experimental::dimension::currency::formatter::{CurrencyFormatter, CurrencyFormatterPreferences};
use icu_provider::DataError;

/// How the amounts of one currency are written in an answer.
pub(crate) struct MoneyForm {
    currency: Currency,
    local: Option<LocalForm>,
}

struct LocalForm {
    shape: CurrencyFormatter<DecimalFormatter>,
    /// Digits after the decimal mark that the shape writes.
    digits: u32,
    number: DecimalFormatter,
}

impl MoneyForm {
    /// The form of a locale, or the plain one.
    pub(crate) fn new(currency: Currency, locale: Option<&Locale>) -> MoneyForm {
        let local = locale.and_then(|locale| {
            let form = LocalForm::load(currency, locale);
            form.inspect_err(|error| tracing::warn!(%error, %currency, "no form for this locale")).ok()
        });
        MoneyForm { currency, local }
    }

    /// An amount with its currency, and how people write it.
    pub(crate) fn money(&self, amount: i64) -> wire::Money {
        wire::Money { amount, currency: self.currency.code().to_owned(), formatted: self.text(amount) }
    }

    /// How people write an amount.
    pub(crate) fn text(&self, amount: i64) -> String {
        match &self.local {
            Some(form) => form.text(amount, self.currency.exponent()),
            None => money::format(amount, self.currency),
        }
    }
}

impl LocalForm {
    fn load(currency: Currency, locale: &Locale) -> Result<LocalForm, DataError> {
        let locale = locale.as_icu();
        let code: CurrencyType = currency.code().parse().map_err(|_| DataError::custom("not a currency"))?;
        let shape =
            CurrencyFormatter::try_new_symbol(CurrencyFormatterPreferences::from(locale), code, Default::default())?;
        let number = DecimalFormatter::try_new(DecimalFormatterPreferences::from(locale), Default::default())?;
        let sample = shape.format_fixed_decimal(&decimal(11_111, 4)).to_string();
        let digits = sample.chars().filter(|digit| digit.is_numeric()).count().saturating_sub(1) as u32;
        Ok(LocalForm { shape, digits, number })
    }

    fn text(&self, amount: i64, exponent: u32) -> String {
        let text = self.shape.format_fixed_decimal(&decimal(amount, exponent)).to_string();
        let unwritten = exponent.saturating_sub(self.digits);
        if amount.unsigned_abs().is_multiple_of(10_u64.pow(unwritten)) {
            return text;
        }
        // CLDR leaves small units away where they are no longer coined (forints, Iraqi dinars). A shop that has prices with
        // them must show what it charges.
        let is_digit = |character: char| character.is_numeric();
        let end =
            text.rfind(is_digit).map_or(text.len(), |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
        let (before, after) = (&text[..text.find(is_digit).unwrap_or(end)], &text[end..]);
        let number = Decimal::from(amount.unsigned_abs());
        format!("{before}{}{after}", self.number.format(&shifted(number, exponent)))
    }
}

fn decimal(amount: i64, exponent: u32) -> Decimal {
    shifted(Decimal::from(amount), exponent)
}

fn shifted(mut number: Decimal, exponent: u32) -> Decimal {
    number.multiply_pow10(-i16::try_from(exponent).unwrap_or(0));
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(locale: &str, currency: &str, amount: i64, expect: &str) {
        let locale = Locale::parse(locale).expect("a locale");
        let form = MoneyForm::new(currency.parse().expect("a currency"), Some(&locale));
        assert_eq!(form.text(amount), expect, "{currency} in {locale:?}");
    }

    #[test]
    fn grouping_mark_symbol_and_place_are_those_of_the_locale() {
        check("de-DE", "EUR", 123_450, "1.234,50\u{a0}€");
        check("en-US", "EUR", 123_450, "€1,234.50");
        check("en-US", "USD", -300, "-$3.00");
        check("fr-FR", "EUR", 123_450, "1\u{202f}234,50\u{a0}€");
        check("de-CH", "CHF", 123_450, "CHF\u{a0}1'234.50");
        check("en-IN", "INR", 12_345_678, "₹1,23,456.78");
        check("ja-JP", "JPY", 1_234_567, "￥1,234,567");
        check("ar-KW-u-nu-latn", "KWD", 1_234_567, "\u{200f}1,234.567\u{a0}د.ك.\u{200f}");
        check("en-GB", "KWD", 12_500, "KWD\u{a0}12.500");
        check("de-DE", "EUR", 0, "0,00\u{a0}€");
        check("de-DE", "EUR", i64::MIN, "-92.233.720.368.547.758,08\u{a0}€");
    }

    #[test]
    fn a_language_that_is_not_known_gets_a_neutral_form() {
        check("xx-YY", "EUR", 123_450, "€\u{a0}1,234.50");
        check("de-YY", "EUR", 123_450, "1.234,50\u{a0}€");
    }

    #[test]
    fn no_unit_is_lost_where_the_locale_does_not_write_small_ones() {
        check("hu-HU", "HUF", 1_234_500, "12\u{a0}345\u{a0}Ft");
        check("hu-HU", "HUF", 1_234_550, "12\u{a0}345,50\u{a0}Ft");
        check("en-US", "HUF", -1_234_550, "-HUF\u{a0}12,345.50");
        check("ar-IQ", "IQD", 123_450, "\u{200f}١٢٣٫٤٥٠\u{a0}د.ع.\u{200f}");
    }

    #[test]
    fn without_a_locale_the_currency_alone_decides() {
        let form = |code: &str| MoneyForm::new(code.parse().expect("a currency"), None);
        assert_eq!(form("EUR").text(123_450), "1234.50€");
        assert_eq!(form("JPY").text(500), "¥500");
        assert_eq!(form("KWD").text(12_500), "12.500 KWD");
    }
}
