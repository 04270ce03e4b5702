//! Saved for later, merging, taking back: by example and by property.

use crate::shop::{Shop, TOKEN, draft, line, mine};
use cartwright_domain::cart::{Cart, CartStatus, MAX_SAVED, Options, SetAside};
use cartwright_domain::command::{Access, CartRef, Command, NewLine, Reply, StockChange};
use cartwright_domain::id::{CartId, VariantId};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Cause;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn shops(id: CartId) -> CartRef {
    CartRef { id, access: Access::Operator, if_version: None }
}

impl Shop {
    fn cart_of(&mut self, command: Command) -> Result<Arc<Cart>, Refusal> {
        match self.run(command)? {
            Reply::Cart(cart) | Reply::CartCreated(cart) => Ok(cart),
            other => panic!("not a cart: {other:?}"),
        }
    }

    fn new_cart(&mut self, customer: Option<&str>, currency: Option<&str>, lines: Vec<NewLine>) -> Arc<Cart> {
        let token_hash = customer.is_none().then_some(TOKEN);
        let (customer, currency) = (customer.map(str::to_owned), currency.map(str::to_owned));
        self.cart_of(Command::CreateCart {
            token_hash,
            customer,
            currency,
            email: None,
            lines,
            own: None,
            idempotency: None,
        })
        .expect("a cart")
    }

    fn merge(&mut self, guest: CartId, customer: &str) -> Result<Arc<Cart>, Refusal> {
        self.cart_of(Command::MergeCart { guest: mine(guest), customer: customer.to_owned() })
    }

    fn unmerge(&mut self, cart: CartId) -> Result<Arc<Cart>, Refusal> {
        self.cart_of(Command::UnmergeCart { cart: shops(cart) })
    }

    fn undo(&mut self, cart: CartId) -> Result<Arc<Cart>, Refusal> {
        self.cart_of(Command::UndoRemoval { cart: shops(cart) })
    }

    fn save(&mut self, cart: &Cart, line: usize) -> Arc<Cart> {
        let line_id = cart.lines[line].id;
        self.cart_of(Command::SaveLine { cart: shops(cart.id), line_id }).expect("saved")
    }

    fn restore(&mut self, cart: &Cart, item: usize) -> Result<Arc<Cart>, Refusal> {
        let item_id = cart.detail.saved[item].id;
        self.cart_of(Command::RestoreSaved { cart: shops(cart.id), item_id })
    }

    fn remove(&mut self, cart: &Cart, line: usize) -> Arc<Cart> {
        let line_id = cart.lines[line].id;
        self.cart_of(Command::ChangeLine { cart: shops(cart.id), line_id, quantity: 0 }).expect("removed")
    }

    fn read(&self, cart: CartId) -> Cart {
        (**self.set.carts.get(&cart).expect("a cart")).clone()
    }
}

fn quantities(cart: &Cart) -> Vec<i64> {
    cart.lines.iter().map(|line| line.quantity).collect()
}

fn saved(cart: &Cart) -> Vec<(i64, Option<SetAside>)> {
    cart.detail.saved.iter().map(|item| (item.quantity, item.set_aside)).collect()
}

fn wrapped(sku: &str, quantity: i64) -> NewLine {
    NewLine { options: Options::from([("wrap".to_owned(), "yes".to_owned())]), ..line(sku, quantity) }
}

/// All but versions and dates.
fn content(cart: &Cart) -> Cart {
    let zero = cartwright_domain::id::Timestamp::default();
    Cart { version: 0, updated_at: zero, expires_at: zero, ..cart.clone() }
}

