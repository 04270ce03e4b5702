//! The reference model: what the shop's books must say after each command that was committed. Small and plain, and it shares
//! no code with the decisions; of the domain it uses the words only.

mod carts;
mod clock;
mod currencies;
mod forgotten;
mod holds;
mod mails;
mod manual;
mod money;
mod orders;
mod outside;
mod persons;
mod saved;
mod shop;
mod shown;
mod unpaid;

use self::shown::{is_dearer_than_shown, is_what_was_shown};
use cartwright_domain::command::{Command, Idempotency, MoneyCommand, Reply};
use cartwright_domain::id::{CartId, OrderId, PromotionId, RefundId, Timestamp, VariantId};
use cartwright_domain::order::{OrderStatus, PaymentStatus};
use cartwright_domain::promotion::{Conditions, Limits};
use cartwright_domain::refund::RefundStatus;
use cartwright_domain::store::HoldPolicy;
use cartwright_engine::{Failure, Outcome};
use std::collections::BTreeMap;

/// Units by variant.
pub(crate) type Units = BTreeMap<VariantId, i64>;

/// What the model found wrong, in words.
pub(crate) type Checked = Result<(), String>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shelf {
    pub on_hand: i64,
    pub reserved: i64,
    pub tracked: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ModelCart {
    pub units: Units,
    /// Units saved for later.
    pub saved: Units,
    /// The order that was made of it, while it stands.
    pub order: Option<OrderId>,
    /// The customer's cart that it went into.
    pub merged_into: Option<CartId>,
    /// Units and saved units before each of the last removals in a row.
    pub before_removals: Vec<(Units, Units)>,
    /// Its date, as far as it was told.
    pub expires_at: Timestamp,
    pub of_customer: bool,
    /// Whether it was given up, by its owner or by time.
    pub gone: bool,
    /// Whether what it has is held again should its payment fail.
    pub held_at_add: bool,
    /// The guest's cart that was merged into it last, and its units and saved units before.
    pub before_merge: Option<(CartId, Units, Units)>,
}

#[derive(Clone, Debug)]
pub(crate) struct ModelOrder {
    pub cart: CartId,
    /// The name under which it is counted.
    pub buyer: String,
    /// Whether that is an address.
    pub is_guest: bool,
    /// Units by variant.
    pub units: BTreeMap<VariantId, i64>,
    pub total: i64,
    pub status: OrderStatus,
    pub payment: PaymentStatus,
    pub captured: i64,
    pub refunds: BTreeMap<RefundId, (i64, RefundStatus)>,
    pub cancel_asked: bool,
    /// Promotions whose use it holds.
    pub uses: Vec<PromotionId>,
    /// Promotions whose use it gave back.
    pub gave_back: Vec<PromotionId>,
    /// What was asked to be captured of what is set aside.
    pub to_capture: Option<i64>,
    /// How often.
    pub captures: u32,
    /// What the bank holds until a dispute is decided.
    pub withheld: i64,
    /// Gateway and method.
    pub way: (String, String),
    /// Whether it gives way to another way to pay.
    pub replaced: bool,
    pub made_at: Timestamp,
    /// Under which name its unpaid units are counted, and until when it waits.
    pub holder: String,
    pub pay_by: Option<Timestamp>,
    /// Whether its payment is given up since its goods cannot be held.
    pub unheld: bool,
    /// Where operators record its money.
    pub manual: Option<manual::ModelManual>,
}

impl ModelOrder {
    /// Whether money that comes for it after all goes back: somebody wanted it cancelled, it did not only make way.
    pub(crate) fn is_given_up(&self) -> bool {
        let unheld = self.unheld && !self.cancel_asked;
        self.payment == PaymentStatus::VoidPending && !self.replaced && !unheld
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ModelPromotion {
    pub limits: Limits,
    pub requires_code: bool,
    pub conditions: Conditions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModelCode {
    pub promotion: PromotionId,
    pub max_uses: Option<i64>,
    pub bulk: bool,
}

/// The books.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub skus: BTreeMap<String, VariantId>,
    pub shelves: BTreeMap<VariantId, Shelf>,
    pub carts: BTreeMap<CartId, ModelCart>,
    /// The cart that each customer had last.
    pub customers: BTreeMap<String, CartId>,
    pub orders: BTreeMap<OrderId, ModelOrder>,
    /// Units of orders that refunds put back on the shelf.
    pub restocked: BTreeMap<(OrderId, VariantId), i64>,
    /// Promotions that stand.
    pub promotions: BTreeMap<PromotionId, ModelPromotion>,
    /// Promotions that stood, as they were when they were withdrawn.
    pub withdrawn: BTreeMap<PromotionId, ModelPromotion>,
    /// All that ever stood.
    pub promotions_ever: Vec<PromotionId>,
    pub codes: BTreeMap<String, ModelCode>,
    /// Live uses, in all and by buyer.
    pub uses: BTreeMap<(PromotionId, Option<String>), i64>,
    /// Answers under idempotency keys that are still kept.
    pub answers: BTreeMap<(String, String), (Option<OrderId>, Timestamp)>,
    /// Who wants no reminders.
    pub mails: mails::ModelMails,
    /// Who was to go.
    pub forgotten: forgotten::ModelForgotten,
    /// Which names belong together.
    pub persons: persons::ModelPersons,
    /// Units held for carts, and until when.
    pub holds: BTreeMap<(VariantId, CartId), (i64, Timestamp)>,
    pub hold_policy: HoldPolicy,
    /// The store's time zone, and whether it ever let prices be held that had been shown.
    pub time_zone: String,
    pub held_prices: bool,
    /// Policies of products, by variant.
    pub own_policies: BTreeMap<VariantId, Option<HoldPolicy>>,
    /// Days until a guest's and a customer's cart expire.
    pub cart_days: (i64, i64),
    pub now: Timestamp,
    /// How often units were held for a cart, holds that had run out were taken by others, and were ended by the sweep.
    pub held: u64,
    pub reclaimed: u64,
    pub ran_out: u64,
    /// Orders that late money served again.
    pub served_again: u64,
    /// Units that unpaid orders hold or held.
    pub unpaid: BTreeMap<(OrderId, VariantId), unpaid::Counted>,
    pub unpaid_units: i64,
    /// How long a shopper has to do what a payment asks for.
    pub payment_ms: i64,
    /// What orders held that have made way for another way to pay, by cart.
    pub waited: BTreeMap<CartId, unpaid::Left>,
    /// Orders whose goods could not be held until the payment.
    pub not_held: u64,
    /// Orders that gave way to another way to pay.
    pub replaced: u64,
    /// The guest's cart whose merge was just taken back.
    unmerged_guest: Option<CartId>,
    /// Promotions as a batch that is being taken in saw them when it began.
    seen: BTreeMap<PromotionId, ModelPromotion>,
    /// Amounts and currencies as they were stated.
    stated: currencies::Stated,
    /// The same as that batch saw it.
    seen_stated: currencies::Stated,
}

impl Model {
    /// A batch was committed; its commands follow. All of them saw the promotions as they are now.
    pub(crate) fn begin_batch(&mut self) {
        self.wipe();
        self.seen = self.promotions.clone();
        self.seen_stated = self.stated.clone();
    }

    /// Takes in a command that was committed, with its outcome.
    pub(crate) fn apply(&mut self, command: &Command, outcome: &Outcome, now: Timestamp) -> Checked {
        self.now = now;
        match outcome {
            Ok(reply) => {
                let before = match reply {
                    Reply::Cart(cart) => self.carts.get(&cart.id).map(|known| known.units.clone()),
                    _ => None,
                };
                self.learn_names(command, reply);
                self.done(command, reply, now)?;
                self.held_for_cart(command, reply, &before.unwrap_or_default())
            }
            Err(Failure::Refused(refusal)) => {
                self.currency_refused(refusal)?;
                is_dearer_than_shown(command, refusal)?;
                self.refused(command, refusal)
            }
            Err(failure) => Err(format!("a command of a batch that was committed came to {failure}")),
        }
    }

    fn done(&mut self, command: &Command, reply: &Reply, now: Timestamp) -> Checked {
        match (command, reply) {
            (Command::Checkout { cart, idempotency, gateway, method, .. }, Reply::OrderGivesWay(order)) => {
                self.gave_way(cart.id, idempotency, (gateway, method), order)
            }
            (Command::Checkout { cart, idempotency, gateway, method, expected_total, .. }, reply) => {
                is_what_was_shown(*expected_total, reply)?;
                self.checked_out(cart.id, idempotency, (gateway, method), reply, now)
            }
            (Command::Manual { order_id, command, idempotency, .. }, Reply::Order(order)) => {
                if self.answer(idempotency).is_none() {
                    self.recorded(*order_id, command, order)?;
                    self.remember(idempotency, Some(*order_id), now);
                }
                self.compare_order(order)
            }
            (Command::SettlePayment { order_id, settlement }, Reply::Order(order)) => {
                self.settle(*order_id, settlement, order)?;
                self.compare_order(order)
            }
            (Command::ConfirmPayment { order_id, .. }, Reply::Order(order)) => {
                self.confirm(*order_id);
                self.compare_order(order)
            }
            (Command::CancelOrder { order_id, .. }, Reply::Order(order)) => {
                self.cancel(*order_id, order)?;
                self.compare_order(order)
            }
            (Command::RefundOrder { order_id, idempotency, .. }, Reply::Order(order)) => {
                if self.answer(idempotency).is_none() {
                    self.refund(*order_id, order)?;
                    self.remember(idempotency, Some(*order_id), now);
                }
                self.compare_order(order)
            }
            (Command::CapturePayment { order_id, amount }, Reply::Order(order)) => {
                self.capture(*order_id, *amount);
                self.compare_order(order)
            }
            (Command::Money(MoneyCommand::TakeBooks { order_id, books }), Reply::Order(order)) => {
                self.take_books(*order_id, books, order)?;
                self.compare_order(order)
            }
            // Nothing that is decided hangs on the log of events.
            (
                Command::ForgetCartEvents
                | Command::ForgetKept { .. }
                | Command::CountDemand
                | Command::ForgetDeliveries { .. }
                | Command::Inbox(_)
                | Command::Account(_),
                _,
            ) => Ok(()),
            (Command::Forget(forget), reply) => self.forgotten(forget, reply),
            (Command::Mail(_) | Command::Recovery(_), reply) => self.reminded(command, reply),
            (Command::ForgetAnswers { before }, _) => {
                self.answers.retain(|_, (_, at)| *at >= *before);
                Ok(())
            }
            (Command::CreateCart { .. } | Command::AddLines { .. } | Command::ChangeLine { .. }, _) => {
                self.cart_filled(command, reply, now)
            }
            (
                Command::ApplyCoupon { .. } | Command::RemoveCoupon { .. } | Command::ChangeCart { .. },
                Reply::Cart(cart),
            ) => self.compare_cart(cart),
            (Command::SaveLine { .. } | Command::RestoreSaved { .. }, Reply::Cart(cart)) => self.moved(command, cart),
            (Command::RemoveSaved { .. }, Reply::Cart(cart)) => self.removed_saved(cart),
            (Command::UndoRemoval { .. }, Reply::Cart(cart)) => self.removal_undone(cart),
            (Command::MergeCart { guest, customer }, Reply::Cart(cart)) => self.merged(guest.id, customer, cart),
            (Command::UnmergeCart { .. }, Reply::Cart(cart)) => self.unmerged(cart),
            (Command::DeleteCart { .. } | Command::ExpireCart { .. }, Reply::Done) => {
                self.gave_up(command);
                Ok(())
            }
            (Command::ReleaseHolds { carts }, Reply::Done) => {
                self.holds_released(carts);
                Ok(())
            }
            (command, reply) => self.operated(command, reply, now),
        }
    }

    /// A cart that is answered holds what it should.
    fn held_for_cart(&mut self, command: &Command, reply: &Reply, before: &Units) -> Checked {
        let (Reply::Cart(cart) | Reply::CartCreated(cart)) = reply else { return Ok(()) };
        self.note_date(cart);
        self.follow(cart.id, before);
        if let Command::UnmergeCart { .. } = command
            && let Some(guest) = self.unmerged_guest.take()
        {
            self.guest_back(guest);
        }
        self.compare_holds(cart)
    }

    /// Whether this key was answered, and with which order.
    fn answer(&self, idempotency: &Idempotency) -> Option<Option<OrderId>> {
        let key = (idempotency.scope.clone(), idempotency.key.clone());
        self.answers.get(&key).map(|(order, _)| *order)
    }

    fn remember(&mut self, idempotency: &Idempotency, order: Option<OrderId>, now: Timestamp) {
        let key = (idempotency.scope.clone(), idempotency.key.clone());
        self.answers.entry(key).or_insert((order, now));
    }
}
