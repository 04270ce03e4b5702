//! `generate`: a shop of any size, straight in the database.

use crate::database::{self, Database};
use crate::progress;
use cartwright_domain::id::Timestamp;
use cartwright_storage::generate::{Shape, generate};
use serde_json::json;
use std::time::Instant;

/// `generate`
#[derive(clap::Args)]
#[command(after_help = "\
Fills an empty database with a made-up shop whose books are in order: `verify` finds nothing. The same numbers, seed and
instant give the same shop. Only for measuring and for trying things out.

Example:
  cartwright generate --database sqlite:big.sqlite --variants 100000 --carts 1000000 --orders 1000000")]
pub struct GenerateArgs {
    /// The empty database: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    #[arg(long)]
    database: String,
    #[command(flatten)]
    pub shape: ShapeArgs,
}

/// How large.
#[derive(clap::Args, Clone, Debug)]
pub struct ShapeArgs {
    /// Variants, four to a product.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    variants: u64,
    /// Carts besides those of the orders.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    carts: u64,
    /// Orders.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    orders: u64,
    /// Customers [default: a tenth of the orders].
    #[arg(long)]
    customers: Option<u64>,
    /// Promotions.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=1_000))]
    promotions: u64,
    /// Codes for one use each [default: a tenth of the orders].
    #[arg(long)]
    codes: Option<u64>,
    /// Other seeds give other shops.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The instant of the newest of it, milliseconds since 1970 [default: now].
    #[arg(long)]
    until: Option<i64>,
}

impl ShapeArgs {
    /// The shape, with what was left open.
    pub fn shape(&self) -> Shape {
        Shape {
            seed: self.seed,
            variants: self.variants,
            carts: self.carts,
            orders: self.orders,
            customers: self.customers.unwrap_or(self.orders / 10),
            promotions: self.promotions,
            codes: self.codes.unwrap_or(self.orders / 10),
            until: Timestamp(self.until.unwrap_or_else(database::now_ms)),
        }
    }
}

/// Makes the shop.
pub fn run(args: &GenerateArgs, as_json: bool) -> anyhow::Result<()> {
    let seconds = make(Database::named(&args.database)?, args.shape.shape())?;
    if as_json {
        println!("{:#}", json!({"seconds": seconds}));
    } else {
        println!("The shop is there. It took {seconds:.1} s.");
    }
    Ok(())
}

/// Makes the shop and returns how many seconds it took.
pub fn make(database: Database, shape: Shape) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let bar = progress::rows();
    bar.set_length(shape.rows());
    bar.set_message("making the shop");
    let made = crate::in_runtime(generate(&database.place(), shape, &mut |rows| bar.inc(rows)));
    bar.finish_and_clear();
    made?;
    Ok(begun.elapsed().as_secs_f64())
}
