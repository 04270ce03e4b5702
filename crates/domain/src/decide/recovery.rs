//! Decisions about abandoned carts: remind, restore by a link, dismiss, unsubscribe. The mail is written in the transaction that
//! notes its stage, so there is one at most for each; before it goes out, the claim looks once more whether it is still wanted.

use super::cart::{loaded, need_cart, need_variant};
use super::write::{weigh, write_told};
use super::{Context, holds, mails, persons};
use crate::account::{Account, SecretHash, plain_email};
use crate::cart::{Cart, CartStatus};
use crate::command::{RecoveryCommand, Reply};
use crate::coupon::{Coupon, normalise_code};
use crate::email::{EmailAddress, counted_email};
use crate::event::{EventKind, Subject};
use crate::id::{AccountId, CartId, MailId, PromotionId, Timestamp};
use crate::mail::{Mail, MailKind};
use crate::mailbox::{Asked, Mailbox, Turn};
use crate::person::spellings;
use crate::quoting::currencies;
use crate::recovery::{CODE_STAGE, GuestConsent, MOST_SHOWN, Reminder, ReplanStep, Stopped};
use crate::refusal::Refusal;
use crate::store::StoreConfig;
use crate::working_set::{Keys, WorkingSet};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn need(command: &RecoveryCommand, set: &WorkingSet, keys: &mut Keys) {
    match command {
        RecoveryCommand::Recover { cart_id, .. } => {
            need_recipient(*cart_id, set, keys);
            need_mailbox(*cart_id, set, keys);
            let lines = loaded(*cart_id, set).into_iter().flat_map(|cart| cart.lines.iter().take(MOST_SHOWN));
            lines.for_each(|line| need_variant(line.variant_id, set, keys));
        }
        RecoveryCommand::Restore { cart_id, .. } | RecoveryCommand::Dismiss { cart_id } => {
            need_cart(*cart_id, set, keys);
        }
        RecoveryCommand::Unsubscribe { cart_id, mail_id } => {
            need_cart(*cart_id, set, keys);
            need_address(*cart_id, *mail_id, set, keys);
        }
        RecoveryCommand::Confirm { cart_id, mail_id } => {
            need_cart(*cart_id, set, keys);
            match set.people.mails.knows(mail_id).then(|| set.people.mails.get(mail_id)).flatten() {
                Some(mail) => mails::need_mailbox(&plain_email(&mail.recipient), set, keys),
                None if !set.people.mails.knows(mail_id) => drop(keys.people.mails.insert(*mail_id)),
                None => {}
            }
        }
        RecoveryCommand::Replan { carts, .. } => carts.iter().for_each(|id| need_cart(*id, set, keys)),
        RecoveryCommand::ChangeSecret(_) => {}
    }
}

/// The cart, and what says whether its shopper may be written to.
pub(super) fn need_recipient(cart_id: CartId, set: &WorkingSet, keys: &mut Keys) {
    need_cart(cart_id, set, keys);
    let Some(cart) = loaded(cart_id, set) else { return };
    match account_id(cart) {
        Some(id) if !set.people.accounts.knows(&id) => {
            keys.people.accounts.insert(id);
        }
        _ => {}
    }
    if let Some(email) = cart.detail.email.as_deref() {
        need_unsubscribed(email, set, keys);
    }
    persons::need_orders(cart.who(), set, keys);
    if let Some(address) = reminded_address(cart, set) {
        keys.people.bought.extend(Some(address).filter(|address| !set.people.bought.knows(address)));
    }
}

/// To which address, in its normal form, mails about a cart go, as far as it is known yet.
fn reminded_address(cart: &Cart, set: &WorkingSet) -> Option<String> {
    let account = match account_id(cart) {
        Some(id) if !set.people.accounts.knows(&id) => return None,
        Some(id) => set.people.accounts.get(&id),
        None => None,
    };
    account.map(|account| account.email.as_str()).or(cart.detail.email.as_deref()).map(plain_email)
}

/// What is known of the address to which mails about a cart go, once it is known which that is.
fn need_mailbox(cart_id: CartId, set: &WorkingSet, keys: &mut Keys) {
    if let Some(address) = loaded(cart_id, set).and_then(|cart| reminded_address(cart, set)) {
        mails::need_mailbox(&address, set, keys);
    }
}

