//! Trying a promotion before its launch: walks over the placed orders of a period and the open carts, page by page, and
//! sums up what the draft would have changed. It only reads, so it may take its time; the shop goes on meanwhile.

use crate::engine::Engine;
use crate::failure::Failure;
use cartwright_domain::cart::Cart;
use cartwright_domain::decide::check_promotion;
use cartwright_domain::id::{CartId, OrderId, PromotionId, StoreId, Timestamp, VariantId, first_id_at};
use cartwright_domain::money::Currency;
use cartwright_domain::order::Order;
use cartwright_domain::promotion::Promotion;
use cartwright_domain::refusal::{FieldError, Refusal};
use cartwright_domain::store::StoreConfig;
use cartwright_domain::tryout::{Buyers, Draft, DraftUses, Outcome, Trial, Variants};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The period unless another is named.
const USUAL_DAYS: i64 = 30;
/// The longest period.
const MOST_DAYS: i64 = 366;
/// Orders or carts read at a time.
const PAGE: usize = 200;
/// Most orders that are looked at.
const MOST_ORDERS: u64 = 200_000;
/// Most carts that are looked at.
const MOST_CARTS: u64 = 100_000;
/// Most carts that are listed.
const MOST_LISTED: usize = 1_000;
/// Most variants that are kept from page to page.
const MOST_VARIANTS: usize = 10_000;
/// Most codes of a promotion that are compared with the draft's.
const CODES: usize = 10_000;
/// How long it may take altogether; what was found until then is the answer.
const LONGEST_MS: i64 = 20_000;

/// What is to be tried.
#[derive(Clone, Debug)]
pub struct TryoutRequest {
    /// The draft.
    pub promotion: Promotion,
    /// Its codes.
    pub codes: Vec<String>,
    /// Whether everybody counts as having entered one.
    pub assume_code: bool,
    /// First instant of the period; 30 days before its end unless given.
    pub from: Option<Timestamp>,
    /// Last instant of the period; now unless given.
    pub until: Option<Timestamp>,
    /// The promotion whose place it takes.
    pub replaces: Option<PromotionId>,
}

/// What a draft would have changed.
#[derive(Clone, Debug)]
pub struct Tryout {
    /// The period: its first and its last instant.
    pub period: (Timestamp, Timestamp),
    /// Orders of each currency.
    pub sums: BTreeMap<Currency, Sum>,
    /// Orders of each day that has any (by the store's clock, days since 1970) and currency.
    pub days: BTreeMap<(i64, Currency), Sum>,
    /// Open carts of each currency.
    pub carts: BTreeMap<Currency, Sum>,
    /// Carts that the draft changes, at most 1,000 of them.
    pub changed_carts: Vec<CartChange>,
    /// Orders looked at.
    pub orders_looked_at: u64,
    /// Orders that without the draft would today cost something else than was paid.
    pub orders_differing: u64,
    /// Orders that cannot be priced any more; they are in no sum.
    pub orders_not_priced: u64,
    /// Carts looked at.
    pub carts_looked_at: u64,
    /// Whether there is more than was looked at.
    pub truncated: bool,
}

/// What the draft does to a number of orders or carts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many there are.
    pub count: u64,
    /// How many of them would have another total.
    pub changed: u64,
    /// What they would cost less altogether, minor units; below zero where they would cost more.
    pub cost: i64,
}

/// What the draft does to a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CartChange {
    /// The cart.
    pub id: CartId,
    /// Its currency.
    pub currency: Currency,
    /// Its totals.
    pub outcome: Outcome,
}

impl Tryout {
    fn of(period: (Timestamp, Timestamp)) -> Tryout {
        Tryout {
            period,
            sums: BTreeMap::new(),
            days: BTreeMap::new(),
            carts: BTreeMap::new(),
            changed_carts: Vec::new(),
            orders_looked_at: 0,
            orders_differing: 0,
            orders_not_priced: 0,
            carts_looked_at: 0,
            truncated: false,
        }
    }
}

impl Sum {
    fn add(&mut self, outcome: Outcome) {
        self.count += 1;
        self.changed += u64::from(outcome.before != outcome.after);
        self.cost = self.cost.saturating_add(outcome.before - outcome.after);
    }
}

