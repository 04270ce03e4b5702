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
  cartwright customers set ada --email ada@example.com      # guests with this address, and its account, are ada too
  cartwright customers show ada")]
pub enum CustomersCommand {
    /// List customers of whom something was told.
    List,
    /// Show one.
    Show {
        /// The customer's name in the shop's own system.
        customer: String,
    },
    /// Tell groups, exemption or address; what is not named stays.
    Set {
        /// The customer's name in the shop's own system.
        customer: String,
        /// A group that promotions name; those that are named are all there are.
        #[arg(long = "group")]
        groups: Vec<String>,
        /// No group any more.
        #[arg(long, conflicts_with = "groups")]
        no_groups: bool,
        /// Pays no tax; `--tax-exempt=false` takes it back.
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
        tax_exempt: Option<bool>,
        /// The e-mail address that is the customer's; an empty one is taken away.
        #[arg(long)]
        email: Option<String>,
    },
}

pub(crate) async fn run(command: CustomersCommand, terminal: &Terminal) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        CustomersCommand::List => terminal.show(&client.customers().all().await?, |all| list_text(all)),
        CustomersCommand::Show { customer } => show(&client.customer(&customer).await?, terminal),
        CustomersCommand::Set { customer, groups, no_groups, tax_exempt, email } => {
            let known = client.customer(&customer).await?;
            let told = CustomerInput {
                groups: if no_groups || !groups.is_empty() { groups } else { known.groups },
                tax_exempt: tax_exempt.unwrap_or(known.tax_exempt),
                email,
            };
            show(&client.put_customer(&customer, &told).await?, terminal)
        }
    }
}

fn show(customer: &Customer, terminal: &Terminal) -> Result<(), Failure> {
    terminal.show(customer, |customer| list_text(std::slice::from_ref(customer)))
}

fn list_text(customers: &[Customer]) -> String {
    let row = |customer: &Customer| {
        let tax = if customer.tax_exempt { "exempt" } else { "due" };
        let email = customer.email.clone().unwrap_or_default();
        vec![customer.id.clone(), customer.groups.join(" "), tax.to_owned(), email]
    };
    screen::table(&["Customer", "Groups", "Tax", "Address"], &[], customers.iter().map(row).collect())
}