fn need_unsubscribed(email: &str, set: &WorkingSet, keys: &mut Keys) {
    let missing = |form: &String| !set.people.unsubscribed.knows(form);
    keys.people.unsubscribed.extend(spellings(email).into_iter().filter(missing));
}

fn has_unsubscribed(email: &str, set: &WorkingSet) -> bool {
    spellings(email).iter().any(|form| set.people.unsubscribed.get(form).is_some())
}

/// Whether its shopper has bought since the cart last changed: under whatever name, or with another cart that has the address to
/// which a mail would go. Then nobody is to be reminded of it.
fn has_bought_since(cart: &Cart, set: &WorkingSet) -> bool {
    let by_address = || reminded_address(cart, set).and_then(|address| set.people.bought.get(&address).map(|at| **at));
    let is_since = |at: Timestamp| at > cart.updated_at;
    persons::last_live_order(cart.who(), set).is_some_and(is_since) || by_address().is_some_and(is_since)
}

/// The mail, and who has its address.
fn need_address(cart_id: CartId, mail_id: MailId, set: &WorkingSet, keys: &mut Keys) {
    if !set.people.mails.knows(&mail_id) {
        keys.people.mails.insert(mail_id);
        return;
    }
    if set.people.mails.get(&mail_id).is_none() {
        need_recipient(cart_id, set, keys);
    }
    let Some(email) = address(cart_id, mail_id, set) else { return };
    need_unsubscribed(&email, set, keys);
    persons::need_owner(&email, set, keys);
}

pub(super) fn decide(command: &RecoveryCommand, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    match command {
        RecoveryCommand::Recover { cart_id, code } => {
            let reached = recover(*cart_id, code, set, context);
            Ok(reached.map_or(Reply::Done, Reply::Cart))
        }
        RecoveryCommand::Restore { cart_id, token_hash } => restore(*cart_id, *token_hash, set, context.now),
        RecoveryCommand::Dismiss { cart_id } => {
            stop(*cart_id, Stopped::Dismissed, set);
            // Whoever has come by a link is done with it too.
            if let Some(cart) = set.carts.edit(cart_id) {
                cart.close_devices();
            }
            Ok(Reply::Done)
        }
        RecoveryCommand::Unsubscribe { cart_id, mail_id } => {
            unsubscribe(*cart_id, *mail_id, set, context.now);
            stop(*cart_id, Stopped::Unsubscribed, set);
            Ok(Reply::Done)
        }
        RecoveryCommand::Confirm { cart_id, mail_id } => confirm(*cart_id, *mail_id, set, context.now),
        RecoveryCommand::Replan { carts, after, last } => {
            let changed = carts.iter().filter_map(|id| replan(*id, set, context.now)).collect();
            set.people.replans.push(ReplanStep::Done { after: *after, last: *last });
            Ok(Reply::Replanned(changed))
        }
        RecoveryCommand::ChangeSecret(change) => {
            set.people.link_secrets.push(change.clone());
            Ok(Reply::Done)
        }
    }
}

fn account_id(cart: &Cart) -> Option<AccountId> {
    cart.customer.as_deref()?.parse().ok().map(AccountId)
}

fn account_of<'a>(cart: &Cart, set: &'a WorkingSet) -> Option<&'a Arc<Account>> {
    set.people.accounts.get(&account_id(cart)?)
}

/// To whom a mail about a cart goes.
struct Recipient {
    address: EmailAddress,
    /// Its language; the store's unless known.
    locale: Option<String>,
    /// Whether it was said to be theirs by whoever filled the cart alone.
    by_guest: bool,
}

/// The shopper of a cart, if it may be written to: an account says so itself and has confirmed its address; everybody else has
/// consented with the cart, and has not unsubscribed.
fn recipient(cart: &Cart, set: &WorkingSet) -> Option<Recipient> {
    if has_bought_since(cart, set) {
        return None;
    }
    if let Some(account) = account_of(cart, set) {
        let wanted = account.profile.marketing && account.verified_at.is_some();
        let address = EmailAddress::parse(&account.email).ok().filter(|_| wanted)?;
        return Some(Recipient { address, locale: account.profile.locale.clone(), by_guest: false });
    }
    // Of its own customers the shop speaks, with its key.
    let by_guest = cart.customer.is_none();
    if by_guest && set.config.store.settings.recovery.guest_consent == GuestConsent::None {
        return None;
    }
    let email = cart.detail.email.as_deref().filter(|_| cart.detail.email_consent)?;
    let address = EmailAddress::parse(email).ok()?;
    (!has_unsubscribed(email, set)).then_some(Recipient { address, locale: None, by_guest })
}

