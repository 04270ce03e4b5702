//! `account …`: one's own account. Who has logged in stays so between commands, as the current cart does.

use super::failure::Failure;
use super::recovery::token_of;
use super::screen;
use super::session::Session;
use super::terminal::Terminal;
use cartwright_client::Client;
use cartwright_client::wire::{
    Account, AccountExport, ChangeAccount, ChangePassword, DeleteAccount, GuestCart, LogIn, NewSession, Patch,
    RegisterAccount, SessionKind, Sessions, SetPassword,
};
use clap::{Args, Subcommand};
use serde_json::json;
use uuid::Uuid;

/// `account …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Passwords are read from --password, CARTWRIGHT_PASSWORD or else a line of the standard input. A token is what the mail
shows, or the address around it. Logging in takes the current cart along; commands for shoppers then act as this person.

Examples:
  cartwright account register ada@example.com --name Ada
  cartwright account verify TOKEN-OF-THE-MAIL
  cartwright account login ada@example.com
  cartwright account orders")]
pub enum AccountCommand {
    /// Want an account; a mail tells how to go on.
    Register {
        /// E-mail address.
        email: String,
        /// Name.
        #[arg(long)]
        name: Option<String>,
        /// Language of mails, e.g. de.
        #[arg(long)]
        locale: Option<String>,
    },
    /// Confirm the address and choose a password.
    Verify {
        /// The token of the mail, or its link.
        token: String,
        #[command(flatten)]
        password: Password,
    },
    /// Log in; the goods of the current cart come along.
    Login {
        /// E-mail address.
        email: String,
        #[command(flatten)]
        password: Password,
    },
    /// Log out.
    Logout,
    /// Show the account.
    Show,
    /// Change what it says.
    Change(Change),
    /// List sessions, or end one.
    Sessions {
        /// Ends this one.
        #[arg(long)]
        end: Option<Uuid>,
    },
    /// List one's own orders.
    Orders {
        /// Most orders, the newest first.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Print all that the shop has of you, as JSON.
    Export,
    /// Delete the account; orders stay as the law wants them.
    Delete {
        /// Means it.
        #[arg(long, required = true)]
        yes: bool,
        #[command(flatten)]
        password: Password,
    },
    /// Change the password, or choose another where it is forgotten.
    #[command(subcommand)]
    Password(PasswordCommand),
}

/// What to change; what is not given stays.
#[derive(Args, Clone, Debug)]
pub struct Change {
    /// Name; the empty one takes it off.
    #[arg(long)]
    name: Option<String>,
    /// Telephone; the empty one takes it off.
    #[arg(long)]
    phone: Option<String>,
    /// Language of mails; the empty one takes it off.
    #[arg(long)]
    locale: Option<String>,
    /// Whether you want to be reminded of carts that you left: true or false.
    #[arg(long)]
    marketing: Option<bool>,
}

/// `account password …`
#[derive(Subcommand, Clone, Debug)]
pub enum PasswordCommand {
    /// Change it; all other sessions end.
    Change {
        #[command(flatten)]
        password: Password,
        /// The password from now on; a second line of the standard input unless given.
        #[arg(long, env = "CARTWRIGHT_NEW_PASSWORD", hide_env_values = true)]
        new: Option<String>,
    },
    /// Want a mail with which to choose another.
    Forgot {
        /// E-mail address.
        email: String,
    },
    /// Choose another with the token of the mail; all sessions end.
    Reset {
        /// The token of the mail, or its link.
        token: String,
        #[command(flatten)]
        password: Password,
    },
}

/// A password.
#[derive(Args, Clone, Debug)]
pub struct Password {
    /// The password; a line of the standard input unless given.
    #[arg(long, env = "CARTWRIGHT_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

impl Password {
    fn read(self, what: &str) -> Result<String, Failure> {
        given_or_typed(self.password, what)
    }
}

fn given_or_typed(given: Option<String>, what: &str) -> Result<String, Failure> {
    if let Some(password) = given {
        return Ok(password);
    }
    eprintln!("{what}:");
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    read.map_err(|error| Failure::Usage(format!("no password could be read: {error}")))?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => {
            Err(Failure::Usage("a password is needed: --password, CARTWRIGHT_PASSWORD or a line of input".to_owned()))
        }
        password => Ok(password.to_owned()),
    }
}

fn unless_empty(text: String) -> Patch<String> {
    if text.is_empty() { Patch::Unset } else { Patch::Set(text) }
}

pub(crate) async fn run(command: AccountCommand, terminal: &Terminal) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        AccountCommand::Register { email, name, locale } => {
            client.register(&RegisterAccount { email, name, locale }).await?;
            done(terminal, "registered", "A mail tells how to go on.")
        }
        AccountCommand::Verify { token, password } => {
            let password = password.read("Choose a password")?;
            let chosen = SetPassword { token: token_of(&token).to_owned(), password };
            let confirmed = client.verify_account(&chosen).await?;
            Session::open(terminal)?.remember_device(&confirmed.account.email, &confirmed.device)?;
            done(terminal, "verified", "The account is yours: `cartwright account login` with this password.")
        }
        AccountCommand::Login { email, password } => log_in(email, password.read("Password")?, terminal).await,
        AccountCommand::Logout => log_out(terminal).await,
        AccountCommand::Show => terminal.show(&person(terminal)?.account().await?, account_text),
        AccountCommand::Change(Change { name, phone, locale, marketing }) => {
            let change = ChangeAccount {
                name: name.into(),
                phone: phone.into(),
                locale: locale.map_or(Patch::Keep, unless_empty),
                marketing: marketing.into(),
                addresses: Patch::Keep,
            };
            terminal.show(&person(terminal)?.change_account(&change).await?, account_text)
        }
        AccountCommand::Sessions { end: Some(id) } => {
            person(terminal)?.end_session(id).await?;
            done(terminal, "ended", "The session has ended.")
        }
        AccountCommand::Sessions { end: None } => terminal.show(&person(terminal)?.sessions().await?, sessions_table),
        AccountCommand::Orders { limit } => {
            let orders = person(terminal)?.account_orders().take(limit).await?;
            terminal.show(&orders, |orders| screen::orders(orders))
        }
        AccountCommand::Export => export(&person(terminal)?.export_account().await?, terminal),
        AccountCommand::Delete { yes: _, password } => {
            let password = password.read("Password")?;
            person(terminal)?.delete_account(&DeleteAccount { password }).await?;
            Session::open(terminal)?.forget_login()?;
            done(terminal, "deleted", "The account is deleted.")
        }
        AccountCommand::Password(command) => password(command, terminal).await,
    }
}

