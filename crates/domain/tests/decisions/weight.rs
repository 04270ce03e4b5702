//! How heavy a cart may be, by whichever way its texts come into it.

use crate::shop::{Shop, TOKEN, line, mine};
use cartwright_domain::cart::{Cart, Options};
use cartwright_domain::command::{Access, CartChange, CartRef, Command, NewLine, Reply};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::id::CartId;
use cartwright_domain::order::Address;
use cartwright_domain::refusal::Refusal;
use proptest::prelude::*;
use std::sync::Arc;

/// Bytes that a cart of these tests may have.
const MOST: usize = 16_384;
/// Bytes of the options of one line.
const MOST_OF_LINE: usize = 4_096;

fn shop() -> Shop {
    let mut shop = Shop::with(&[("PEN", 500, 1_000)]);
    shop.configure(|store| store.settings.cart_bytes = MOST as u32);
    shop
}

/// A pen with so many bytes of options, told apart by its number.
fn engraved(number: usize, bytes: usize) -> NewLine {
    let text = format!("{number:04}{}", "x".repeat(bytes - 8));
    NewLine { options: Options::from([("text".to_owned(), text)]), ..line("PEN", 1) }
}

fn add(shop: &mut Shop, cart: CartId, lines: Vec<NewLine>) -> Result<Arc<Cart>, Refusal> {
    cart_of(shop.run(Command::AddLines { cart: mine(cart), lines, idempotency: None }))
}

fn cart_of(reply: Result<Reply, Refusal>) -> Result<Arc<Cart>, Refusal> {
    match reply? {
        Reply::Cart(cart) | Reply::CartCreated(cart) => Ok(cart),
        other => panic!("not a cart: {other:?}"),
    }
}

fn shops(id: CartId) -> CartRef {
    CartRef { id, access: Access::Operator, if_version: None }
}

/// A cart with so many lines of the most options that one may have.
fn filled(shop: &mut Shop, lines: usize, from: usize) -> CartId {
    let cart = shop.cart(&[]);
    let lines = (from..from + lines).map(|number| engraved(number, MOST_OF_LINE)).collect();
    add(shop, cart, lines).expect("filled").id
}

#[test]
fn the_options_of_a_line_may_have_so_many_bytes_and_not_one_more() {
    let mut shop = shop();
    let cart = shop.cart(&[]);
    assert_eq!(add(&mut shop, cart, vec![engraved(0, MOST_OF_LINE)]).expect("added").text_bytes(), MOST_OF_LINE);
    let lines = vec![engraved(1, 20), engraved(2, MOST_OF_LINE + 1)];
    let refused = Refusal::OptionsTooLarge { index: 1, bytes: MOST_OF_LINE + 1, limit: MOST_OF_LINE };
    assert_eq!(add(&mut shop, cart, lines.clone()).unwrap_err(), refused);
    let (customer, currency, email) = (None, None, None);
    let create =
        Command::CreateCart { token_hash: Some(TOKEN), customer, currency, email, lines, own: None, idempotency: None };
    assert_eq!(shop.run(create).unwrap_err(), refused);
    // Bytes count, not characters.
    let euros = NewLine { options: Options::from([("text".to_owned(), "€".repeat(1_400))]), ..line("PEN", 1) };
    let refused = Refusal::OptionsTooLarge { index: 0, bytes: 4_204, limit: MOST_OF_LINE };
    assert_eq!(add(&mut shop, cart, vec![euros]).unwrap_err(), refused);
}