/// Whether a mail about a cart that was written is still to be sent. Other mails always are.
pub(super) fn is_wanted(mail: &Mail, set: &WorkingSet) -> bool {
    let Some(cart_id) = reminded_cart(mail) else { return true };
    let Some(cart) = set.carts.get(&cart_id) else { return false };
    let waits = match mail.kind.reminder_stage() {
        Some(stage) => cart.waits_at(stage),
        None => cart.is_open() && cart.detail.recovery.as_ref().is_none_or(|recovery| recovery.stopped.is_none()),
    };
    waits && recipient(cart, set).is_some_and(|to| to.address.plain() == plain_email(&mail.recipient))
}

/// The cart that a mail is about.
pub(super) fn reminded_cart(mail: &Mail) -> Option<CartId> {
    mail.kind.is_about_cart().then_some(())?;
    mail.data.get("cart_id")?.as_str()?.parse().ok().map(CartId)
}

/// Takes a cart that is due one stage further, and returns it. Asked again or too early, it does nothing.
fn recover(cart_id: CartId, code: &str, set: &mut WorkingSet, context: &mut Context) -> Option<Arc<Cart>> {
    let now = context.now;
    let cart = set.carts.get(&cart_id).cloned()?;
    if cart.recovery_at().is_none_or(|due| due > now) || cart.is_expired(now) {
        return None;
    }
    let config = set.config.clone();
    let settings = &config.store.settings.recovery;
    let recipient = recipient(&cart, set).filter(|_| settings.enabled && !cart.lines.is_empty());
    let Some(to) = recipient else {
        look_again(cart_id, None, set);
        return None;
    };
    let awake = settings.awake(now, &config.store.settings.time_zone);
    if awake > now {
        look_again(cart_id, Some(awake), set);
        return None;
    }
    if to.by_guest && settings.guest_consent == GuestConsent::Confirmed && !cart.detail.email_confirmed {
        ask(cart_id, &to, set, context);
        return None;
    }
    let held_out = settings.holds_out(cart_id);
    if let (false, Some(when)) = (held_out, not_now(cart_id, &to, set, now)) {
        look_again(cart_id, when, set);
        return None;
    }
    let stage = reach_next_stage(&cart, held_out, &config, set, now);
    let mail_id = (!held_out).then(|| {
        let mut data = contents(&cart, set);
        if let Some(code) = personal_code(&cart, stage, code, &config, set) {
            data["code"] = Value::String(code);
        }
        mails::write(to.address.plain(), MailKind::reminder(stage), to.locale, data, set, context)
    });
    set.people.reminders.push(Reminder { cart_id, stage, mail_id, at: now });
    set.carts.get(&cart_id).cloned()
}

fn mailbox(to: &Recipient, set: &WorkingSet) -> Mailbox {
    mails::mailbox(to.address.plain(), set)
}

/// Counts a reminder of this cart, unless it is to wait until the instant that is answered, or for ever.
fn not_now(cart_id: CartId, to: &Recipient, set: &mut WorkingSet, now: Timestamp) -> Option<Option<Timestamp>> {
    let config = set.config.clone();
    let mut known = mailbox(to, set);
    let turn = known.turn(cart_id, &config.store.settings.recovery, now);
    set.people.mailboxes.put(to.address.plain().to_owned(), known);
    match turn {
        Turn::Never => Some(None),
        Turn::At(when) => Some(Some(when)),
        Turn::Now => match admits(to, set, now) {
            Ok(()) => {
                change_mailbox(to, set, |known| known.remind(cart_id, now));
                None
            }
            Err(free_at) => Some(Some(free_at)),
        },
    }
}

/// Counts a mail about a cart, or says when there is room for one.
fn admits(to: &Recipient, set: &mut WorkingSet, now: Timestamp) -> Result<(), Timestamp> {
    let counted_as = counted_email(to.address.plain());
    let admitted = mails::admits(&counted_as, Asked::Cart, set, now);
    if admitted { Ok(()) } else { Err(mails::free_at(&counted_as, Asked::Cart, set, now)) }
}