impl Engine {
    /// Runs a draft promotion over past orders and open carts. One runs at a time, on a thread where it holds up nobody.
    ///
    /// # Errors
    /// Refused as creating the promotion would be, or where there is no promotion to replace; `Busy` where others were
    /// tried for so long that no time is left; otherwise the storage's failure.
    pub async fn try_promotion(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        request: TryoutRequest,
    ) -> Result<Tryout, Failure> {
        let deadline = self.now().plus_ms(LONGEST_MS);
        let turn = self.tryouts.clone().acquire_owned().await.map_err(|_| Failure::Stopping)?;
        if self.now() >= deadline {
            return Err(Failure::Busy);
        }
        let (engine, config) = (self.clone(), config.clone());
        let runtime = tokio::runtime::Handle::current();
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            runtime.block_on(engine.run_tryout(config, request, deadline))
        });
        work.await.map_err(|error| Failure::Fault(format!("trying a promotion failed: {error}")))?
    }

    async fn run_tryout(
        &self,
        config: Arc<StoreConfig>,
        request: TryoutRequest,
        deadline: Timestamp,
    ) -> Result<Tryout, Failure> {
        let store = config.store.id;
        let now = self.now();
        let replaces = request.replaces;
        if replaces.is_some_and(|id| config.promotion(id).is_none()) {
            return Err(Refusal::PromotionNotFound.into());
        }
        let uses = self.reader.promotion_uses(store, CODES).await?;
        let others = uses.iter().filter(|entry| Some(entry.promotion_id) != replaces);
        let taken: HashSet<&str> = others.flat_map(|entry| entry.codes.iter().map(String::as_str)).collect();
        let (draft, period) = checked(request, &taken, now)?;
        let used = |id: PromotionId| uses.iter().find(|entry| entry.promotion_id == id).map_or(0, |entry| entry.uses);
        let is_used_up = |promotion: &Promotion| {
            promotion.limits.total_uses.is_some_and(|limit| used(promotion.id) >= i64::from(limit))
        };
        let used_up = config.promotions.iter().filter(|promotion| is_used_up(promotion)).map(|promotion| promotion.id);
        let used_up: Vec<PromotionId> = used_up.collect();
        let mut walk = Walk {
            engine: self,
            store,
            trial: Trial::new(config, draft),
            variants: Variants::new(),
            deadline,
            found: Tryout::of(period),
        };
        walk.orders(period).await?;
        walk.carts(now, &used_up, DraftUses::starting_at(replaces.map_or(0, used))).await?;
        Ok(walk.found)
    }
}

/// The draft and the period, or all that is wrong with them.
fn checked(
    request: TryoutRequest,
    taken: &HashSet<&str>,
    now: Timestamp,
) -> Result<(Draft, (Timestamp, Timestamp)), Failure> {
    let TryoutRequest { promotion, codes, assume_code, from, until, replaces } = request;
    let until = until.unwrap_or(now);
    let from = from.unwrap_or(until.plus_ms(-USUAL_DAYS * DAY_MS));
    let codes = check_promotion(&promotion, &codes, |code| taken.contains(code));
    let long = until.0.saturating_sub(from.0) > MOST_DAYS * DAY_MS;
    let reason = match () {
        _ if from > until => Some("must not be after until".to_owned()),
        _ if long => Some(format!("must be at most {MOST_DAYS} days before until")),
        _ => None,
    };
    let wrong = reason.map(|reason| FieldError { field: "from".to_owned(), reason });
    match (codes, wrong) {
        (Ok(codes), None) => Ok((Draft { promotion, codes, assume_code, replaces }, (from, until))),
        (codes, wrong) => {
            let errors = codes.err().into_iter().flatten().chain(wrong).collect();
            Err(Refusal::Invalid(errors).into())
        }
    }
}

/// A walk over orders and carts, and what it has found so far.
struct Walk<'a> {
    engine: &'a Engine,
    store: StoreId,
    trial: Trial,
    variants: Variants,
    deadline: Timestamp,
    found: Tryout,
}

