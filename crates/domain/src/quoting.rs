//! From a cart and its store's configuration to a quote: the one way in which a cart is priced, whether it is read or checked out.

use crate::cart::{Cart, CartLine};
use crate::catalogue::Variant;
use crate::id::{LineId, PromotionId, Timestamp, VariantId};
use crate::money::{Currencies, Currency};
use crate::order::Address;
use crate::pricing::{
    Customer, Elsewhere, Held, LineInput, NetPrices, PricingError, PricingInput, Quote, Unlocked, matches, price,
};
use crate::shipping::{CannotShip, Destination, OfferedMethod, ShippingMethod};
use crate::store::{Store, StoreConfig, TaxElsewhere};
use std::sync::Arc;

/// What a quote is made of besides the cart.
#[derive(Clone, Copy, Debug)]
pub struct QuoteContext<'a> {
    /// The store.
    pub config: &'a StoreConfig,
    /// Promotions whose limits are used up.
    pub exhausted: &'a [PromotionId],
    /// What is known of the customer.
    pub customer: &'a CustomerFacts,
    /// Whether each promotion is to be explained.
    pub explain: bool,
    /// Now.
    pub now: Timestamp,
}

/// What is known of a cart's customer when it is priced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CustomerFacts {
    /// What the shop told.
    pub told: std::sync::Arc<crate::customer::Customer>,
    /// A known buyer without a live order.
    pub first_order: bool,
}

impl CustomerFacts {
    /// As pricing wants it; `None` where nobody is known. A guest's e-mail address is not proven: it tells whether an order
    /// is the first, and nothing else.
    pub fn of<'a>(&'a self, cart: &'a Cart) -> Option<Customer<'a>> {
        cart.buyer()?;
        let id = cart.customer.as_deref().unwrap_or_default();
        Some(Customer { id, groups: &self.told.groups, first_order: self.first_order })
    }
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
    quote_at(cart, variant, unit_price, net_prices(&context.config.store), context)
}

/// Prices the cart that would make an order again: its unit prices are already those where its goods go.
///
/// # Errors
/// As [`quote_cart`].
pub fn quote_ordered<'v>(
    cart: &Cart,
    variant: impl Fn(VariantId) -> Option<&'v Arc<Variant>>,
    context: QuoteContext<'_>,
) -> Result<Quote, PricingError> {
    let net_prices = match net_prices(&context.config.store) {
        NetPrices::No => NetPrices::No,
        NetPrices::Everywhere | NetPrices::AlreadyInUnitPrices => NetPrices::AlreadyInUnitPrices,
    };
    quote_at(cart, variant, |line| line.unit_price, net_prices, context)
}

fn net_prices(store: &Store) -> NetPrices {
    match store.settings.tax_elsewhere {
        TaxElsewhere::KeepGross => NetPrices::No,
        TaxElsewhere::NetPrices => NetPrices::Everywhere,
    }
}

/// A cart's currency and its store's.
pub fn currencies(cart: &Cart, config: &StoreConfig) -> Currencies {
    Currencies { wanted: cart.currency, own: config.store.currency }
}

fn quote_at<'v>(
    cart: &Cart,
    variant: impl Fn(VariantId) -> Option<&'v Arc<Variant>>,
    unit_price: impl Fn(&CartLine) -> i64,
    net_prices: NetPrices,
    context: QuoteContext<'_>,
) -> Result<Quote, PricingError> {
    let store = &context.config.store;
    let known = cart.lines.iter().filter_map(|line| Some((line, variant(line.variant_id)?)));
    let held = |line: &CartLine, variant: &Variant| held_offers(line, variant, context);
    let lines =
        known.map(|(line, variant)| line_input(line, variant, (unit_price(line), held(line, variant)), cart.currency));
    let lines: Vec<LineInput<'_>> = lines.collect();
    let unlocked: Vec<Unlocked<'_>> = cart
        .detail
        .coupons
        .iter()
        .map(|coupon| Unlocked { promotion_id: coupon.promotion_id, code: &coupon.code })
        .collect();
    let customer = context.customer.of(cart);
    let destination = cart.detail.shipping_address.as_ref().map(destination);
    let chosen = cart.detail.shipping_method.as_deref();
    price(&PricingInput {
        currency: cart.currency,
        store_currency: store.currency,
        policy: &store.settings.pricing,
        prices_include_tax: store.settings.prices_include_tax,
        lines: &lines,
        promotions: &context.config.promotions,
        kept: &context.config.kept,
        unlocked: &unlocked,
        exhausted: context.exhausted,
        customer: customer.as_ref(),
        destination: destination.as_ref(),
        home: store.settings.home.as_ref(),
        net_prices,
        shipping_method: chosen.and_then(|handle| store.shipping_methods.iter().find(|method| method.handle == handle)),
        shipping_override: None,
        tax_rates: &store.tax_rates,
        tax_exempt: context.customer.told.tax_exempt,
        now: context.now,
        time_zone: &store.settings.time_zone,
        explain: context.explain,
    })
}

/// The time for which a line's price holds, where it keeps an offer by that.
fn held_offers(line: &CartLine, variant: &Variant, context: QuoteContext<'_>) -> Option<Held> {
    let (config, since, now) = (context.config, line.priced_at, context.now);
    let until = variant.price_held_until(since, &config.store.settings).filter(|until| now < *until)?;
    config.keeps_offers_of(since, now).then_some(Held { since, until })
}

