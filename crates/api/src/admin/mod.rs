//! What operators do: catalogue, prices, stock, promotions and codes, customers, shipping, tax, stores, orders, the checker. All of it takes a key.

pub(crate) mod codes;
pub(crate) mod customers;
mod definition;
pub(crate) mod orders;
pub(crate) mod prices;
pub(crate) mod products;
pub(crate) mod promotions;
pub(crate) mod rates;
pub(crate) mod stock;
pub(crate) mod stores;
pub(crate) mod tryout;
pub(crate) mod verify;
