//! Stores of the installation.

use super::failure::Failure;
use super::terminal::Terminal;
use super::{fields, screen};
use cartwright_client::wire::{Store, StoreInput, StorePatch};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};

/// `stores …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright stores list
  cartwright stores create retail --currency GBP --name 'British retail' --host shop.example
  cartwright stores set retail locale=en-GB recovery.enabled=true
  cartwright stores show retail
  cartwright --store retail products")]
pub enum StoresCommand {
    /// List all stores.
    List,
    /// Show a store with its settings.
    Show {
        /// Its handle.
        handle: String,
    },
    /// Create a store; of one that is there, set what is stated.
    Create(NewStore),
    /// Change some settings of a store; all others stay.
    #[command(after_help = fields::HELP)]
    Set(SetStore),
}

/// `stores create`
#[derive(Args, Clone, Debug)]
pub struct NewStore {
    /// Its name in --store and in the header Cartwright-Store: lower-case letters, digits, hyphens.
    handle: String,
    /// Currency (ISO 4217); a new store needs one, and it cannot be changed later.
    #[arg(long)]
    currency: Option<String>,
    #[command(flatten)]
    stated: Stated,
    /// Settings as JSON; those that are absent stay, or take their defaults.
    #[arg(long)]
    settings: Option<String>,
}

/// `stores set`
#[derive(Args, Clone, Debug)]
pub struct SetStore {
    /// The store's handle.
    handle: String,
    /// Settings to set, such as locale=de-DE.
    fields: Vec<String>,
    #[command(flatten)]
    stated: Stated,
}

/// What can be said of a store besides its settings.
#[derive(Args, Clone, Debug)]
struct Stated {
    /// Its name for people; that of a new one is its handle unless given.
    #[arg(long)]
    name: Option<String>,
    /// Host names that lead to it; those it has, unless given.
    #[arg(long = "host")]
    hosts: Vec<String>,
    /// No host leads to it any more.
    #[arg(long, conflicts_with = "hosts")]
    no_hosts: bool,
}

impl Stated {
    fn hosts(&self) -> Option<Vec<String>> {
        (self.no_hosts || !self.hosts.is_empty()).then(|| self.hosts.clone())
    }
}

pub(crate) async fn run(command: StoresCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        StoresCommand::List => {
            let all = terminal.client.stores().await?;
            terminal.show(&all, |all| list_text(&all.stores))
        }
        StoresCommand::Show { handle } => {
            let store = terminal.client.store(&handle).await?;
            terminal.show(&store, store_text)
        }
        StoresCommand::Create(new) => {
            let store = terminal.client.put_store(&input_of(new)?).await?;
            terminal.show(&store, |store| list_text(std::slice::from_ref(store)))
        }
        StoresCommand::Set(SetStore { handle, fields, stated }) => {
            let settings = fields::object(&fields)?;
            if settings.is_empty() && stated.name.is_none() && stated.hosts().is_none() {
                return Err(Failure::Usage("name what to set: NAME=VALUE, --name, --host or --no-hosts".to_owned()));
            }
            let settings = (!settings.is_empty()).then_some(Value::Object(settings));
            let hosts = stated.hosts().into();
            let patch = StorePatch { name: stated.name, hosts, settings: settings.into() };
            let store = terminal.client.change_store(&handle, &patch).await?;
            terminal.show(&store, store_text)
        }
    }
}

/// The store that the terminal is at, as the installation knows it.
pub(crate) async fn current(terminal: &Terminal) -> Result<Store, Failure> {
    let stores = terminal.client.stores().await?.stores;
    let found = stores.into_iter().find(|store| store.handle == terminal.store());
    found.ok_or_else(|| {
        Failure::Usage(format!("there is no store `{}`; `cartwright stores list` shows them", terminal.store()))
    })
}

fn input_of(new: NewStore) -> Result<StoreInput, Failure> {
    let settings: Option<Map<String, Value>> = match &new.settings {
        Some(text) => Some(serde_json::from_str(text).map_err(|error| Failure::Usage(format!("--settings: {error}")))?),
        None => None,
    };
    Ok(StoreInput {
        handle: new.handle,
        hosts: new.stated.hosts(),
        name: new.stated.name,
        currency: new.currency.map(|currency| currency.to_uppercase()),
        settings: settings.map(Value::Object),
    })
}

fn list_text(stores: &[Store]) -> String {
    let row =
        |store: &Store| vec![store.handle.clone(), store.name.clone(), store.currency.clone(), store.hosts.join(" ")];
    screen::table(&["Store", "Name", "Currency", "Hosts"], &[], stores.iter().map(row).collect())
}

fn store_text(store: &Store) -> String {
    let mut rows = Vec::new();
    flatten("", &store.settings, &mut rows);
    let settings = screen::table(&["Setting", "Value"], &[], rows);
    format!("{}\n\n{settings}", list_text(std::slice::from_ref(store)))
}

/// Settings as `stores set` names them.
fn flatten(path: &str, value: &Value, rows: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, rows);
            }
        }
        Value::String(text) => rows.push(vec![path.to_owned(), text.clone()]),
        other => rows.push(vec![path.to_owned(), other.to_string()]),
    }
}
