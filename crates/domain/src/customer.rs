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
}

/// A buyer's orders that are pending or placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveOrders {
    /// How many there are.
    pub count: i64,
    /// When the first was made; without a meaning where there is none.
    pub first_at: Timestamp,
}

/// The name under which a buyer's orders and uses of promotions are counted: the customer, else the e-mail address in lower
/// case. `None` when nobody is known.
pub fn buyer(customer: Option<&str>, email: Option<&str>) -> Option<String> {
    let email = || email.map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty());
    customer.map(str::to_owned).or_else(email)
}