/// Whether a line of the cart keeps a promotion: its captured price holds, and the promotion was in force when it was captured.
pub fn keeps_offer<'v>(
    cart: &Cart,
    variant: impl Fn(VariantId) -> Option<&'v Arc<Variant>>,
    config: &StoreConfig,
    id: PromotionId,
    now: Timestamp,
) -> bool {
    cart.lines.iter().any(|line| {
        let held = |variant: &Arc<Variant>| variant.price_held_until(line.priced_at, &config.store.settings);
        let until = variant(line.variant_id).and_then(held);
        until.is_some_and(|until| now < until) && config.was_in_force(id, line.priced_at)
    })
}

fn line_input<'a>(
    line: &CartLine,
    variant: &'a Variant,
    (unit_price, held): (i64, Option<Held>),
    currency: Currency,
) -> LineInput<'a> {
    let min_unit_price = variant.floors.get(currency.code()).copied();
    LineInput {
        line_id: line.id,
        product_id: variant.product_id,
        handle: &variant.handle,
        variant_id: variant.id,
        sku: &variant.sku,
        tags: &variant.tags,
        tax_category: &variant.tax_category,
        weight_grams: u32::try_from(variant.weight_grams).unwrap_or(u32::MAX),
        requires_shipping: variant.requires_shipping,
        unit_price,
        quantity: u32::try_from(line.quantity).unwrap_or(u32::MAX),
        min_unit_price,
        held,
    }
}

/// The part of an address that decides tax and shipping.
fn destination(address: &Address) -> Destination {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Destination { country: address.country.clone(), region: some(&address.region), postcode: some(&address.postcode) }
}

/// Whether anything in the cart is sent. What is not known is.
pub fn is_sent<'v>(cart: &Cart, variant: impl Fn(VariantId) -> Option<&'v Arc<Variant>>) -> bool {
    cart.lines.iter().any(|line| variant(line.variant_id).is_none_or(|variant| variant.requires_shipping))
}

/// The store's shipping methods with what each costs for this cart, or why it is not to be had.
pub fn offered_methods<'a, 'v>(
    cart: &Cart,
    variant: impl Fn(VariantId) -> Option<&'v Arc<Variant>>,
    quote: &Quote,
    config: &'a StoreConfig,
) -> Vec<OfferedMethod<'a>> {
    let destination = cart.detail.shipping_address.as_ref().map(destination);
    let value = quote.totals.subtotal - quote.totals.discount;
    let weight = weight_grams(cart, &variant);
    let goods = goods(cart, &variant);
    let elsewhere = elsewhere(config, destination.as_ref());
    let left =
        || quote.lines.iter().zip(&goods).map(|(line, goods)| (line.subtotal - line.discount, goods.tax_category));
    let offer = |method: &'a ShippingMethod| {
        let fee = match goods.iter().filter(|line| line.requires_shipping).all(|line| matches(&method.only, line)) {
            true => {
                let fee = method.fee(destination.as_ref(), currencies(cart, config), weight, value);
                fee.map(|fee| match &elsewhere {
                    Some(elsewhere) => elsewhere.fee_ratio(&method.tax_category, left()).price(fee).unwrap_or(fee),
                    None => fee,
                })
            }
            false => Err(CannotShip::GoodsExcluded),
        };
        OfferedMethod { method, fee }
    };
    config.store.shipping_methods.iter().map(offer).collect()
}

/// How prices at the store's home become those at the destination, where they differ.
fn elsewhere<'a>(config: &'a StoreConfig, there: Option<&'a Destination>) -> Option<Elsewhere<'a>> {
    let Store { settings, tax_rates, .. } = &config.store;
    let (TaxElsewhere::NetPrices, Some(home)) = (settings.tax_elsewhere, &settings.home) else { return None };
    Elsewhere::between(home, there?, &settings.pricing, settings.prices_include_tax, tax_rates)
}

/// Lines that no shipping method of the store carries to the cart's address; none as long as there is no address, or where
/// the store has no shipping methods.
pub fn lines_not_shipped<'v>(
    cart: &Cart,
    variant: impl Fn(VariantId) -> Option<&'v Arc<Variant>>,
    config: &StoreConfig,
) -> Vec<LineId> {
    let methods = &config.store.shipping_methods;
    let Some(destination) = cart.detail.shipping_address.as_ref().map(destination) else { return Vec::new() };
    if methods.is_empty() {
        return Vec::new();
    }
    let there: Vec<_> =
        methods.iter().filter(|method| method.serves(Some(&destination), currencies(cart, config)).is_ok()).collect();
    let goods = goods(cart, &variant);
    let sent = goods.iter().filter(|line| line.requires_shipping);
    let left = sent.filter(|line| !there.iter().any(|method| matches(&method.only, line)));
    left.map(|line| line.line_id).collect()
}

/// What a cart's lines are, without what they cost.
fn goods<'v>(cart: &Cart, variant: &impl Fn(VariantId) -> Option<&'v Arc<Variant>>) -> Vec<LineInput<'v>> {
    let known = cart.lines.iter().filter_map(|line| Some((line, variant(line.variant_id)?)));
    known.map(|(line, variant)| line_input(line, variant, (0, None), cart.currency)).collect()
}

fn weight_grams<'v>(cart: &Cart, variant: &impl Fn(VariantId) -> Option<&'v Arc<Variant>>) -> u64 {
    let sent = |line: &CartLine| variant(line.variant_id).filter(|variant| variant.requires_shipping);
    let weight = |line: &CartLine| sent(line).map_or(0, |variant| variant.weight_grams * line.quantity);
    cart.lines.iter().map(|line| weight(line).max(0) as u64).sum()
}
