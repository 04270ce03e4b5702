//! Devices that came by the link of a mail. Mails are forwarded, and read by programs, so whoever comes by one may be anybody: such
//! a device fills the cart as long as it is open, and sees of the person only what was typed on it. It buys only once
//! it has typed that anew, and of what comes after the purchase it sees its own.

use super::Cart;
use crate::command::Access;
use crate::recovery::MOST_DEVICES;
use serde::{Deserialize, Serialize};

/// What a cart tells of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// The e-mail address.
    Email,
    /// Where it is sent.
    ShippingAddress,
    /// Where the bill is sent.
    BillingAddress,
}

impl Personal {
    /// All of it.
    pub const ALL: [Personal; 3] = [Personal::Email, Personal::ShippingAddress, Personal::BillingAddress];

    /// The field's name in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Personal::Email => "email",
            Personal::ShippingAddress => "shipping_address",
            Personal::BillingAddress => "billing_address",
        }
    }
}

impl Cart {
    /// Whether this opens it.
    pub fn is_opened_by(&self, access: &Access) -> bool {
        access.opens(self.token_hash, self.devices(), self.customer.as_deref())
    }

    /// Whether this opened it once; it may be closed since.
    pub(crate) fn was_opened_by(&self, access: &Access) -> bool {
        access.opens(self.token_hash, &self.detail.more_tokens, self.customer.as_deref())
    }

    /// Secrets of devices that open it besides its own. What a customer has opens by login alone.
    fn devices(&self) -> &[[u8; 32]] {
        match (&self.customer, self.is_open()) {
            (Some(_), _) => &[],
            (None, true) => &self.detail.more_tokens,
            (None, false) => self.detail.bought_on.as_slice(),
        }
    }

    /// The device that came by a link, if this is one.
    pub(crate) fn link_device(&self, access: &Access) -> Option<[u8; 32]> {
        let Access::Token(hash) = access else { return None };
        (self.token_hash.as_ref() != Some(hash)).then_some(*hash)
    }

    /// What is told of a person and this may not see.
    pub fn hidden_from(&self, access: &Access) -> Vec<Personal> {
        let Some(device) = self.link_device(access) else { return Vec::new() };
        let told = |field: &Personal| self.tells(*field) && !self.detail.typed_by_link.contains(&(*field, device));
        Personal::ALL.into_iter().filter(told).collect()
    }

    /// The cart without what this may not see; `None` where it may see all.
    pub fn seen_by(&self, access: &Access) -> Option<Cart> {
        self.link_device(access)?;
        let mut cart = self.clone();
        self.hidden_from(access).into_iter().for_each(|field| cart.drop_field(field));
        cart.detail.last_payment_failure = None;
        Some(cart)
    }

    /// The cart with its items alone: what a link shows before it is followed.
    pub fn items_alone(&self) -> Cart {
        let mut cart = self.clone();
        Personal::ALL.into_iter().for_each(|field| cart.drop_field(field));
        cart.detail.last_payment_failure = None;
        cart.detail.merged_into = None;
        (cart.customer, cart.order_id) = (None, None);
        cart
    }

    /// Notes on which device this was typed. An address for the bill that the device has not seen goes with the address that it replaces.
    pub(crate) fn note_typed(&mut self, access: &Access, fields: &[Personal]) {
        let device = self.link_device(access);
        let replaced = fields.contains(&Personal::ShippingAddress)
            && !fields.contains(&Personal::BillingAddress)
            && self.hidden_from(access).contains(&Personal::BillingAddress);
        if replaced {
            self.drop_field(Personal::BillingAddress);
        }
        let typed = &mut self.detail.typed_by_link;
        typed.retain(|(known, _)| !fields.contains(known));
        typed.extend(device.into_iter().flat_map(|device| fields.iter().map(move |field| (*field, device))));
    }

    /// One more device opens it; the oldest gives way.
    pub(crate) fn open_on(&mut self, device: [u8; 32]) {
        let devices = &mut self.detail.more_tokens;
        devices.push(device);
        let surplus = devices.len().saturating_sub(MOST_DEVICES);
        devices.drain(..surplus);
    }

    /// No device opens it any more but its own.
    pub(crate) fn close_devices(&mut self) {
        self.detail.more_tokens.clear();
    }

    fn tells(&self, field: Personal) -> bool {
        match field {
            Personal::Email => self.detail.email.is_some(),
            Personal::ShippingAddress => self.detail.shipping_address.is_some(),
            Personal::BillingAddress => self.detail.billing_address.is_some(),
        }
    }

    fn drop_field(&mut self, field: Personal) {
        match field {
            // Consent is that of the address.
            Personal::Email => (self.detail.email, self.detail.email_consent) = (None, false),
            Personal::ShippingAddress => self.detail.shipping_address = None,
            Personal::BillingAddress => self.detail.billing_address = None,
        }
    }
}
