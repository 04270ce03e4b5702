//! What operators do: catalogue, prices, stock, promotions and codes, customers, shipping, tax, stores, orders, the checker, what mails
//! say, operators themselves, their keys and what they did. All of it takes a key or a role.

pub(crate) mod audit;
pub(crate) mod codes;
pub(crate) mod corrections;
pub(crate) mod customers;
mod definition;
mod drafts;
pub(crate) mod fulfilments;
pub(crate) mod keys;
pub(crate) mod mail_templates;
pub(crate) mod operators;
pub(crate) mod orders;
pub(crate) mod persons;
pub(crate) mod prices;
pub(crate) mod products;
pub(crate) mod promotions;
pub(crate) mod rates;
pub(crate) mod reconcile;
pub(crate) mod stock;
pub(crate) mod stores;
pub(crate) mod tryout;
pub(crate) mod verify;
pub(crate) mod webhooks;
