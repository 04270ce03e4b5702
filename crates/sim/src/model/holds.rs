//! Holds of the model: what each cart must hold after each command, who may take what has run out, and what that does to the
//! shelves.

use super::carts::units;
use super::{Model, Units};
use cartwright_domain::cart::Cart;
use cartwright_domain::command::{Command, ProductDraft, StoreChange};
use cartwright_domain::id::{CartId, OrderId, Timestamp, VariantId};
use cartwright_domain::store::{HoldPolicy, PricePolicy, StoreSettings};

const DAY_MS: i64 = 24 * 60 * 60_000;

impl Model {
    /// Settings with which the shop opens.
    pub(crate) fn open_shop(&mut self, settings: &StoreSettings) {
        self.mails.guest_consent = settings.recovery.guest_consent;
        self.hold_policy = settings.hold_policy;
        self.unpaid_units = i64::from(settings.unpaid_units);
        self.payment_ms = i64::from(settings.payment_minutes) * 60_000;
        self.time_zone = settings.time_zone.name();
        self.held_prices |= settings.price_policy != PricePolicy::default();
        self.cart_days = (i64::from(settings.guest_cart_days), i64::from(settings.customer_cart_days));
    }

    pub(super) fn store_changed(&mut self, change: &StoreChange) {
        if let Some(settings) = &change.settings {
            self.open_shop(settings);
        }
    }

    pub(crate) fn product_policy(&mut self, draft: &ProductDraft) {
        for variant in &draft.variants {
            if let (Some(id), Some(policy)) = (self.skus.get(&variant.sku), draft.hold_policy) {
                self.own_policies.insert(*id, policy);
            }
        }
    }

    /// Minutes and most units, where goods of a variant are held when added.
    fn at_add(&self, id: VariantId) -> Option<(i64, i64)> {
        let tracked = self.shelves.get(&id).is_some_and(|shelf| shelf.tracked);
        match self.own_policies.get(&id).copied().flatten().unwrap_or(self.hold_policy) {
            HoldPolicy::AtAdd { minutes, max_units } if tracked => Some((i64::from(minutes), i64::from(max_units))),
            _ => None,
        }
    }

    /// Units that these carts of one shopper may have of a variant.
    pub(super) fn available_to(&self, own: &[CartId], id: VariantId) -> i64 {
        let shelf = self.shelves.get(&id).copied().unwrap_or_default();
        let held = self.holds.iter().filter(|((variant, _), _)| *variant == id);
        let theirs = held
            .filter(|((_, cart), (_, until))| own.contains(cart) || (*until <= self.now && self.at_add(id).is_some()));
        shelf.on_hand - shelf.reserved + theirs.map(|(_, (units, _))| units).sum::<i64>()
    }

    pub(super) fn set_hold(&mut self, id: VariantId, cart: CartId, units: i64, until: Timestamp) {
        let before = self.holds.remove(&(id, cart)).map_or(0, |(units, _)| units);
        self.shelves.entry(id).or_default().reserved += units - before;
        if units > 0 {
            self.holds.insert((id, cart), (units, until));
        }
    }

    /// A cart lets go of all that it holds.
    pub(super) fn let_go(&mut self, cart: CartId) {
        let own: Vec<VariantId> = self.holds.keys().filter(|(_, holder)| *holder == cart).map(|(id, _)| *id).collect();
        own.into_iter().for_each(|id| self.set_hold(id, cart, 0, Timestamp(0)));
    }

    /// Holds of others that have run out end, the oldest first, until there is enough.
    pub(super) fn make_room(&mut self, id: VariantId, wanted: i64, cart: CartId) {
        let mut over: Vec<(Timestamp, CartId)> = self
            .holds
            .iter()
            .filter(|((variant, holder), (_, until))| *variant == id && *holder != cart && *until <= self.now)
            .map(|((_, holder), (_, until))| (*until, *holder))
            .collect();
        over.sort_unstable();
        if self.at_add(id).is_none() {
            return;
        }
        for (_, holder) in over {
            let shelf = self.shelves.get(&id).copied().unwrap_or_default();
            if shelf.on_hand - shelf.reserved >= wanted {
                return;
            }
            self.reclaimed += 1;
            self.set_hold(id, holder, 0, Timestamp(0));
        }
    }

