//! What has changed between the price that a shopper was shown and the price now: line by line, promotion by promotion,
//! for the refusal of a checkout that would charge more. The differences sum to the difference of the two totals.

use crate::cart::Cart;
use crate::id::{LineId, PromotionId};
use crate::money::Minor;
use crate::pricing::{AppliedDiscount, Outcome, Quote, Reason};

/// Why a checkout would charge more than the request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceChanged {
    /// The total that the request names, minor units.
    pub expected: Minor,
    /// The version of the cart that was to be bought.
    pub cart_version: i64,
    /// The price now, with each promotion explained.
    pub now: Quote,
    /// The cart's lines as they are now, in its order.
    pub lines: Vec<LineNow>,
    /// Whether the customer pays no tax now.
    pub tax_exempt: bool,
    /// What has changed.
    pub differences: Vec<Difference>,
}

/// What counts of a line now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineNow {
    /// The SKU.
    pub sku: String,
    /// The price of a unit, minor units.
    pub unit_price: Minor,
}

/// One thing that costs more or less than it was shown. All amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The price of a unit.
    UnitPrice {
        /// The line.
        line_id: LineId,
        /// Its SKU.
        sku: String,
        /// Its units.
        quantity: i64,
        /// As it was captured.
        old: Minor,
        /// Now.
        new: Minor,
    },
    /// What a promotion takes off goods and shipping.
    Discount {
        /// The promotion.
        promotion_id: PromotionId,
        /// Its name.
        name: String,
        /// The code that unlocked it.
        code: Option<String>,
        /// What it took off.
        old: Minor,
        /// What it takes off now.
        new: Minor,
        /// Why.
        why: Why,
    },
    /// The shipping fee before promotions.
    Shipping {
        /// As shown.
        old: Minor,
        /// Now.
        new: Minor,
    },
    /// Tax of one rate on top of prices.
    Tax {
        /// The rate's name.
        name: String,
        /// As shown.
        old: Minor,
        /// Now.
        new: Minor,
    },
    /// Tax taken out of prices for an exempt customer.
    Relief {
        /// As shown.
        old: Minor,
        /// Now.
        new: Minor,
    },
    /// The customer pays tax and did not, or the other way round.
    Exemption {
        /// Tax that was to be paid: on top of prices, less what was taken out of them.
        old: Minor,
        /// Now.
        new: Minor,
    },
    /// What rounding to cash adds.
    Rounding {
        /// As shown.
        old: Minor,
        /// Now.
        new: Minor,
    },
    /// The total, where nobody knows any more what the shown one was made of.
    Total {
        /// As the request names it.
        old: Minor,
        /// Now.
        new: Minor,
    },
}

/// Why a promotion takes off another amount than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The store has it no more.
    Deleted,
    /// It does not count any more.
    NotApplied(Reason),
    /// It counts, and gives another amount.
    Amount,
}

impl Difference {
    /// What it adds to the total; below zero where it takes something off.
    pub fn adds(&self) -> Minor {
        match self {
            Difference::UnitPrice { quantity, old, new, .. } => (new - old) * quantity,
            Difference::Discount { old, new, .. } | Difference::Relief { old, new } => old - new,
            Difference::Shipping { old, new }
            | Difference::Tax { old, new, .. }
            | Difference::Exemption { old, new }
            | Difference::Rounding { old, new }
            | Difference::Total { old, new } => new - old,
        }
    }
}

/// A price that was shown, and whether it was that of an exempt customer.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The price.
    pub quote: &'a Quote,
    /// Whether the customer paid no tax.
    pub tax_exempt: bool,
}

impl PriceChanged {
    /// The same, compared with what the shopper was shown of the cart, where somebody knows it.
    pub fn compared_with(mut self, cart: &Cart, shown: Shown<'_>) -> PriceChanged {
        if cart.version == self.cart_version && shown.quote.totals.total == self.expected {
            self.compare(cart, shown);
        }
        self
    }