#[test]
fn quantities_of_the_same_goods_add_up_and_other_options_stay_apart() {
    let mut shop = Shop::with(&[("PEN", 500, 10), ("MUG", 700, 10)]);
    let own = shop.new_cart(Some("ada"), None, vec![line("PEN", 2)]);
    let guest = shop.new_cart(None, None, vec![line("PEN", 3), wrapped("PEN", 1), line("MUG", 1)]);
    let cart = shop.merge(guest.id, "ada").unwrap();
    assert_eq!((cart.id, quantities(&cart)), (own.id, vec![5, 1, 1]));
    let guest = shop.read(guest.id);
    assert_eq!((guest.status, guest.detail.merged_into), (CartStatus::Merged, Some(own.id)));
    assert_eq!(quantities(&guest), [3, 1, 1], "the guest's cart is kept");
    let refused = shop.add(guest.id, "PEN", 1).unwrap_err();
    assert_eq!(refused, Refusal::CartClosed { status: "merged", order_id: None });
}

#[test]
fn new_lines_keep_the_guests_price_and_old_ones_the_customers() {
    let mut shop = Shop::with(&[("PEN", 500, 10), ("MUG", 700, 10)]);
    shop.new_cart(Some("ada"), None, vec![line("PEN", 1)]);
    shop.run(Command::SetPrices(vec![("PEN".into(), None, 600), ("MUG".into(), None, 800)])).unwrap();
    let guest = shop.new_cart(None, None, vec![line("PEN", 1), line("MUG", 1)]);
    shop.run(Command::SetPrices(vec![("MUG".into(), None, 900)])).unwrap();
    let cart = shop.merge(guest.id, "ada").unwrap();
    let prices: Vec<i64> = cart.lines.iter().map(|line| line.unit_price).collect();
    assert_eq!(prices, [500, 800]);
    assert_eq!(cart.lines[1].priced_at, guest.lines[1].priced_at);
}

#[test]
fn what_is_not_available_waits_beside_the_cart() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let own = shop.new_cart(Some("ada"), None, vec![line("PEN", 3)]);
    let guest = shop.new_cart(None, None, vec![line("PEN", 4), wrapped("PEN", 1)]);
    let cart = shop.merge(guest.id, "ada").unwrap();
    assert_eq!(quantities(&cart), [5]);
    let short = Some(SetAside::ShortStock);
    assert_eq!(saved(&cart), [(2, short), (1, short)]);
    // What the customer had already is never cut, though others have bought it meanwhile.
    shop.unmerge(own.id).unwrap();
    let rival = shop.cart(&[("PEN", 4)]);
    shop.checkout(rival, "k", None).unwrap();
    let cart = shop.merge(guest.id, "ada").unwrap();
    assert_eq!((quantities(&cart), saved(&cart)), (vec![3], vec![(4, short), (1, short)]));
}

#[test]
fn a_cart_of_another_currency_is_priced_anew() {
    let mut shop = Shop::with(&[("MUG", 700, 10)]);
    let mut pen = draft("PEN", 500, 10);
    pen.variants[0].prices.get_or_insert_default().insert("USD".into(), 550);
    shop.run(Command::UpsertProduct(Box::new(pen))).unwrap();
    let mut cap = draft("CAP", 900, 10);
    cap.variants[0].prices.get_or_insert_default().insert("USD".into(), 990);
    shop.run(Command::UpsertProduct(Box::new(cap))).unwrap();
    shop.new_cart(Some("ada"), Some("USD"), vec![line("PEN", 1)]);
    let guest = shop.new_cart(None, None, vec![line("PEN", 1), line("CAP", 1), line("MUG", 2)]);
    let cart = shop.merge(guest.id, "ada").unwrap();
    let lines: Vec<_> = cart.lines.iter().map(|line| (line.quantity, line.unit_price)).collect();
    assert_eq!(lines, [(2, 550), (1, 990)]);
    assert_eq!(saved(&cart), [(2, Some(SetAside::NotForSale))]);
    assert_eq!(cart.detail.saved[0].unit_price, None, "it was never seen in dollars");
}

