//! Net prices that are the same everywhere: where prices contain the tax of the store's home and the buyer is taxed
//! otherwise, the home's tax is taken out of each price, and the tax that prices contain at the buyer's is put in. From then
//! on everything is computed with these prices, as if the shop were there.

use super::input::{LineInput, NetPrices, PricingError, PricingInput};
use super::policy::{PricingPolicy, ShippingTax};
use crate::money::{Minor, Percent, Rounding, divide_rounded};
use crate::shipping::Destination;
use crate::tax::{TaxRate, Taxed, matching_rates};

/// What a price at home becomes elsewhere: the whole with its tax there, to the whole with its tax at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    there: i128,
    home: i128,
    rounding: Rounding,
}

impl Ratio {
    /// A price there, in minor units, of a price at home; `None` where it is out of range.
    pub fn price(self, at_home: Minor) -> Option<Minor> {
        divide_rounded(i128::from(at_home).checked_mul(self.there)?, self.home, self.rounding)
    }

    /// Of all these values there together, in proportion to them.
    fn of_all(mut values: impl Iterator<Item = (Minor, Ratio)> + Clone, rounding: Rounding) -> Option<Ratio> {
        let first = values.clone().next()?.1;
        if values.clone().all(|(_, ratio)| ratio == first) {
            return Some(first);
        }
        let thousandths = values.try_fold((0_i128, 0_i128), |sum, (value, ratio)| {
            let value = i128::from(value) * 1000;
            Some((sum.0.checked_add(value)?, sum.1.checked_add(value.checked_mul(ratio.home)? / ratio.there)?))
        });
        let (there, home) = thousandths.filter(|sum| sum.1 > 0)?;
        Some(Ratio { there, home, rounding })
    }
}

/// The two places, and how prices there are found.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere<'a> {
    rates: &'a [TaxRate],
    prices_include_tax: bool,
    rounding: Rounding,
    ship_tax: ShippingTax,
    home: &'a Destination,
    there: &'a Destination,
}

impl<'a> Elsewhere<'a> {
    /// `None` where prices are those of home: the store keeps gross prices, or the buyer is at home or not known to be elsewhere.
    pub fn of(input: &PricingInput<'a>) -> Option<Elsewhere<'a>> {
        if input.net_prices == NetPrices::No {
            return None;
        }
        Elsewhere::between(input.home?, input.destination?, input.policy, input.prices_include_tax, input.tax_rates)
    }

    /// `None` where the two are one place.
    pub fn between(
        home: &'a Destination,
        there: &'a Destination,
        policy: &PricingPolicy,
        prices_include_tax: bool,
        rates: &'a [TaxRate],
    ) -> Option<Elsewhere<'a>> {
        let (rounding, ship_tax) = (policy.tax_rounding, policy.ship_tax);
        (home != there).then_some(Elsewhere { rates, prices_include_tax, rounding, ship_tax, home, there })
    }

    fn whole(&self, thing: Taxed, category: &str, place: &Destination, contained_only: bool) -> i128 {
        let contained = |index: &usize| self.rates[*index].included.unwrap_or(self.prices_include_tax);
        let matching = matching_rates(self.rates, thing, category, Some(place)).into_iter();
        let counting = matching.filter(|index| !contained_only || contained(index));
        i128::from(Percent::WHOLE)
            + counting.map(|index| i128::from(self.rates[index].percent.millionths())).sum::<i128>()
    }

    /// For a thing of this category.
    pub fn ratio(&self, thing: Taxed, category: &str) -> Ratio {
        let whole = |place| self.whole(thing, category, place, true);
        Ratio { there: whole(self.there), home: whole(self.home), rounding: self.rounding }
    }

    /// For a shipping fee. `goods` are the goods' values there, in minor units, each with its tax category: a fee that is taxed
    /// as they are goes by them.
    pub fn fee_ratio<'g>(&self, category: &str, goods: impl Iterator<Item = (Minor, &'g str)>) -> Ratio {
        let own = self.ratio(Taxed::Shipping, category);
        if self.ship_tax == ShippingTax::Own {
            return own;
        }
        if !self.prices_include_tax {
            return Ratio { there: 1, home: 1, ..own };
        }
        let mut known: Vec<(&str, Ratio)> = Vec::new();
        let shares: Vec<(Minor, Ratio)> = goods
            .filter(|(value, _)| *value > 0)
            .map(|(value, category)| {
                let found = known.iter().find(|known| known.0 == category).map(|known| known.1);
                let ratio = found.unwrap_or_else(|| {
                    let whole = |place| self.whole(Taxed::Item, category, place, false);
                    let ratio = Ratio { there: whole(self.there), home: whole(self.home), ..own };
                    known.push((category, ratio));
                    ratio
                });
                (value, ratio)
            })
            .collect();
        Ratio::of_all(shares.iter().copied(), self.rounding).unwrap_or(own)
    }
}

/// The lines of a cart at the prices there, with the ratio of each.
pub(super) struct Lines<'a> {
    pub lines: Vec<LineInput<'a>>,
    pub ratios: Vec<Ratio>,
}

impl<'a> Lines<'a> {
    pub fn of(input: &PricingInput<'a>, elsewhere: &Elsewhere<'a>) -> Result<Lines<'a>, PricingError> {
        let mut known: Vec<(&str, Ratio)> = Vec::new();
        let mut found = Lines { lines: input.lines.to_vec(), ratios: Vec::with_capacity(input.lines.len()) };
        for line in &mut found.lines {
            let of_category = known.iter().find(|known| known.0 == line.tax_category).map(|known| known.1);
            let ratio = of_category.unwrap_or_else(|| {
                let ratio = elsewhere.ratio(Taxed::Item, line.tax_category);
                known.push((line.tax_category, ratio));
                ratio
            });
            if input.net_prices == NetPrices::Everywhere {
                line.unit_price = ratio.price(line.unit_price).ok_or(PricingError::Overflow)?;
            }
            if let Some(floor) = &mut line.min_unit_price {
                *floor = ratio.price(*floor).ok_or(PricingError::Overflow)?;
            }
            found.ratios.push(ratio);
        }
        Ok(found)
    }
}

/// What a price of several things together becomes: `values` are theirs, in minor units.
pub(super) fn price_of_all(
    at_home: Minor,
    values: impl Iterator<Item = (Minor, Ratio)> + Clone,
    rounding: Rounding,
) -> Minor {
    let ratio = Ratio::of_all(values, rounding);
    ratio.and_then(|ratio| ratio.price(at_home)).unwrap_or(at_home)
}
