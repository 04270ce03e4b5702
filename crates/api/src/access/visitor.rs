//! Whoever opens carts and orders: a guest with the secret of the cart, or an operator.

use super::key::operator;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::Shared;
use axum::extract::FromRequestParts;
use cartwright_domain::command::Access;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use http::request::Parts;
use sha2::{Digest, Sha256};
use std::sync::Arc;

const CART_TOKEN: &str = "cart-token";

/// Whoever asks, and about which store.
pub(crate) struct Visitor {
    /// The store.
    pub store: Arc<StoreConfig>,
    access: Option<Access>,
}

impl Visitor {
    /// What opens a cart; without it there is no cart.
    pub(crate) fn cart_access(&self) -> Outcome<Access> {
        self.access.clone().ok_or_else(|| Refusal::CartNotFound.into())
    }

    /// What opens an order; without it there is no order.
    pub(crate) fn order_access(&self) -> Outcome<Access> {
        self.access.clone().ok_or_else(|| Refusal::OrderNotFound.into())
    }

    /// Whether an operator's key was sent.
    pub(crate) fn is_operator(&self) -> bool {
        matches!(self.access, Some(Access::Operator))
    }

    /// Refuses everybody but operators.
    pub(crate) fn require_operator(&self) -> Outcome<()> {
        if self.is_operator() {
            return Ok(());
        }
        let detail = "A customer's cart is made by the shop, with an operator's key.";
        Err(Problem::new(&kinds::OPERATOR_REQUIRED, detail))
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Outcome<Visitor> {
        if let Some(operator) = operator(&parts.headers, api).await? {
            return Ok(Visitor { store: operator.store, access: Some(Access::Operator) });
        }
        let store = api.stores.find(&api.engine, &parts.headers).await?;
        let access = parts.headers.get(CART_TOKEN).map(|token| Access::Token(Sha256::digest(token.as_bytes()).into()));
        Ok(Visitor { store, access })
    }
}

/// A new guest's secret.
pub(crate) struct Secret {
    /// What the guest gets, once.
    pub token: String,
    /// What is kept.
    pub hash: [u8; 32],
}

impl Secret {
    /// Draws one: 32 random bytes, written in hexadecimal digits.
    pub(crate) fn draw() -> Outcome<Secret> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| {
            tracing::error!(%error, "no randomness for a cart's secret");
            Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.")
        })?;
        let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
        let token: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        let hash = Sha256::digest(&token).into();
        Ok(Secret { token, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_what_was_made_with_its_hash_and_no_two_are_alike() {
        let (one, other) = (Secret::draw().expect("randomness"), Secret::draw().expect("randomness"));
        assert_eq!(one.token.len(), 64);
        assert_ne!(one.token, other.token);
        let access = Access::Token(Sha256::digest(one.token.as_bytes()).into());
        assert!(access.opens(Some(one.hash)) && !access.opens(Some(other.hash)) && !access.opens(None));
    }
}
