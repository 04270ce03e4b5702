//! The SQL, and nothing else: adapters of the engine's storage port. No rule of the shop stands here; the `CHECK`
//! constraints of the schema are a second wall behind the rules of the domain.

pub mod copy;
pub mod generate;
pub mod postgres;
mod promotions;
mod reports;
mod retired;
mod room;
mod search;
pub mod sqlite;
