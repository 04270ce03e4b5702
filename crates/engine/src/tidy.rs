//! Lines that cannot be bought any more leave the cart when it is read, where the store has it so.

use crate::cache::{CartView, LineView};
use crate::engine::Engine;
use crate::failure::Failure;
use cartwright_domain::cart::{CartLine, MAX_SAVED};
use cartwright_domain::command::{Access, CartRef, Command, Reply};
use cartwright_domain::store::{StoreConfig, UnavailableLines};
use std::sync::Arc;

impl CartView {
    /// Whether it seems that a line is to be moved out of the way. What others no longer hold in earnest is not known here.
    fn has_unavailable_lines(&self) -> bool {
        let wanted = self.config.store.settings.unavailable_lines == UnavailableLines::SetAside;
        let can_be_bought = |(line, goods): (&CartLine, &Option<LineView>)| {
            let sold = goods.as_ref().filter(|goods| goods.variant.active);
            sold.is_some_and(|goods| {
                let left = goods.stock.available() + self.cart.held(line.variant_id);
                let price = goods.variant.price_in(self.cart.currency, self.config.store.currency);
                price.is_some() && (!goods.variant.track_stock || left > 0)
            })
        };
        wanted
            && self.cart.is_open()
            && self.cart.detail.saved.len() < MAX_SAVED
            && !self.cart.lines.iter().zip(&self.lines).all(can_be_bought)
    }
}

impl Engine {
    /// The cart without lines that ran out or are not sold any more: these are saved for later, with the reason. Where that cannot be
    /// done just now, the cart is shown as it is.
    ///
    /// # Errors
    /// The storage's failure, where the cart was changed and cannot be priced.
    pub async fn without_unavailable(
        &self,
        config: &Arc<StoreConfig>,
        view: Arc<CartView>,
        access: &Access,
    ) -> Result<Arc<CartView>, Failure> {
        if !view.has_unavailable_lines() {
            return Ok(view);
        }
        let cart = CartRef { id: view.cart.id, access: access.clone(), if_version: None };
        match self.run(config, Command::SetAsideUnavailable { cart }).await {
            Ok(Reply::Cart(cart)) if cart.version != view.cart.version => self.view_changed(config, cart).await,
            _ => Ok(view),
        }
    }
}
