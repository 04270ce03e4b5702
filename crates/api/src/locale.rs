//! Locales: how the people of a language and country write numbers. A shop has one for all its answers, a reader may ask for
//! another.

use cartwright_domain::store::StoreConfig;
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

/// A locale of BCP 47: language, and where given script, country or region, and digits (`-u-nu-latn`). One that CLDR does not
/// know is written like its language, an unknown language in a neutral form.
#[derive(Clone, Debug, PartialEq, ToSchema)]
#[schema(
    value_type = String, example = "de-DE", max_length = 30,
    pattern = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-u-nu-[A-Za-z0-9]{3,8})?$"
)]
pub(crate) struct Locale(icu_locale_core::Locale);

pub(crate) const EXPECTED: &str = "must be a locale such as de-DE or ar-KW-u-nu-latn";

impl Locale {
    pub(crate) fn parse(text: &str) -> Option<Locale> {
        let locale = if is_plain(text) { text.parse().ok() } else { None };
        locale.map(Locale)
    }

    /// The locale that the store has chosen, if it has.
    pub(crate) fn of_store(config: &StoreConfig) -> Option<Locale> {
        config.store.settings.locale.as_deref().and_then(Locale::parse)
    }

    pub(crate) fn as_icu(&self) -> &icu_locale_core::Locale {
        &self.0
    }
}

/// Whether it has the parts that matter to numbers, and no others.
fn is_plain(text: &str) -> bool {
    let letters = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let mut parts = text.split('-').peekable();
    let language = parts.next().is_some_and(|part| letters(part, 2) || letters(part, 3));
    let _script = parts.next_if(|part| letters(part, 4));
    let digits = |part: &str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let _region = parts.next_if(|part| letters(part, 2) || digits(part));
    let rest: Vec<&str> = parts.collect();
    let numerals =
        |system: &str| (3..=8).contains(&system.len()) && system.bytes().all(|byte| byte.is_ascii_alphanumeric());
    language
        && match rest.as_slice() {
            [] => true,
            ["u", "nu", system] => numerals(system),
            _ => false,
        }
}

impl<'de> Deserialize<'de> for Locale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Locale, D::Error> {
        let text = String::deserialize(deserializer)?;
        Locale::parse(&text).ok_or_else(|| serde::de::Error::custom(EXPECTED))
    }
}

/// In which form to write amounts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocaleQuery {
    /// Locale in which amounts are written for people; the store's own unless given.
    #[param(inline, nullable = false)]
    pub locale: Option<Locale>,
}

impl crate::input::Filter for LocaleQuery {
    fn check(&self, _: &mut crate::input::Check) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_has_language_script_region_and_digits_and_nothing_else() {
        for good in ["de", "de-DE", "DE-de", "zh-Hant-TW", "es-419", "ar-KW-u-nu-latn", "fil-PH", "und"] {
            assert!(Locale::parse(good).is_some(), "{good}");
        }
        for wrong in
            ["", "d", "de_DE", "german", "de-", "de-DE-1996", "de-u-co-phonebk", "de-DE-x-me", "de-u-nu", "é-DE"]
        {
            assert!(Locale::parse(wrong).is_none(), "{wrong}");
        }
    }
}
