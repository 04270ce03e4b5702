//! Which lines of a cart something is meant for.

use serde::{Deserialize, Serialize};

/// A set of names, kept sorted so that looking one up among thousands is cheap.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Names(Vec<String>);

impl From<Vec<String>> for Names {
    fn from(mut names: Vec<String>) -> Names {
        names.sort_unstable();
        names.dedup();
        Names(names)
    }
}

impl<'a> FromIterator<&'a str> for Names {
    fn from_iter<T: IntoIterator<Item = &'a str>>(names: T) -> Names {
        Names::from(names.into_iter().map(str::to_owned).collect::<Vec<_>>())
    }
}

impl Names {
    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the name is one of them.
    pub fn contains(&self, name: &str) -> bool {
        self.0.binary_search_by(|own| own.as_str().cmp(name)).is_ok()
    }

    /// The names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Which lines are meant. A line matches when it has one of `skus`, `products` or `variants` (where any of these three
/// is given), one of `tags` (where given) and none of `exclude_tags`. The empty filter matches every line.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LineFilter {
    /// SKUs of variants.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub skus: Names,
    /// Products, by handle or id.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub products: Names,
    /// Ids of variants.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub variants: Names,
    /// Tags of which the product must have one.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub tags: Names,
    /// Tags of which it must have none.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub exclude_tags: Names,
}

impl LineFilter {
    /// Whether every line matches.
    pub fn is_any(&self) -> bool {
        self.is_for_all_goods() && self.tags.is_empty() && self.exclude_tags.is_empty()
    }

    /// Whether the filter names no goods (it may still name tags).
    pub(crate) fn is_for_all_goods(&self) -> bool {
        self.skus.is_empty() && self.products.is_empty() && self.variants.is_empty()
    }

    /// The filter for these SKUs.
    pub fn of_skus<'a>(skus: impl IntoIterator<Item = &'a str>) -> LineFilter {
        LineFilter { skus: skus.into_iter().collect(), ..LineFilter::default() }
    }
}
