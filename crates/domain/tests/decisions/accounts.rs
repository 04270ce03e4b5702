//! Accounts and mails: what opens what, and for how long.

use crate::shop::{Shop, address};
use cartwright_domain::account::{Account, NewSecret, Purpose, Role, SESSION_MS, SecretHash, SessionKind};
use cartwright_domain::command::{AccountCommand, Command, MailCommand, Reply};
use cartwright_domain::id::{AccountId, MailId};
use cartwright_domain::mail::{CLAIM_MS, MOST_TRIES, MailKind, MailOutcome, MailState};
use cartwright_domain::refusal::Refusal;
use std::sync::Arc;

const ADA: &str = "ada@example.com";

fn secret(number: u8) -> NewSecret {
    NewSecret { text: format!("secret {number}"), hash: [number; 32] }
}

fn run(shop: &mut Shop, command: AccountCommand) -> Result<Reply, Refusal> {
    shop.run(Command::Account(command))
}

fn register(shop: &mut Shop, number: u8) {
    let command = AccountCommand::Register { email: address(ADA), name: None, locale: None, secret: secret(number) };
    run(shop, command).expect("registered");
}

fn set_password(shop: &mut Shop, number: u8, purpose: Purpose) -> Result<Arc<Account>, Refusal> {
    let command = AccountCommand::SetPassword { token: [number; 32], purpose, password: format!("hash {number}") };
    match run(shop, command)? {
        Reply::Account(account) => Ok(account),
        other => panic!("{other:?}"),
    }
}

fn log_in(shop: &mut Shop, account: AccountId, password: &str, session: SecretHash) -> Result<Reply, Refusal> {
    let kind = SessionKind::Program;
    let seen_password = password.to_owned();
    run(shop, AccountCommand::LogIn { account, seen_password, session, kind, ends: None })
}

fn is_open(shop: &Shop, id: AccountId, session: SecretHash) -> bool {
    let account = shop.set.people.accounts.get(&id).expect("an account");
    shop.set.people.sessions.get(&session).is_some_and(|session| session.opens(account, shop.now))
}

#[test]
fn a_mailed_secret_works_once_in_time_and_for_its_purpose() {
    let mut shop = Shop::with(&[]);
    register(&mut shop, 1);
    assert_eq!(set_password(&mut shop, 1, Purpose::Reset).unwrap_err(), Refusal::TokenInvalid);
    assert_eq!(set_password(&mut shop, 9, Purpose::Verify).unwrap_err(), Refusal::TokenInvalid);
    register(&mut shop, 2);
    let account = set_password(&mut shop, 2, Purpose::Verify).expect("confirmed");
    assert!(account.verified_at.is_some());
    // Used, and whatever else was mailed before.
    for number in [1, 2] {
        assert_eq!(set_password(&mut shop, number, Purpose::Verify).unwrap_err(), Refusal::TokenInvalid);
    }
    let forgot = |number| AccountCommand::ForgotPassword { email: address(ADA), secret: secret(number) };
    run(&mut shop, forgot(3)).expect("mailed");
    shop.now = shop.now.plus_ms(Purpose::Reset.lasts_ms());
    assert_eq!(set_password(&mut shop, 3, Purpose::Reset).unwrap_err(), Refusal::TokenInvalid);
    run(&mut shop, forgot(4)).expect("mailed");
    set_password(&mut shop, 4, Purpose::Reset).expect("reset");
}

#[test]
fn sessions_end_by_time_by_log_out_and_with_the_password() {
    let mut shop = Shop::with(&[]);
    register(&mut shop, 1);
    let id = set_password(&mut shop, 1, Purpose::Verify).expect("confirmed").id;
    assert_eq!(log_in(&mut shop, id, "hash 7", [20; 32]).unwrap_err(), Refusal::CredentialsWrong);
    let (one, other, third) = ([21; 32], [22; 32], [23; 32]);
    for session in [one, other, third] {
        log_in(&mut shop, id, "hash 1", session).expect("logged in");
    }
    run(&mut shop, AccountCommand::EndSession { session: third }).expect("ended");
    assert_eq!([one, other, third].map(|session| is_open(&shop, id, session)), [true, true, false]);
    let change = AccountCommand::ChangePassword {
        account: id,
        seen_password: "hash 1".to_owned(),
        password: "hash 2".to_owned(),
        keeps: one,
    };
    run(&mut shop, change).expect("changed");
    assert_eq!([one, other].map(|session| is_open(&shop, id, session)), [true, false]);
    shop.now = shop.now.plus_ms(SESSION_MS);
    assert!(!is_open(&shop, id, one));
}

