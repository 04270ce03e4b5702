//! What prices depend on, told of customers.

use super::failure::Failure;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::wire::{Customer, CustomerInput};
use clap::Subcommand;

/// `customers …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright customers set ada --group wholesale --tax-exempt
  cartwright customers show ada")]
pub enum CustomersCommand {
    /// List customers of whom something was told.
    List,
    /// Show one.
    Show {
        /// The customer's name in the shop's own system.
        customer: String,
    },
    /// Tell groups and exemption, in place of what was told before.
    Set {
        /// The customer's name in the shop's own system.
        customer: String,
        /// A group that promotions name.
        #[arg(long = "group")]
        groups: Vec<String>,
        /// Pays no tax.
        #[arg(long)]
        tax_exempt: bool,
    },
}

pub(crate) async fn run(command: CustomersCommand, terminal: &Terminal) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        CustomersCommand::List => terminal.show(&client.customers().all().await?, |all| list_text(all)),
        CustomersCommand::Show { customer } => show(&client.customer(&customer).await?, terminal),
        CustomersCommand::Set { customer, groups, tax_exempt } => {
            show(&client.put_customer(&customer, &CustomerInput { groups, tax_exempt }).await?, terminal)
        }
    }
}

fn show(customer: &Customer, terminal: &Terminal) -> Result<(), Failure> {
    terminal.show(customer, |customer| list_text(std::slice::from_ref(customer)))
}

fn list_text(customers: &[Customer]) -> String {
    let row = |customer: &Customer| {
        let tax = if customer.tax_exempt { "exempt" } else { "due" };
        vec![customer.id.clone(), customer.groups.join(" "), tax.to_owned()]
    };
    screen::table(&["Customer", "Groups", "Tax"], &[], customers.iter().map(row).collect())
}
