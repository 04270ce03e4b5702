//! `operators …`, `keys …` over HTTP, and `audit`: who runs the shop, and what they did.

use super::ClientOptions;
use super::failure::Failure;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::wire::{AuditEntry, Key, KeyInput, Operator, OperatorInput, Role};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use std::process::ExitCode;
use uuid::Uuid;

/// `operators …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright operators put ada@example.com --role staff     # invited by mail, unless she has an account
  cartwright operators put ada@example.com --role none      # takes the role")]
pub enum OperatorsCommand {
    /// List people with a role.
    List,
    /// Give a role, or take it.
    Put {
        /// E-mail address.
        email: String,
        /// What they may do.
        #[arg(long)]
        role: RoleOrNone,
    },
}

/// `persons …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright persons export ada@example.com > ada.json
  cartwright persons erase ada@example.com --yes      # placed orders stay, as the law wants them")]
pub enum PersonsCommand {
    /// Write all that is kept of whoever has an address, as JSON.
    Export {
        /// E-mail address.
        email: String,
    },
    /// Erase whoever has an address. It cannot be undone.
    Erase {
        /// E-mail address.
        email: String,
        /// Really.
        #[arg(long, required = true)]
        yes: bool,
    },
}

/// What somebody may do.
#[derive(ValueEnum, Clone, Copy, Debug)]
#[value(rename_all = "snake_case")]
pub enum RoleOrNone {
    /// Look, change nothing.
    ReadOnly,
    /// The daily work.
    Staff,
    /// Everything.
    Owner,
    /// Nothing any more.
    None,
}

/// `audit`
#[derive(Args, Clone, Debug)]
pub struct AuditCommand {
    /// Most entries, the newest first.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

/// `keys …` against a running server.
pub enum KeysOverHttp {
    /// All of the store.
    List,
    /// A new one.
    Create(KeyInput),
    /// One withdrawn.
    Revoke(Uuid),
}

pub(crate) async fn operators(command: OperatorsCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        OperatorsCommand::List => {
            let all = terminal.client.operators().await?;
            terminal.show(&all, |all| operators_table(&all.operators))
        }
        OperatorsCommand::Put { email, role } => {
            let role = match role {
                RoleOrNone::ReadOnly => Some(Role::ReadOnly),
                RoleOrNone::Staff => Some(Role::Staff),
                RoleOrNone::Owner => Some(Role::Owner),
                RoleOrNone::None => None,
            };
            let operator = terminal.client.put_operator(&OperatorInput { email, role }).await?;
            terminal.show(&operator, |operator| operators_table(std::slice::from_ref(operator)))
        }
    }
}

pub(crate) async fn persons(command: PersonsCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        PersonsCommand::Export { email } => {
            let all = terminal.client.export_person(&email).await?;
            terminal.show(&all, |all| serde_json::to_string_pretty(all).unwrap_or_default())
        }
        PersonsCommand::Erase { email, yes: _ } => {
            terminal.client.erase_person(&email).await?;
            terminal.show(&json!({ "erased": email }), |_| "Erased. Placed orders stay.".to_owned())
        }
    }
}

pub(crate) async fn audit(command: AuditCommand, terminal: &Terminal) -> Result<(), Failure> {
    let entries = terminal.client.audit_log().take(command.limit).await?;
    terminal.show(&entries, |entries| audit_table(entries))
}

/// Keys of the store, asked of a running server.
pub async fn keys_over_http(command: KeysOverHttp, options: ClientOptions) -> ExitCode {
    let work = async {
        let terminal = Terminal::open(&options)?;
        let client = &terminal.client;
        match command {
            KeysOverHttp::List => {
                let all = client.keys().await?;
                let of = |at: usize| if all.keys[at].all_stores { ALL } else { terminal.store() }.to_owned();
                terminal.show(&all, |all| keys_table(&all.keys, of))
            }
            KeysOverHttp::Create(key) => {
                let made = client.create_key(&key).await?;
                terminal.show(&made, |key| key.secret.clone().unwrap_or_default())
            }
            KeysOverHttp::Revoke(id) => {
                client.revoke_key(id).await?;
                terminal.show(&json!({ "revoked": id }), |_| "It opens nothing any more.".to_owned())
            }
        }
    };
    match work.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => Failure::tell(&failure, &options),
    }
}

fn operators_table(operators: &[Operator]) -> String {
    let rows = operators.iter().map(|operator| {
        let confirmed = if operator.verified { "confirmed" } else { "invited" };
        let role = operator.role.clone().unwrap_or_else(|| "none".to_owned());
        vec![operator.email.clone(), operator.name.clone().unwrap_or_default(), role, confirmed.to_owned()]
    });
    screen::table(&["Address", "Name", "Role", "Address is"], &[], rows.collect())
}

/// What a key opens that is limited to no store.
pub const ALL: &str = "all stores";

/// Keys, as people read them; `of` tells what each opens.
pub fn keys_table(keys: &[Key], of: impl Fn(usize) -> String) -> String {
    let rows = keys.iter().zip(0..).map(|(key, at)| {
        let state = match (&key.revoked_at, key.ended) {
            (Some(_), _) => "withdrawn",
            (None, true) => "ended",
            (None, false) => "opens",
        };
        let [made, used, ends] =
            [&key.created_at, &key.last_used_at, &key.expires_at].map(|at| at.clone().unwrap_or_default());
        let (id, limits) = (key.id.to_string(), key.scopes.join(" "));
        vec![id, key.name.clone(), of(at), key.role.clone(), limits, made, used, ends, state.to_owned()]
    });
    let heads = ["Id", "Name", "For", "Role", "Limited to", "Made", "Last used", "Ends", "State"];
    screen::table(&heads, &[], rows.collect())
}

fn audit_table(entries: &[AuditEntry]) -> String {
    if entries.is_empty() {
        return "Nothing.".to_owned();
    }
    let rows = entries.iter().map(|entry| {
        let AuditEntry { at, actor, operation, subject, outcome, .. } = entry.clone();
        vec![at, actor, operation, subject, outcome]
    });
    screen::table(&["When", "Who", "What", "To what", "Outcome"], &[], rows.collect())
}
