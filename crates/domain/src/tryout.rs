//! Trying a promotion before its launch: carts and past orders are priced twice, as the store is and with the draft in it.
//! Nothing here changes anything; the walk over orders and carts is the engine's.

use crate::cart::{Cart, CartDetail, CartLine, CartStatus};
use crate::catalogue::Variant;
use crate::coupon::AppliedCoupon;
use crate::customer::Customer;
use crate::id::{OrderId, PromotionId, Timestamp, VariantId};
use crate::order::Order;
use crate::pricing::{PricingError, Quote};
use crate::promotion::Promotion;
use crate::quoting::{CustomerFacts, QuoteContext, quote_cart, quote_ordered};
use crate::store::StoreConfig;
use crate::time_zone::TimeZone;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Variants by id, as pricing needs them.
pub type Variants = HashMap<VariantId, Arc<Variant>>;

/// What is known of the buyers of a number of orders and carts.
#[derive(Debug, Default)]
pub struct Buyers {
    /// What the shop told about customers.
    pub customers: HashMap<String, Arc<Customer>>,
    /// The first live order of those buyers who have one.
    pub first_orders: HashMap<String, OrderId>,
}

impl Buyers {
    /// What is known of a cart's customer; of the cart that became this order where it has become one.
    fn facts(&self, cart: &Cart, order: Option<OrderId>) -> CustomerFacts {
        let told = cart.customer.as_ref().and_then(|customer| self.customers.get(customer)).cloned();
        let first = cart.buyer().and_then(|buyer| self.first_orders.get(&buyer).copied());
        CustomerFacts { told: told.unwrap_or_default(), first_order: first.is_none() || first == order }
    }
}

/// A promotion that is not launched yet, and how it is to be tried.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The promotion; its id does not matter.
    pub promotion: Promotion,
    /// Its codes, normalised; with any it is not automatic.
    pub codes: Vec<String>,
    /// Whether every cart counts as having a code of the draft.
    pub assume_code: bool,
    /// The promotion whose place it takes.
    pub replaces: Option<PromotionId>,
}

/// What a cart costs without and with the draft, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// As the store is.
    pub before: i64,
    /// With the draft.
    pub after: i64,
}

/// How often the draft was used in the course of a trial.
#[derive(Debug, Default)]
pub struct DraftUses {
    total: i64,
    by_customer: HashMap<String, i64>,
}

impl DraftUses {
    /// Uses that count already.
    pub fn starting_at(total: i64) -> DraftUses {
        DraftUses { total, by_customer: HashMap::new() }
    }
}

/// A store as it is, and the same store with a draft in it.
#[derive(Debug)]
pub struct Trial {
    without: Arc<StoreConfig>,
    with: StoreConfig,
    draft: Promotion,
    codes: Vec<String>,
    assume_code: bool,
}

impl Trial {
    /// Puts the draft into the store. It counts as switched on, and its first and last instant are left out of account:
    /// the question is what it would have done had it been there. Days of the week and hours hold.
    pub fn new(config: Arc<StoreConfig>, draft: Draft) -> Trial {
        let Draft { mut promotion, codes, assume_code, replaces } = draft;
        // A new promotion comes after all others, as its id would; a replaced one keeps its place and its carts' codes.
        promotion.id = replaces.unwrap_or(PromotionId(Uuid::max()));
        promotion.active = true;
        (promotion.starts_at, promotion.ends_at) = (None, None);
        promotion.requires_code = promotion.requires_code || !codes.is_empty();
        let others = config.promotions.iter().filter(|other| other.id != promotion.id);
        let mut promotions: Vec<Promotion> = others.map(|other| (**other).clone()).collect();
        promotions.push(promotion.clone());
        let with = StoreConfig::new(config.store.clone(), promotions);
        Trial { without: config, with, draft: promotion, codes, assume_code }
    }

    /// The store's clock.
    pub fn time_zone(&self) -> &TimeZone {
        &self.without.store.settings.time_zone
    }

    /// Prices an order at its own prices and its own time. `None` where it cannot be priced any more: a variant is gone,
    /// or an amount is too large.
    pub fn try_order(
        &self,
        order: &Order,
        variants: &Variants,
        buyers: &Buyers,
        uses: &mut DraftUses,
    ) -> Option<Outcome> {
        if order.lines.iter().any(|line| !variants.contains_key(&line.variant_id)) {
            return None;
        }
        // Of limited promotions those counted that the order got: whether uses were left then is told by nothing else.
        let limited = self.without.promotions.iter().filter(|promotion| is_limited(promotion));
        let got = |id: PromotionId| order.detail.discounts.iter().any(|discount| discount.promotion_id == id);
        let used_up: Vec<PromotionId> = limited.map(|promotion| promotion.id).filter(|id| !got(*id)).collect();
        let cart = cart_of(order);
        let facts = buyers.facts(&cart, Some(order.id));
        self.try_with((&cart, Prices::OfOrder), variants, &facts, &used_up, order.created_at, uses).ok()
    }