fn change_mailbox(to: &Recipient, set: &mut WorkingSet, change: impl FnOnce(&mut Mailbox)) {
    let mut known = mailbox(to, set);
    change(&mut known);
    set.people.mailboxes.put(to.address.plain().to_owned(), known);
}

/// Asks whoever reads an address, once, whether they want to be reminded of a cart. Until they say so nothing comes of it.
fn ask(cart_id: CartId, to: &Recipient, set: &mut WorkingSet, context: &mut Context) {
    let now = context.now;
    let mut again = None;
    if !mailbox(to, set).is_asked(now) {
        match admits(to, set, now) {
            Ok(()) => {
                change_mailbox(to, set, |known| known.ask(now));
                let data = json!({ "cart_id": cart_id.0 });
                mails::write(to.address.plain(), MailKind::ConfirmReminders, to.locale.clone(), data, set, context);
            }
            Err(free_at) => again = Some(free_at),
        }
    }
    look_again(cart_id, again, set);
}

/// Whoever reads the address of a mail wants to be reminded of its cart. That says nothing of others with the same address:
/// anybody may have filled them.
fn confirm(cart_id: CartId, mail_id: MailId, set: &mut WorkingSet, now: Timestamp) -> Result<Reply, Refusal> {
    let asked = |mail: &&Arc<Mail>| mail.kind == MailKind::ConfirmReminders;
    let address = set.people.mails.get(&mail_id).filter(asked).map(|mail| plain_email(&mail.recipient));
    let address = address.ok_or(Refusal::TokenInvalid)?;
    let mut known = mails::mailbox(&address, set);
    known.confirm();
    set.people.mailboxes.put(address.clone(), known);
    let settings = set.config.store.settings.recovery.clone();
    let of_address = |cart: &Cart| cart.detail.email.as_deref().is_some_and(|email| plain_email(email) == address);
    let waits = |cart: &Cart| cart.is_open() && !cart.detail.email_confirmed && of_address(cart);
    if set.carts.get(&cart_id).is_some_and(|cart| waits(cart))
        && let Some(cart) = set.carts.edit(&cart_id)
    {
        cart.detail.email_confirmed = true;
        cart.plan_recovery(&settings, now);
        cart.version += 1;
    }
    Ok(Reply::Done)
}

/// Moves the time at which a cart is looked at; nothing that anybody sees.
fn look_again(cart_id: CartId, at: Option<Timestamp>, set: &mut WorkingSet) {
    if let Some(cart) = set.carts.edit(&cart_id)
        && let Some(recovery) = cart.detail.recovery.as_mut()
    {
        recovery.next_at = at;
        cart.version += 1;
    }
}

/// Applies settings that have changed since an open cart has; nothing that anybody sees.
fn replan(cart_id: CartId, set: &mut WorkingSet, now: Timestamp) -> Option<Arc<Cart>> {
    let config = set.config.clone();
    let settings = &config.store.settings;
    let known = set.carts.get(&cart_id).filter(|cart| cart.is_open()).cloned()?;
    let mut cart = (*known).clone();
    cart.expires_at = settings.cart_expiry(cart.updated_at, cart.customer.is_some());
    cart.replan(&settings.recovery, now);
    if cart == *known {
        return None;
    }
    cart.version += 1;
    set.carts.put(cart_id, cart);
    set.carts.get(&cart_id).cloned()
}

/// Notes the stage, marks the cart, plans the one after. The distance to it never shrinks below half of what is set, so that
/// a server that was down for days does not send all mails at once.
fn reach_next_stage(cart: &Cart, held_out: bool, config: &StoreConfig, set: &mut WorkingSet, now: Timestamp) -> u8 {
    let settings = &config.store.settings.recovery;
    let done = cart.detail.recovery.as_ref().map_or(0, |recovery| recovery.stage);
    let stage = done + 1;
    let delay = settings.delay_ms(stage).filter(|_| !held_out);
    holds::let_go(cart.id, set);
    let next_at = delay.map(|delay| {
        let distance = delay - settings.delay_ms(done).unwrap_or(0);
        cart.updated_at.plus_ms(delay).max(now.plus_ms(distance / 2))
    });
    if let Some(row) = set.carts.edit(&cart.id) {
        let recovery = row.detail.recovery.get_or_insert_default();
        (recovery.stage, recovery.next_at, recovery.held_out) = (stage, next_at, held_out);
        let was_open = row.status;
        row.status = CartStatus::Abandoned;
        row.version += 1;
        let data = json!({ "version": row.version });
        if was_open == CartStatus::Active {
            set.tell(Subject::Cart(cart.id), EventKind::CartAbandoned, data);
        }
    }
    stage
}

