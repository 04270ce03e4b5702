//! The engine: takes commands, runs them in batches through a lane, answers reads, drives payments and sweeps. It knows no
//! SQL and no HTTP: storage, gateways and shared memory are ports that it defines and others fill in.

mod batch;
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
mod shared_memory;
mod shared_views;
mod storage;
mod sweeper;
mod tryout;

pub use batch::{Goods, Outcome, Task, Trouble, all_or_one_by_one, config_after, cut, decide_all};
pub use cache::{CartView, LineView};
pub use checker::{Finding, check};
pub use engine::{Engine, EngineSettings};
pub use failure::Failure;
pub use gateway::{Charge, ClientKeys, Gateway, Notice, NoticeError, Silent};
pub use lane::LaneMetrics;
pub use notices::Noticed;
pub use payments::{ask, goes_on_by_itself};
pub use shared_carts::ShownCart;
pub use shared_memory::{NoAnswer, SharedHealth, SharedMemory, SharedQuota};
pub use shared_views::{CartAnswer, SharedViewMetrics};
pub use storage::{
    ApiKey, AuditRow, CartWithGoods, LedgerEntry, OrderQuery, ProductListing, ProductPosition, ProductQuery,
    ProductSort, PromotionUse, Reader, SkuStock, Storage, StorageError, Writer,
};
pub use sweeper::{SweepStep, SweepWork};
pub use tryout::{CartChange, Sum, Tryout, TryoutRequest};