#[test]
fn a_full_cart_takes_no_more_texts_and_everything_else() {
    let mut shop = shop();
    let cart = filled(&mut shop, 4, 0);
    let refused = Refusal::CartTooHeavy { bytes: MOST + 20, limit: MOST };
    assert_eq!(add(&mut shop, cart, vec![engraved(9, 20)]).unwrap_err(), refused);
    let address = Address { city: "Ba".to_owned(), country: "GB".to_owned(), ..Address::default() };
    let change = Box::new(CartChange { shipping_address: Some(address.into()), ..CartChange::default() });
    let refused = Refusal::CartTooHeavy { bytes: MOST + 4, limit: MOST };
    assert_eq!(shop.run(Command::ChangeCart { cart: mine(cart), change }).unwrap_err(), refused);
    let change = Box::new(CartChange {
        email: Some(EmailAddress::parse("ada@example.com").expect("an address")),
        ..CartChange::default()
    });
    assert!(matches!(
        shop.run(Command::ChangeCart { cart: mine(cart), change }).unwrap_err(),
        Refusal::CartTooHeavy { .. }
    ));
    add(&mut shop, cart, vec![line("PEN", 3)]).expect("no texts");
    add(&mut shop, cart, vec![engraved(0, MOST_OF_LINE)]).expect("one more of the same");
}

#[test]
fn what_is_saved_counts_and_moving_it_costs_nothing() {
    let mut shop = shop();
    let cart = filled(&mut shop, 4, 0);
    let line_id = shop.set.carts.get(&cart).expect("a cart").lines[0].id;
    let saved = cart_of(shop.run(Command::SaveLine { cart: mine(cart), line_id })).expect("saved");
    assert_eq!(saved.text_bytes(), MOST);
    assert!(matches!(add(&mut shop, cart, vec![engraved(9, 20)]).unwrap_err(), Refusal::CartTooHeavy { .. }));
    let back = cart_of(shop.run(Command::RestoreSaved { cart: mine(cart), item_id: line_id })).expect("back");
    assert_eq!((back.text_bytes(), back.lines.len()), (MOST, 4));
}

#[test]
fn a_merge_of_two_carts_that_are_too_heavy_together_is_refused_and_both_stay() {
    let mut shop = shop();
    let guest = filled(&mut shop, 3, 0);
    let lines = (10..12).map(|number| engraved(number, MOST_OF_LINE)).collect();
    let customer = Some("ada".to_owned());
    let create = Command::CreateCart {
        token_hash: None,
        customer,
        currency: None,
        email: None,
        lines,
        own: None,
        idempotency: None,
    };
    let own = cart_of(shop.run(create)).expect("a cart");
    let merge = || Command::MergeCart { guest: mine(guest), customer: "ada".to_owned() };
    let refused = Refusal::CartTooHeavy { bytes: 5 * MOST_OF_LINE, limit: MOST };
    assert_eq!(shop.run(merge()).unwrap_err(), refused);
    assert_eq!(**shop.set.carts.get(&own.id).expect("a cart"), *own);
    // With a line less they fit, and it can be taken back.
    let line_id = own.lines[0].id;
    shop.run(Command::ChangeLine { cart: shops(own.id), line_id, quantity: 0 }).expect("removed");
    assert_eq!(cart_of(shop.run(merge())).expect("merged").text_bytes(), MOST);
    assert_eq!(cart_of(shop.run(Command::UnmergeCart { cart: shops(own.id) })).expect("as before").lines.len(), 1);
}

#[test]
fn a_cart_that_is_heavier_from_before_is_used_shrinks_and_does_not_grow() {
    let mut shop = shop();
    let cart = filled(&mut shop, 4, 0);
    shop.configure(|store| (store.settings.cart_bytes, store.settings.line_options_bytes) = (8_192, 1_000));
    let first = shop.set.carts.get(&cart).expect("a cart").lines[0].id;
    let change = |quantity| Command::ChangeLine { cart: mine(cart), line_id: first, quantity };
    shop.run(change(2)).expect("changed");
    add(&mut shop, cart, vec![line("PEN", 1)]).expect("no texts");
    assert!(matches!(add(&mut shop, cart, vec![engraved(9, 20)]).unwrap_err(), Refusal::CartTooHeavy { .. }));
    shop.run(change(0)).expect("removed");
    let back = cart_of(shop.run(Command::UndoRemoval { cart: mine(cart) })).expect("taken back");
    assert_eq!(back.text_bytes(), 4 * MOST_OF_LINE);
    shop.run(change(0)).expect("removed");
    shop.run(Command::SaveLine { cart: mine(cart), line_id: back.lines[1].id }).expect("saved");
    assert_eq!(shop.set.carts.get(&cart).expect("a cart").text_bytes(), 3 * MOST_OF_LINE);
    assert!(shop.checkout(cart, "k", None).is_ok());
}

