//! Numbers as spreadsheets write them: `12.50`, `12,50`, `1.234,50`, `1 234,50 €`. Whether a lone mark before three digits parts
//! thousands or decimals is told by the other numbers of the file, or by whoever imports it; where nothing tells, the number is
//! refused.

use crate::cli::amount;
use clap::ValueEnum;
use std::cell::RefCell;

/// Which mark stands before decimals.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    /// `12.50`
    Point,
    /// `12,50`
    Comma,
}

impl Decimal {
    fn mark(self) -> char {
        match self {
            Decimal::Point => '.',
            Decimal::Comma => ',',
        }
    }

    fn of(mark: char) -> Decimal {
        if mark == '.' { Decimal::Point } else { Decimal::Comma }
    }

    fn other(self) -> Decimal {
        match self {
            Decimal::Point => Decimal::Comma,
            Decimal::Comma => Decimal::Point,
        }
    }
}

/// How the numbers of a file are to be read.
#[derive(Debug)]
pub(crate) struct Numbers {
    currency: String,
    exponent: u32,
    /// What whoever imports the file says.
    named: Option<Decimal>,
    /// What all numbers of the file say that say anything.
    told: Option<Decimal>,
    /// Whether its numbers contradict each other.
    mixed: bool,
    /// The first number that is not written as usual, and what it was taken for.
    unusual: RefCell<Option<(String, String)>>,
}

/// What a number says about its marks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    /// It has none, or is no number.
    Nothing,
    /// This one is before its decimals.
    Decimals(Decimal),
    /// Its one mark stands before three digits.
    Unclear,
}

impl Numbers {
    /// For prices in this currency, which has so many decimals.
    pub(crate) fn new(currency: &str, exponent: u32, named: Option<Decimal>) -> Numbers {
        Numbers {
            currency: currency.to_owned(),
            exponent,
            named,
            told: None,
            mixed: false,
            unusual: RefCell::new(None),
        }
    }

    /// Learns from the prices of a file, and from its numbers without decimals.
    pub(crate) fn learn<'a>(&mut self, prices: impl Iterator<Item = &'a str>, whole: impl Iterator<Item = &'a str>) {
        let said = prices.map(|text| says(&self.bare(text, &self.currency), self.exponent));
        let mut said = said.chain(whole.map(|text| says(text, 0))).filter_map(|says| match says {
            Says::Decimals(decimal) => Some(decimal),
            Says::Nothing | Says::Unclear => None,
        });
        let first = said.next();
        let told = first.filter(|first| said.all(|other| other == *first));
        (self.mixed, self.told) = (first.is_some() && told.is_none(), told);
    }

    /// What somebody should know about how numbers were read.
    pub(crate) fn note(&self) -> Option<String> {
        let unusual = self.unusual.borrow();
        let (text, read) = unusual.as_ref()?;
        Some(format!("numbers are written otherwise than usual: `{text}` was read as {read}"))
    }

    /// A price of the store's currency, minor units.
    pub(crate) fn price(&self, text: &str) -> Result<i64, String> {
        self.amount(text, &self.currency, self.exponent)
    }

    /// An amount of any currency, minor units.
    pub(crate) fn amount(&self, text: &str, currency: &str, exponent: u32) -> Result<i64, String> {
        self.read(&self.bare(text, currency), exponent)
    }

    /// A number without decimals.
    pub(crate) fn whole(&self, text: &str) -> Result<i64, String> {
        self.read(text, 0)
    }

    /// Without the sign or the name of the currency, which spreadsheets write too.
    fn bare(&self, text: &str, currency: &str) -> String {
        let symbol = iso_currency::Currency::from_code(currency).map(|currency| currency.symbol().to_string());
        let text = text.trim();
        for sign in [Some(currency.to_owned()), symbol].into_iter().flatten() {
            let rest = text.strip_prefix(&sign).or_else(|| text.strip_suffix(&sign));
            if let Some(rest) = rest {
                return rest.trim().to_owned();
            }
        }
        text.to_owned()
    }

    fn read(&self, text: &str, exponent: u32) -> Result<i64, String> {
        let decimal = match (self.named, says(text, exponent), self.told) {
            (Some(named), ..) => named,
            (None, Says::Decimals(own), _) => own,
            (None, Says::Nothing, _) => Decimal::Point,
            (None, Says::Unclear, Some(told)) => told,
            // Currencies with three decimals are written so here.
            (None, Says::Unclear, None) if exponent == 3 && !self.mixed && text.contains('.') => Decimal::Point,
            (None, Says::Unclear, None) => return Err(unclear(text, exponent)),
        };
        let plain = plain(text, decimal)?;
        let amount = amount::minor(&plain, exponent)?;
        if plain != text {
            self.unusual.borrow_mut().get_or_insert_with(|| (text.to_owned(), plain));
        }
        Ok(amount)
    }
}

fn unclear(text: &str, exponent: u32) -> String {
    let readings = [Decimal::Point, Decimal::Comma].map(|decimal| plain(text, decimal).unwrap_or_default());
    let has_mark = readings.iter().find(|reading| reading.contains('.'));
    let too_fine = has_mark.filter(|reading| amount::minor(reading, exponent).is_err());
    let [one, other] = &readings;
    match too_fine {
        Some(_) => {
            format!("`{text}` has more than {exponent} decimals, or a mark between thousands: --decimal says which")
        }
        None => format!("`{text}` can be {one} or {other}: --decimal says which"),
    }
}

