//! The engine: takes commands, runs them in batches through a lane, answers reads, drives payments and sweeps. It knows no
//! SQL and no HTTP: storage, gateways and shared memory are ports that it defines and others fill in.

mod asker;
mod audit;
mod batch;
mod books;
mod cache;
mod carts;
mod checker;
mod codes;
mod demand;
mod devices;
mod engine;
mod failure;
mod gateway;
mod guests;
mod lane;
pub mod letters;
mod live;
mod mailer;
mod nodes;
mod notices;
mod origin;
mod payments;
mod people;
mod persons;
mod points;
mod reconcile;
mod recovery;
mod report;
mod sealing;
mod shared_carts;
mod shared_memory;
mod shared_views;
mod sinks;
mod storage;
mod sweeper;
mod tidy;
mod traces;
mod tryout;
mod turns;
mod unmatched;
mod vault;
mod waiting;
mod ways;
mod webhooks;
mod workers;

pub use asker::coming_from;
pub use audit::acting;
pub use batch::{Goods, Outcome, Task, Trouble, all_or_one_by_one, config_after, cut, decide_all};
pub use books::{ask_and_look, books_of, look_into, take_books};
pub use cache::{CartView, LineView};
pub use checker::{Finding, check};
pub use codes::CodeReason;
pub use demand::InCarts;
pub use devices::{DEVICE_MS, Device};
pub use engine::{Clock, Engine, EngineSettings};
pub use failure::Failure;
pub use gateway::{
    CaptureCall, Charge, ClientKeys, Gateway, ListedPage, ListedPayment, Look, Notice, NoticeError, Owner, RefundCall,
    SentBack, SignedNotice, Silent,
};
pub use lane::LaneMetrics;
pub use live::{
    EndReason, LiveEvent, LiveLimits, LiveReader, LiveStream, Opening, StoreHead, StreamRefusal, StreamRequest,
};
pub use mailer::Mailer;
pub use notices::{Noticed, observe};
pub use origin::{Network, Origin, Tally};
pub use payments::{ask, goes_on_by_itself};
pub use people::{PeopleReader, Replan, TemplateName};
pub use persons::{PersonReader, UsesOf};
pub use points::{Point, end_at};
pub use reconcile::{Drift, DriftKind, MOST_RECONCILED, Money, Reconciliation, Repair};
pub use recovery::{LinkPurpose, RecoveryLink};
pub use report::{LONGEST_REPORT, ReportKind, ReportQuery, ReportRow};
pub use sealing::{Lost, Sealed, keys_in_use};
pub use shared_carts::ShownCart;
pub use shared_memory::{NoAnswer, SharedHealth, SharedMemory, SharedQuota};
pub use shared_views::{CartAnswer, SharedViewMetrics};
pub use sinks::EventSink;
pub use storage::{
    ApiKey, AuditRow, CartWithGoods, DeliveryQuery, DeliverySelection, EventQuery, LedgerEntry, OrderQuery,
    ProductListing, ProductPosition, ProductQuery, ProductSort, PromotionUse, Reader, Sent, SkuStock, Storage,
    StorageError, Writer,
};
pub use sweeper::{SweepStep, SweepWork};
pub use traces::{Left, SizedCart, TraceReader};
pub use tryout::{CartChange, Sum, Tryout, TryoutRequest};
pub use unmatched::{Unmatched, UnmatchedRequest};
pub use vault::{CannotOpen, KeySource, SealedFor, Vault, VaultKey, sealed_by};
pub use ways::WayToPay;
pub use webhooks::{WebhookAnswer, WebhookMessage, WebhookSender};
pub use workers::Worker;
