//! Stock as operators see and change it.

use super::failure::Failure;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::wire::{AdjustStock, AdjustmentKind, StockAdjustment, StockLevel, StockMovement};
use clap::{Args, Subcommand};

const PAGE_ROWS: usize = 100;

/// `stock …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Every change needs a reason; it stands in the ledger for good.

Examples:
  cartwright stock show PEN
  cartwright stock receive PEN 500 --reason 'delivery 4711'
  cartwright stock adjust PEN -2 --reason 'broken in the store house'
  cartwright stock count PEN 498 --reason 'year-end count'
  cartwright stock ledger PEN")]
pub enum StockCommand {
    /// Show on hand, reserved and available of variants.
    Show {
        /// SKUs.
        #[arg(required = true)]
        skus: Vec<String>,
    },
    /// Goods came in.
    Receive(StockChange),
    /// A buyer sent goods back.
    Return(StockChange),
    /// Correct the units on hand by so many, up or down.
    Adjust(StockChange),
    /// The shelf was counted: on hand is now this many.
    Count(StockChange),
    /// Show the ledger of a variant.
    Ledger {
        /// SKU.
        sku: String,
        /// Most movements to list.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
}

/// One change of stock.
#[derive(Args, Clone, Debug)]
pub struct StockChange {
    /// SKU.
    sku: String,
    /// Units.
    #[arg(allow_negative_numbers = true)]
    quantity: i64,
    /// Why.
    #[arg(long)]
    reason: String,
}

pub(crate) async fn run(command: StockCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        StockCommand::Show { skus } => show(&skus, terminal).await,
        StockCommand::Receive(change) => apply(AdjustmentKind::Receive, change, terminal).await,
        StockCommand::Return(change) => apply(AdjustmentKind::Return, change, terminal).await,
        StockCommand::Adjust(change) => apply(AdjustmentKind::Adjust, change, terminal).await,
        StockCommand::Count(change) => apply(AdjustmentKind::Count, change, terminal).await,
        StockCommand::Ledger { sku, limit } => ledger(&sku, limit, terminal).await,
    }
}

async fn show(skus: &[String], terminal: &Terminal) -> Result<(), Failure> {
    let mut levels = Vec::with_capacity(skus.len());
    for sku in skus {
        levels.push(terminal.client.stock(sku).await?);
    }
    terminal.show(&levels, |levels| levels_text(levels))
}

async fn apply(kind: AdjustmentKind, change: StockChange, terminal: &Terminal) -> Result<(), Failure> {
    let StockChange { sku, quantity, reason } = change;
    let adjustments = vec![StockAdjustment { sku, kind, quantity, reason }];
    let answer = terminal.client.adjust_stock(&AdjustStock { adjustments }).await?;
    terminal.show(&answer, |answer| levels_text(&answer.levels))
}

fn levels_text(levels: &[StockLevel]) -> String {
    let rows = levels.iter().map(|level| {
        vec![level.sku.clone(), level.on_hand.to_string(), level.reserved.to_string(), level.available.to_string()]
    });
    screen::table(&["SKU", "On hand", "Reserved", "Available"], &[1, 2, 3], rows.collect())
}

async fn ledger(sku: &str, limit: usize, terminal: &Terminal) -> Result<(), Failure> {
    let rows = u32::try_from(limit.clamp(1, PAGE_ROWS)).unwrap_or(1);
    let movements = terminal.client.stock_movements(sku, Some(rows)).take(limit).await?;
    terminal.show(&movements, |movements| {
        let rows = movements.iter().map(movement_row).collect();
        screen::table(&["No.", "When", "Cause", "On hand", "Reserved", "Reference"], &[0, 3, 4], rows)
    })
}

fn movement_row(movement: &StockMovement) -> Vec<String> {
    let delta = |units: i64| if units == 0 { String::new() } else { format!("{units:+}") };
    vec![
        movement.sequence.to_string(),
        movement.at.clone(),
        movement.cause.clone(),
        delta(movement.on_hand_delta),
        delta(movement.reserved_delta),
        movement.reference.clone(),
    ]
}
