//! JSON Merge Patch (RFC 7396): what is absent stays, `null` unsets, anything else is set; objects are changed field by field, lists
//! are replaced as a whole.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field of a JSON Merge Patch that can be unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Absent: it stays as it is.
    #[default]
    Keep,
    /// `null`: it is unset.
    Unset,
    /// It is set to this, or changed by it where it is an object.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field is absent.
    pub fn is_keep(&self) -> bool {
        matches!(self, Patch::Keep)
    }

    /// What it is set to.
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Patch::Set(value) => Some(value),
            Patch::Keep | Patch::Unset => None,
        }
    }

    /// The value, or what unsetting it means; `None` where it stays.
    pub fn or_unset(self, unset: T) -> Option<T> {
        match self {
            Patch::Keep => None,
            Patch::Unset => Some(unset),
            Patch::Set(value) => Some(value),
        }
    }

    /// Changes what it is set to.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Patch::Keep => Patch::Keep,
            Patch::Unset => Patch::Unset,
            Patch::Set(value) => Patch::Set(change(value)),
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Patch<T> {
        Patch::Set(value)
    }
}

impl<T> From<Option<T>> for Patch<T> {
    /// Nothing leaves the field as it is.
    fn from(value: Option<T>) -> Patch<T> {
        value.map_or(Patch::Keep, Patch::Set)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        self.as_set().serialize(writer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Patch<T>, D::Error> {
        Ok(Option::deserialize(reader)?.map_or(Patch::Unset, Patch::Set))
    }
}

/// Reads a field that can be left out but not be unset: `null` is refused.
///
/// # Errors
/// Where it is `null`, or of another type.
pub fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Change {
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        name: Patch<String>,
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
        active: Option<bool>,
    }

    #[test]
    fn absent_null_and_a_value_are_three_things_and_written_as_they_were_read() {
        for (json, name) in
            [("{}", Patch::Keep), (r#"{"name":null}"#, Patch::Unset), (r#"{"name":"x"}"#, Patch::from("x".to_owned()))]
        {
            let change: Change = serde_json::from_str(json).expect("a change");
            assert_eq!(change, Change { name, active: None });
            assert_eq!(serde_json::to_string(&change).expect("JSON"), json);
        }
        assert!(serde_json::from_str::<Change>(r#"{"active":null}"#).is_err());
        assert!(serde_json::from_str::<Change>(r#"{"active":true}"#).is_ok_and(|change| change.active == Some(true)));
    }
}
