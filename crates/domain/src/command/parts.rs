//! The commands of parts of the shop: recorded money, accounts, mails, the inbox of gateways, and the recovery of carts.

use super::Idempotency;
use crate::account::{NewSecret, ProfileChange, Purpose, Role, SecretHash, SessionKind, UsedSecret};
use crate::email::EmailAddress;
use crate::forget::Erasure;
use crate::id::{AccountId, CartId, MailId, OrderId, RefundId};
use crate::inbox::{InboxKey, Notice};
use crate::mail::{MailOutcome, TemplateChange};
use crate::outside::{Books, MoneyRecord, ReturnedLine, UnmatchedPayment};
use crate::recovery::Visited;

/// What changes accounts, sessions, operators and keys. Passwords are hashed.
#[derive(Clone, Debug)]
pub enum AccountCommand {
    /// Wants an account for an address. Answered alike whether it has one; the mail tells.
    Register {
        /// The address.
        email: EmailAddress,
        /// Name.
        name: Option<String>,
        /// Language of mails.
        locale: Option<String>,
        /// For the link in the mail.
        secret: NewSecret,
    },
    /// Wants another password. Answered alike whether the address is known; the mail tells.
    ForgotPassword {
        /// The address.
        email: EmailAddress,
        /// For the link in the mail.
        secret: NewSecret,
    },
    /// Sets a password with a mailed secret, which confirms the address; all sessions end.
    SetPassword {
        /// The secret's hash.
        token: SecretHash,
        /// What it must have been mailed for.
        purpose: Purpose,
        /// Argon2id hash in PHC form.
        password: String,
    },
    /// Begins a session, always a new one.
    LogIn {
        /// Whose.
        account: AccountId,
        /// The hash with which the password was compared.
        seen_password: String,
        /// Hash of the session's secret.
        session: SecretHash,
        /// Where it is used.
        kind: SessionKind,
        /// A session that ends with it.
        ends: Option<SecretHash>,
    },
    /// Ends a session.
    EndSession {
        /// Hash of its secret.
        session: SecretHash,
    },
    /// Changes the password; all other sessions end.
    ChangePassword {
        /// Whose.
        account: AccountId,
        /// The hash with which the present password was compared.
        seen_password: String,
        /// Argon2id hash of the new one in PHC form.
        password: String,
        /// The session that stays.
        keeps: SecretHash,
    },
    /// Changes what a person tells of itself.
    ChangeProfile {
        /// Whose.
        account: AccountId,
        /// What to set.
        change: Box<ProfileChange>,
    },
    /// Deletes a person's data. Orders stay.
    Close {
        /// Whose.
        account: AccountId,
        /// The hash with which the password was compared; none where the shop erases the person.
        seen_password: Option<String>,
    },
    /// Makes somebody an operator, changes what they may do, or takes it.
    SetRole {
        /// Their address.
        email: EmailAddress,
        /// The role; `None` takes it.
        role: Option<Role>,
        /// Who does it, where that is an account.
        by: Option<AccountId>,
        /// For the link in the mail, where the address has to be confirmed.
        secret: NewSecret,
    },
    /// Makes a key of the store.
    CreateKey {
        /// Hash of its secret.
        hash: SecretHash,
        /// Name for people.
        name: String,
        /// What it may do.
        role: Role,
        /// The only things it may do; empty for all that the role may.
        scopes: Vec<String>,
        /// How long it opens, milliseconds; `None` for until it is withdrawn.
        lasts_ms: Option<i64>,
    },
    /// Withdraws a key of the store.
    RevokeKey {
        /// Hash of its secret.
        hash: SecretHash,
    },
    /// Withdraws a key for all stores, which no store has. Whether there is one is the caller's to ask.
    RevokeKeyOfAll {
        /// Hash of its secret.
        hash: SecretHash,
    },
    /// Writes down that a secret was used.
    NoteUse(UsedSecret),
    /// Changes nothing: carries an entry of the log of what operators did, where no other command does.
    Note,
    /// Forgets sessions and mailed secrets that have ended, and mails that were done with long ago.
    ForgetEnded,
}

/// What an operator records of money that comes and goes past every gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManualCommand {
    /// Money came.
    Paid {
        /// Minor units.
        amount: i64,
        /// Where it is found outside.
        reference: String,
        /// What becomes of what is still missing after it.
        rest: Rest,
    },
    /// The money of a refund was sent back.
    SentBack {
        /// The refund.
        refund_id: RefundId,
        /// Where it is found outside.
        reference: String,
    },
}

