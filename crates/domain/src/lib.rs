//! The pure rules of the shop. Nothing here does I/O, reads a clock, draws randomness or is async: time and
//! identities are handed in, refusals are values. Everything else in the workspace depends on this crate; it depends on
//! no other crate of the workspace.

pub mod account;
pub mod cart;
pub mod catalogue;
pub mod command;
pub mod country;
pub mod coupon;
pub mod customer;
pub mod decide;
pub mod demand;
pub mod difference;
pub mod email;
pub mod event;
pub mod forget;
pub mod fulfilment;
pub mod host;
pub mod id;
pub mod inbox;
pub mod mail;
pub mod mailbox;
pub mod manual;
pub mod money;
pub mod order;
pub mod outside;
pub mod people;
pub mod person;
pub mod postcode;
pub mod pricing;
pub mod promotion;
pub mod quoting;
pub mod recovery;
pub mod refund;
pub mod refusal;
pub mod rfc3339;
pub mod room;
pub mod shipping;
pub mod stock;
pub mod store;
pub mod tax;
pub mod time_zone;
pub mod tryout;
pub mod unpaid;
pub mod webhook;
pub mod working_set;
