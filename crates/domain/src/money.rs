//! Amounts, currencies and percentages. Amounts are integers in the minor unit of their currency (cents, yen, fils);
//! nothing here or downstream of here uses floating point.

mod amounts;
mod percent;

pub use amounts::{Amounts, Currencies};

pub(crate) use percent::divide_rounded;
pub use percent::{ParsePercentError, Percent, Rounding, multiply_divide};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An amount in minor units of a currency that the context names.
pub type Minor = i64;

/// The highest amount that is taken in, minor units: no price, fee or stated amount, and no cart, is above it. Every program
/// reads it exactly, those included that know numbers only as 64-bit floats (2^53 - 1); it leaves checked arithmetic room for
/// tax and shipping on top.
pub const MOST_AMOUNT: Minor = 9_007_199_254_740_991;

/// A currency of ISO 4217 that has a minor unit (so no precious metals and no test codes).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(iso_currency::Currency);

/// The text is not an ISO 4217 code of a currency with a minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 4217 code of a currency with a minor unit")]
pub struct UnknownCurrency;

/// A decimal text is not an amount of the currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseAmountError {
    /// Not of the form `-12.50`.
    #[error("not a decimal amount")]
    NotANumber,
    /// More digits after the point than the currency has, and they are not zeros.
    #[error("more decimal places than the currency has")]
    TooPrecise,
    /// Outside what a 64-bit amount holds.
    #[error("amount out of range")]
    OutOfRange,
}

impl Currency {
    /// The euro.
    pub const EUR: Currency = Currency(iso_currency::Currency::EUR);
    /// The US dollar.
    pub const USD: Currency = Currency(iso_currency::Currency::USD);
    /// The pound sterling.
    pub const GBP: Currency = Currency(iso_currency::Currency::GBP);
    /// The yen, which has no smaller unit.
    pub const JPY: Currency = Currency(iso_currency::Currency::JPY);
    /// The Kuwaiti dinar, of 1000 fils.
    pub const KWD: Currency = Currency(iso_currency::Currency::KWD);

    /// The three-letter code of ISO 4217.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point, from ISO 4217: 0 for JPY, 2 for EUR, 3 for KWD.
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    fn place(self) -> Place {
        use iso_currency::Currency as C;
        match self.0 {
            C::USD => Place::Before("$"),
            C::GBP => Place::Before("£"),
            C::JPY => Place::Before("¥"),
            C::CAD => Place::Before("CA$"),
            C::AUD => Place::Before("A$"),
            C::NZD => Place::Before("NZ$"),
            C::HKD => Place::Before("HK$"),
            C::TWD => Place::Before("NT$"),
            C::MXN => Place::Before("MX$"),
            C::BRL => Place::Before("R$"),
            C::CNY => Place::Before("CN¥"),
            C::INR => Place::Before("₹"),
            C::KRW => Place::Before("₩"),
            C::ILS => Place::Before("₪"),
            C::PHP => Place::Before("₱"),
            C::NGN => Place::Before("₦"),
            C::EUR => Place::After("€"),
            C::PLN => Place::After("zł"),
            C::CZK => Place::After("Kč"),
            C::HUF => Place::After("Ft"),
            C::VND => Place::After("₫"),
            C::UAH => Place::After("₴"),
            C::TRY => Place::After("₺"),
            C::GEL => Place::After("₾"),
            _ => Place::Code,
        }
    }
}

/// Where the sign of a currency stands. Signs shared by several currencies carry the usual letter of CLDR's root locale.
enum Place {
    Before(&'static str),
    After(&'static str),
    Code,
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Currency, UnknownCurrency> {
        let currency = iso_currency::Currency::from_code(text).ok_or(UnknownCurrency)?;
        currency.exponent().map(|_| Currency(currency)).ok_or(UnknownCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        struct Code;
        impl serde::de::Visitor<'_> for Code {
            type Value = Currency;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an ISO 4217 currency code")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Currency, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Code)
    }
}

/// The amount as a shop writes it: `32.50€`, `$32.50`, `¥500`, `12.500 KWD`, `-$3.00`.
pub fn format(amount: Minor, currency: Currency) -> String {
    let mut out = String::with_capacity(16);
    write_formatted(&mut out, amount, currency);
    out
}

/// Appends what [`format`] returns, without a string of its own.
pub fn write_formatted(out: &mut String, amount: Minor, currency: Currency) {
    if amount < 0 {
        out.push('-');
    }
    let place = currency.place();
    if let Place::Before(sign) = place {
        out.push_str(sign);
    }
    write_digits(out, amount.unsigned_abs(), currency.exponent() as usize);
    match place {
        Place::Before(_) => {}
        Place::After(sign) => out.push_str(sign),
        Place::Code => {
            out.push(' ');
            out.push_str(currency.code());
        }
    }
}

/// Appends the amount as a plain decimal number, `-3.00`, as files for other programs want it.
pub fn write_decimal(out: &mut String, amount: Minor, currency: Currency) {
    if amount < 0 {
        out.push('-');
    }
    write_digits(out, amount.unsigned_abs(), currency.exponent() as usize);
}

fn write_digits(out: &mut String, mut value: u64, decimals: usize) {
    // 20 digits of u64, a point, and up to 4 leading zeros.
    let mut buffer = [b'0'; 26];
    let mut at = buffer.len();
    let mut digits = 0;
    while value > 0 || digits <= decimals {
        if digits == decimals && decimals > 0 {
            at -= 1;
            buffer[at] = b'.';
        }
        at -= 1;
        buffer[at] = b'0' + (value % 10) as u8;
        value /= 10;
        digits += 1;
    }
    for &byte in &buffer[at..] {
        out.push(char::from(byte));
    }
}

/// Reads a decimal text exactly: `9.99` is 999 in EUR, `9.990` as well, `9.995` is refused.
pub fn parse_amount(text: &str, currency: Currency) -> Result<Minor, ParseAmountError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
        return Err(ParseAmountError::NotANumber);
    }
    let exponent = currency.exponent() as usize;
    let (kept, beyond) = fraction.split_at(fraction.len().min(exponent));
    if beyond.bytes().any(|byte| byte != b'0') {
        return Err(ParseAmountError::TooPrecise);
    }
    let mut amount: i64 = 0;
    let padding = std::iter::repeat_n(b'0', exponent - kept.len());
    for byte in whole.bytes().chain(kept.bytes()).chain(padding) {
        amount = amount
            .checked_mul(10)
            .and_then(|amount| amount.checked_add(i64::from(byte - b'0')))
            .ok_or(ParseAmountError::OutOfRange)?;
    }
    Ok(if negative { -amount } else { amount })
}
