//! What a store needs to know before it sells a cart: who buys, where the goods go, and how. Goods that are not sent need no address
//! and no way to ship.

use crate::cart::Cart;
use crate::order::Address;
use crate::postcode;
use crate::pricing::Quote;
use crate::quoting::{is_sent, offered_methods};
use crate::refusal::{Missing, Refusal};
use crate::store::CheckoutNeeds;
use crate::working_set::WorkingSet;

/// Refuses a cart that lacks what the store needs, and one whose chosen way to ship does not carry it. Without a quote, which only
/// a cart that cannot be priced lacks, the way to ship is not tried.
pub(super) fn check(cart: &Cart, quote: Option<&Quote>, set: &WorkingSet) -> Result<(), Refusal> {
    let settings = &set.config.store.settings;
    let sent = is_sent(cart, |id| set.variants.get(&id));
    let needs_shipping = settings.require_shipping && sent;
    let mut wrong = Vec::new();
    let missing = missing(cart, &settings.checkout_needs, needs_shipping);
    if !missing.is_empty() {
        wrong.push(Refusal::DetailsMissing(missing));
    }
    match &cart.detail.shipping_method {
        _ if needs_shipping && cart.detail.shipping_address.is_none() => wrong.push(Refusal::ShippingRequired),
        None if needs_shipping => wrong.push(Refusal::ShippingRequired),
        Some(chosen) if sent && quote.is_some_and(|quote| !carries(chosen, cart, quote, set)) => {
            wrong.push(Refusal::ShippingMethodUnknown { method: chosen.clone() });
        }
        _ => {}
    }
    match wrong.len() {
        0 => Ok(()),
        1 => Err(wrong.remove(0)),
        _ => Err(Refusal::Several(wrong)),
    }
}

fn carries(method: &str, cart: &Cart, quote: &Quote, set: &WorkingSet) -> bool {
    let offered = offered_methods(cart, |id| set.variants.get(&id), quote, &set.config);
    offered.iter().any(|offer| offer.method.handle == method && offer.fee.is_ok())
}

/// What is not there, or not as it must be.
fn missing(cart: &Cart, needs: &CheckoutNeeds, needs_shipping: bool) -> Vec<Missing> {
    let mut missing = Vec::new();
    // Of an account the address is known.
    if needs.email && cart.detail.email.is_none() && cart.who().account().is_none() {
        missing.push(Missing { field: "email".to_owned(), reason: "is missing".to_owned() });
    }
    if let Some(address) = cart.detail.shipping_address.as_ref().filter(|_| needs_shipping) {
        let parts = [
            ("name", needs.name, &address.name),
            ("line1", needs.street, &address.line1),
            ("city", needs.city && !is_city(&address.country), &address.city),
            ("phone", needs.phone, &address.phone),
        ];
        let lacks = parts.into_iter().filter(|(_, needed, text)| *needed && text.trim().is_empty());
        missing.extend(lacks.map(|(name, ..)| Missing::of("shipping_address", name)));
        missing.extend(needs.postcode.then(|| wrong_postcode(address)).flatten());
    }
    missing
}

/// A postcode that lacks where addresses of the country have one, or that has not the country's form.
fn wrong_postcode(address: &Address) -> Option<Missing> {
    let Address { country, postcode, .. } = address;
    if postcode.trim().is_empty() {
        return postcode::is_needed(country).then(|| Missing::of("shipping_address", "postcode"));
    }
    if postcode::fits(country, postcode) {
        return None;
    }
    let example = postcode::example(country).unwrap_or_default();
    let reason = format!("is no postcode of {country}; these look like {example}");
    Some(Missing { field: "shipping_address.postcode".to_owned(), reason })
}

/// Countries that are one city, whose addresses name none.
fn is_city(country: &str) -> bool {
    matches!(country, "GI" | "HK" | "MC" | "MO" | "SG" | "VA")
}
