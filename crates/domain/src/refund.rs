//! Refunds: which part of an order's money goes back. Pure arithmetic: a line, the shipping and their tax each have what is
//! left of them, a refund takes from that, and what is taken never comes to more. Whatever is refunded in whatever order,
//! the parts of a line sum to the line, and those of the order to what was captured.

use crate::id::{LineId, RefundId, Timestamp};
use crate::money::{Currency, Minor};
use crate::order::Order;
use crate::pricing::split_by_value;
use serde::{Deserialize, Serialize};

/// Most refunds of one order.
pub const MAX_REFUNDS: usize = 200;

/// Money of a line or of the shipping, with what it consists of. Minor units; `relief` is taken off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Portion {
    /// Price after discounts.
    pub net: Minor,
    /// Tax on top of it.
    pub tax_added: Minor,
    /// Tax contained in it.
    pub tax_included: Minor,
    /// Tax taken out of it for an exempt customer.
    pub relief: Minor,
    /// Its share of what rounding to cash added, or, below zero, took off.
    pub rounding: Minor,
}

impl Portion {
    /// The money: `net + tax_added − relief + rounding`.
    pub fn amount(&self) -> Minor {
        self.net + self.tax_added - self.relief + self.rounding
    }

    /// All tax in it.
    pub fn tax(&self) -> Minor {
        self.tax_added + self.tax_included
    }

    fn minus(&self, other: &Portion) -> Portion {
        Portion {
            net: self.net - other.net,
            tax_added: self.tax_added - other.tax_added,
            tax_included: self.tax_included - other.tax_included,
            relief: self.relief - other.relief,
            rounding: self.rounding - other.rounding,
        }
    }

    /// Exactly `amount` of it, which must not be more than there is; tax in proportion.
    fn worth(&self, amount: Minor) -> Portion {
        let share = |component: Minor| scaled(component, amount, self.amount());
        let mut worth = Portion {
            net: 0,
            tax_added: share(self.tax_added),
            tax_included: share(self.tax_included),
            relief: share(self.relief),
            rounding: share(self.rounding),
        };
        worth.net = amount - worth.amount();
        worth
    }
}

/// `amount × part ÷ whole`, rounded towards zero.
fn scaled(amount: Minor, part: i64, whole: i64) -> Minor {
    if whole == 0 {
        return 0;
    }
    let scaled = i128::from(amount) * i128::from(part) / i128::from(whole);
    // A part is at most the whole, so the result is at most the amount.
    scaled as Minor
}

/// What is left of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineLeft {
    /// The line.
    pub line_id: LineId,
    /// Units that were not refunded.
    pub quantity: i64,
    /// The money that was not.
    pub portion: Portion,
}

/// What of an order's captured money may still go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refundable {
    /// Its lines, in their order.
    pub lines: Vec<LineLeft>,
    /// Its shipping.
    pub shipping: Portion,
    /// The currency of its amounts.
    pub currency: Currency,
}

/// A line in a refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundedLine {
    /// The line.
    pub line_id: LineId,
    /// Units; 0 where only an amount was named.
    pub quantity: i64,
    /// Of these, units that went back on the shelf.
    #[serde(default)]
    pub restocked: i64,
    /// Of these, units that had not been sent, and will not be.
    #[serde(default)]
    pub unsent: i64,
    /// The money.
    pub portion: Portion,
}

/// The exact parts of a refund.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefundParts {
    /// Lines of which something goes back.
    pub lines: Vec<RefundedLine>,
    /// Of the shipping.
    pub shipping: Portion,
}

impl RefundParts {
    /// The sum.
    pub fn amount(&self) -> Minor {
        self.lines.iter().map(|line| line.portion.amount()).sum::<Minor>() + self.shipping.amount()
    }

    /// All tax in it.
    pub fn tax(&self) -> Minor {
        self.lines.iter().map(|line| line.portion.tax()).sum::<Minor>() + self.shipping.tax()
    }
}

/// State of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// The gateway is to be asked.
    Pending,
    /// The money went back.
    Succeeded,
    /// The gateway could not send it; its parts may be refunded anew.
    Failed,
}

impl RefundStatus {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            RefundStatus::Pending => "pending",
            RefundStatus::Succeeded => "succeeded",
            RefundStatus::Failed => "failed",
        }
    }
}

/// How the money of a refund left the shop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundOrigin {
    /// Through this program.
    #[default]
    Shop,
    /// By hand at the provider, which reports it.
    Outside,
    /// By a dispute that the shop lost.
    Dispute,
    /// By other means, as cash; an operator recorded it.
    Elsewhere,
    /// The provider does not have this money; written off.
    Loss,
}

impl RefundOrigin {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            RefundOrigin::Shop => "shop",
            RefundOrigin::Outside => "outside",
            RefundOrigin::Dispute => "dispute",
            RefundOrigin::Elsewhere => "elsewhere",
            RefundOrigin::Loss => "loss",
        }
    }

    /// Whether it is this program's own; the others are never sent.
    pub fn is_shop(&self) -> bool {
        *self == RefundOrigin::Shop
    }
}