#[test]
fn mails_to_other_tags_of_a_mailbox_are_few_and_keep_its_owner_from_nothing() {
    const TAGGED: &str = "ada+shop@example.com";
    let mut shop = Shop::with(&[]);
    let command = AccountCommand::Register { email: address(TAGGED), name: None, locale: None, secret: secret(1) };
    run(&mut shop, command).expect("registered");
    set_password(&mut shop, 1, Purpose::Verify).expect("confirmed");
    let most = usize::from(shop.set.config.store.settings.mails_per_address);
    for tag in 0..30 {
        let email = address(&format!("ada+{tag}@example.com"));
        run(&mut shop, AccountCommand::ForgotPassword { email, secret: secret(100 + tag) }).expect("as ever");
    }
    let written = |shop: &Shop| shop.set.people.mails.rows().count();
    assert_eq!(written(&shop), most, "the registration was one of them");
    for email in [TAGGED, ADA] {
        let before = written(&shop);
        run(&mut shop, AccountCommand::ForgotPassword { email: address(email), secret: secret(2) }).expect("mailed");
        assert_eq!(written(&shop), before + 1, "{email}");
    }
    set_password(&mut shop, 2, Purpose::Reset).expect("reset");
}

#[test]
fn who_goes_leaves_the_address_and_who_comes_is_somebody_else() {
    let mut shop = Shop::with(&[]);
    register(&mut shop, 1);
    let id = set_password(&mut shop, 1, Purpose::Verify).expect("confirmed").id;
    log_in(&mut shop, id, "hash 1", [21; 32]).expect("logged in");
    let close = |password: &str| AccountCommand::Close { account: id, seen_password: Some(password.to_owned()) };
    assert_eq!(run(&mut shop, close("hash 7")).unwrap_err(), Refusal::CredentialsWrong);
    run(&mut shop, close("hash 1")).expect("gone");
    assert!(!is_open(&shop, id, [21; 32]));
    let row = shop.set.people.accounts.get(&id).expect("a row");
    assert!(!format!("{row:?}").contains("ada") && row.password.is_none());
    assert_eq!(log_in(&mut shop, id, "hash 1", [22; 32]).unwrap_err(), Refusal::CredentialsWrong);
    register(&mut shop, 2);
    assert_ne!(set_password(&mut shop, 2, Purpose::Verify).expect("confirmed").id, id);
}

#[test]
fn a_role_given_to_an_unconfirmed_address_voids_what_was_mailed_before() {
    let mut shop = Shop::with(&[]);
    register(&mut shop, 1);
    let give = |role, by, number| AccountCommand::SetRole { email: address(ADA), role, by, secret: secret(number) };
    run(&mut shop, give(Some(Role::Staff), None, 2)).expect("invited");
    assert_eq!(set_password(&mut shop, 1, Purpose::Verify).unwrap_err(), Refusal::TokenInvalid);
    let account = set_password(&mut shop, 2, Purpose::Verify).expect("confirmed");
    assert_eq!(account.role, Some(Role::Staff));
    let own = run(&mut shop, give(Some(Role::Owner), Some(account.id), 3));
    assert!(matches!(own, Err(Refusal::Conflict { .. })), "{own:?}");
    run(&mut shop, give(None, None, 4)).expect("taken");
    assert_eq!(run(&mut shop, give(None, None, 5)).unwrap_err(), Refusal::OperatorNotFound);
}

fn register_as(shop: &mut Shop, name: &str, number: u8) {
    let (name, locale) = (Some(name.to_owned()), Some("de".to_owned()));
    let command = AccountCommand::Register { email: address(ADA), name, locale, secret: secret(number) };
    run(shop, command).expect("registered");
}

