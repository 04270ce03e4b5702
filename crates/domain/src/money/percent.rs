//! Exact percentages and the rounding of what they yield.

use super::Minor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A percentage, exact to a millionth of a per cent: `8.25` is 8,250,000. Never negative, at most 1000 %.
///
/// In JSON a text (`"8.25"`); a number is accepted and read by its shortest decimal form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Percent(u32);

/// The text is not a percentage between 0 and 1000 with at most six decimal places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a percentage between 0 and 1000 with at most six decimal places")]
pub struct ParsePercentError;

impl Percent {
    /// Nothing.
    pub const ZERO: Percent = Percent(0);
    /// All of it.
    pub const HUNDRED: Percent = Percent(100_000_000);
    /// The whole as a denominator: `amount * percent.millionths() / Percent::WHOLE`.
    pub const WHOLE: i64 = 100_000_000;
    const MOST: u64 = 1_000_000_000;

    /// A whole number of per cent, at most 1000.
    pub fn whole(percent: u16) -> Result<Percent, ParsePercentError> {
        Percent::from_millionths(u64::from(percent) * 1_000_000)
    }

    /// From millionths of a per cent.
    pub fn from_millionths(millionths: u64) -> Result<Percent, ParsePercentError> {
        if millionths > Percent::MOST {
            return Err(ParsePercentError);
        }
        Ok(Percent(millionths as u32))
    }

    /// Millionths of a per cent.
    pub fn millionths(self) -> i64 {
        i64::from(self.0)
    }

    /// This share of an amount, rounded once.
    pub fn of(self, amount: Minor, rounding: Rounding) -> Option<Minor> {
        multiply_divide(amount, self.millionths(), Percent::WHOLE, rounding)
    }
}

impl FromStr for Percent {
    type Err = ParsePercentError;

    fn from_str(text: &str) -> Result<Percent, ParsePercentError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 4 || fraction.len() > 6 || !digits(whole) || !digits(fraction) {
            return Err(ParsePercentError);
        }
        let mut millionths = 0u64;
        for byte in whole.bytes().chain(fraction.bytes()) {
            millionths = millionths * 10 + u64::from(byte - b'0');
        }
        Percent::from_millionths(millionths * 10u64.pow(6 - fraction.len() as u32))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / 1_000_000, self.0 % 1_000_000);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{fraction:06}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl fmt::Debug for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}%")
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Percent, D::Error> {
        struct TextOrNumber;
        impl serde::de::Visitor<'_> for TextOrNumber {
            type Value = Percent;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a percentage as text, such as \"8.25\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Percent, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Percent, E> {
                number.to_string().parse().map_err(E::custom)
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Percent, E> {
                number.to_string().parse().map_err(E::custom)
            }
            // The parser of JSON hands fractions over as a float; its shortest decimal form is what was written.
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Percent, E> {
                number.to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(TextOrNumber)
    }
}

/// What happens to the part of an amount below one minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest; a half goes up.
    #[default]
    HalfUp,
    /// To the nearest; a half goes to the even neighbour.
    HalfEven,
    /// To the nearest; a half goes down.
    HalfDown,
    /// Cut off.
    Down,
}

/// `amount * numerator / denominator`, rounded once; `None` when the result does not fit. All three are at least zero
/// and the denominator is above it.
#[inline]
pub fn multiply_divide(amount: i64, numerator: i64, denominator: i64, rounding: Rounding) -> Option<i64> {
    debug_assert!(amount >= 0 && numerator >= 0 && denominator > 0);
    if let Some(product) = amount.checked_mul(numerator) {
        let (quotient, rest) = (product / denominator, product % denominator);
        return Some(quotient + i64::from(goes_up(rest, denominator - rest, quotient & 1 == 1, rounding)));
    }
    divide_rounded(i128::from(amount) * i128::from(numerator), i128::from(denominator), rounding)
}

/// `numerator / denominator`, rounded once; `None` when the result does not fit.
pub(crate) fn divide_rounded(numerator: i128, denominator: i128, rounding: Rounding) -> Option<i64> {
    // Most amounts are small, and dividing 64 bits is several times faster than 128.
    if let (Ok(numerator), Ok(denominator)) = (i64::try_from(numerator), i64::try_from(denominator)) {
        let (quotient, rest) = (numerator / denominator, numerator % denominator);
        return Some(quotient + i64::from(goes_up(rest, denominator - rest, quotient & 1 == 1, rounding)));
    }
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    let up = goes_up(rest, denominator - rest, quotient & 1 == 1, rounding);
    i64::try_from(quotient + i128::from(up)).ok()
}

#[inline]
fn goes_up<T: PartialOrd>(below: T, above: T, odd: bool, rounding: Rounding) -> bool {
    match rounding {
        Rounding::HalfUp => below >= above,
        Rounding::HalfEven => below > above || (below == above && odd),
        Rounding::HalfDown => below > above,
        Rounding::Down => false,
    }
}
