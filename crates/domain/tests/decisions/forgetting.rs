//! Forgetting people: what stays the customer's, and under which name mails stand.

use crate::shop::{Shop, address};
use cartwright_domain::command::{Access, CartChange, CartRef, Command, ForgetCommand, RecoveryCommand, Reply};
use cartwright_domain::person::{Who, spellings};
use cartwright_domain::recovery::{GuestConsent, RecoverySettings};

#[test]
fn a_cart_that_kept_what_was_saved_forgets_the_customer_once_that_has_moved_on() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let ada = Who { customer: Some("ada"), email: None };
    let named = |shop: &mut Shop| CartRef {
        access: Access::Customer("ada".to_owned()),
        ..shop.somebodys_cart(ada, &[("PEN", 1)])
    };
    let old = named(&mut shop);
    let line_id = shop.set.carts.get(&old.id).expect("a cart").lines[0].id;
    shop.run(Command::SaveLine { cart: old.clone(), line_id }).expect("saved");
    shop.run(Command::DeleteCart { cart: old.clone() }).expect("ended");
    shop.run(Command::Forget(ForgetCommand::Carts(vec![old.id]))).expect("forgotten");
    let cart = shop.set.carts.get(&old.id).expect("a cart");
    assert_eq!((cart.customer.as_deref(), cart.detail.saved.len()), (Some("ada"), 1));
    let new = named(&mut shop);
    assert_eq!(shop.set.carts.get(&new.id).expect("a cart").detail.saved.len(), 1);
    let cart = shop.set.carts.get(&old.id).expect("a cart");
    assert_eq!((cart.customer.as_deref(), cart.detail.saved.len()), (None, 0));
}

#[test]
fn a_reminder_stands_under_the_normal_form_of_its_address() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    shop.configure(|store| {
        store.settings.recovery =
            RecoverySettings { enabled: true, guest_consent: GuestConsent::Trusted, ..RecoverySettings::default() };
    });
    let typed = "JOS\u{c9}@M\u{dc}LLER.example";
    let cart = shop.somebodys_cart(Who { customer: None, email: Some(typed) }, &[("PEN", 1)]);
    let change = Box::new(CartChange { email_consent: Some(true), ..CartChange::default() });
    shop.run(Command::ChangeCart { cart: cart.clone(), change }).expect("wanted");
    shop.now = shop.now.plus_ms(60 * 60 * 1_000);
    shop.run(Command::Recovery(RecoveryCommand::Recover { cart_id: cart.id, code: "X".to_owned() })).expect("due");
    let recipients: Vec<&str> = shop.set.people.mails.rows().map(|(_, mail)| mail.recipient.as_str()).collect();
    assert_eq!(recipients, [address(typed).plain()]);
    assert!(spellings("Jos\u{e9}@m\u{fc}ller.example").iter().any(|form| form == recipients[0]));
}

#[test]
fn who_is_to_go_is_told_with_the_instant_that_bounds_it() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let before = shop.cart(&[("PEN", 1)]);
    shop.now = shop.now.plus_ms(1);
    let Ok(Reply::Erasing(erasure)) =
        shop.run(Command::Forget(ForgetCommand::Begin { email: "ada@example.com".to_owned() }))
    else {
        panic!("nobody is to go")
    };
    let after = shop.cart(&[("PEN", 1)]);
    assert_eq!(erasure.begun_at, shop.now);
    assert!(before.0 < erasure.first_id_after() && erasure.first_id_after() < after.0);
}