#[test]
fn whoever_confirms_an_address_takes_nothing_from_who_typed_it_before() {
    let mut shop = Shop::with(&[]);
    register_as(&mut shop, "Mallory", 1);
    register_as(&mut shop, "Ada", 2);
    assert_eq!(set_password(&mut shop, 1, Purpose::Verify).unwrap_err(), Refusal::TokenInvalid);
    let account = set_password(&mut shop, 2, Purpose::Verify).expect("confirmed");
    assert_eq!(account.profile.name.as_deref(), Some("Ada"));
    // Once it is confirmed nobody changes it by registering.
    register_as(&mut shop, "Mallory", 3);
    let kept = shop.set.people.accounts.get(&account.id).expect("there");
    assert_eq!((kept.profile.name.as_deref(), kept.generation), (Some("Ada"), account.generation));
}

#[test]
fn neither_a_reset_nor_a_role_takes_over_what_a_stranger_told() {
    for (number, command) in [
        (2, AccountCommand::ForgotPassword { email: address(ADA), secret: secret(2) }),
        (3, AccountCommand::SetRole { email: address(ADA), role: Some(Role::Staff), by: None, secret: secret(3) }),
    ] {
        let mut shop = Shop::with(&[]);
        register_as(&mut shop, "Mallory", 1);
        run(&mut shop, command).expect("mailed");
        assert_eq!(set_password(&mut shop, 1, Purpose::Verify).unwrap_err(), Refusal::TokenInvalid);
        let account = set_password(&mut shop, number, Purpose::Verify).expect("confirmed");
        assert_eq!((&account.profile.name, &account.profile.locale), (&None, &None));
    }
}

#[test]
fn a_stranger_who_registers_an_invited_address_neither_voids_the_invitation_nor_names_the_operator() {
    let mut shop = Shop::with(&[]);
    let invite = AccountCommand::SetRole { email: address(ADA), role: Some(Role::Staff), by: None, secret: secret(1) };
    run(&mut shop, invite).expect("invited");
    register_as(&mut shop, "Mallory", 2);
    let account = set_password(&mut shop, 1, Purpose::Verify).expect("confirmed");
    assert_eq!((&account.profile.name, account.role), (&None, Some(Role::Staff)));
}

fn only_mail(shop: &Shop) -> MailId {
    *shop.set.people.mails.rows().next().expect("a mail").0
}

fn state(shop: &Shop, id: MailId) -> MailState {
    shop.set.people.mails.get(&id).expect("a mail").state
}

fn claim(shop: &mut Shop, id: MailId) -> Option<i64> {
    match shop.run(Command::Mail(MailCommand::Claim(id))).expect("an answer") {
        Reply::Mail(mail) => Some(mail.tries),
        _ => None,
    }
}

fn settle(shop: &mut Shop, id: MailId, tries: i64, outcome: MailOutcome) {
    shop.run(Command::Mail(MailCommand::Settle { id, tries, outcome })).expect("an answer");
}

#[test]
fn a_mail_is_claimed_by_one_and_given_up_where_nobody_knows() {
    let mut shop = Shop::with(&[]);
    register(&mut shop, 1);
    let id = only_mail(&shop);
    assert_eq!(shop.set.people.mails.get(&id).expect("a mail").kind, MailKind::VerifyAccount);
    assert_eq!((claim(&mut shop, id), claim(&mut shop, id)), (Some(1), None));
    shop.now = shop.now.plus_ms(CLAIM_MS);
    assert_eq!((claim(&mut shop, id), state(&shop, id)), (None, MailState::Unknown));
    // Who was thought dead changes nothing.
    settle(&mut shop, id, 1, MailOutcome::NotSent);
    assert_eq!((claim(&mut shop, id), state(&shop, id)), (None, MailState::Unknown));
    assert_eq!(shop.set.people.mails.get(&id).expect("a mail").data, serde_json::json!({}));
}

#[test]
fn a_mail_that_was_surely_not_sent_is_tried_again_for_a_while() {
    let mut shop = Shop::with(&[]);
    register(&mut shop, 1);
    let id = only_mail(&shop);
    for tries in 1..=MOST_TRIES {
        assert_eq!(claim(&mut shop, id), Some(tries));
        settle(&mut shop, id, tries, MailOutcome::NotSent);
        assert_eq!(claim(&mut shop, id), None, "not at once");
        shop.now = shop.now.plus_ms(24 * 60 * 60 * 1000);
    }
    assert_eq!((claim(&mut shop, id), state(&shop, id)), (None, MailState::Failed));
}