/// A refund of an order: every way in which its money left the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Identity; with the attempt it is the gateway's idempotency key.
    pub id: RefundId,
    /// Minor units; the sum of the parts.
    pub amount: Minor,
    /// What it consists of.
    pub parts: RefundParts,
    /// Why, for the record.
    #[serde(default)]
    pub reason: String,
    /// Who asked for it; empty where nobody did.
    #[serde(default)]
    pub by: String,
    /// State.
    pub status: RefundStatus,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it was asked for, or reported.
    pub at: Timestamp,
    /// How the money left.
    #[serde(default, skip_serializing_if = "RefundOrigin::is_shop")]
    pub origin: RefundOrigin,
    /// What happened outside, by its id there; it is taken in once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Units of a line to refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundLine {
    /// The line.
    pub line_id: LineId,
    /// Units.
    pub quantity: i64,
    /// Whether they go back on the shelf.
    pub restock: Restock,
}

/// Whether goods go back on the shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restock {
    /// They do.
    Yes,
    /// They do not: kept by the buyer, or spoilt.
    No,
}

/// How much of the shipping to refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShippingRefund {
    /// Nothing.
    #[default]
    None,
    /// What is left.
    All,
    /// Minor units, tax contained.
    Amount(Minor),
}

/// What to refund. Lines, shipping and a free amount add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundRequest {
    /// Units of lines, at what is left of them.
    pub lines: Vec<RefundLine>,
    /// Shipping.
    pub shipping: ShippingRefund,
    /// Besides these: minor units, dealt out over what is left of all lines and the shipping.
    pub amount: Option<Minor>,
}

/// Why a refund cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundError {
    /// The order has no such line.
    UnknownLine(LineId),
    /// Fewer units are left.
    Quantity {
        /// The line.
        line_id: LineId,
        /// Units asked for.
        requested: i64,
        /// Units left.
        left: i64,
    },
    /// Less money is left.
    Amount {
        /// Minor units asked for.
        requested: Minor,
        /// Minor units left.
        left: Minor,
        /// Their currency.
        currency: Currency,
    },
    /// Nothing is asked for.
    Nothing,
}

impl Refundable {
    /// What is left of an order: nothing before its money was captured; what was let go at a partial capture counts as gone.
    pub fn of(order: &Order) -> Refundable {
        let captured = order.payment.captured;
        if captured == 0 {
            return Refundable {
                lines: order.lines.iter().map(|line| nothing_of(line.id)).collect(),
                shipping: Portion::default(),
                currency: order.currency,
            };
        }
        let refunds = &order.detail.refunds;
        let sent = refunds.iter().filter(|refund| refund.status == RefundStatus::Succeeded);
        // What went back before refunds were noted one by one has no parts.
        let partless = order.payment.refunded - sent.map(|refund| refund.amount).sum::<Minor>();
        let mut left = Refundable::whole(order);
        left.take_amount((left.amount() - captured + partless).max(0));
        let standing = refunds.iter().filter(|refund| refund.status != RefundStatus::Failed);
        for refund in standing {
            left.shipping = left.shipping.minus(&refund.parts.shipping);
            for taken in &refund.parts.lines {
                if let Some(line) = left.lines.iter_mut().find(|line| line.line_id == taken.line_id) {
                    line.quantity -= taken.quantity;
                    line.portion = line.portion.minus(&taken.portion);
                }
            }
        }
        left
    }

    /// The whole order, its rounding dealt out.
    fn whole(order: &Order) -> Refundable {
        let shipping = &order.detail.shipping;
        let shipping = Portion {
            net: shipping.amount - shipping.discount,
            tax_added: shipping.tax_added,
            tax_included: shipping.tax_included,
            relief: shipping.relief,
            rounding: 0,
        };
        let lines = order.lines.iter().map(|line| LineLeft {
            line_id: line.id,
            quantity: line.quantity,
            portion: Portion {
                net: line.subtotal() - line.discount,
                tax_added: line.tax_added,
                tax_included: line.tax_included,
                relief: line.relief,
                rounding: 0,
            },
        });
        let mut whole = Refundable { lines: lines.collect(), shipping, currency: order.currency };
        let rounding = order.totals.rounding;
        for (portion, share) in whole.portions(rounding.abs()) {
            portion.rounding = share * rounding.signum();
        }
        whole
    }

    /// The sum.
    pub fn amount(&self) -> Minor {
        self.lines.iter().map(|line| line.portion.amount()).sum::<Minor>() + self.shipping.amount()
    }

    /// Every part with its share of `amount`, by value, the largest remainders first.
    fn portions(&mut self, amount: Minor) -> impl Iterator<Item = (&mut Portion, Minor)> {
        let all = || self.lines.iter().map(|line| &line.portion).chain([&self.shipping]);
        let values: Vec<Minor> = all().map(|portion| portion.amount().max(0)).collect();
        let shares = split_by_value(amount, &values);
        self.lines.iter_mut().map(|line| &mut line.portion).chain([&mut self.shipping]).zip(shares)
    }