#[test]
fn where_the_customer_has_no_cart_one_is_made_and_repeating_answers_it() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let guest = shop.cart(&[("PEN", 2)]);
    let cart = shop.merge(guest, "ada").unwrap();
    assert_eq!((cart.customer.as_deref(), cart.token_hash, quantities(&cart)), (Some("ada"), None, vec![2]));
    assert_eq!(shop.merge(guest, "ada").unwrap(), cart);
    assert_eq!(shop.new_cart(Some("ada"), None, vec![]).id, cart.id);
    let other = shop.merge(guest, "bob").unwrap_err();
    assert_eq!(other, Refusal::CartClosed { status: "merged", order_id: None });
}

#[test]
fn carts_that_cannot_be_merged_are_refused_and_nothing_changes() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let own = shop.new_cart(Some("ada"), None, vec![line("PEN", 1)]);
    let others = shop.new_cart(Some("bob"), None, vec![line("PEN", 1)]);
    let merge = |guest: CartRef| Command::MergeCart { guest, customer: "ada".into() };
    assert_eq!(shop.run(merge(shops(others.id))).unwrap_err(), Refusal::NotAGuestCart);
    assert_eq!(shop.run(merge(shops(own.id))).unwrap_err(), Refusal::NotAGuestCart);
    let stranger = CartRef { access: Access::Token([9; 32]), ..mine(shop.cart(&[])) };
    assert_eq!(shop.run(merge(stranger)).unwrap_err(), Refusal::CartNotFound);
    let bought = shop.cart(&[("PEN", 1)]);
    let order_id = Some(shop.checkout(bought, "k", None).unwrap().id);
    assert_eq!(shop.merge(bought, "ada").unwrap_err(), Refusal::CartClosed { status: "checked_out", order_id });
    let given_up = shop.cart(&[("PEN", 1)]);
    shop.run(Command::DeleteCart { cart: mine(given_up) }).unwrap();
    assert_eq!(shop.merge(given_up, "ada").unwrap_err(), Refusal::CartRemoved);
    let left = shop.cart(&[("PEN", 1)]);
    shop.now = shop.now.plus_ms(31 * 24 * 60 * 60 * 1_000);
    assert_eq!(shop.merge(left, "ada").unwrap_err(), Refusal::CartExpired);
    assert_eq!(shop.read(own.id), *own);
}

