//! What a cart costs: one pure function, [`price`], from lines, promotions, destination, tax rates and time to a quote.
//!
//! The steps, always in this order: captured unit prices → promotions on lines → promotions on the order → shipping →
//! promotions on shipping → tax → total. Every amount is kept with its parts per line, and the parts sum to the whole.
//! Lines of the same variant at the same price are priced as one and the result is spread over them again, so that
//! splitting a quantity over two lines changes nothing; ties are broken by SKU, so that neither does the order of lines.

mod assemble;
mod choose;
mod discount;
mod eligible;
mod elsewhere;
mod explain;
mod input;
mod items;
mod pieces;
mod policy;
mod quote;
mod sets;
mod shipping_step;
mod split;
mod state;
mod taxes;
mod units;

pub(crate) use eligible::{matches, the_customer};
pub use elsewhere::{Elsewhere, Ratio};
pub use input::{Customer, LineInput, MOST_LINES, MOST_QUANTITY, NetPrices, PricingError, PricingInput, Unlocked};
pub use policy::{
    BxgyUnits, DiscountRound, DiscountTax, Exclusive, ExemptPrice, Extract, MultiRate, Pick, PricingPolicy,
    ShippingTax, Split, Stack, TaxRound, Threshold, UnitDiscounts, Weights,
};
pub use quote::{
    About, Adjustment, AppliedDiscount, Explanation, LineQuote, Outcome, Quote, Reason, ShippingQuote, TaxAmount,
    Totals,
};

/// Deals an amount out by value, the largest remainders first; the shares sum to it, and none is above its value.
pub(crate) fn split_by_value(amount: crate::money::Minor, values: &[crate::money::Minor]) -> Vec<crate::money::Minor> {
    split::split_over_values(amount, values, Split::LargestRemainder)
}

/// Prices a cart. The same input always gives the same quote.
pub fn price(input: &PricingInput<'_>) -> Result<Quote, PricingError> {
    input.check()?;
    let Some(elsewhere) = Elsewhere::of(input) else { return price_there(input, None) };
    let there = elsewhere::Lines::of(input, &elsewhere)?;
    price_there(&PricingInput { lines: &there.lines, ..*input }, Some((elsewhere, &there.ratios)))
}

/// Prices a cart whose prices are those where its goods go.
fn price_there(input: &PricingInput<'_>, elsewhere: Option<(Elsewhere<'_>, &[Ratio])>) -> Result<Quote, PricingError> {
    let goods = items::Goods::gather(input)?;
    let candidates = eligible::Candidates::gather(input, &goods);
    let setting = state::Setting { input, goods, candidates, elsewhere };
    let mut choice = choose::choose(&setting);
    choice.state.pack();
    let taxes = taxes::levy(&setting, &choice.state)?;
    assemble::quote(&setting, &choice, &taxes)
}