/// What becomes of the part of an order's money that has not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rest {
    /// It is still to be paid.
    #[default]
    Awaited,
    /// The shop does without it.
    Waived,
}

/// What becomes of mails.
#[derive(Clone, Debug)]
pub enum MailCommand {
    /// Takes a mail that is due; the reply has it only if it is to be sent now, by nobody else.
    Claim(MailId),
    /// Takes in what became of a claimed mail.
    Settle {
        /// The mail.
        id: MailId,
        /// Which try it was.
        tries: i64,
        /// What became of it.
        outcome: MailOutcome,
    },
    /// Puts or removes the store's own words for a kind of mail; the caller has tried whether they can be filled.
    Template(TemplateChange),
}

/// What becomes of events of payment gateways.
#[derive(Clone, Debug)]
pub enum InboxCommand {
    /// Keeps an event, unless it is kept already.
    Receive {
        /// Which.
        key: InboxKey,
        /// The order it names.
        order_id: OrderId,
        /// What it says.
        notice: Notice,
    },
    /// Its order has heard of it.
    Finish(InboxKey),
    /// Its order is not known yet, or the gateway was silent: later.
    PutOff {
        /// Which.
        key: InboxKey,
        /// How often it had been put off before.
        tries: i64,
    },
    /// Forgets events that were done with before this instant.
    Forget {
        /// The instant.
        before: crate::id::Timestamp,
    },
}

/// What becomes of abandoned carts.
#[derive(Clone, Debug)]
pub enum RecoveryCommand {
    /// Reminds of a cart, if it is due and its shopper may be written to.
    Recover {
        /// The cart.
        cart_id: CartId,
        /// A fresh code that nobody guesses, in case the cart is worth one.
        code: String,
    },
    /// Opens a cart on another device; the caller has checked the link.
    Restore {
        /// The cart.
        cart_id: CartId,
        /// Hash of the device's secret.
        token_hash: SecretHash,
    },
    /// No more mails about a cart; the caller has checked the link.
    Dismiss {
        /// The cart.
        cart_id: CartId,
    },
    /// No more reminders to the address of a mail; the caller has checked the link.
    Unsubscribe {
        /// The cart of the mail.
        cart_id: CartId,
        /// The mail.
        mail_id: MailId,
    },
    /// Whoever reads the address of a mail wants to be reminded; the caller has checked the link.
    Confirm {
        /// The cart of the mail.
        cart_id: CartId,
        /// The mail.
        mail_id: MailId,
    },
    /// Plans open carts anew, and when they expire: settings have changed since they have.
    Replan {
        /// The carts.
        carts: Vec<CartId>,
        /// The last one that was done before.
        after: Visited,
        /// The last of these; `None` where no others are left.
        last: Option<Visited>,
    },
    /// Changes the secret with which the store signs links.
    ChangeSecret(SecretChange),
}

/// What becomes of a secret as it is kept, which is sealed outside of here. One that stands otherwise by now is left alone.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretChange {
    /// As it stands; `None` where there must be none yet.
    pub from: Option<String>,
    /// As it is to stand; `None` to remove it.
    pub to: Option<String>,
}

/// Shows nothing of the secret: commands are written to logs.
impl std::fmt::Debug for SecretChange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretChange(…)")
    }
}

/// About money that moves without us.
#[derive(Clone, Debug)]
pub enum MoneyCommand {
    /// Takes in a provider's books of an order's payment.
    TakeBooks {
        /// The order.
        order_id: OrderId,
        /// The books.
        books: Books,
    },
    /// Records money of an order that left by other means, or that is not there.
    Record {
        /// The order.
        order_id: OrderId,
        /// What is recorded.
        record: MoneyRecord,
        /// The request may come twice.
        idempotency: Idempotency,
    },
    /// Puts units that were refunded back on the shelf.
    Restock {
        /// The order.
        order_id: OrderId,
        /// Which.
        lines: Vec<ReturnedLine>,
        /// The request may come twice.
        idempotency: Idempotency,
    },
    /// Keeps how a payment without an order was dealt with; the last word counts.
    DealWith(UnmatchedPayment),
}

/// About people who are to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForgetCommand {
    /// Carts that ended long ago forget whose they were.
    Carts(Vec<CartId>),
    /// Carts of a person who is to go: open ones end with it.
    ErasedCarts(Vec<CartId>),
    /// Orders that came to nothing forget whose they were.
    Orders(Vec<OrderId>),
    /// A person without an account is to go.
    Begin {
        /// The address.
        email: String,
    },
    /// Nothing is left of a person who was to go.
    End(Box<Erasure>),
}
