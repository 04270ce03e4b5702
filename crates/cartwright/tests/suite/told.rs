//! A node that has not had the turn for a while asks log and ledger what the others have changed, and keeps what it knows of all
//! the rest. Whatever they do, and in whatever order, it decides on what is there. Left out where the tests run on SQLite, which
//! has one node only.

use crate::harness::{Desk, Dice, PENS, PostgresServer, on_postgres, program, run};
use cartwright_domain::command::{Command, Reply, StockChange};
use cartwright_domain::id::CartId;
use cartwright_domain::stock::Cause;
use std::collections::HashMap;

/// What is in the cart now, by the answer.
fn pens_of(reply: &Reply) -> i64 {
    match reply {
        Reply::Cart(cart) | Reply::CartCreated(cart) => cart.lines.iter().map(|line| line.quantity).sum(),
        other => panic!("a cart: {other:?}"),
    }
}

/// So many pens come in. Returns how many are on the shelf then.
fn receive(desk: &mut Desk, quantity: i64) -> i64 {
    let change = StockChange { sku: "PEN".to_owned(), cause: Cause::Receive, quantity, reason: String::new() };
    match desk.run(Command::AdjustStock { changes: vec![change], idempotency: None }) {
        Reply::Stock(stock) => stock[0].1.on_hand,
        other => panic!("stock: {other:?}"),
    }
}

/// Puts another product: a change that stands in the turn, and not in log and ledger.
fn new_goods(desk: &mut Desk) {
    desk.run(Command::UpsertProduct(Box::new(crate::harness::engine::goods("INK", 900, None))));
}

#[test]
fn whoever_has_the_turn_decides_on_what_the_others_have_left() {
    if !on_postgres() {
        return;
    }
    let mut dice = Dice::new();
    for round in 0..4 {
        let first = Desk::new();
        let (mut carts, mut on_hand) = (HashMap::from([(first.cart, 1)]), PENS);
        let mut desks = [first.beside(), first.beside(), first];
        let mut last = 0;
        for step in 0..250 {
            // Often the same again, so that it takes itself to be alone.
            if dice.roll(3) == 0 {
                last = dice.roll(3) as usize;
            }
            let desk = &mut desks[last];
            match dice.roll(12) {
                0 => drop(carts.insert(desk.open_cart(), 1)),
                1 | 2 => {
                    on_hand += 5;
                    assert_eq!(receive(desk, 5), on_hand, "round {round}, step {step}");
                }
                3 if step % 5 == 0 => new_goods(desk),
                _ => {
                    let mut ids: Vec<CartId> = carts.keys().copied().collect();
                    ids.sort();
                    let id = ids[dice.roll(ids.len() as u64) as usize];
                    let pens = carts.entry(id).or_default();
                    *pens += 1;
                    assert_eq!(pens_of(&desk.run(desk.add_to(id))), *pens, "round {round}, step {step}");
                }
            }
        }
        let url = PostgresServer::get().url(desks[0].database_name());
        run(&mut program(&["verify", "--database", &url])).good();
    }
}

#[test]
fn what_a_node_of_an_older_version_has_changed_is_found_though_newer_ones_wrote_since() {
    if !on_postgres() {
        return;
    }
    let mut one = Desk::new();
    let (mut other, cart) = (one.beside(), one.cart);
    let elsewhere = other.open_cart();
    assert_eq!(pens_of(&one.run(one.add_to(cart))), 2);
    // It leaves its token and tells nothing.
    one.sql("UPDATE carts SET lines = jsonb_set(lines::jsonb, '{0,quantity}', '100')::json WHERE lines->0->>'quantity' = '2'");
    one.sql("UPDATE lanes SET writer = gen_random_uuid(), batch = 1");
    for pens in 2..5 {
        assert_eq!(pens_of(&other.run(other.add_to(elsewhere))), pens);
    }
    assert_eq!(pens_of(&one.run(one.add_to(cart))), 101);
}

#[test]
fn what_was_told_and_is_forgotten_since_is_read_anew() {
    if !on_postgres() {
        return;
    }
    let mut one = Desk::new();
    let (mut other, cart) = (one.beside(), one.cart);
    for pens in 2..8 {
        let desk = if pens % 2 == 0 { &mut one } else { &mut other };
        assert_eq!(pens_of(&desk.run(desk.add_to(cart))), pens);
    }
    assert_eq!(pens_of(&one.run(one.add_to(cart))), 8);
    assert_eq!(pens_of(&other.run(other.add_to(cart))), 9);
    one.sql("DELETE FROM events WHERE sequence = (SELECT max(sequence) FROM events)");
    assert_eq!(pens_of(&one.run(one.add_to(cart))), 10);
}
