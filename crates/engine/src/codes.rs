//! What stands against the codes of a cart that is shown: the same as a checkout would find, so that both say the same. A cart
//! without codes asks nothing; one with codes asks what they are, and their uses where these are limited.

use crate::cache::{CartView, LineView};
use crate::engine::Engine;
use crate::failure::Failure;
use cartwright_domain::cart::Cart;
use cartwright_domain::coupon::{Coupon, Hindrance, KnownUses, standings, unusable};
use cartwright_domain::id::{PromotionId, VariantId};
use cartwright_domain::pricing::{Explanation, Outcome};
use cartwright_domain::quoting::keeps_offer;
use cartwright_domain::store::StoreConfig;
use std::collections::HashMap;

/// The codes of a cart, as they stand now.
#[derive(Clone, Debug, Default)]
pub(crate) struct CartCodes {
    /// What stands against each, in the cart's order.
    pub standings: Vec<Option<Hindrance>>,
    /// Promotions that none of them unlocks any more.
    pub unusable: Vec<PromotionId>,
    /// Whether this may be otherwise at any moment, through somebody else's order.
    pub changes: bool,
}

struct Known<'a> {
    coupons: HashMap<String, Coupon>,
    uses: HashMap<PromotionId, (i64, i64)>,
    is_somebody: bool,
    /// Promotions that lines of the cart keep.
    keeps: &'a dyn Fn(PromotionId) -> bool,
}

impl KnownUses for Known<'_> {
    fn coupon(&self, code: &str) -> Option<Coupon> {
        self.coupons.get(code).copied()
    }

    fn uses(&self, id: PromotionId) -> i64 {
        self.uses.get(&id).map_or(0, |uses| uses.0)
    }

    fn uses_by_person(&self, id: PromotionId) -> i64 {
        self.uses.get(&id).map_or(0, |uses| uses.1)
    }

    fn is_somebody(&self) -> bool {
        self.is_somebody
    }

    fn keeps(&self, id: PromotionId) -> bool {
        (self.keeps)(id)
    }
}

impl Engine {
    /// What stands against the codes of a cart; `goods` are the variants of its lines.
    pub(crate) async fn codes_of(
        &self,
        config: &StoreConfig,
        cart: &Cart,
        goods: &HashMap<VariantId, LineView>,
    ) -> Result<CartCodes, Failure> {
        let applied = &cart.detail.coupons;
        if applied.is_empty() || !cart.is_open() {
            return Ok(CartCodes { standings: vec![None; applied.len()], ..CartCodes::default() });
        }
        let store = config.store.id;
        let codes: Vec<String> = applied.iter().map(|coupon| coupon.code.clone()).collect();
        let coupons: HashMap<String, Coupon> = self.reader.codes_named(store, &codes).await?.into_iter().collect();
        let promotions = applied.iter().filter_map(|coupon| config.promotion_ever(coupon.promotion_id));
        let limits = promotions.map(|promotion| (promotion.id, promotion.limits));
        let limited: HashMap<_, _> = limits
            .filter(|(_, limits)| limits.total_uses.is_some() || limits.uses_per_customer.is_some())
            .map(|(id, limits)| (id, limits.uses_per_customer.is_some()))
            .collect();
        // A code that is gone may be added again, and one with a limit may be used by somebody else.
        let changes = coupons.len() < codes.len() || coupons.values().any(|coupon| coupon.max_uses.is_some());
        let mut uses = HashMap::new();
        if !limited.is_empty() {
            let names = match limited.values().any(|per_customer| *per_customer) {
                true => self.names_of(store, cart.who()).await?,
                false => Vec::new(),
            };
            let ids: Vec<PromotionId> = limited.keys().copied().collect();
            let found = self.reader.uses_of(store, &ids, &names).await?;
            uses = found.into_iter().map(|(id, all, own)| (id, (all, own))).collect();
        }
        let now = self.now();
        let variant = |id: VariantId| goods.get(&id).map(|line| &line.variant);
        let keeps = |id: PromotionId| keeps_offer(cart, variant, config, id, now);
        let known = Known { coupons, uses, is_somebody: cart.buyer().is_some(), keeps: &keeps };
        let standings = standings(cart, config, &known);
        let unusable = unusable(cart, &standings);
        Ok(CartCodes { unusable, standings, changes: changes || !limited.is_empty() })
    }
}

impl CartView {
    /// Why each code of the cart gives nothing, in the cart's order; `None` for those that take something off.
    pub fn code_reasons(&self) -> Vec<Option<CodeReason<'_>>> {
        let explained = self.explained();
        let coupons = self.cart.detail.coupons.iter().enumerate();
        let reason = |(place, coupon): (usize, &cartwright_domain::coupon::AppliedCoupon)| {
            if let Some(hindrance) = self.codes.get(place).copied().flatten() {
                return Some(CodeReason::Hindered(hindrance));
            }
            // As it stands, and as lines keep it: one of them is enough.
            let mut found = explained.iter().filter(|known| known.promotion_id == coupon.promotion_id).peekable();
            let first = *found.peek()?;
            let gives_nothing = found.all(|one| matches!(one.outcome, Outcome::NotApplied { .. }));
            gives_nothing.then_some(CodeReason::Explained(first))
        };
        coupons.map(reason).collect()
    }

    /// Explanations of the store's promotions, where the cart was explained or a code needs one.
    pub fn explained(&self) -> &[Explanation] {
        if self.quote.explanations.is_empty() { &self.explained_codes } else { &self.quote.explanations }
    }
}

/// Why a code gives nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CodeReason<'a> {
    /// It cannot be used.
    Hindered(Hindrance),
    /// It can, but its promotion gives nothing to this cart.
    Explained(&'a Explanation),
}