    /// What a cart holds after its goods changed: no more than it has, and what came to it, as far as it goes.
    pub(super) fn follow(&mut self, cart: CartId, before: &Units) {
        let units = self.carts.get(&cart).map(|cart| cart.units.clone()).unwrap_or_default();
        let own: Vec<_> =
            self.holds.iter().filter(|((_, holder), _)| *holder == cart).map(|(k, v)| (k.0, *v)).collect();
        for (id, (held, until)) in own {
            let left = units.get(&id).copied().unwrap_or(0);
            if left < held {
                self.set_hold(id, cart, left, until);
            }
        }
        for (id, units) in units {
            let Some((minutes, most)) = self.at_add(id).filter(|_| units > before.get(&id).copied().unwrap_or(0))
            else {
                continue;
            };
            let (held, until) = self.holds.get(&(id, cart)).copied().unwrap_or((0, Timestamp(0)));
            let missing = (units.min(most) - held).max(0);
            self.make_room(id, missing, cart);
            let shelf = self.shelves.get(&id).copied().unwrap_or_default();
            let more = missing.min(shelf.on_hand - shelf.reserved);
            if held + more > 0 && (more > 0 || until <= self.now) {
                self.held += 1;
                self.set_hold(id, cart, held + more, self.now.plus_ms(minutes * 60_000));
            }
        }
    }

    /// An order takes over what its cart holds, and makes room for the rest.
    pub(super) fn hand_over(&mut self, cart: CartId, units: &Units) {
        self.let_go(cart);
        for (id, units) in units {
            self.make_room(*id, *units, cart);
        }
    }

    /// An order was made: should nobody pay, its goods are held for the cart again if such goods are.
    pub(super) fn note_held_at_add(&mut self, cart: CartId, units: &Units) {
        let held_at_add = units.keys().any(|id| self.at_add(*id).is_some());
        if let Some(known) = self.carts.get_mut(&cart) {
            known.held_at_add = held_at_add;
        }
    }

    /// The cart of an order that came to nothing is its owner's again, with what it had held.
    pub(super) fn come_back(&mut self, order: OrderId, replaced: bool) {
        let Some(id) = self.orders.get(&order).map(|order| order.cart) else { return };
        let days = self.cart_days;
        let Some(cart) = self.carts.get_mut(&id) else { return };
        cart.expires_at = self.now.plus_ms(DAY_MS * if cart.of_customer { days.1 } else { days.0 });
        if replaced {
            self.keep(order);
        } else if cart.held_at_add {
            self.follow(id, &Units::new());
        }
    }

    /// A guest's cart is its own again.
    pub(super) fn guest_back(&mut self, guest: CartId) {
        let days = self.cart_days.0;
        if let Some(cart) = self.carts.get_mut(&guest) {
            cart.expires_at = self.now.plus_ms(DAY_MS * days);
        }
        self.follow(guest, &Units::new());
    }

    /// Notes when a cart that was told expires.
    pub(super) fn note_date(&mut self, told: &Cart) {
        if let Some(cart) = self.carts.get_mut(&told.id) {
            cart.expires_at = told.expires_at;
            cart.of_customer = told.customer.is_some();
        }
    }

    /// The cart of a customer that is in use.
    pub(super) fn cart_in_use(&self, customer: &String) -> Option<CartId> {
        let id = *self.customers.get(customer)?;
        let cart = self.carts.get(&id)?;
        let open = !cart.gone && cart.order.is_none() && cart.merged_into.is_none() && self.now < cart.expires_at;
        open.then_some(id)
    }

    /// A cart is given up, by its owner or by time.
    pub(super) fn gave_up(&mut self, command: &Command) {
        let id = match command {
            Command::DeleteCart { cart } => cart.id,
            Command::ExpireCart { cart_id } => *cart_id,
            _ => return,
        };
        let Some(cart) = self.carts.get_mut(&id) else { return };
        let open = cart.order.is_none() && cart.merged_into.is_none();
        if open && (cart.expires_at <= self.now || matches!(command, Command::DeleteCart { .. })) {
            cart.gone = true;
            self.let_go(id);
        }
    }

    pub(super) fn holds_released(&mut self, carts: &[CartId]) {
        let over: Vec<_> = self
            .holds
            .iter()
            .filter(|((_, cart), (_, until))| carts.contains(cart) && *until <= self.now)
            .map(|(key, _)| *key)
            .collect();
        self.ran_out += over.len() as u64;
        over.into_iter().for_each(|(id, cart)| self.set_hold(id, cart, 0, Timestamp(0)));
    }

    /// What a cart says that it holds, beside the books.
    pub(super) fn compare_holds(&self, cart: &Cart) -> Result<(), String> {
        let mut told: Vec<_> =
            cart.detail.holds.iter().map(|hold| (hold.variant_id, (hold.units, hold.until))).collect();
        told.sort_unstable();
        let own = self.holds.iter().filter(|((_, holder), _)| *holder == cart.id);
        let known: Vec<_> = own.map(|((id, _), hold)| (*id, *hold)).collect();
        let more = told.iter().find(|(id, (held, _))| *held > units(cart).get(id).copied().unwrap_or(0));
        if told == known && more.is_none() {
            return Ok(());
        }
        Err(format!("cart {} holds {told:?}, should hold {known:?}", cart.id))
    }
}
