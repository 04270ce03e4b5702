//! Whoever opens carts and orders: a guest with the secret of the cart, a customer who is logged in, or an operator.

use super::guard::{self, Principal};
use super::session::LoggedIn;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::Audience;
use crate::state::Shared;
use axum::extract::FromRequestParts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartwright_domain::account::{Account, SecretHash};
use cartwright_domain::command::Access;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use http::request::Parts;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Whoever asks, and about which store.
pub(crate) struct Visitor {
    /// The store.
    pub store: Arc<StoreConfig>,
    access: Option<Access>,
    /// The session that opens it, by the hash of its secret.
    pub session: Option<SecretHash>,
    /// Who is logged in, if anybody is and the cart's secret was not sent.
    pub account: Option<Arc<Account>>,
    /// The operator's key, as far as idempotency keys of different operators must not meet.
    operator: Option<String>,
    /// The customer for whom the operator acts.
    pub acts_for: Option<String>,
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

    /// Whether an operator sees and does what only operators may; not while they act for a customer.
    pub(crate) fn is_operator(&self) -> bool {
        matches!(self.access, Some(Access::Operator))
    }

    /// Whether the shop's own program asks, for itself or for one of its customers.
    pub(crate) fn is_shop(&self) -> bool {
        self.operator.is_some()
    }

    /// Whose idempotency keys those of a new cart are. Guests are strangers, and a key may be guessed: it counts for one network.
    pub(crate) fn key_scope(&self, network: impl FnOnce() -> String) -> String {
        match (&self.operator, &self.account) {
            (Some(operator), _) => match &self.acts_for {
                Some(customer) => format!("{operator}/for/{customer}"),
                None => operator.clone(),
            },
            (None, Some(account)) => format!("account/{}", account.id),
            (None, None) => format!("guests/{}", network()),
        }
    }

    /// Who reads the answer.
    pub(crate) fn audience(&self) -> Audience {
        if self.is_operator() { Audience::Operator } else { Audience::Shopper }
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

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Outcome<Visitor> {
        let found = guard::found(parts)?;
        let nobody = Visitor {
            store: found.store.clone(),
            access: None,
            session: None,
            account: None,
            operator: None,
            acts_for: None,
        };
        Ok(match &found.principal {
            Principal::Nobody => nobody,
            Principal::Guest(hash) => Visitor { access: Some(Access::Token(*hash)), ..nobody },
            Principal::Customer(found) => {
                let (access, account) = (Access::Customer(found.account.customer()), found.account.clone());
                Visitor { access: Some(access), session: Some(found.session), account: Some(account), ..nobody }
            }
            Principal::Operator(operator) => {
                let acts_for = operator.acts_for.clone();
                let access = acts_for.clone().map_or(Access::Operator, Access::Customer);
                Visitor { access: Some(access), operator: Some(operator.scope.clone()), acts_for, ..nobody }
            }
        })
    }
}

/// Somebody who is logged in.
pub(crate) struct Person {
    /// The store.
    pub store: Arc<StoreConfig>,
    /// Who.
    pub account: Arc<Account>,
    /// The session, by the hash of its secret.
    pub session: SecretHash,
}

impl FromRequestParts<Shared> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Outcome<Person> {
        let found = guard::found(parts)?;
        match &found.principal {
            Principal::Customer(LoggedIn { account, session }) => {
                Ok(Person { store: found.store.clone(), account: account.clone(), session: *session })
            }
            _ => Err(Problem::new(&kinds::SESSION_REQUIRED, "Log in first.")),
        }
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
        Ok(Secret::of(bytes))
    }

    /// That of 32 bytes which nobody guesses.
    pub(crate) fn of(bytes: [u8; 32]) -> Secret {
        let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
        let token: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        let hash = Sha256::digest(&token).into();
        Secret { token, hash }
    }
}

/// A new secret of a receiver of events: 24 random bytes, as Standard Webhooks writes them.
pub(crate) fn draw_webhook_secret() -> Outcome<String> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no randomness for a receiver's secret");
        Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.")
    })?;
    Ok(format!("whsec_{}", STANDARD.encode(bytes)))
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
        assert!(access.opens(Some(one.hash), &[], None) && !access.opens(Some(other.hash), &[], None));
        assert!(!access.opens(None, &[], Some("ada")));
        let ada = Access::Customer("ada".to_owned());
        assert!(
            ada.opens(None, &[], Some("ada"))
                && !ada.opens(None, &[], Some("eve"))
                && !ada.opens(Some(one.hash), &[], None)
        );
    }
}
