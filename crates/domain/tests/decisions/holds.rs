//! Units that are held from the moment they are added: by example, and what must hold after any history.

use crate::shop::{Shop, TOKEN, draft, line, mine};
use cartwright_domain::cart::{Cart, CartStatus, Hold};
use cartwright_domain::command::{Access, CartRef, Command, Reply, Settlement};
use cartwright_domain::event::{Actor, EventKind};
use cartwright_domain::id::CartId;
use cartwright_domain::order::OrderStatus;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::{Reference, Stock};
use cartwright_domain::store::HoldPolicy;
use std::collections::BTreeMap;

const MINUTE_MS: i64 = 60_000;

/// Units of a SKU that carts hold.
pub fn held_by_carts(shop: &Shop, sku: &str) -> i64 {
    let id = **shop.set.skus.get(&sku.to_owned()).expect("sku");
    shop.set.carts.rows().map(|(_, cart)| cart.held(id)).sum()
}

/// A cart holds no more than it has, as long as it is its owner's; the ledger and the rows beside the carts say the same.
pub fn check_carts(shop: &Shop) {
    let mut rows = BTreeMap::new();
    for (id, cart) in shop.set.carts.rows() {
        assert!(cart.detail.holds.is_empty() || cart.is_open(), "{cart:?}");
        for hold in &cart.detail.holds {
            assert!(0 < hold.units && hold.units <= cart.units_of(hold.variant_id), "{cart:?}");
            assert!(rows.insert((*id, hold.variant_id), *hold).is_none(), "{cart:?}");
        }
    }
    let written = shop.set.hold_changes.iter().filter_map(|(key, hold)| Some((*key, (*hold)?)));
    assert_eq!(rows, written.collect::<BTreeMap<_, _>>());
    let mut moved: BTreeMap<_, i64> = BTreeMap::new();
    for movement in &shop.set.movements {
        if let Reference::Cart(cart) = movement.reference {
            *moved.entry((cart, movement.variant_id)).or_default() += movement.reserved_delta;
        }
    }
    moved.retain(|_, units| *units != 0);
    assert_eq!(moved, rows.into_iter().map(|(key, hold)| (key, hold.units)).collect());
}

/// A shop that holds goods for 15 minutes, of each variant at most 5 units for one cart.
fn shop(goods: &[(&str, i64, i64)]) -> Shop {
    let mut shop = Shop::with(goods);
    shop.configure(|store| store.settings.hold_policy = HoldPolicy::AtAdd { minutes: 15, max_units: 5 });
    shop
}

impl Shop {
    fn wait(&mut self, minutes: i64) {
        self.now = self.now.plus_ms(minutes * MINUTE_MS);
    }

    fn found(&self, cart: CartId) -> Cart {
        (**self.set.carts.get(&cart).expect("a cart")).clone()
    }

    /// Units held of the cart's first line, and for how many minutes from now.
    fn held(&self, cart: CartId) -> Option<(i64, i64)> {
        let cart = self.found(cart);
        let hold = cart.lines.first().and_then(|line| cart.hold_of(line.variant_id));
        hold.copied().map(|Hold { units, until, .. }| (units, (until.0 - self.now.0) / MINUTE_MS))
    }

    fn set_quantity(&mut self, cart: CartId, quantity: i64) -> Result<Reply, Refusal> {
        let line_id = self.found(cart).lines[0].id;
        self.run(Command::ChangeLine { cart: mine(cart), line_id, quantity })
    }

    fn release(&mut self, carts: &[CartId]) {
        self.run(Command::ReleaseHolds { carts: carts.to_vec() }).expect("nobody refuses that");
    }
}

#[track_caller]
fn short(refused: Result<impl std::fmt::Debug, Refusal>, requested: i64, available: i64) {
    let Err(Refusal::InsufficientStock(shortages)) = refused else { panic!("{refused:?}") };
    assert_eq!((shortages[0].requested, shortages[0].available), (requested, Some(available)));
}

#[test]
fn what_is_added_is_held_and_others_get_the_rest() {
    let mut shop = shop(&[("PEN", 500, 5)]);
    let cart = shop.cart(&[("PEN", 3)]);
    assert_eq!(shop.held(cart), Some((3, 15)));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 3 });
    short(shop.try_cart(&[("PEN", 3)]), 3, 2);
    short(shop.add(cart, "PEN", 3), 6, 5);
    assert_eq!(shop.held(cart), Some((3, 15)), "a refused command changes nothing");
    let other = shop.cart(&[("PEN", 2)]);
    assert_eq!(shop.held(other), Some((2, 15)));
    check_carts(&shop);
}

