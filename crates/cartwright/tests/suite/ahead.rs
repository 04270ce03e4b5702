//! PostgreSQL writes one batch while the next is decided and waits behind it. Whatever becomes of the first, the second is right or
//! is not there. Left out where the tests run on SQLite, which does not work ahead.

use crate::harness::{Desk, PostgresServer, on_postgres};
use cartwright_engine::{Sent, StorageError, Trouble};

/// Turns after which a writer takes itself to be alone, and some.
const WARM: usize = 6;

impl Desk {
    fn add_to_its_end(&mut self) {
        let add = self.add();
        self.run(add);
    }

    /// Keeps two adds under way until one is lost. Returns of each whether it was written.
    fn add_until_it_fails(&mut self) -> Vec<bool> {
        let add = self.add();
        let (mut told, mut under_way) = (Vec::new(), 0);
        for _ in 0..5_000 {
            match self.send(&add) {
                Ok(Sent::UnderWay) => under_way += 1,
                Ok(Sent::Committed) => told.push(true),
                Err(_) => break,
            }
            if under_way == 2 {
                told.push(self.is_written());
                under_way -= 1;
            }
            if told.last() == Some(&false) {
                break;
            }
        }
        (0..under_way).for_each(|_| told.push(self.is_written()));
        self.writer.rollback();
        told
    }

    fn is_written(&mut self) -> bool {
        match self.writer.land() {
            Ok(()) => true,
            Err(StorageError::Conflict(_) | StorageError::Unavailable(_)) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Pens in the cart, as the database has it.
    fn pens(&self) -> usize {
        self.sql("SELECT lines->0->>'quantity' FROM carts").trim().parse().expect("a number")
    }
}

#[test]
fn what_follows_finds_what_the_first_leaves_before_that_is_written() {
    if !on_postgres() {
        return;
    }
    let mut desk = Desk::new();
    (0..WARM).for_each(|_| desk.add_to_its_end());
    let add = desk.add();
    for round in 1..=100 {
        assert_eq!(desk.send(&add).expect("the first"), Sent::UnderWay, "round {round}");
        assert_eq!(desk.send(&add).expect("the second"), Sent::UnderWay, "round {round}");
        let third = desk.decide(&add);
        assert!(matches!(third, Err(Trouble::Storage(StorageError::Conflict(_)))), "two are enough");
        desk.writer.rollback();
        desk.writer.land().expect("the first is written");
        desk.writer.land().expect("the second is written");
        assert_eq!(desk.pens(), 1 + WARM + 2 * round);
    }
}

#[test]
fn what_follows_comes_to_nothing_where_another_node_had_the_turn_in_between() {
    if !on_postgres() {
        return;
    }
    let mut desk = Desk::new();
    (0..WARM).for_each(|_| desk.add_to_its_end());
    let add = desk.add();
    assert_eq!(desk.send(&add).expect("the first"), Sent::UnderWay);
    let (set, _) = desk.decide(&add).expect("the second is decided");
    desk.writer.land().expect("the first is written");
    desk.sql("UPDATE lanes SET writer = gen_random_uuid(), batch = 1");
    desk.sql("UPDATE carts SET lines = jsonb_set(lines::jsonb, '{0,quantity}', '100')::json, version = version + 1");
    assert_eq!(desk.writer.send(desk.store, set).expect("it is sent"), Sent::UnderWay);
    let told = desk.writer.land();
    assert!(matches!(told, Err(StorageError::Conflict(_))), "{told:?}");
    desk.writer.rollback();
    assert_eq!(desk.pens(), 100);
    desk.add_to_its_end();
    assert_eq!(desk.pens(), 101, "what the other node wrote is read");
}

#[test]
fn two_under_way_are_there_as_they_are_told_wherever_the_line_is_cut() {
    if !on_postgres() {
        return;
    }
    let mut desk = Desk::new();
    let (mut pens, mut lost_both, mut lost_second) = (1, 0, 0);
    for round in 0..60 {
        for _ in 0..WARM {
            desk.add_to_its_end();
            pens += 1;
        }
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE pid <> pg_backend_pid() AND datname = current_database()";
        let name = desk.database_name().to_owned();
        let shears = std::thread::spawn(move || PostgresServer::get().sql(&name, cut));
        let told = desk.add_until_it_fails();
        shears.join().expect("it was cut");
        pens += told.iter().filter(|written| **written).count();
        assert_eq!(desk.pens(), pens, "round {round}, told {told:?}");
        assert!(told.is_sorted_by(|one, next| one >= next), "the second without the first: {told:?}");
        match told.iter().filter(|written| !**written).count() {
            2.. => lost_both += 1,
            1 => lost_second += 1,
            0 => {}
        }
    }
    assert!(lost_both > 0, "the line was never cut with two under way ({lost_second} times with one)");
}