impl Walk<'_> {
    /// Whether it must end here, with more to look at.
    fn is_over(&mut self, looked_at: u64, most: u64) -> bool {
        let over = looked_at >= most || self.engine.now() >= self.deadline;
        self.found.truncated |= over;
        over
    }

    async fn orders(&mut self, period: (Timestamp, Timestamp)) -> Result<(), Failure> {
        let end = OrderId(first_id_at(period.1.plus_ms(1)));
        let mut after = OrderId(first_id_at(period.0));
        let mut uses = DraftUses::default();
        loop {
            let page = self.engine.reader.placed_orders(self.store, (after, end), PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            if self.is_over(self.found.orders_looked_at, MOST_ORDERS) {
                return Ok(());
            }
            after = last.id;
            self.know(page.iter().flat_map(|order| order.lines.iter().map(|line| line.variant_id))).await?;
            let buyers = page.iter().map(|order| (order.customer.clone(), order.buyer()));
            let buyers = self.buyers(buyers).await?;
            for order in &page {
                self.order(order, &buyers, &mut uses);
            }
        }
    }

    fn order(&mut self, order: &Order, buyers: &Buyers, uses: &mut DraftUses) {
        let found = &mut self.found;
        found.orders_looked_at += 1;
        let Some(outcome) = self.trial.try_order(order, &self.variants, buyers, uses) else {
            found.orders_not_priced += 1;
            return;
        };
        found.orders_differing += u64::from(outcome.before != order.totals.total);
        found.sums.entry(order.currency).or_default().add(outcome);
        let day = self.trial.time_zone().wall_time(order.created_at).day;
        found.days.entry((day, order.currency)).or_default().add(outcome);
    }

    async fn carts(&mut self, now: Timestamp, used_up: &[PromotionId], mut uses: DraftUses) -> Result<(), Failure> {
        let mut after = (now, CartId(Uuid::max()));
        // A cart that its shopper changes meanwhile moves on in the list, and would be met again.
        let mut seen = HashSet::new();
        loop {
            let page = self.engine.reader.open_carts(self.store, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            if self.is_over(self.found.carts_looked_at, MOST_CARTS) {
                return Ok(());
            }
            after = (last.expires_at, last.id);
            self.know(page.iter().flat_map(|cart| cart.lines.iter().map(|line| line.variant_id))).await?;
            let buyers = page.iter().map(|cart| (cart.customer.clone(), cart.buyer()));
            let buyers = self.buyers(buyers).await?;
            for cart in page.iter().filter(|cart| seen.insert(cart.id)) {
                self.cart(cart, &buyers, now, used_up, &mut uses);
            }
        }
    }

    fn cart(&mut self, cart: &Cart, buyers: &Buyers, now: Timestamp, used_up: &[PromotionId], uses: &mut DraftUses) {
        let found = &mut self.found;
        found.carts_looked_at += 1;
        // A cart without a price cannot be bought, with or without the draft.
        let Ok(outcome) = self.trial.try_cart(cart, &self.variants, buyers, used_up, now, uses) else { return };
        found.carts.entry(cart.currency).or_default().add(outcome);
        if outcome.before != outcome.after && found.changed_carts.len() < MOST_LISTED {
            found.changed_carts.push(CartChange { id: cart.id, currency: cart.currency, outcome });
        }
    }

    /// What is known of a page's buyers: two queries, or none where nobody is known.
    async fn buyers(&self, wanted: impl Iterator<Item = (Option<String>, Option<String>)>) -> Result<Buyers, Failure> {
        let (customers, buyers): (HashSet<_>, HashSet<_>) = wanted.unzip();
        let customers: Vec<String> = customers.into_iter().flatten().collect();
        let buyers: Vec<String> = buyers.into_iter().flatten().collect();
        let mut known = Buyers::default();
        if !customers.is_empty() {
            let told = self.engine.reader.customers_named(self.store, &customers).await?;
            known.customers = told.into_iter().map(|(id, customer)| (id, Arc::new(customer))).collect();
        }
        if !buyers.is_empty() {
            known.first_orders = self.engine.reader.first_orders(self.store, &buyers).await?.into_iter().collect();
        }
        Ok(known)
    }

    /// Makes sure that these variants are known, as far as they exist, with one query for those that are not.
    async fn know(&mut self, wanted: impl Iterator<Item = VariantId>) -> Result<(), Failure> {
        let wanted: HashSet<VariantId> = wanted.collect();
        if self.variants.len() > MOST_VARIANTS {
            self.variants.clear();
        }
        let missing: Vec<VariantId> = wanted.into_iter().filter(|id| !self.variants.contains_key(id)).collect();
        if !missing.is_empty() {
            let loaded = self.engine.reader.variants(self.store, &missing).await?;
            self.variants.extend(loaded.into_iter().map(|(variant, _)| (variant.id, Arc::new(variant))));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(from: Option<i64>, until: Option<i64>) -> TryoutRequest {
        let benefit = cartwright_domain::promotion::Benefit::FreeShipping {};
        let promotion = Promotion {
            id: PromotionId::default(),
            name: "Draft".to_owned(),
            description: None,
            active: true,
            priority: 0,
            stacking: Default::default(),
            starts_at: None,
            ends_at: None,
            requires_code: false,
            conditions: Default::default(),
            benefit,
            limits: Default::default(),
        };
        let (from, until) = (from.map(Timestamp), until.map(Timestamp));
        TryoutRequest { promotion, codes: vec!["spring".to_owned()], assume_code: true, from, until, replaces: None }
    }

    fn field_of(failure: Failure) -> String {
        let Failure::Refused(Refusal::Invalid(errors)) = failure else { panic!("{failure}") };
        errors.into_iter().map(|error| error.field).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_period_is_the_last_thirty_days_unless_named_and_at_most_a_leap_year() {
        let (now, free) = (Timestamp(500 * DAY_MS), HashSet::new());
        let (_, period) = checked(request(None, None), &free, now).expect("a period");
        assert_eq!(period, (Timestamp(470 * DAY_MS), now));
        assert!(checked(request(Some(134 * DAY_MS), None), &free, now).is_ok());
        assert_eq!(field_of(checked(request(Some(134 * DAY_MS - 1), None), &free, now).expect_err("long")), "from");
        assert_eq!(field_of(checked(request(Some(2), Some(1)), &free, now).expect_err("backwards")), "from");
        assert!(checked(request(Some(i64::MIN), Some(i64::MAX)), &free, now).is_err());
    }

    #[test]
    fn a_code_of_another_promotion_is_told_with_its_place() {
        let taken = HashSet::from(["SPRING"]);
        assert_eq!(field_of(checked(request(None, None), &taken, Timestamp(0)).expect_err("taken")), "codes[0]");
    }

    #[test]
    fn a_sum_counts_what_changes_and_by_how_much() {
        let mut sum = Sum::default();
        for (before, after) in [(1_000, 900), (500, 500), (300, 350)] {
            sum.add(Outcome { before, after });
        }
        assert_eq!(sum, Sum { count: 3, changed: 2, cost: 50 });
    }
}
