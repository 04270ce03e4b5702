//! Whom a guest's cart may have reminded: whoever reads its address is asked, and says yes to one cart.

use crate::shop::{Shop, mine};
use cartwright_domain::command::{Access, CartChange, CartRef, Command, RecoveryCommand, Reply, StoreChange};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::id::CartId;
use cartwright_domain::mail::{Mail, MailKind};
use cartwright_domain::person::Who;
use cartwright_domain::recovery::{GuestConsent, RecoverySettings, ReplanStep, Visited};
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

/// The plan of a cart after new settings were applied to it.
fn replanned(shop: &mut Shop, cart: CartId, settings: RecoverySettings) -> Option<i64> {
    let mut all = shop.set.config.store.settings.clone();
    all.recovery = settings;
    let change = StoreChange { settings: Some(all), ..StoreChange::default() };
    shop.run(Command::ChangeStore(Box::new(change))).expect("changed");
    assert_eq!(shop.set.people.replans.pop(), Some(ReplanStep::Begin));
    let (after, last) = (Visited::default(), None);
    let replan = RecoveryCommand::Replan { carts: vec![cart], after, last };
    shop.run(Command::Recovery(replan)).expect("planned");
    assert_eq!(shop.set.people.replans.pop(), Some(ReplanStep::Done { after, last }));
    let cart = shop.set.carts.get(&cart).expect("a cart");
    cart.recovery_at().map(|at| (at.0 - cart.updated_at.0) / HOUR)
}

#[test]
fn changed_settings_apply_to_carts_that_were_left_before() {
    let on = RecoverySettings { enabled: true, ..RecoverySettings::default() };
    let off = RecoverySettings::default();
    let mut shop = Shop::with(&[("PEN", 500, 1_000)]);
    let cart = left_cart(&mut shop, "ada@example.com");
    assert_eq!(shop.set.carts.get(&cart).expect("a cart").recovery_at(), None);
    assert_eq!(replanned(&mut shop, cart, on.clone()), Some(1));
    let slow = RecoverySettings { stage_minutes: vec![600, 1_200, 1_800], ..on.clone() };
    assert_eq!(replanned(&mut shop, cart, slow.clone()), Some(10), "counted from the cart's own last change");
    shop.now = shop.now.plus_ms(9 * HOUR);
    assert_eq!(replanned(&mut shop, cart, on.clone()), Some(9), "what is overdue is due now");
    assert_eq!(replanned(&mut shop, cart, off.clone()), None);
    shop.now = shop.now.plus_ms(30 * HOUR);
    assert_eq!(replanned(&mut shop, cart, on.clone()), None, "nobody is reminded now of what was left long ago");
    let young = left_cart(&mut shop, "bea@example.com");
    shop.now = shop.now.plus_ms(100 * HOUR);
    assert_eq!(replanned(&mut shop, young, slow), Some(100), "but a mail that was due comes");
}

#[test]
fn changed_days_apply_to_carts_that_were_left_before() {
    let mut shop = shop();
    let cart = left_cart(&mut shop, "ada@example.com");
    let mut settings = shop.set.config.store.settings.clone();
    settings.guest_cart_days = 7;
    let change = StoreChange { settings: Some(settings), ..StoreChange::default() };
    shop.run(Command::ChangeStore(Box::new(change))).expect("changed");
    let replan = RecoveryCommand::Replan { carts: vec![cart], after: Visited::default(), last: None };
    shop.run(Command::Recovery(replan)).expect("planned");
    let cart = shop.set.carts.get(&cart).expect("a cart");
    assert_eq!(cart.expires_at.0 - cart.updated_at.0, 7 * 24 * HOUR);
}

#[test]
fn whoever_has_bought_with_the_address_is_not_reminded_whatever_name_the_order_has() {
    for by_customer in [false, true] {
        let mut shop = shop();
        shop.configure(|store| store.settings.recovery.guest_consent = GuestConsent::Trusted);
        let left = left_cart(&mut shop, "Ada@Example.com");
        shop.now = shop.now.plus_ms(HOUR / 2);
        // The shop's customer has typed the address; nobody has linked it.
        let customer = by_customer.then_some("c-17");
        let cart = shop.somebodys_cart(Who { customer, email: None }, &[("PEN", 1)]);
        let email = Some(EmailAddress::parse("ada@example.com").expect("an address"));
        let change = Box::new(CartChange { email, ..CartChange::default() });
        let cart = CartRef { access: Access::Operator, ..cart };
        // What operators say of a customer would be a link.
        let cart = match customer {
            Some(customer) => CartRef { access: Access::Customer(customer.to_owned()), ..cart },
            None => cart,
        };
        shop.run(Command::ChangeCart { cart: cart.clone(), change }).expect("told");
        shop.buy(&cart, &[]).expect("an order");
        shop.now = shop.now.plus_ms(2 * HOUR);
        assert!(look(&mut shop, &[left]).is_empty(), "by customer: {by_customer}");
    }
}

#[test]
fn what_a_guest_says_is_not_the_shops_word_after_a_login() {
    let mut shop = shop();
    let guest = left_cart(&mut shop, "victim@example.com");
    let merge = Command::MergeCart { guest: mine(guest), customer: "c-17".to_owned() };
    let Reply::Cart(cart) = shop.run(merge).expect("merged") else { panic!("no cart") };
    assert_eq!((cart.detail.email.as_deref(), cart.detail.email_consent), (Some("victim@example.com"), false));
    shop.configure(|store| store.settings.recovery.guest_consent = GuestConsent::Trusted);
    let guest = left_cart(&mut shop, "ada@example.com");
    let merge = Command::MergeCart { guest: mine(guest), customer: "c-18".to_owned() };
    let Reply::Cart(cart) = shop.run(merge).expect("merged") else { panic!("no cart") };
    assert!(cart.detail.email_consent);
}