    /// Prices a cart at the prices it has captured. `used_up` names promotions of the store that count no more.
    ///
    /// # Errors
    /// Where an amount is too large to be counted.
    pub fn try_cart(
        &self,
        cart: &Cart,
        variants: &Variants,
        buyers: &Buyers,
        used_up: &[PromotionId],
        now: Timestamp,
        uses: &mut DraftUses,
    ) -> Result<Outcome, PricingError> {
        self.try_with((cart, Prices::OfCart), variants, &buyers.facts(cart, None), used_up, now, uses)
    }

    fn try_with(
        &self,
        (cart, prices): (&Cart, Prices),
        variants: &Variants,
        facts: &CustomerFacts,
        used_up: &[PromotionId],
        now: Timestamp,
        uses: &mut DraftUses,
    ) -> Result<Outcome, PricingError> {
        let context = QuoteContext { config: &self.without, exhausted: used_up, customer: facts, explain: false, now };
        let before = quote(cart, prices, variants, context)?;
        let customer = cart.buyer().unwrap_or_default();
        let mut used_up: Vec<PromotionId> = used_up.iter().copied().filter(|id| *id != self.draft.id).collect();
        if self.is_used_up(&customer, uses) {
            used_up.push(self.draft.id);
        }
        let context = QuoteContext { config: &self.with, exhausted: &used_up, customer: facts, explain: false, now };
        let after = quote(&self.unlocked(cart), prices, variants, context)?;
        if after.discounts.iter().any(|discount| discount.promotion_id == self.draft.id) {
            uses.total += 1;
            if self.draft.limits.uses_per_customer.is_some() {
                *uses.by_customer.entry(customer).or_default() += 1;
            }
        }
        Ok(Outcome { before: before.totals.total, after: after.totals.total })
    }

    /// As at checkout: a limit per customer cannot be kept for somebody unknown.
    fn is_used_up(&self, customer: &str, uses: &DraftUses) -> bool {
        let full = |limit: Option<u32>, used: i64| limit.is_some_and(|limit| used >= i64::from(limit));
        let limits = self.draft.limits;
        let by_customer = uses.by_customer.get(customer).copied().unwrap_or(0);
        full(limits.total_uses, uses.total)
            || full(limits.uses_per_customer, by_customer)
            || (limits.uses_per_customer.is_some() && customer.is_empty())
    }

    /// The cart with the draft's code on it, where it has one or is taken to have one.
    fn unlocked(&self, cart: &Cart) -> Cart {
        let mut cart = cart.clone();
        let id = self.draft.id;
        for coupon in cart.detail.coupons.iter_mut().filter(|coupon| self.codes.contains(&coupon.code)) {
            coupon.promotion_id = id;
        }
        if self.assume_code && self.draft.requires_code {
            cart.detail.coupons.push(AppliedCoupon { code: String::new(), promotion_id: id });
        }
        cart
    }
}

/// Whether a promotion may be used only so often.
fn is_limited(promotion: &Promotion) -> bool {
    promotion.limits.total_uses.is_some() || promotion.limits.uses_per_customer.is_some()
}

/// Whose unit prices a cart has.
#[derive(Clone, Copy)]
enum Prices {
    /// Its own: those at the store's home.
    OfCart,
    /// Those of the order that it became: those where its goods went.
    OfOrder,
}

fn quote(cart: &Cart, prices: Prices, variants: &Variants, context: QuoteContext<'_>) -> Result<Quote, PricingError> {
    let variant = |id: VariantId| variants.get(&id);
    match prices {
        Prices::OfCart => quote_cart(cart, variant, |line| line.unit_price, context),
        Prices::OfOrder => quote_ordered(cart, variant, context),
    }
}

/// The cart that would make this order again.
fn cart_of(order: &Order) -> Cart {
    let line = |line: &crate::order::OrderLine| CartLine {
        id: line.id,
        variant_id: line.variant_id,
        quantity: line.quantity,
        unit_price: line.unit_price,
        priced_at: order.created_at,
        options: line.options.clone(),
        saved_at_price: None,
    };
    let detail = &order.detail;
    Cart {
        id: order.cart_id,
        token_hash: None,
        customer: order.customer.clone(),
        status: CartStatus::CheckedOut,
        version: 0,
        currency: order.currency,
        lines: order.lines.iter().map(line).collect(),
        detail: CartDetail {
            email: detail.email.clone(),
            shipping_address: detail.shipping_address.clone(),
            shipping_method: detail.shipping_method.clone(),
            coupons: detail.coupons.clone(),
            ..CartDetail::default()
        },
        order_id: Some(order.id),
        created_at: order.created_at,
        updated_at: order.created_at,
        expires_at: order.created_at,
    }
}
