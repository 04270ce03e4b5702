//! Customers as the shop's own system names them, with what prices depend on.

use crate::id::Timestamp;
use serde::{Deserialize, Serialize};

/// What the shop has told about a customer. One that nothing was told about has the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// Groups that promotions name (`wholesale`, `staff`).
    pub groups: Vec<String>,
    /// Pays no tax.
    pub tax_exempt: bool,
    /// The address that the shop has linked to the customer, in its normal form: both are one person. In a command `None`
    /// leaves what is known, and an empty one takes it away.
    pub email: Option<String>,
    /// Since when.
    pub email_since: Option<Timestamp>,
}

/// A buyer's orders that are pending or placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveOrders {
    /// How many there are.
    pub count: i64,
    /// When the last was made; without a meaning where there is none.
    pub last_at: Timestamp,
}