#[test]
fn only_adding_units_prolongs_a_hold_and_only_that_of_the_variant() {
    let mut shop = shop(&[("PEN", 500, 10), ("MUG", 700, 10)]);
    let cart = shop.cart(&[("PEN", 2)]);
    shop.wait(5);
    shop.add(cart, "MUG", 1).unwrap();
    assert_eq!(shop.held(cart), Some((2, 10)), "other goods do not prolong it");
    shop.set_quantity(cart, 1).unwrap();
    assert_eq!(shop.held(cart), Some((1, 10)), "nor does taking away");
    assert_eq!(shop.stock("PEN").reserved, 1);
    shop.add(cart, "PEN", 1).unwrap();
    assert_eq!(shop.held(cart), Some((2, 15)));
    check_carts(&shop);
}

#[test]
fn a_shopper_holds_no_more_than_the_limit_but_may_add_more() {
    let mut shop = shop(&[("PEN", 500, 20)]);
    let cart = shop.cart(&[("PEN", 8)]);
    assert_eq!((shop.held(cart), shop.stock("PEN").reserved), (Some((5, 15)), 5));
    let by_line = shop.found(cart).holds_by_line(shop.now);
    assert_eq!(by_line[0].map(|(units, _)| units), Some(5));
    shop.wait(1);
    shop.add(cart, "PEN", 1).unwrap();
    assert_eq!(shop.held(cart), Some((5, 14)), "what cannot be held more is not prolonged");
    let order = shop.checkout(cart, "k", None).unwrap();
    assert_eq!((order.lines[0].quantity, shop.stock("PEN").reserved), (9, 9));
}

#[test]
fn what_has_run_out_goes_to_whoever_is_short_in_the_same_decision() {
    let mut shop = shop(&[("PEN", 500, 4)]);
    let (early, late) = (shop.cart(&[("PEN", 2)]), shop.cart(&[("PEN", 2)]));
    shop.now = shop.now.plus_ms(15 * MINUTE_MS - 1);
    short(shop.try_cart(&[("PEN", 1)]), 1, 0);
    shop.now = shop.now.plus_ms(1);
    let version = shop.found(early).version;
    let told = shop.set.events.len();
    let third = shop.cart(&[("PEN", 1)]);
    assert_eq!(shop.held(third), Some((1, 15)));
    let gone: Vec<CartId> = [early, late].into_iter().filter(|cart| shop.held(*cart).is_none()).collect();
    assert_eq!(gone.len(), 1, "one hold was enough, and is given up whole");
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 4, reserved: 3 });
    assert_eq!(shop.found(gone[0]).version, version + 1);
    let event = shop.set.events[told..].iter().find(|event| event.kind == EventKind::CartHoldExpired).expect("told");
    assert_eq!(event.actor, Actor::System);
    assert_eq!(event.data["lines"], serde_json::json!([{"sku": "PEN", "quantity": 2}]));
    check_carts(&shop);
}

#[test]
fn what_has_run_out_still_serves_its_own_cart_unless_another_was_short() {
    let mut shop = shop(&[("PEN", 500, 2), ("MUG", 500, 2)]);
    let (kept, lost) = (shop.cart(&[("PEN", 2)]), shop.cart(&[("MUG", 2)]));
    shop.wait(60);
    assert_eq!(shop.found(kept).holds_by_line(shop.now), [None], "but nothing is promised any more");
    let rival = shop.cart(&[("MUG", 1)]);
    assert!(shop.checkout(kept, "k", None).is_ok());
    short(shop.checkout(lost, "k", None), 2, 1);
    assert!(shop.checkout(rival, "k", None).is_ok());
    check_carts(&shop);
}

#[test]
fn a_checkout_takes_what_others_no_longer_hold_in_earnest() {
    let mut shop = shop(&[("PEN", 500, 2)]);
    let other = shop.cart(&[("PEN", 2)]);
    shop.wait(15);
    let cart = shop.cart(&[("PEN", 1)]);
    assert_eq!(shop.held(other), None);
    shop.wait(15);
    let third = shop.cart(&[("PEN", 2)]);
    assert_eq!(shop.held(cart), None);
    shop.wait(15);
    // Nothing is held in earnest; the second cart comes first.
    let order = shop.checkout(cart, "k", None).unwrap();
    assert_eq!((order.lines[0].quantity, shop.held(third)), (1, None));
    short(shop.checkout(third, "k", None), 2, 1);
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 2, reserved: 1 });
    check_carts(&shop);
}

