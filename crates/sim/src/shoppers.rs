//! Shoppers: they fill carts, change their minds, pay, cancel, give up, and ask again when no answer comes.

use crate::dice::Dice;
use crate::gateway::METHODS;
use crate::network::Source;
use crate::operators::CODES;
use crate::setup::SKUS;
use crate::world::World;
use cartwright_domain::account::{NewSecret, Purpose};
use cartwright_domain::cart::{Cart, Options, Undo};
use cartwright_domain::command::{
    Access, AccountCommand, CartChange, CartRef, Command, Idempotency, Item, NewLine, Reply,
};
use cartwright_domain::coupon::Hindrance;
use cartwright_domain::email::EmailAddress;
use cartwright_domain::id::CartId;
use cartwright_domain::manual::{MANUAL, TEST};
use cartwright_domain::order::{Address, Order, PaymentStatus};
use cartwright_domain::refusal::Refusal;
use cartwright_engine::{Failure, Outcome};
use std::sync::Arc;

/// The method of whoever has to do something first.
const HESITATION: &str = "requires_action";

/// A shopper, with what they know.
#[derive(Debug)]
pub(crate) struct Shopper {
    pub(crate) token: [u8; 32],
    /// A customer's cart is opened by the shop for them.
    customer: Option<String>,
    email: Option<String>,
    cart: Option<Arc<Cart>>,
    order: Option<Arc<Order>>,
    /// The checkout that was sent last, to be sent again.
    checkout: Option<Command>,
    /// The secret that was mailed to confirm the address.
    secret: Option<[u8; 32]>,
    /// The cart and the total that the last answer showed.
    shown: Option<(CartId, i64)>,
}

#[derive(Clone, Copy)]
enum Act {
    Add,
    Change,
    Code,
    NoCode,
    Details,
    Save,
    Restore,
    RemoveSaved,
    Undo,
    LogIn,
    LogInUndone,
    Checkout,
    CheckoutAgain,
    PayOtherwise,
    GiveUp,
    Confirm,
    Cancel,
    Complete,
    StartAnew,
    Register,
    ConfirmAddress,
}

impl Shopper {
    pub(crate) fn new(number: i64, dice: &mut Dice) -> Shopper {
        // Some share a customer or an address: they are the same buyer with two devices.
        let who = dice.between(0, 2);
        let customer = dice.percent(40).then(|| format!("customer-{who}"));
        let email = dice.percent(60).then(|| format!("buyer{who}@example.com"));
        let token = [number as u8 + 1; 32];
        Shopper { token, customer, email, cart: None, order: None, checkout: None, shown: None, secret: None }
    }

    fn is_guest_with_address(&self) -> bool {
        self.customer.is_none() && self.email.is_some()
    }

    fn access(&self) -> Access {
        if self.customer.is_some() { Access::Operator } else { Access::Token(self.token) }
    }

    /// A refusal of a checkout shows what the cart costs now.
    fn is_shown(&mut self, command: &Command, total: i64) {
        if let Command::Checkout { cart, .. } = command {
            self.shown = Some((cart.id, total));
        }
    }

    fn learns_total(&mut self, command: &Command, refusal: &Refusal) {
        match refusal {
            Refusal::PriceChanged(changed) => self.is_shown(command, changed.now.totals.total),
            Refusal::TotalRequired { total, .. } => self.is_shown(command, *total),
            _ => {}
        }
    }

    fn cart_ref(&self, cart: &Cart, versions: Option<Vec<i64>>) -> CartRef {
        CartRef { id: cart.id, access: self.access(), if_version: versions }
    }
}

/// The address that a shopper types, if it types one.
fn address_of(shopper: &Shopper) -> Option<EmailAddress> {
    EmailAddress::parse(shopper.email.as_deref()?).ok()
}

impl World {
    /// One of the shoppers does something.
    pub(crate) fn shopper_acts(&mut self) {
        let who = self.dice.below(self.shoppers.len());
        let (cart, order) = (self.shoppers[who].cart.clone(), self.shoppers[who].order.clone());
        if let Some(command) = match (cart, order) {
            (_, Some(order)) => self.after_checkout(who, &order),
            (Some(cart), None) => Some(self.shopping(who, &cart)),
            (None, None) => Some(self.new_cart(who)),
        } {
            self.send(Source::Shopper(who), command);
        }
    }

    fn new_cart(&mut self, who: usize) -> Command {
        let lines = (0..self.dice.between(0, 2)).map(|_| self.new_line()).collect();
        let currency = self.some_currency();
        let shopper = &self.shoppers[who];
        let token_hash = shopper.customer.is_none().then_some(shopper.token);
        let (customer, email) = (shopper.customer.clone(), address_of(shopper));
        Command::CreateCart { token_hash, customer, currency, email, lines, own: None, idempotency: None }
    }

    fn new_line(&mut self) -> NewLine {
        let item = Item::Sku((*self.dice.pick(&SKUS)).to_owned());
        NewLine { item, quantity: self.dice.between(1, 4), options: Options::new() }
    }