async fn password(command: PasswordCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        PasswordCommand::Change { password, new } => {
            let current_password = password.read("The password until now")?;
            let password = given_or_typed(new, "The password from now on")?;
            person(terminal)?.change_password(&ChangePassword { current_password, password }).await?;
            done(terminal, "changed", "The password is changed; all other sessions have ended.")
        }
        PasswordCommand::Forgot { email } => {
            terminal.client.forgot_password(&email).await?;
            done(terminal, "mailed", "A mail tells how to go on.")
        }
        PasswordCommand::Reset { token, password } => {
            let password = password.read("Choose a password")?;
            let token = token_of(&token).to_owned();
            let confirmed = terminal.client.reset_password(&SetPassword { token, password }).await?;
            Session::open(terminal)?.remember_device(&confirmed.account.email, &confirmed.device)?;
            done(terminal, "reset", "The password is chosen; log in with it.")
        }
    }
}

/// The client as the person who has logged in here, whoever else's key is at hand.
fn person(terminal: &Terminal) -> Result<Client, Failure> {
    let login = Session::open(terminal)?.login().map(str::to_owned);
    let login =
        login.ok_or_else(|| Failure::Usage("nobody is logged in: `cartwright account login EMAIL`".to_owned()))?;
    Ok(terminal.with_key(&login)?.client)
}

async fn log_in(email: String, password: String, terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(terminal)?;
    let guest_cart = session.cart().and_then(|cart| Some(GuestCart { id: cart.id, token: Some(cart.token?) }));
    let device = session.device(&email).map(str::to_owned);
    let who = LogIn { email, password, kind: SessionKind::Program, guest_cart, device };
    let begun = terminal.without_key()?.client.log_in(&who).await?;
    let token = begun.token.clone().ok_or_else(|| Failure::Unexpected("the session has no token".to_owned()))?;
    session.remember_login(&token)?;
    if let Some(device) = &begun.device {
        session.remember_device(&who.email, device)?;
    }
    if let Some(problem) = &begun.cart_problem {
        terminal.remark(&format!(
            "The goods of the current cart did not come along: {} [{}]",
            problem.detail, problem.code
        ));
    }
    let cart = match begun.cart.clone() {
        Some(cart) => cart,
        None => terminal.with_key(&token)?.client.account_cart().await?,
    };
    session.remember_cart(&cart)?;
    session.remember_shown(cart.id, cart.totals.total.amount)?;
    // The secret stays in the file.
    let shown = NewSession { token: None, device: None, cart: Some(cart), ..begun };
    terminal.show(&shown, |shown| {
        let cart = shown.cart.as_ref().map(screen::cart).unwrap_or_default();
        format!("Logged in as {} until {}.\n\n{cart}", shown.account.email, shown.expires_at)
    })
}

async fn log_out(terminal: &Terminal) -> Result<(), Failure> {
    let person = person(terminal)?;
    Session::open(terminal)?.forget_login()?;
    match person.log_out().await {
        // A session that has ended by itself is as good.
        Err(error) if matches!(error.code(), Some("unauthorized" | "session_required")) => {}
        other => other?,
    }
    done(terminal, "logged_out", "Logged out.")
}

fn done(terminal: &Terminal, what: &str, text: &str) -> Result<(), Failure> {
    terminal.show(&json!({ what: true }), |_| text.to_owned())
}

fn account_text(account: &Account) -> String {
    let addresses: Vec<String> = account
        .addresses
        .iter()
        .map(|address| format!("{}, {} {}", address.name, address.city, address.country))
        .collect();
    screen::pairs(&[
        ("Address", account.email.clone()),
        ("Name", account.name.clone().unwrap_or_default()),
        ("Telephone", account.phone.clone().unwrap_or_default()),
        ("Language", account.locale.clone().unwrap_or_default()),
        ("Reminders", if account.marketing { "wanted" } else { "not wanted" }.to_owned()),
        ("Role", account.role.clone().unwrap_or_default()),
        ("Sends to", addresses.join("; ")),
        ("Since", account.created_at.clone()),
        ("Id", account.id.to_string()),
    ])
}

fn sessions_table(all: &Sessions) -> String {
    let rows = all.sessions.iter().map(|session| {
        let kind = if session.kind == SessionKind::Browser { "browser" } else { "program" };
        let current = if session.current { "this one" } else { "" };
        let (begun, ends) = (session.created_at.clone(), session.expires_at.clone());
        let used = session.last_used_at.clone().unwrap_or_default();
        vec![session.id.to_string(), kind.to_owned(), begun, used, ends, current.to_owned()]
    });
    screen::table(&["Id", "In a", "Begun", "Last used", "Ends", ""], &[], rows.collect())
}

/// Always JSON: it is for taking along.
fn export(all: &AccountExport, terminal: &Terminal) -> Result<(), Failure> {
    terminal.show(all, |all| serde_json::to_string_pretty(all).unwrap_or_default())
}
