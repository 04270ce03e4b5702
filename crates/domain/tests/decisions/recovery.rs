//! Whom a guest's cart may have reminded: whoever reads its address is asked, and says yes to one cart.

use crate::shop::{Shop, mine};
use cartwright_domain::command::{CartChange, Command, RecoveryCommand, Reply};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::id::CartId;
use cartwright_domain::mail::{Mail, MailKind};
use std::sync::Arc;

const HOUR: i64 = 3_600_000;

fn shop() -> Shop {
    let mut shop = Shop::with(&[("PEN", 500, 1_000)]);
    shop.configure(|store| store.settings.recovery.enabled = true);
    shop
}

fn left_cart(shop: &mut Shop, address: &str) -> CartId {
    let cart = shop.cart(&[("PEN", 1)]);
    let email = Some(EmailAddress::parse(address).expect("an address"));
    let change = Box::new(CartChange { email, email_consent: Some(true), ..CartChange::default() });
    shop.run(Command::ChangeCart { cart: mine(cart), change }).expect("changed");
    cart
}

/// Looks at the carts that are due, and answers the mails that are written.
fn look(shop: &mut Shop, carts: &[CartId]) -> Vec<Arc<Mail>> {
    let known: Vec<_> = shop.set.people.mails.rows().map(|(id, _)| *id).collect();
    for cart_id in carts {
        shop.run(Command::Recovery(RecoveryCommand::Recover { cart_id: *cart_id, code: "SOME-CODE".into() }))
            .expect("looked");
    }
    let rows = shop.set.people.mails.rows().filter(|(id, _)| !known.contains(id));
    rows.map(|(_, mail)| mail.clone()).collect()
}

fn about(mail: &Mail) -> CartId {
    CartId(mail.data["cart_id"].as_str().expect("a cart").parse().expect("an id"))
}

fn say_yes(shop: &mut Shop, mail: &Mail) {
    let confirm = RecoveryCommand::Confirm { cart_id: about(mail), mail_id: mail.id };
    assert!(matches!(shop.run(Command::Recovery(confirm)), Ok(Reply::Done)));
}

#[test]
fn a_yes_is_to_one_cart_and_a_strangers_newer_one_neither_uses_nor_silences_it() {
    let mut shop = shop();
    let own = left_cart(&mut shop, "ada@example.com");
    shop.now = shop.now.plus_ms(2 * HOUR);
    let question = look(&mut shop, &[own]).pop().expect("a question");
    assert_eq!((question.kind, about(&question)), (MailKind::ConfirmReminders, own));
    say_yes(&mut shop, &question);
    let strangers = left_cart(&mut shop, "Ada@Example.com");
    shop.now = shop.now.plus_ms(2 * HOUR);
    let mails = look(&mut shop, &[strangers, own]);
    let reminded: Vec<CartId> =
        mails.iter().filter(|mail| mail.kind.reminder_stage().is_some()).map(|mail| about(mail)).collect();
    assert_eq!(reminded, [own]);
    // The stranger's is asked for by itself, once, and nothing comes of it.
    let asked: Vec<CartId> =
        mails.iter().filter(|mail| mail.kind == MailKind::ConfirmReminders).map(|mail| about(mail)).collect();
    assert_eq!(asked, [strangers]);
    for _ in 0..20 {
        shop.now = shop.now.plus_ms(24 * HOUR);
        let mails = look(&mut shop, &[strangers, own]);
        assert!(mails.iter().all(|mail| about(mail) == own), "{mails:?}");
    }
}

#[test]
fn another_address_is_to_be_asked_anew() {
    let mut shop = shop();
    let cart = left_cart(&mut shop, "ada@example.com");
    shop.now = shop.now.plus_ms(2 * HOUR);
    let question = look(&mut shop, &[cart]).pop().expect("a question");
    say_yes(&mut shop, &question);
    let email = Some(EmailAddress::parse("eve@example.com").expect("an address"));
    let change = Box::new(CartChange { email, email_consent: Some(true), ..CartChange::default() });
    shop.run(Command::ChangeCart { cart: mine(cart), change }).expect("changed");
    shop.now = shop.now.plus_ms(2 * HOUR);
    let mail = look(&mut shop, &[cart]).pop().expect("a question");
    assert_eq!((mail.kind, mail.recipient.as_str()), (MailKind::ConfirmReminders, "eve@example.com"));
}

#[test]
fn all_tags_of_a_mailbox_are_counted_as_one() {
    let mut shop = shop();
    let carts: Vec<CartId> = (0..12).map(|tag| left_cart(&mut shop, &format!("ada+{tag}@example.com"))).collect();
    shop.now = shop.now.plus_ms(2 * HOUR);
    let most = usize::from(shop.set.config.store.settings.mails_per_address) / 2;
    assert_eq!(look(&mut shop, &carts).len(), most);
    // They take nothing from the mailbox itself.
    let plain = left_cart(&mut shop, "ada@example.com");
    shop.now = shop.now.plus_ms(2 * HOUR);
    assert_eq!(look(&mut shop, &[plain]).len(), 1);
}
