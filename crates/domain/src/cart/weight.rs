//! How heavy a cart is: the bytes of the texts that shoppers put into it. Every change loads, writes and answers the cart
//! as a whole, so its texts are what a change of one byte costs everybody. What they may come to stands in the store's settings.

use super::{Cart, CartDetail, CartLine, Options, Removed, Undo};
use crate::order::Address;

/// Bytes that the options of one line may have in all, where the store says nothing else.
pub const LINE_OPTIONS_BYTES: u32 = 4 * 1024;
/// Bytes that all texts of one cart may have, where the store says nothing else.
pub const CART_BYTES: u32 = 256 * 1024;

/// Bytes of a line as it is stored, without its texts.
pub const LINE_BYTES: usize = 150;

/// Bytes of the names and values of options.
pub fn options_bytes(options: &Options) -> usize {
    options.iter().map(|(name, value)| name.len() + value.len()).sum()
}

fn lines_bytes(lines: &[CartLine]) -> usize {
    lines.iter().map(|line| options_bytes(&line.options)).sum()
}

impl Cart {
    /// Bytes of its texts: options of its lines and of what is saved for later, addresses, e-mail address, codes. What it
    /// remembers for taking back is not counted.
    pub fn text_bytes(&self) -> usize {
        lines_bytes(&self.lines) + self.detail.text_bytes()
    }

    /// About as many bytes as its row has.
    pub fn stored_bytes(&self) -> usize {
        let undo = self.detail.undo.as_ref();
        let kept = match undo {
            Some(Undo::Removals { removed, .. }) => removed.len(),
            Some(Undo::Merge(merged)) => merged.lines.len() + merged.detail.saved.len(),
            None => 0,
        };
        let lines = self.lines.len() + self.detail.saved.len() + kept;
        lines * LINE_BYTES + self.text_bytes() + undo.map_or(0, Undo::text_bytes)
    }
}

impl CartDetail {
    fn text_bytes(&self) -> usize {
        let saved: usize = self.saved.iter().map(|item| options_bytes(&item.options)).sum();
        let addresses = [&self.shipping_address, &self.billing_address].into_iter().flatten();
        let addresses: usize = addresses.map(Address::text_bytes).sum();
        let short = [&self.email, &self.shipping_method].into_iter().flatten();
        let short: usize = short.map(String::len).sum();
        let codes: usize = self.coupons.iter().map(|coupon| coupon.code.len()).sum();
        saved + addresses + short + codes
    }
}

impl Undo {
    /// Bytes of the texts that it remembers.
    pub fn text_bytes(&self) -> usize {
        match self {
            Undo::Removals { removed, .. } => removed.iter().map(Removed::text_bytes).sum(),
            Undo::Merge(merged) => lines_bytes(&merged.lines) + merged.detail.text_bytes(),
        }
    }
}

impl Removed {
    fn text_bytes(&self) -> usize {
        match self {
            Removed::Line(_, line) => options_bytes(&line.options),
            Removed::Saved(_, item) => options_bytes(&item.options),
        }
    }
}
