//! One value of a row between two databases, and the checksum that is made of values alone, whichever database they come
//! from.

use super::tables::Kind;
use rusqlite::types::{ToSqlOutput, ValueRef};
use sha2::{Digest, Sha256};
use std::error::Error;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Int(i64),
    Bool(bool),
    /// Text, and JSON as it is written.
    Text(String),
    Bytes(Vec<u8>),
    Id(Uuid),
}

/// A row, its values in the order of the table's columns.
pub type Row = Vec<Value>;

impl Value {
    /// Reads a column of the embedded database.
    pub fn from_sqlite(kind: Kind, value: ValueRef<'_>) -> Result<Value, rusqlite::types::FromSqlError> {
        Ok(match (kind, value) {
            (_, ValueRef::Null) => Value::Null,
            (Kind::Int, value) => Value::Int(value.as_i64()?),
            (Kind::Bool, value) => Value::Bool(value.as_i64()? != 0),
            (Kind::Text | Kind::Json, value) => Value::Text(value.as_str()?.to_owned()),
            (Kind::Bytes, value) => Value::Bytes(value.as_blob()?.to_vec()),
            (Kind::Id, value) => {
                Value::Id(Uuid::from_slice(value.as_blob()?).map_err(rusqlite::types::FromSqlError::other)?)
            }
        })
    }

    fn hash_into(&self, hash: &mut Sha256) {
        let (tag, bytes): (u8, &[u8]) = match self {
            Value::Null => (0, &[]),
            Value::Int(number) => (1, &number.to_be_bytes()),
            Value::Bool(truth) => (2, &[u8::from(*truth)]),
            Value::Text(text) => (3, text.as_bytes()),
            Value::Bytes(bytes) => (4, bytes),
            Value::Id(id) => (5, id.as_bytes()),
        };
        hash.update([tag]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Id(id) => ValueRef::Blob(id.as_bytes()),
        }))
    }
}

fn known(kind: &Type) -> bool {
    [Type::INT8, Type::BOOL, Type::TEXT, Type::JSON, Type::BYTEA, Type::UUID].contains(kind)
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(match *kind {
            Type::INT8 => Value::Int(i64::from_sql(kind, raw)?),
            Type::BOOL => Value::Bool(bool::from_sql(kind, raw)?),
            Type::BYTEA => Value::Bytes(raw.to_vec()),
            Type::UUID => Value::Id(Uuid::from_sql(kind, raw)?),
            _ => Value::Text(std::str::from_utf8(raw)?.to_owned()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(kind: &Type) -> bool {
        known(kind)
    }
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) => number.to_sql(kind, out),
            Value::Bool(truth) => truth.to_sql(kind, out),
            // JSON goes over the wire as it is written, as text does.
            Value::Text(text) => text.to_sql(&Type::TEXT, out),
            Value::Bytes(bytes) => bytes.to_sql(kind, out),
            Value::Id(id) => id.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        known(kind)
    }

    to_sql_checked!();
}

/// How many rows there were, and the sum of their hashes: in whatever order they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum {
    pub rows: u64,
    sum: u128,
}

impl Checksum {
    /// Counts a row.
    pub fn add(&mut self, row: &[Value]) {
        let mut hash = Sha256::new();
        row.iter().for_each(|value| value.hash_into(&mut hash));
        let hash: [u8; 32] = hash.finalize().into();
        let half = hash.iter().take(16).fold(0, |half: u128, byte| half << 8 | u128::from(*byte));
        self.rows += 1;
        self.sum = self.sum.wrapping_add(half);
    }

    /// The sum for people: 32 hexadecimal digits.
    pub fn shown(&self) -> String {
        format!("{:032x}", self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_knows_every_value_and_no_order() {
        let rows = [
            vec![Value::Int(1), Value::Text("a".to_owned()), Value::Null],
            vec![Value::Int(2), Value::Text("b".to_owned()), Value::Bool(true)],
        ];
        let sum = |rows: &[&Row]| {
            let mut sum = Checksum::default();
            rows.iter().for_each(|row| sum.add(row));
            sum
        };
        let both = sum(&[&rows[0], &rows[1]]);
        assert_eq!(both, sum(&[&rows[1], &rows[0]]));
        assert_ne!(both, sum(&[&rows[0], &rows[0]]));
        let other = vec![Value::Int(1), Value::Text(String::new()), Value::Text("a".to_owned())];
        assert_ne!(sum(&[&rows[0]]), sum(&[&other]));
        assert_eq!(both.shown().len(), 32);
    }
}