fn says(text: &str, exponent: u32) -> Says {
    let marks: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| ".,".contains(*c)).collect();
    let (Some((first_at, first)), Some((last_at, last))) = (marks.first().copied(), marks.last().copied()) else {
        return Says::Nothing;
    };
    if !text.chars().all(|c| c.is_ascii_digit() || ".,-".contains(c) || is_blank(c)) {
        return Says::Nothing;
    }
    let behind = text.len() - last_at - 1;
    match marks.len() {
        _ if first != last => Says::Decimals(Decimal::of(last)),
        // One mark several times parts thousands.
        2.. => Says::Decimals(Decimal::of(last).other()),
        _ if behind != 3 => Says::Decimals(Decimal::of(last)),
        _ => {
            let before = text[..first_at].trim_start_matches('-');
            let is_group = (1..=3).contains(&before.len()) && !before.starts_with('0');
            match is_group {
                false => Says::Decimals(Decimal::of(last)),
                // What has no decimals has none here, but for noughts.
                true if exponent == 0 && !text.ends_with("000") => Says::Decimals(Decimal::of(last).other()),
                true => Says::Unclear,
            }
        }
    }
}

/// Blanks and marks that stand between thousands, whichever mark is before the decimals.
fn is_blank(c: char) -> bool {
    c == ' ' || c == '\'' || c == '’' || c == '\u{a0}' || c == '\u{202f}' || c == '\u{2009}'
}

/// The number with a point and no marks between thousands.
fn plain(text: &str, decimal: Decimal) -> Result<String, String> {
    let (whole, fraction) = match text.split_once(decimal.mark()) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let between = |c: char| c == decimal.other().mark() || is_blank(c);
    let groups: Vec<&str> = whole.split(between).collect();
    let misplaced = groups.len() > 1 && !are_groups(&groups);
    if misplaced || fraction.is_some_and(|fraction| fraction.contains(between)) {
        return Err(format!("`{text}` is not an amount (digits and one decimal mark)"));
    }
    let whole = groups.concat();
    Ok(fraction.map_or_else(|| whole.clone(), |fraction| format!("{whole}.{fraction}")))
}

/// Thousands are parted by threes; in India all but the last by twos.
fn are_groups(groups: &[&str]) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(([first, middle @ ..], last)) = groups.split_last().map(|(last, rest)| (rest, last)) else { return false };
    let first = first.trim_start_matches('-');
    let fits = |group: &str| digits(group) && (group.len() == 3 || group.len() == 2);
    (1..=3).contains(&first.len())
        && digits(first)
        && middle.iter().all(|group| fits(group))
        && last.len() == 3
        && digits(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(named: Option<Decimal>, told: &[&str]) -> Numbers {
        let mut numbers = Numbers::new("EUR", 2, named);
        numbers.learn(told.iter().copied(), std::iter::empty());
        numbers
    }

    #[test]
    fn numbers_that_can_mean_one_thing_only_are_read() {
        let numbers = euros(None, &[]);
        for (text, cents) in [
            ("12.50", 1250),
            ("12,50", 1250),
            ("1.234,50", 123_450),
            ("1,234.50", 123_450),
            ("1 234,50 €", 123_450),
            ("€12.5", 1250),
            ("EUR 7", 700),
            ("1'234.50", 123_450),
            ("1\u{202f}234,5", 123_450),
            ("1.234.567", 123_456_700),
            ("12,34,567.00", 123_456_700),
            ("0,500", 50),
            ("1234,500", 123_450),
            ("5", 500),
            ("-1,5", -150),
        ] {
            assert_eq!(numbers.price(text), Ok(cents), "{text}");
        }
    }

    #[test]
    fn a_mark_before_three_digits_is_read_as_the_rest_of_the_file_says_or_refused() {
        for text in ["1.250", "1,250", "9.990"] {
            assert!(euros(None, &["5", text]).price(text).is_err(), "{text}");
        }
        assert_eq!(euros(None, &["1.250", "3,99"]).price("1.250"), Ok(125_000));
        assert_eq!(euros(None, &["1.250", "3.99"]).price("1.250"), Ok(125));
        assert_eq!(euros(None, &["1,250", "3.99"]).price("1,250"), Ok(125_000));
        assert!(euros(None, &["3,99", "3.99"]).price("1.250").is_err(), "the file contradicts itself");
        assert_eq!(euros(Some(Decimal::Comma), &[]).price("1.250"), Ok(125_000));
        assert!(euros(Some(Decimal::Point), &[]).price("12,50").is_err());
        assert!(euros(None, &["9.999"]).price("9.999").is_err_and(|reason| reason.contains("more than 2 decimals")));
    }

    #[test]
    fn three_decimals_after_a_point_are_those_of_the_currency_unless_the_file_says_otherwise() {
        let dinars = |told: &[&str]| {
            let mut numbers = Numbers::new("KWD", 3, None);
            numbers.learn(told.iter().copied(), std::iter::empty());
            numbers.price("1.250")
        };
        assert_eq!((dinars(&["1.250"]), dinars(&["1.250", "2,5"])), (Ok(1_250), Ok(1_250_000)));
        assert!(dinars(&["1.5", "2,5"]).is_err());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let numbers = euros(None, &[]);
        for text in ["", "seven", "1e5", "$5", "12,3,4", "1.2.3", "1,23,4.5", "5 €€", ",", "--5"] {
            assert!(numbers.price(text).is_err(), "{text}");
        }
        assert_eq!(numbers.whole("1,250"), Ok(1250));
        assert_eq!(numbers.whole("5.0"), Ok(5));
        assert!(numbers.whole("1.000").is_err(), "one or a thousand");
    }

    #[test]
    fn what_is_written_otherwise_is_said() {
        let numbers = euros(None, &[]);
        assert_eq!(numbers.price("12.50").map(|_| numbers.note()), Ok(None));
        assert!(numbers.price("12,50").is_ok());
        assert!(numbers.note().is_some_and(|note| note.contains("`12,50` was read as 12.50")));
    }
}