    /// Finds what differs from a price that was shown of the cart at its captured prices.
    pub(crate) fn compare(&mut self, cart: &Cart, shown: Shown<'_>) {
        let before = shown.quote;
        let lines = cart.lines.iter().zip(&self.lines).map(|(line, now)| Difference::UnitPrice {
            line_id: line.id,
            sku: now.sku.clone(),
            quantity: line.quantity,
            old: unit_price(before, line.id).unwrap_or(line.unit_price),
            new: unit_price(&self.now, line.id).unwrap_or(now.unit_price),
        });
        let now = &self.now;
        let shipping = Difference::Shipping { old: before.shipping.amount, new: now.shipping.amount };
        let rounding = Difference::Rounding { old: before.totals.rounding, new: now.totals.rounding };
        let taxes = match shown.tax_exempt == self.tax_exempt {
            true => taxes(before, now),
            false => vec![exemption(before, now)],
        };
        let all = lines.chain(discounts(before, now)).chain([shipping]).chain(taxes).chain([rounding]);
        self.differences = all.filter(|difference| difference.adds() != 0).collect();
        if self.differences.is_empty() {
            // Nobody here knows what the named total was made of.
            self.differences.push(Difference::Total { old: self.expected, new: now.totals.total });
        }
    }
}

/// The price of a unit for this buyer; as captured or stated, or net of another place's tax.
fn unit_price(quote: &Quote, line: LineId) -> Option<Minor> {
    quote.lines.iter().find(|priced| priced.line_id == line).map(|priced| priced.unit_price)
}

/// By promotion: one may give twice, as it stands and as it stood for lines that keep it.
fn discounts(shown: &Quote, now: &Quote) -> Vec<Difference> {
    let sum = |quote: &Quote, id: PromotionId| -> Minor {
        let of_it = quote.discounts.iter().filter(|discount| discount.promotion_id == id);
        of_it.map(|discount| discount.amount + discount.shipping_amount).sum()
    };
    let mut seen: Vec<&AppliedDiscount> = Vec::new();
    for discount in shown.discounts.iter().chain(&now.discounts) {
        if seen.iter().all(|known| known.promotion_id != discount.promotion_id) {
            seen.push(discount);
        }
    }
    let difference = |discount: &AppliedDiscount| Difference::Discount {
        promotion_id: discount.promotion_id,
        name: discount.name.clone(),
        code: discount.code.clone(),
        old: sum(shown, discount.promotion_id),
        new: sum(now, discount.promotion_id),
        why: why(discount.promotion_id, now),
    };
    seen.into_iter().map(difference).collect()
}

fn why(id: PromotionId, now: &Quote) -> Why {
    let explained = now.explanations.iter().find(|explanation| explanation.promotion_id == id);
    match explained.map(|explanation| &explanation.outcome) {
        None => Why::Deleted,
        Some(Outcome::Applied { .. }) => Why::Amount,
        Some(Outcome::NotApplied { reason }) => Why::NotApplied(reason.clone()),
    }
}

fn exemption(shown: &Quote, now: &Quote) -> Difference {
    let due = |quote: &Quote| quote.totals.tax_added - quote.totals.relief;
    Difference::Exemption { old: due(shown), new: due(now) }
}

/// Rates by name, those of the shown price first, and what was taken out of prices.
fn taxes(shown: &Quote, now: &Quote) -> Vec<Difference> {
    // An exempt customer's quote lists no rates.
    let all = || shown.taxes.iter().chain(&now.taxes).filter(|tax| !tax.included);
    let sum = |quote: &Quote, name: &str| -> Minor {
        quote.taxes.iter().filter(|tax| !tax.included && tax.name == name).map(|tax| tax.amount).sum()
    };
    let mut names: Vec<&str> = Vec::new();
    for tax in all() {
        if !names.contains(&tax.name.as_str()) {
            names.push(&tax.name);
        }
    }
    let of_rate = |name: &str| Difference::Tax { name: name.to_owned(), old: sum(shown, name), new: sum(now, name) };
    let relief = Difference::Relief { old: shown.totals.relief, new: now.totals.relief };
    names.into_iter().map(of_rate).chain([relief]).collect()
}
