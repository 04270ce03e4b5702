//! Browsing: what the shop sells.

use super::failure::Failure;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::ProductQuery;
use clap::{Args, ValueEnum};

/// Rows per request when more than a page is asked for.
const PAGE_ROWS: usize = 100;

/// `products`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright products
  cartwright products --text shirt --in-stock --sort price
  cartwright products --max-price 1000        # up to 10.00€: amounts are minor units, as in --json")]
pub struct ProductsCommand {
    /// Words that name or description have.
    #[arg(long)]
    text: Option<String>,
    /// Lowest price, in minor units (500 is 5.00€).
    #[arg(long)]
    min_price: Option<i64>,
    /// Highest price, in minor units.
    #[arg(long)]
    max_price: Option<i64>,
    /// Only what can be bought now.
    #[arg(long)]
    in_stock: bool,
    /// Order of the list.
    #[arg(long, allow_hyphen_values = true)]
    sort: Option<Sort>,
    /// Most products to list.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum Sort {
    #[value(name = "name")]
    Name,
    #[value(name = "-name")]
    NameDown,
    #[value(name = "price")]
    Price,
    #[value(name = "-price")]
    PriceDown,
    #[value(name = "newest")]
    Newest,
}

/// `product`
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  cartwright product lana-pen")]
pub struct ProductCommand {
    /// The product's handle, the first column of `cartwright products`.
    handle: String,
}

pub(crate) async fn list(command: ProductsCommand, terminal: &Terminal) -> Result<(), Failure> {
    let rows = u32::try_from(command.limit.min(PAGE_ROWS)).unwrap_or(u32::MAX);
    let query = ProductQuery {
        text: command.text,
        min_price: command.min_price,
        max_price: command.max_price,
        in_stock: command.in_stock,
        sort: command.sort.and_then(|sort| sort.to_possible_value()).map(|value| value.get_name().to_owned()),
        limit: Some(rows.max(1)),
    };
    let products = terminal.client.products(&query).take(command.limit).await?;
    terminal.show(&products, |products| match products.len() {
        0 => "Nothing found.".to_owned(),
        _ => screen::products(products),
    })
}

pub(crate) async fn show(command: ProductCommand, terminal: &Terminal) -> Result<(), Failure> {
    let product = terminal.client.product(&command.handle).await?;
    terminal.show(&product, screen::product)
}