#[test]
fn codes_come_along_where_they_hold() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let code = |name: &str, more: &str| {
        format!(r#"{{"name":"{name}","requires_code":true,"benefit":{{"kind":"percentage","percent":"1"}}{more}}}"#)
    };
    for (name, more) in [("BOTH", ""), ("HOLDS", ""), ("BOBS", r#","limits":{"uses_per_customer":1}"#)] {
        shop.promotion(&code(name, more), &[name]);
    }
    // Ada has used up hers.
    let used = shop.new_cart(Some("ada"), None, vec![line("PEN", 1)]);
    shop.run(Command::ApplyCoupon { cart: shops(used.id), code: "BOBS".into() }).unwrap();
    let idempotency =
        cartwright_domain::command::Idempotency { scope: "s".into(), key: "k".into(), fingerprint: [0; 32] };
    let (gateway, method) = ("test".to_owned(), "ok".to_owned());
    let checkout = Command::Checkout {
        cart: shops(used.id),
        expected_total: Some(495),
        gateway,
        method,
        idempotency,
        beside_real: false,
        network: None,
    };
    shop.run(checkout).unwrap();
    let own = shop.new_cart(Some("ada"), None, vec![line("PEN", 1)]);
    shop.run(Command::ApplyCoupon { cart: shops(own.id), code: "BOTH".into() }).unwrap();
    let guest = shop.cart(&[("PEN", 1)]);
    for name in ["BOTH", "HOLDS", "BOBS"] {
        shop.coupon(guest, name).unwrap();
    }
    let cart = shop.merge(guest, "ada").unwrap();
    let codes: Vec<&str> = cart.detail.coupons.iter().map(|coupon| coupon.code.as_str()).collect();
    assert_eq!(codes, ["BOTH", "HOLDS"]);
    let Some(cartwright_domain::cart::Undo::Merge(undo)) = &cart.detail.undo else { panic!("{cart:?}") };
    assert_eq!(undo.left_coupons.iter().map(|coupon| coupon.code.as_str()).collect::<Vec<_>>(), ["BOBS"]);
}

#[test]
fn a_merge_is_taken_back_as_long_as_nothing_else_has_changed() {
    let mut shop = Shop::with(&[("PEN", 500, 3), ("MUG", 500, 3)]);
    let own = shop.new_cart(Some("ada"), None, vec![line("PEN", 2)]);
    let guest = shop.new_cart(None, None, vec![line("PEN", 2), line("MUG", 1)]);
    shop.merge(guest.id, "ada").unwrap();
    let back = shop.unmerge(own.id).unwrap();
    assert_eq!((content(&back), content(&shop.read(guest.id))), (content(&own), content(&guest)));
    assert_eq!(shop.unmerge(own.id).unwrap_err(), Refusal::NothingToUndo);
    assert!(shop.add(guest.id, "MUG", 1).is_ok(), "the guest shops on");
    let cart = shop.merge(guest.id, "ada").unwrap();
    shop.remove(&cart, 0);
    assert_eq!(shop.unmerge(own.id).unwrap_err(), Refusal::NothingToUndo);
}

#[test]
fn a_line_is_saved_for_later_and_comes_back_at_todays_price() {
    let mut shop = Shop::with(&[("PEN", 500, 5), ("MUG", 700, 5)]);
    let cart = shop.new_cart(None, None, vec![line("PEN", 2), line("MUG", 1)]);
    let cart = shop.save(&cart, 0);
    assert_eq!((quantities(&cart), saved(&cart)), (vec![1], vec![(2, None)]));
    // Saved twice is one item.
    shop.add(cart.id, "PEN", 1).unwrap();
    let cart = shop.save(&shop.read(cart.id), 1);
    assert_eq!(saved(&cart), [(3, None)]);
    shop.run(Command::SetPrices(vec![("PEN".into(), None, 600)])).unwrap();
    let cart = shop.restore(&cart, 0).unwrap();
    assert_eq!((quantities(&cart), saved(&cart)), (vec![1, 3], vec![]));
    assert_eq!((cart.lines[1].unit_price, cart.lines[1].saved_at_price), (600, Some(500)));
}

#[test]
fn a_saved_item_stays_where_it_is_while_it_cannot_come_back() {
    let mut shop = Shop::with(&[("PEN", 500, 3)]);
    let cart = shop.new_cart(None, None, vec![line("PEN", 3)]);
    let cart = shop.save(&cart, 0);
    shop.add(cart.id, "PEN", 1).unwrap();
    let cart = shop.read(cart.id);
    assert!(matches!(shop.restore(&cart, 0), Err(Refusal::InsufficientStock(_))));
    assert_eq!(shop.read(cart.id), cart);
    let unknown = Command::RemoveSaved { cart: mine(cart.id), item_id: cart.lines[0].id };
    assert_eq!(shop.run(unknown).unwrap_err(), Refusal::SavedItemNotFound);
}

#[test]
fn what_a_customer_saved_goes_on_with_the_next_cart() {
    let mut shop = Shop::with(&[("PEN", 500, 9)]);
    let cart = shop.new_cart(Some("ada"), None, vec![line("PEN", 2)]);
    let old = shop.save(&cart, 0);
    shop.now = shop.now.plus_ms(400 * 24 * 60 * 60 * 1_000);
    let next = shop.new_cart(Some("ada"), None, vec![]);
    assert_ne!(next.id, old.id);
    assert_eq!(saved(&next), [(2, None)]);
    let old = shop.read(old.id);
    assert_eq!((old.status, saved(&old)), (CartStatus::Expired, vec![]), "nothing is there twice");
}

#[test]
fn only_so_many_items_are_saved() {
    let mut shop = Shop::with(&[("PEN", 500, 9_999)]);
    let numbered = |number: usize| NewLine {
        options: Options::from([("number".to_owned(), number.to_string())]),
        ..line("PEN", 1)
    };
    let mut cart = shop.new_cart(None, None, (0..MAX_SAVED).map(numbered).collect());
    for _ in 0..MAX_SAVED {
        cart = shop.save(&cart, 0);
    }
    let lines = vec![numbered(MAX_SAVED)];
    let cart = shop.cart_of(Command::AddLines { cart: mine(cart.id), lines, idempotency: None }).unwrap();
    let save = Command::SaveLine { cart: mine(cart.id), line_id: cart.lines[0].id };
    assert_eq!(shop.run(save).unwrap_err(), Refusal::TooManySaved { limit: MAX_SAVED });
    let own = shop.new_cart(Some("ada"), None, vec![numbered(MAX_SAVED)]);
    let own = shop.save(&own, 0);
    assert_eq!(shop.merge(cart.id, "ada").unwrap_err(), Refusal::TooManySaved { limit: MAX_SAVED });
    assert_eq!((shop.read(own.id), shop.read(cart.id)), ((*own).clone(), (*cart).clone()));
}

#[test]
fn removals_are_taken_back_one_after_the_other_in_their_places() {
    let mut shop = Shop::with(&[("A", 100, 5), ("B", 200, 5), ("C", 300, 5)]);
    let full = shop.new_cart(None, None, vec![line("A", 1), line("B", 2), line("C", 3)]);
    let cart = shop.remove(&full, 1);
    let cart = shop.remove(&cart, 0);
    assert_eq!(quantities(&cart), [3]);
    assert_eq!(quantities(&shop.undo(cart.id).unwrap()), [1, 3]);
    assert_eq!(shop.undo(cart.id).unwrap().lines, full.lines);
    assert_eq!(shop.undo(cart.id).unwrap_err(), Refusal::NothingToUndo);
}

#[test]
fn another_change_or_an_hour_forgets_a_removal() {
    let mut shop = Shop::with(&[("A", 100, 5), ("B", 200, 5)]);
    let cart = shop.new_cart(None, None, vec![line("A", 1), line("B", 2)]);
    let cart = shop.remove(&cart, 0);
    shop.add(cart.id, "B", 1).unwrap();
    assert_eq!(shop.undo(cart.id).unwrap_err(), Refusal::NothingToUndo);
    let cart = shop.remove(&shop.read(cart.id), 0);
    shop.now = shop.now.plus_ms(60 * 60 * 1_000);
    assert_eq!(shop.undo(cart.id).unwrap_err(), Refusal::NothingToUndo);
}

#[test]
fn a_removal_is_taken_back_only_while_the_goods_are_there() {
    let mut shop = Shop::with(&[("A", 100, 2)]);
    let cart = shop.new_cart(None, None, vec![line("A", 2)]);
    let cart = shop.remove(&cart, 0);
    let rival = shop.cart(&[("A", 1)]);
    let order = shop.checkout(rival, "k", None).unwrap();
    assert!(matches!(shop.undo(cart.id), Err(Refusal::InsufficientStock(_))));
    shop.cancel(order.id).unwrap();
    shop.settle(order.id, cartwright_domain::command::Settlement::Voided);
    assert_eq!(quantities(&shop.undo(cart.id).unwrap()), [2]);
}

#[test]
fn a_removed_saved_item_is_taken_back_too() {
    let mut shop = Shop::with(&[("A", 100, 2)]);
    let cart = shop.new_cart(None, None, vec![line("A", 2)]);
    let cart = shop.save(&cart, 0);
    let item_id = cart.detail.saved[0].id;
    let gone = shop.cart_of(Command::RemoveSaved { cart: mine(cart.id), item_id }).unwrap();
    assert!(gone.detail.saved.is_empty());
    assert_eq!(shop.undo(cart.id).unwrap().detail.saved, cart.detail.saved);
}

type Goods = BTreeMap<(VariantId, Options), i64>;

/// Units by variant and options, in the cart and beside it.
fn goods<'a>(carts: impl IntoIterator<Item = &'a Cart>) -> Goods {
    let mut goods = Goods::new();
    for cart in carts {
        for line in &cart.lines {
            *goods.entry((line.variant_id, line.options.clone())).or_default() += line.quantity;
        }
        for item in &cart.detail.saved {
            *goods.entry((item.variant_id, item.options.clone())).or_default() += item.quantity;
        }
    }
    goods
}

