//! The engine: takes commands, runs them in batches through a lane, answers reads, drives payments and sweeps. It knows no
//! SQL and no HTTP: storage and gateways are ports that it defines and others fill in.

mod cache;
mod carts;
mod checker;
mod engine;
mod failure;
mod gateway;
mod lane;
mod nodes;
mod notices;
mod payments;
mod shared_carts;
mod storage;
mod sweeper;
mod tryout;

pub use cache::{CartView, LineView};
pub use checker::{Finding, check};
pub use engine::{Engine, EngineSettings};
pub use failure::Failure;
pub use gateway::{Charge, ClientKeys, Gateway, Notice, NoticeError, Silent};
pub use lane::LaneMetrics;
pub use notices::Noticed;
pub use storage::{
    ApiKey, AuditRow, CartWithGoods, LedgerEntry, OrderQuery, ProductListing, ProductPosition, ProductQuery,
    ProductSort, PromotionUse, Reader, SkuStock, Storage, StorageError, Writer,
};
pub use tryout::{CartChange, Sum, Tryout, TryoutRequest};
