//! Mails as intents: a decision writes what is to be sent to whom, in the transaction of what it tells of; a worker sends it
//! afterwards. A mail is claimed before it is sent and never sent again once it may have been, so each goes out at most once.

use crate::id::{MailId, Timestamp};

/// How often a mail that was surely not sent is tried.
pub const MOST_TRIES: i64 = 6;
/// How long a claimed mail may be on its way before nobody expects an answer any more: 10 minutes.
pub const CLAIM_MS: i64 = 10 * 60 * 1000;
/// How long a mail that is done with is kept on record: 90 days.
pub const KEEP_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// What a mail says; its template has the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// Confirm your address. Data: `token`.
    VerifyAccount,
    /// Somebody wanted to register with your address, which has an account already.
    AccountExists,
    /// Choose another password. Data: `token`.
    ResetPassword,
    /// Somebody wanted to reset the password of your address, which has no account.
    NoAccount,
    /// Your password was changed.
    PasswordChanged,
    /// You may help to run this shop. Data: `token`, `role`.
    OperatorInvited,
    /// Somebody wants reminders of a cart to your address: is it you? Data: `cart_id`; `token` is added when it is sent.
    ConfirmReminders,
    /// You have left a cart. Data: `cart_id`, `items` (`name`, `quantity`), `more`; `token` is added when it is sent.
    CartReminder1,
    /// The same, once more. Data as before, and `code` where the cart is worth one.
    CartReminder2,
    /// The same, for the last time.
    CartReminder3,
}

impl MailKind {
    /// All kinds.
    pub const ALL: [MailKind; 10] = [
        MailKind::VerifyAccount,
        MailKind::AccountExists,
        MailKind::ResetPassword,
        MailKind::NoAccount,
        MailKind::PasswordChanged,
        MailKind::OperatorInvited,
        MailKind::ConfirmReminders,
        MailKind::CartReminder1,
        MailKind::CartReminder2,
        MailKind::CartReminder3,
    ];

    /// Its name in the database and of its template.
    pub fn as_str(self) -> &'static str {
        match self {
            MailKind::VerifyAccount => "verify_account",
            MailKind::AccountExists => "account_exists",
            MailKind::ResetPassword => "reset_password",
            MailKind::NoAccount => "no_account",
            MailKind::PasswordChanged => "password_changed",
            MailKind::OperatorInvited => "operator_invited",
            MailKind::ConfirmReminders => "confirm_reminders",
            MailKind::CartReminder1 => "cart_reminder_1",
            MailKind::CartReminder2 => "cart_reminder_2",
            MailKind::CartReminder3 => "cart_reminder_3",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<MailKind> {
        MailKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The reminder of a stage, from 1 on.
    pub fn reminder(stage: u8) -> MailKind {
        match stage {
            0 | 1 => MailKind::CartReminder1,
            2 => MailKind::CartReminder2,
            _ => MailKind::CartReminder3,
        }
    }

    /// Whether it is about a cart that was left: nobody must get it, and it brings a link that is made when it is sent.
    pub fn is_about_cart(self) -> bool {
        self == MailKind::ConfirmReminders || self.reminder_stage().is_some()
    }

    /// The stage that it reminds of, if it is a reminder.
    pub fn reminder_stage(self) -> Option<u8> {
        match self {
            MailKind::CartReminder1 => Some(1),
            MailKind::CartReminder2 => Some(2),
            MailKind::CartReminder3 => Some(3),
            _ => None,
        }
    }
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// To be sent at `due_at`.
    Waiting,
    /// Claimed by a worker; it may have been sent. At `due_at` nobody expects an answer any more.
    Sending,
    /// The mail server has taken it.
    Sent,
    /// It was surely not sent, and is not tried again.
    Failed,
    /// Nobody learned whether it was sent; it is not tried again.
    Unknown,
}

impl MailState {
    /// All states.
    pub const ALL: [MailState; 5] =
        [MailState::Waiting, MailState::Sending, MailState::Sent, MailState::Failed, MailState::Unknown];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            MailState::Waiting => "waiting",
            MailState::Sending => "sending",
            MailState::Sent => "sent",
            MailState::Failed => "failed",
            MailState::Unknown => "unknown",
        }
    }
}

/// A mail to be sent, or that was.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// Identity.
    pub id: MailId,
    /// To which address, in its normal form: by it the mails of a person are found.
    pub recipient: String,
    /// What it says.
    pub kind: MailKind,
    /// Language, e.g. `de`; the store's unless given.
    pub locale: Option<String>,
    /// What its template is filled with; emptied when the mail is done with, since links in it open accounts.
    pub data: serde_json::Value,
    /// How far it has come.
    pub state: MailState,
    /// How often it was claimed.
    pub tries: i64,
    /// When somebody has to look at it.
    pub due_at: Option<Timestamp>,
    /// When it was wanted.
    pub created_at: Timestamp,
}

/// Languages that a store may have own words in, for each kind of mail.
pub const MOST_LOCALES: usize = 50;

/// A store's own words for a kind of mail in one language: templates that are filled when the mail is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTemplate {
    /// Which mails.
    pub kind: MailKind,
    /// Language, e.g. `de` or `pt-BR`.
    pub locale: String,
    /// One line.
    pub subject: String,
    /// For mail programs that show text.
    pub text: String,
    /// For those that show HTML; made of the text where there is none.
    pub html: Option<String>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is to become of a store's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateChange {
    /// They are these.
    Put(MailTemplate),
    /// There are none of this kind in this language.
    Remove(MailKind, String),
}

/// What became of an attempt to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailOutcome {
    /// The mail server has taken it.
    Sent,
    /// It was surely not sent; later it may be.
    NotSent,
    /// The mail server refuses it for good.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// How long to wait before the next try, after so many: 30 s, 2 min, 8 min, ….
pub fn pause_ms(tries: i64) -> i64 {
    30_000 << (2 * (tries - 1).clamp(0, 6))
}