fn lines() -> impl Strategy<Value = Vec<(u8, bool, i64, bool)>> {
    prop::collection::vec((0..3_u8, any::<bool>(), 1..6_i64, any::<bool>()), 0..6)
}

/// A cart with these lines; those that say so are saved for later at once.
fn filled(shop: &mut Shop, customer: Option<&str>, lines: &[(u8, bool, i64, bool)]) -> Cart {
    let mut cart = shop.new_cart(customer, None, vec![]);
    for (sku, wrap, quantity, later) in lines {
        let sku = ["A", "B", "C"][usize::from(*sku)];
        let new = if *wrap { wrapped(sku, *quantity) } else { line(sku, *quantity) };
        let add = Command::AddLines { cart: shops(cart.id), lines: vec![new], idempotency: None };
        let Ok(added) = shop.cart_of(add) else { continue };
        cart = if *later { shop.save(&added, added.lines.len() - 1) } else { added };
    }
    (*cart).clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_merge_loses_or_doubles_anything(own in lines(), guests in lines(), sold in 0..6_i64, back in any::<bool>()) {
        let mut shop = Shop::with(&[("A", 500, 9), ("B", 700, 4), ("C", 1, 1_000)]);
        let own = filled(&mut shop, Some("ada"), &own);
        let guest = filled(&mut shop, None, &guests);
        if sold > 0 {
            let rival = shop.cart(&[("A", sold)]);
            shop.checkout(rival, "k", None).unwrap();
        }
        let merged = shop.merge(guest.id, "ada").unwrap();
        prop_assert_eq!(goods([&*merged]), goods([&own, &guest]));
        for line in &merged.lines {
            let stock = shop.set.stock_of(line.variant_id).available();
            prop_assert!(merged.units_of(line.variant_id) <= stock.max(own.units_of(line.variant_id)));
        }
        prop_assert_eq!(&*shop.merge(guest.id, "ada").unwrap(), &*merged, "repeated, it changes nothing");
        if back {
            let own_again = shop.unmerge(own.id).unwrap();
            prop_assert_eq!(content(&own_again).lines, own.lines);
            prop_assert_eq!(&own_again.detail.saved, &own.detail.saved);
            prop_assert_eq!(goods([&shop.read(guest.id)]), goods([&guest]));
            prop_assert_eq!(shop.read(guest.id).status, CartStatus::Active);
        }
    }

    #[test]
    fn the_order_of_the_guests_lines_does_not_matter(own in lines(), guests in lines(), left in 0..20_i64) {
        let merged = |guests: &[(u8, bool, i64, bool)]| {
            let mut shop = Shop::with(&[("A", 500, 1_000), ("B", 700, 1_000), ("C", 1, 1_000)]);
            filled(&mut shop, Some("ada"), &own);
            let guest = filled(&mut shop, None, guests);
            let count = |sku: &str| StockChange { sku: sku.into(), cause: Cause::Count, quantity: left, reason: "count".into() };
            shop.run(Command::AdjustStock { changes: vec![count("A"), count("B")], idempotency: None }).unwrap();
            let cart = shop.merge(guest.id, "ada").unwrap();
            let variant = |sku: &str| **shop.set.skus.get(&sku.to_owned()).unwrap();
            (goods([&*cart]).into_values().sum::<i64>(), ["A", "B", "C"].map(|sku| cart.units_of(variant(sku))))
        };
        // Nothing is saved in between: what is saved at once depends on what was there before.
        let guests: Vec<_> = guests.into_iter().map(|(sku, wrap, quantity, _)| (sku, wrap, quantity, false)).collect();
        let turned: Vec<_> = guests.iter().rev().copied().collect();
        prop_assert_eq!(merged(&guests), merged(&turned));
    }
}