    fn shopping(&mut self, who: usize, cart: &Cart) -> Command {
        // Whoever takes something back does it at once.
        let just_merged = matches!(cart.detail.undo, Some(Undo::Merge(_)));
        let just_removed = matches!(cart.detail.undo, Some(Undo::Removals { .. }));
        let versions = self.dice.percent(20).then(|| vec![cart.version]);
        let named = self.shoppers[who].cart_ref(cart, versions);
        let act = self.dice.weighted(&[
            (30, Act::Add),
            (10, Act::Change),
            (12, Act::Code),
            (4, Act::NoCode),
            (if cart.detail.email_consent { 4 } else { 25 }, Act::Details),
            (34, Act::Checkout),
            (6, Act::CheckoutAgain),
            (2, Act::GiveUp),
            (5, Act::Save),
            (4, Act::Restore),
            (2, Act::RemoveSaved),
            (if just_removed { 60 } else { 1 }, Act::Undo),
            (4, Act::LogIn),
            (if just_merged { 60 } else { 2 }, Act::LogInUndone),
            (2, Act::Register),
            (if self.shoppers[who].secret.is_some() { 20 } else { 1 }, Act::ConfirmAddress),
        ]);
        match act {
            Act::Change if !cart.lines.is_empty() => {
                let line_id = self.dice.pick(&cart.lines).id;
                let quantity = if self.dice.percent(40) { 0 } else { self.dice.between(1, 5) };
                Command::ChangeLine { cart: named, line_id, quantity }
            }
            Act::Code => Command::ApplyCoupon { cart: named, code: (*self.dice.pick(&CODES)).to_owned() },
            Act::NoCode => Command::RemoveCoupon { cart: named, code: (*self.dice.pick(&CODES)).to_owned() },
            Act::Details => Command::ChangeCart { cart: named, change: Box::new(self.details(who)) },
            Act::Checkout if !cart.lines.is_empty() => self.checkout(who, named),
            Act::CheckoutAgain if self.shoppers[who].checkout.is_some() => {
                self.shoppers[who].checkout.clone().expect("asked before")
            }
            Act::GiveUp => Command::DeleteCart { cart: named },
            Act::Save if !cart.lines.is_empty() => {
                Command::SaveLine { cart: named, line_id: self.dice.pick(&cart.lines).id }
            }
            Act::Restore if !cart.detail.saved.is_empty() => {
                Command::RestoreSaved { cart: named, item_id: self.dice.pick(&cart.detail.saved).id }
            }
            Act::RemoveSaved if !cart.detail.saved.is_empty() => {
                Command::RemoveSaved { cart: named, item_id: self.dice.pick(&cart.detail.saved).id }
            }
            Act::Undo => Command::UndoRemoval { cart: named },
            Act::LogIn => {
                Command::MergeCart { guest: named, customer: format!("customer-{}", self.dice.between(0, 2)) }
            }
            Act::LogInUndone => Command::UnmergeCart { cart: named },
            Act::Register if self.shoppers[who].is_guest_with_address() => self.register(who),
            Act::ConfirmAddress if self.shoppers[who].secret.is_some() => self.confirm_address(who),
            _ => {
                let lines = (0..self.dice.between(1, 2)).map(|_| self.new_line()).collect();
                let key = self.dice.percent(50).then(|| format!("cart {}", cart.id));
                let idempotency = key.map(|scope| self.key(scope));
                Command::AddLines { cart: named, lines, idempotency }
            }
        }
    }