/// What the mail shows: names only, since prices may be others when it is read.
fn contents(cart: &Cart, set: &WorkingSet) -> Value {
    let shown = cart.lines.iter().take(MOST_SHOWN);
    let items: Vec<Value> = shown
        .filter_map(|line| {
            let variant = set.variants.get(&line.variant_id)?;
            Some(json!({ "name": variant.name(), "quantity": line.quantity }))
        })
        .collect();
    json!({ "cart_id": cart.id.0, "more": cart.lines.len().saturating_sub(items.len()), "items": items })
}

/// A code for one order, where the goods are worth it and the promotion is there and needs one.
fn personal_code(cart: &Cart, stage: u8, code: &str, config: &StoreConfig, set: &mut WorkingSet) -> Option<String> {
    let settings = &config.store.settings.recovery;
    let worth_it = stage == CODE_STAGE && settings.is_high(cart.captured_value(), cart.currency);
    let id: PromotionId = settings.promotion_id.filter(|_| worth_it)?;
    let promotion = config.promotion(id)?;
    if !promotion.active || !promotion.requires_code || !promotion.counts_in(currencies(cart, config)) {
        return None;
    }
    let code = normalise_code(code);
    set.coupons.put(code.clone(), Coupon { promotion_id: id, max_uses: Some(1), uses: 0, bulk: true });
    Some(code)
}

/// Opens a cart on another device. Those on which it is open already stay so.
fn restore(cart_id: CartId, token: SecretHash, set: &mut WorkingSet, now: Timestamp) -> Result<Reply, Refusal> {
    let mut cart = set.carts.get(&cart_id).ok_or(Refusal::CartNotFound)?.as_ref().clone();
    cart.is_there(now)?;
    if !cart.is_open() {
        // Whose order it became is not the link's to tell.
        return Err(Refusal::CartClosed { status: cart.status.as_str(), order_id: None });
    }
    if cart.customer.is_some() {
        return Err(Refusal::LogInFirst);
    }
    cart.open_on(token);
    let undo = cart.detail.undo.take();
    let data = json!({ "cause": "restored" });
    Ok(Reply::Cart(write_told(weigh(cart, set)?, undo, EventKind::CartChanged, data, set, now)))
}

/// Also where the cart is closed: a payment may fail, and then it is open again.
fn stop(cart_id: CartId, why: Stopped, set: &mut WorkingSet) {
    if let Some(cart) = set.carts.edit(&cart_id) {
        let recovery = cart.detail.recovery.get_or_insert_default();
        recovery.stopped = Some(why);
        recovery.next_at = None;
        cart.version += 1;
    }
}

/// To which address a mail went, in its normal form. Of one that is no longer on record it is the one that the cart has.
fn address(cart_id: CartId, mail_id: MailId, set: &WorkingSet) -> Option<String> {
    let mail = set.people.mails.get(&mail_id).map(|mail| mail.recipient.as_str());
    let of_cart = || {
        let cart = set.carts.get(&cart_id)?;
        account_of(cart, set).map(|account| account.email.as_str()).or(cart.detail.email.as_deref())
    };
    mail.or_else(of_cart).map(plain_email)
}

/// The address gets no reminders any more; its account takes the consent back, and may give it anew.
fn unsubscribe(cart_id: CartId, mail_id: MailId, set: &mut WorkingSet, now: Timestamp) {
    let Some(email) = address(cart_id, mail_id, set) else { return };
    if let Some(id) = persons::owner(&email, set).map(|account| account.id)
        && let Some(account) = set.people.accounts.edit(&id)
    {
        account.profile.marketing = false;
        account.updated_at = now;
    }
    set.people.unsubscribed.put(email, now);
}