#[test]
fn checkout_turns_the_hold_into_the_orders_and_a_failed_payment_turns_it_back() {
    let mut shop = shop(&[("PEN", 500, 3)]);
    let cart = shop.cart(&[("PEN", 3)]);
    shop.wait(10);
    let order = shop.checkout(cart, "k", None).unwrap();
    assert_eq!((shop.held(cart), shop.stock("PEN").reserved), (None, 3));
    shop.wait(10);
    short(shop.try_cart(&[("PEN", 1)]), 1, 0);
    let order = shop.settle(order.id, Settlement::Declined("no".into()));
    assert_eq!(order.status, OrderStatus::PaymentFailed);
    assert_eq!((shop.held(cart), shop.stock("PEN").reserved), (Some((3, 15)), 3));
    check_carts(&shop);
    let order = shop.checkout(cart, "k2", None).unwrap();
    shop.settle(order.id, Settlement::Captured(1_500));
    assert_eq!((shop.held(cart), shop.stock("PEN")), (None, Stock { on_hand: 0, reserved: 0 }));
    check_carts(&shop);
}

#[test]
fn late_money_takes_what_its_cart_holds_again() {
    let mut shop = shop(&[("PEN", 500, 3)]);
    let cart = shop.cart(&[("PEN", 3)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Voided);
    assert_eq!(shop.held(cart), Some((3, 15)));
    let order = shop.settle(order.id, Settlement::Captured(1_500));
    assert_eq!(order.status, OrderStatus::Placed);
    assert_eq!((shop.held(cart), shop.stock("PEN")), (None, Stock { on_hand: 0, reserved: 0 }));
    check_carts(&shop);
}

#[test]
fn late_money_is_not_refused_because_a_sweeper_is_late() {
    let mut shop = shop(&[("PEN", 500, 3)]);
    let cart = shop.cart(&[("PEN", 3)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Voided);
    shop.wait(15);
    let rival = shop.cart(&[("PEN", 2)]);
    assert_eq!((shop.held(cart), shop.held(rival)), (None, Some((2, 15))));
    shop.wait(15);
    let order = shop.settle(order.id, Settlement::Captured(1_500));
    assert_eq!((order.status, shop.held(rival)), (OrderStatus::Placed, None));
    check_carts(&shop);
}

#[test]
fn goods_that_leave_the_cart_are_let_go() {
    let mut shop = shop(&[("PEN", 500, 9)]);
    let cart = shop.cart(&[("PEN", 4)]);
    shop.set_quantity(cart, 2).unwrap();
    assert_eq!(shop.stock("PEN").reserved, 2);
    shop.set_quantity(cart, 0).unwrap();
    assert_eq!(shop.stock("PEN").reserved, 0);
    shop.run(Command::UndoRemoval { cart: mine(cart) }).unwrap();
    assert_eq!(shop.held(cart), Some((2, 15)));
    let line_id = shop.found(cart).lines[0].id;
    shop.run(Command::SaveLine { cart: mine(cart), line_id }).unwrap();
    assert_eq!(shop.stock("PEN").reserved, 0);
    shop.run(Command::RestoreSaved { cart: mine(cart), item_id: line_id }).unwrap();
    assert_eq!(shop.held(cart), Some((2, 15)));
    shop.run(Command::DeleteCart { cart: mine(cart) }).unwrap();
    assert_eq!(shop.stock("PEN").reserved, 0);
    let cart = shop.cart(&[("PEN", 4)]);
    shop.now = shop.found(cart).expires_at;
    shop.run(Command::ExpireCart { cart_id: cart }).unwrap();
    assert_eq!((shop.found(cart).status, shop.stock("PEN").reserved), (CartStatus::Expired, 0));
    check_carts(&shop);
}

#[test]
fn the_sweep_ends_what_has_run_out_and_nothing_else() {
    let mut shop = shop(&[("PEN", 500, 9), ("MUG", 500, 9)]);
    let cart = shop.cart(&[("PEN", 2)]);
    shop.wait(5);
    shop.add(cart, "MUG", 3).unwrap();
    let version = shop.found(cart).version;
    shop.release(&[cart]);
    assert_eq!(shop.found(cart).version, version);
    shop.wait(10);
    shop.release(&[cart]);
    assert_eq!((shop.stock("PEN").reserved, shop.stock("MUG").reserved), (0, 3));
    assert_eq!(shop.found(cart).version, version + 1);
    shop.release(&[cart]);
    assert_eq!(shop.found(cart).version, version + 1, "twice is once");
    shop.set_quantity(cart, 3).unwrap();
    assert_eq!(shop.stock("PEN").reserved, 3, "whoever adds again holds all of it again");
    check_carts(&shop);
}

#[test]
fn a_merge_takes_the_guests_holds_along_and_can_be_taken_back() {
    let mut shop = shop(&[("PEN", 500, 4)]);
    let guest = shop.cart(&[("PEN", 2)]);
    let lines = vec![line("PEN", 2)];
    let create = Command::CreateCart {
        token_hash: None,
        customer: Some("ada".into()),
        currency: None,
        email: None,
        lines,
        own: None,
        idempotency: None,
    };
    let Reply::CartCreated(own) = shop.run(create).unwrap() else { panic!("no cart") };
    assert_eq!(shop.stock("PEN").reserved, 4);
    shop.run(Command::MergeCart { guest: mine(guest), customer: "ada".into() }).unwrap();
    assert_eq!((shop.held(guest), shop.held(own.id)), (None, Some((4, 15))), "nobody could come between");
    check_carts(&shop);
    let named = CartRef { id: own.id, access: Access::Operator, if_version: None };
    shop.run(Command::UnmergeCart { cart: named }).unwrap();
    assert_eq!((shop.held(guest), shop.held(own.id)), (Some((2, 15)), Some((2, 15))));
    check_carts(&shop);
}

#[test]
fn a_product_may_say_otherwise_and_what_is_held_stays_held_when_the_policy_ends() {
    let mut shop = Shop::with(&[("PEN", 500, 9)]);
    let product = |policy| {
        let mut draft = draft("MUG", 700, 9);
        draft.hold_policy = Some(policy);
        Command::UpsertProduct(Box::new(draft))
    };
    shop.run(product(Some(HoldPolicy::AtAdd { minutes: 15, max_units: 5 }))).unwrap();
    let cart = shop.cart(&[("PEN", 1), ("MUG", 1)]);
    assert_eq!((shop.stock("PEN").reserved, shop.stock("MUG").reserved), (0, 1));
    let mut without = draft("MUG", 700, 9);
    (without.variants[0].on_hand, without.hold_policy) = (None, Some(None));
    shop.run(Command::UpsertProduct(Box::new(without))).unwrap();
    shop.add(cart, "MUG", 1).unwrap();
    assert_eq!(shop.stock("MUG").reserved, 1, "no more is held, and no less");
    shop.wait(15);
    shop.release(&[cart]);
    assert_eq!(shop.stock("MUG").reserved, 0);
    check_carts(&shop);
}

#[test]
fn goods_whose_stock_is_not_counted_are_never_held() {
    let mut shop = shop(&[]);
    let mut tea = draft("TEA", 700, 0);
    (tea.variants[0].track_stock, tea.variants[0].on_hand) = (Some(false), None);
    shop.run(Command::UpsertProduct(Box::new(tea))).unwrap();
    let cart = shop.cart(&[("TEA", 3)]);
    assert_eq!(shop.held(cart), None);
    assert!(shop.set.movements.is_empty());
}

#[test]
fn lines_of_one_variant_share_its_hold_in_their_order() {
    let mut shop = shop(&[("MUG", 500, 20)]);
    let engraved = |text: &str| {
        let mut line = line("MUG", 3);
        line.options.insert("engraving".into(), text.into());
        line
    };
    let lines = vec![engraved("Ada"), engraved("Bob")];
    let create = Command::CreateCart {
        token_hash: Some(TOKEN),
        customer: None,
        currency: None,
        email: None,
        lines,
        own: None,
        idempotency: None,
    };
    let Reply::CartCreated(cart) = shop.run(create).unwrap() else { panic!("no cart") };
    let shares: Vec<_> = cart.holds_by_line(shop.now).into_iter().map(|held| held.map(|(units, _)| units)).collect();
    assert_eq!(shares, [Some(3), Some(2)]);
    check_carts(&shop);
}