    /// A guest makes an account of their address.
    fn register(&mut self, who: usize) -> Command {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&self.fresh().to_le_bytes());
        let shopper = &mut self.shoppers[who];
        shopper.secret = Some(hash);
        let email = address_of(shopper).expect("whoever registers has an address");
        let secret = NewSecret { text: "secret".to_owned(), hash };
        Command::Account(AccountCommand::Register { email, name: None, locale: None, secret })
    }

    fn confirm_address(&mut self, who: usize) -> Command {
        let token = self.shoppers[who].secret.unwrap_or_default();
        let (purpose, password) = (Purpose::Verify, "hash".to_owned());
        Command::Account(AccountCommand::SetPassword { token, purpose, password })
    }

    fn details(&mut self, who: usize) -> CartChange {
        let (country, postcode) = *self.dice.pick(&[("DE", "10115"), ("FR", "75001"), ("US", "90012")]);
        let text = |text: &str| text.to_owned();
        let address = Address {
            name: text("A. Shopper"),
            line1: text("1 Lane"),
            city: text("Town"),
            postcode: text(postcode),
            country: text(country),
            ..Address::default()
        };
        CartChange {
            email: address_of(&self.shoppers[who]).or_else(|| EmailAddress::parse("late@example.com").ok()),
            email_consent: Some(self.dice.percent(85)),
            shipping_address: Some(address.into()),
            billing_address: None,
            shipping_method: self.dice.percent(50).then(|| "standard".to_owned()),
            unset: Vec::new(),
        }
    }

    fn checkout(&mut self, who: usize, cart: CartRef) -> Command {
        let (gateway, method) = match self.dice.percent(15) {
            true => (MANUAL, *self.dice.pick(&crate::manual::METHODS)),
            false => (TEST, self.dice.weighted(&METHODS)),
        };
        let idempotency = self.key(format!("cart {}", cart.id));
        let shown = self.shoppers[who].shown.filter(|(shown, _)| *shown == cart.id);
        // Some storefronts are old: they do not say what they have shown.
        let expected_total = shown.map(|(_, total)| total).filter(|_| !self.dice.percent(3));
        // Some guests share a network, of others it is not known. In one of them many begin to pay, and come again.
        let number = cart.id.0.as_bytes()[15] % 8;
        let network = Some(number / 4).filter(|_| number < 6).map(|network| format!("net{network}"));
        let hesitates = gateway == TEST && number < 2;
        let (gateway, method) = (gateway.to_owned(), if hesitates { HESITATION } else { method }.to_owned());
        let command =
            Command::Checkout { cart, expected_total, gateway, method, idempotency, beside_real: false, network };
        self.shoppers[who].checkout = Some(command.clone());
        command
    }

    /// A new idempotency key. The fingerprint stands for the request, which is never changed under a key here.
    pub(crate) fn key(&mut self, scope: String) -> Idempotency {
        let number = self.fresh();
        let mut fingerprint = [0; 32];
        fingerprint[..8].copy_from_slice(&number.to_le_bytes());
        Idempotency { scope, key: format!("key-{number}"), fingerprint }
    }

    fn after_checkout(&mut self, who: usize, order: &Order) -> Option<Command> {
        let access = self.shoppers[who].access();
        let waits = order.payment.status == PaymentStatus::RequiresAction;
        let act = self.dice.weighted(&[
            (if waits { 30 } else { 10 }, Act::Complete),
            (20, Act::Confirm),
            (15, Act::Cancel),
            (20, Act::CheckoutAgain),
            (25, Act::PayOtherwise),
            (35, Act::StartAnew),
        ]);
        match act {
            Act::Confirm => Some(Command::ConfirmPayment { order_id: order.id, access }),
            Act::Cancel => Some(Command::CancelOrder { order_id: order.id, access, reason: None }),
            Act::CheckoutAgain => self.shoppers[who].checkout.clone(),
            Act::PayOtherwise => {
                let cart = CartRef { id: order.cart_id, access, if_version: None };
                Some(self.checkout(who, cart))
            }
            Act::Complete => {
                self.gateway.complete(order.payment.attempt_id);
                Some(Command::ConfirmPayment { order_id: order.id, access })
            }
            _ => {
                self.shoppers[who].order = None;
                // Half of them go back to their cart, which is open again if the payment failed.
                if self.dice.percent(50) {
                    self.shoppers[who].cart = None;
                }
                None
            }
        }
    }

    /// A shopper reads an answer.
    pub(crate) fn shopper_learns(&mut self, who: usize, command: &Command, outcome: &Outcome) {
        match outcome {
            Ok(Reply::Account(_)) => self.count("accounts confirmed"),
            Err(Failure::Refused(Refusal::CodesRefused(codes)))
                if codes.iter().any(|(_, why)| *why == Hindrance::UsedByYou) =>
            {
                self.count("codes refused to a person");
            }
            _ => {}
        }
        let shown = match outcome {
            Ok(Reply::Cart(cart) | Reply::CartCreated(cart)) => self.shown_total(cart).map(|total| (cart.id, total)),
            _ => None,
        };
        let shopper = &mut self.shoppers[who];
        shopper.shown = shown.or(shopper.shown);
        match outcome {
            // From now on the shop acts for the account; the guest's cart stays the guest's.
            Ok(Reply::Account(account)) => {
                shopper.customer = Some(account.customer());
                (shopper.cart, shopper.secret) = (None, None);
            }
            Ok(_) if matches!(command, Command::Account(_)) => {}
            Ok(Reply::Cart(cart) | Reply::CartCreated(cart)) => {
                shopper.cart = Some(cart.clone());
                if let Command::MergeCart { customer, .. } = command {
                    shopper.customer = Some(customer.clone());
                }
            }
            Ok(Reply::Order(order) | Reply::OrderCreated(order) | Reply::OrderGivesWay(order)) => {
                shopper.order = Some(order.clone());
            }
            Ok(_) => shopper.cart = None,
            Err(Failure::Refused(refusal)) => match refusal {
                Refusal::Several(several) => several.iter().for_each(|refusal| shopper.learns_total(command, refusal)),
                Refusal::PriceChanged(_) | Refusal::TotalRequired { .. } => shopper.learns_total(command, refusal),
                Refusal::CartExpired | Refusal::CartRemoved | Refusal::CartClosed { .. } | Refusal::CartNotFound => {
                    shopper.cart = None;
                }
                _ if matches!(command, Command::ConfirmPayment { .. } | Command::CancelOrder { .. }) => {
                    shopper.order = None;
                }
                _ => {}
            },
            Err(_) => {}
        }
    }
}
