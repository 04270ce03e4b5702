//! Stores of the installation.

use super::failure::Failure;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::wire::{Store, StoreInput};
use clap::{Args, Subcommand};
use serde_json::Value;

/// `stores …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright stores list
  cartwright stores create retail --currency GBP --name 'British retail' --host shop.example
  cartwright --store retail products")]
pub enum StoresCommand {
    /// List all stores.
    List,
    /// Create a store, or change it by its handle.
    Create(NewStore),
}

/// `stores create`
#[derive(Args, Clone, Debug)]
pub struct NewStore {
    /// Its name in --store and in the header Cartwright-Store: lower-case letters, digits, hyphens.
    handle: String,
    /// Currency (ISO 4217); cannot be changed later.
    #[arg(long)]
    currency: String,
    /// Its name for people; the handle unless given.
    #[arg(long)]
    name: Option<String>,
    /// Host names that lead to it; those it has, unless given.
    #[arg(long = "host")]
    hosts: Vec<String>,
    /// No host leads to it any more.
    #[arg(long, conflicts_with = "hosts")]
    no_hosts: bool,
    /// Settings as JSON; what is absent takes its default.
    #[arg(long)]
    settings: Option<String>,
}

pub(crate) async fn run(command: StoresCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        StoresCommand::List => {
            let all = terminal.client.stores().await?;
            terminal.show(&all, |all| list_text(&all.stores))
        }
        StoresCommand::Create(new) => {
            let store = terminal.client.put_store(&input_of(new)?).await?;
            terminal.show(&store, |store| list_text(std::slice::from_ref(store)))
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
    let settings: Option<Value> = match &new.settings {
        Some(text) => Some(serde_json::from_str(text).map_err(|error| Failure::Usage(format!("--settings: {error}")))?),
        None => None,
    };
    let name = new.name.unwrap_or_else(|| new.handle.clone());
    let hosts = (new.no_hosts || !new.hosts.is_empty()).then_some(new.hosts);
    Ok(StoreInput { handle: new.handle, name, currency: new.currency.to_uppercase(), hosts, settings })
}

fn list_text(stores: &[Store]) -> String {
    let row =
        |store: &Store| vec![store.handle.clone(), store.name.clone(), store.currency.clone(), store.hosts.join(" ")];
    screen::table(&["Store", "Name", "Currency", "Hosts"], &[], stores.iter().map(row).collect())
}