    /// Takes `amount` from all parts, and tells what was taken: of the lines in their order, then of the shipping.
    fn take_amount(&mut self, amount: Minor) -> Vec<Portion> {
        self.portions(amount)
            .map(|(portion, share)| {
                let taken = portion.worth(share);
                *portion = portion.minus(&taken);
                taken
            })
            .collect()
    }

    /// The exact parts of a refund, of which nothing is restocked yet.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn parts(mut self, request: &RefundRequest) -> Result<RefundParts, RefundError> {
        let mut parts = RefundParts::default();
        for asked in &request.lines {
            let portion = self.take_units(asked)?;
            parts.add(asked.line_id, asked.quantity, &portion);
        }
        parts.shipping = self.take_shipping(request.shipping)?;
        if let Some(amount) = request.amount {
            let left = self.amount();
            if amount > left {
                return Err(RefundError::Amount { requested: amount, left, currency: self.currency });
            }
            let taken = self.take_amount(amount);
            for (line, portion) in self.lines.iter().zip(&taken) {
                parts.add(line.line_id, 0, portion);
            }
            parts.shipping = plus(&parts.shipping, taken.last().unwrap_or(&Portion::default()));
        }
        let units: i64 = parts.lines.iter().map(|line| line.quantity).sum();
        if units == 0 && parts.amount() == 0 { Err(RefundError::Nothing) } else { Ok(parts) }
    }

    fn take_units(&mut self, asked: &RefundLine) -> Result<Portion, RefundError> {
        let line_id = asked.line_id;
        let line = self.lines.iter_mut().find(|line| line.line_id == line_id);
        let line = line.ok_or(RefundError::UnknownLine(line_id))?;
        if asked.quantity > line.quantity {
            return Err(RefundError::Quantity { line_id, requested: asked.quantity, left: line.quantity });
        }
        let portion = match asked.quantity == line.quantity {
            true => line.portion,
            false => line.portion.worth(scaled(line.portion.amount(), asked.quantity, line.quantity)),
        };
        line.quantity -= asked.quantity;
        line.portion = line.portion.minus(&portion);
        Ok(portion)
    }

    fn take_shipping(&mut self, asked: ShippingRefund) -> Result<Portion, RefundError> {
        let left = self.shipping.amount();
        let amount = match asked {
            ShippingRefund::None => 0,
            ShippingRefund::All => left,
            ShippingRefund::Amount(requested) if requested > left => {
                return Err(RefundError::Amount { requested, left, currency: self.currency });
            }
            ShippingRefund::Amount(requested) => requested,
        };
        let portion = self.shipping.worth(amount);
        self.shipping = self.shipping.minus(&portion);
        Ok(portion)
    }

    /// So much of what is left, as the parts of one refund: units only where it is all that is left.
    pub fn worth(mut self, amount: Minor) -> RefundParts {
        if amount >= self.amount() {
            return self.everything();
        }
        let taken = self.take_amount(amount);
        let mut parts = RefundParts { lines: Vec::new(), shipping: taken.last().copied().unwrap_or_default() };
        for (line, portion) in self.lines.iter().zip(&taken) {
            parts.add(line.line_id, 0, portion);
        }
        parts
    }

    /// All that is left, as the parts of one refund.
    pub fn everything(&self) -> RefundParts {
        let mut parts = RefundParts { lines: Vec::new(), shipping: self.shipping };
        for line in &self.lines {
            parts.add(line.line_id, line.quantity, &line.portion);
        }
        parts
    }
}

impl RefundParts {
    /// The part of a line; an empty one where it has none.
    pub(crate) fn of_line(&mut self, line_id: LineId) -> &mut RefundedLine {
        let at = self.lines.iter().position(|line| line.line_id == line_id).unwrap_or_else(|| {
            let portion = Portion::default();
            self.lines.push(RefundedLine { line_id, quantity: 0, restocked: 0, unsent: 0, portion });
            self.lines.len() - 1
        });
        &mut self.lines[at]
    }

    /// Adds to a line; nothing of it leaves no trace.
    fn add(&mut self, line_id: LineId, quantity: i64, portion: &Portion) {
        if quantity == 0 && *portion == Portion::default() {
            return;
        }
        match self.lines.iter_mut().find(|line| line.line_id == line_id) {
            Some(line) => {
                line.quantity += quantity;
                line.portion = plus(&line.portion, portion);
            }
            None => self.lines.push(RefundedLine { line_id, quantity, restocked: 0, unsent: 0, portion: *portion }),
        }
    }
}

fn plus(one: &Portion, other: &Portion) -> Portion {
    one.minus(&Portion::default().minus(other))
}

fn nothing_of(line_id: LineId) -> LineLeft {
    LineLeft { line_id, quantity: 0, portion: Portion::default() }
}
