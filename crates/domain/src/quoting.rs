//! From a cart and its store's configuration to a quote: the one way in which a cart is priced, whether it is read or checked out.

use crate::cart::{Cart, CartLine};
use crate::catalogue::Variant;
use crate::id::{PromotionId, Timestamp, VariantId};
use crate::order::Address;
use crate::pricing::{Customer, LineInput, PricingError, PricingInput, Quote, Unlocked, price};
use crate::shipping::{Destination, OfferedMethod, quote_methods};
use crate::store::StoreConfig;
use std::sync::Arc;

/// What a quote is made of besides the cart.
#[derive(Clone, Copy, Debug)]
pub struct QuoteContext<'a> {
    /// The store.
    pub config: &'a StoreConfig,
    /// Promotions whose limits are used up.
    pub exhausted: &'a [PromotionId],
    /// Whether each promotion is to be explained.
    pub explain: bool,
    /// Now.
    pub now: Timestamp,
}

/// Prices a cart. `unit_price` gives a line's unit price (captured or today's), `variant` the variant of a line; a line whose
/// variant is gone counts nothing.
///
/// # Errors
/// Where an amount would leave the range in which the engine counts exactly.
pub fn quote_cart<'v>(
    cart: &Cart,
    variant: impl Fn(VariantId) -> Option<&'v Arc<Variant>>,
    unit_price: impl Fn(&CartLine) -> i64,
    context: QuoteContext<'_>,
) -> Result<Quote, PricingError> {
    let store = &context.config.store;
    let known = cart.lines.iter().filter_map(|line| Some((line, variant(line.variant_id)?)));
    let lines: Vec<LineInput<'_>> = known.map(|(line, variant)| line_input(line, variant, unit_price(line))).collect();
    let unlocked: Vec<Unlocked<'_>> = cart
        .detail
        .coupons
        .iter()
        .map(|coupon| Unlocked { promotion_id: coupon.promotion_id, code: &coupon.code })
        .collect();
    let customer = cart.customer.as_deref().map(|id| Customer { id, groups: &[], first_order: false });
    let destination = cart.detail.shipping_address.as_ref().map(destination);
    let chosen = cart.detail.shipping_method.as_deref();
    price(&PricingInput {
        currency: cart.currency,
        policy: &store.settings.pricing,
        prices_include_tax: store.settings.prices_include_tax,
        lines: &lines,
        promotions: &context.config.promotions,
        unlocked: &unlocked,
        exhausted: context.exhausted,
        customer: customer.as_ref(),
        destination: destination.as_ref(),
        shipping_method: chosen.and_then(|handle| store.shipping_methods.iter().find(|method| method.handle == handle)),
        shipping_override: None,
        tax_rates: &store.tax_rates,
        tax_exempt: false,
        now: context.now,
        explain: context.explain,
    })
}

fn line_input<'a>(line: &CartLine, variant: &'a Variant, unit_price: i64) -> LineInput<'a> {
    LineInput {
        line_id: line.id,
        product_id: variant.product_id,
        handle: &variant.handle,
        variant_id: variant.id,
        sku: &variant.sku,
        tags: &variant.tags,
        tax_category: &variant.tax_category,
        weight_grams: u32::try_from(variant.weight_grams).unwrap_or(u32::MAX),
        unit_price,
        quantity: u32::try_from(line.quantity).unwrap_or(u32::MAX),
        min_unit_price: None,
    }
}

/// The part of an address that decides tax and shipping.
fn destination(address: &Address) -> Destination {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Destination { country: address.country.clone(), region: some(&address.region), postcode: some(&address.postcode) }
}

/// The store's shipping methods with what each costs for this cart, or why it is not to be had.
pub fn offered_methods<'a, 'v>(
    cart: &Cart,
    variant: impl Fn(VariantId) -> Option<&'v Arc<Variant>>,
    quote: &Quote,
    config: &'a StoreConfig,
) -> Vec<OfferedMethod<'a>> {
    let destination = cart.detail.shipping_address.as_ref().map(destination);
    let goods = quote.totals.subtotal - quote.totals.discount;
    quote_methods(
        &config.store.shipping_methods,
        destination.as_ref(),
        cart.currency,
        weight_grams(cart, variant),
        goods,
    )
}

fn weight_grams<'v>(cart: &Cart, variant: impl Fn(VariantId) -> Option<&'v Arc<Variant>>) -> u64 {
    let weight = |line: &CartLine| variant(line.variant_id).map_or(0, |variant| variant.weight_grams * line.quantity);
    cart.lines.iter().map(|line| weight(line).max(0) as u64).sum()
}
