//! The checkout counter in one line: articles in, total out.

use super::failure::Failure;
use super::receipt::receipt;
use super::session::Session;
use super::terminal::Terminal;
use cartwright_client::CartAccess;
use cartwright_client::wire::{CreateCart, LineInput};
use clap::Args;
use std::collections::BTreeMap;

/// `basket`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The SKUs may be named in any order and more than once, with blanks or commas between them.

Examples:
  cartwright basket PEN TSHIRT MUG
  cartwright basket PEN, TSHIRT, PEN
  cartwright basket --explain PEN=2 MUG    # a receipt instead of the total
  cartwright basket --keep PEN=3           # keeps the cart as the current one")]
pub struct BasketCommand {
    /// Articles: SKU or SKU=QUANTITY.
    #[arg(required = true)]
    skus: Vec<String>,
    /// Keeps the cart as the current one instead of removing it.
    #[arg(long)]
    keep: bool,
    /// Prints a receipt: each step of the price, and why each promotion counts or does not.
    #[arg(long)]
    explain: bool,
}

pub(crate) async fn run(command: BasketCommand, terminal: &Terminal) -> Result<(), Failure> {
    let lines = lines_of(&command.skus)?;
    let cart = terminal.client.create_cart(&CreateCart { lines, ..CreateCart::default() }).await?;
    let mut shown = cart.totals.total.amount;
    if command.explain {
        let explained = terminal.client.cart_explained(&CartAccess::of(&cart)).await?;
        shown = explained.totals.total.amount;
        terminal.show(&explained, receipt)?;
    } else {
        terminal.show(&cart, |cart| format!("Total: {}", cart.totals.total.formatted))?;
    }
    if command.keep {
        let mut session = Session::open(terminal)?;
        session.remember_cart(&cart)?;
        session.remember_shown(cart.id, shown)
    } else {
        Ok(terminal.client.delete_cart(&CartAccess::of(&cart)).await?)
    }
}

/// One line per article, quantities added up, in the order first named.
fn lines_of(words: &[String]) -> Result<Vec<LineInput>, Failure> {
    let mut lines: Vec<LineInput> = Vec::new();
    for word in words.iter().flat_map(|word| word.split(',')).map(str::trim).filter(|word| !word.is_empty()) {
        let (sku, quantity) = article(word)?;
        match lines.iter_mut().find(|line| line.sku.as_deref() == Some(&sku)) {
            Some(line) => line.quantity += quantity,
            None => lines.push(LineInput { sku: Some(sku), quantity, ..LineInput::default() }),
        }
    }
    if lines.is_empty() { Err(Failure::Usage("no article is named".to_owned())) } else { Ok(lines) }
}

/// `SKU` or `SKU=QUANTITY`. Whether there is such an article, and whether one may have so many, the shop knows.
pub(crate) fn article(word: &str) -> Result<(String, i64), Failure> {
    let (sku, quantity) = match word.rsplit_once('=') {
        Some((sku, number)) => {
            let quantity: i64 = number.parse().map_err(|_| bad_article(word))?;
            (sku, quantity)
        }
        None => (word, 1),
    };
    if sku.is_empty() || quantity.abs() > i64::from(i32::MAX) {
        Err(bad_article(word))
    } else {
        Ok((sku.to_owned(), quantity))
    }
}

fn bad_article(word: &str) -> Failure {
    Failure::Usage(format!("`{word}` is not SKU or SKU=QUANTITY"))
}

/// `name=value` pairs.
pub(crate) fn options_of(words: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let split = |word: &String| match word.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Failure::Usage(format!("`{word}` is not NAME=VALUE"))),
    };
    words.iter().map(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_named_twice_add_up_in_the_order_named() {
        let words = ["PEN,", "TSHIRT", "PEN=2,MUG"].map(str::to_owned);
        let lines = lines_of(&words).expect("lines");
        let pairs: Vec<_> = lines.iter().map(|line| (line.sku.as_deref().unwrap_or(""), line.quantity)).collect();
        assert_eq!(pairs, [("PEN", 3), ("TSHIRT", 1), ("MUG", 1)]);
    }

    #[test]
    fn a_quantity_must_be_a_whole_number() {
        assert!(article("PEN=1.5").is_err() && article("=2").is_err() && article("PEN=").is_err());
        assert!(article("A=B=2").is_ok_and(|(sku, quantity)| sku == "A=B" && quantity == 2));
    }
}