#[test]
fn a_customers_next_cart_takes_what_was_saved_however_heavy_it_was() {
    let mut shop = shop();
    let create = |lines| {
        let customer = Some("ada".to_owned());
        Command::CreateCart {
            token_hash: None,
            customer,
            currency: None,
            email: None,
            lines,
            own: None,
            idempotency: None,
        }
    };
    let lines = (0..3).map(|number| engraved(number, MOST_OF_LINE)).collect();
    let cart = cart_of(shop.run(create(lines))).expect("a cart");
    let line_id = cart.lines[0].id;
    shop.run(Command::SaveLine { cart: shops(cart.id), line_id }).expect("saved");
    shop.configure(|store| store.settings.cart_bytes = 1_000);
    shop.run(Command::DeleteCart { cart: shops(cart.id) }).expect("deleted");
    let next = cart_of(shop.run(create(vec![line("PEN", 1)]))).expect("the next");
    assert_eq!((next.detail.saved.len(), next.text_bytes()), (1, MOST_OF_LINE));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The model: bytes go in by adding, stay when moved beside and back, and go out by removing. A merge with an empty cart
    /// brings none, and taking it back gives what was there before.
    #[test]
    fn whatever_is_done_in_which_order_a_cart_has_what_went_in_and_never_more_than_it_may(
        acts in prop::collection::vec((0_u8..7, 0_usize..8, 8_usize..3_000), 1..40),
    ) {
        let mut shop = shop();
        let customer = Some("ada".to_owned());
        let create = Command::CreateCart { token_hash: None, customer, currency: None, email: None, lines: Vec::new(), own: None, idempotency: None };
        let id = cart_of(shop.run(create)).expect("a cart").id;
        let (mut model, mut before_merge) = (0, None);
        for (number, (act, pick, bytes)) in acts.into_iter().enumerate() {
            let cart = shop.set.carts.get(&id).expect("a cart").clone();
            let line = cart.lines.get(pick % cart.lines.len().max(1)).map(|line| line.id);
            let item = cart.detail.saved.get(pick % cart.detail.saved.len().max(1)).map(|item| item.id);
            let named = shops(id);
            let (command, then) = match (act, line, item) {
                (0, Some(line_id), _) => (Command::SaveLine { cart: named, line_id }, model),
                (1, _, Some(item_id)) => (Command::RestoreSaved { cart: named, item_id }, model),
                (2, Some(line_id), _) => {
                    let gone = cart.lines.iter().find(|line| line.id == line_id).expect("a line");
                    let gone: usize = gone.options.iter().map(|(name, value)| name.len() + value.len()).sum();
                    (Command::ChangeLine { cart: named, line_id, quantity: 0 }, model - gone)
                }
                (3, ..) => {
                    let guest = mine(shop.cart(&[]));
                    (Command::MergeCart { guest, customer: "ada".to_owned() }, model)
                }
                (4, ..) if before_merge.is_some() => {
                    (Command::UnmergeCart { cart: named }, before_merge.unwrap_or_default())
                }
                _ => {
                    let lines = vec![engraved(number, bytes)];
                    (Command::AddLines { cart: named, lines, idempotency: None }, model + bytes)
                }
            };
            match shop.run(command) {
                Ok(_) => {
                    before_merge = (act == 3).then_some(model);
                    model = then;
                }
                Err(Refusal::CartTooHeavy { bytes, limit }) => {
                    prop_assert_eq!((bytes, limit), (then, MOST));
                    prop_assert!(bytes > MOST);
                }
                Err(other) => prop_assert!(false, "{other:?}"),
            }
            prop_assert_eq!(shop.set.carts.get(&id).expect("a cart").text_bytes(), model);
            prop_assert!(model <= MOST);
        }
    }
}
