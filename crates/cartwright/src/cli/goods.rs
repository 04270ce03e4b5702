//! What operators do to single products and variants: look, change, switch off, rename, remove.

use super::failure::Failure;
use super::terminal::Terminal;
use super::{fields, screen};
use cartwright_client::wire::{ProductPatch, VariantPatch};
use clap::Subcommand;

/// `goods …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Amounts are minor units of their currency (500 is 5.00€), as in --json.

Examples:
  cartwright goods show lana-pen
  cartwright goods set lana-pen name='Lana pen' vendor= active=false
  cartwright goods set lana-pen handle=pen            # the old handle leads to the new one
  cartwright goods set-variant PEN-RED active=false   # no longer sold, and still there
  cartwright goods set-variant PEN price=650 prices.USD=700 prices.JPY=
  cartwright goods delete-variant PEN-RED
  cartwright goods delete pen")]
pub enum GoodsCommand {
    /// Show a product, whether it is for sale or not.
    Show {
        /// The product's handle.
        handle: String,
    },
    /// Change fields of a product; all others stay.
    #[command(after_help = fields::HELP)]
    Set {
        /// The product's handle.
        handle: String,
        /// Fields: handle, name, description, vendor, tags, active, tax_category, price_policy, hold_policy, images.
        #[arg(required = true)]
        fields: Vec<String>,
    },
    /// Change fields of a variant; all others stay.
    #[command(after_help = fields::HELP)]
    SetVariant {
        /// The variant's SKU.
        sku: String,
        /// Fields: sku, attributes, price, prices, min_unit_prices, weight_grams, track_stock, requires_shipping,
        /// active.
        #[arg(required = true)]
        fields: Vec<String>,
    },
    /// Remove a product with its variants. Orders keep what they name; handle and SKUs are free.
    Delete {
        /// The product's handle.
        handle: String,
    },
    /// Remove a variant. Orders keep what they name; the SKU is free.
    DeleteVariant {
        /// The variant's SKU.
        sku: String,
    },
}

pub(crate) async fn run(command: GoodsCommand, terminal: &Terminal) -> Result<(), Failure> {
    let client = &terminal.client;
    let product = match command {
        GoodsCommand::Show { handle } => client.admin_product(&handle).await?,
        GoodsCommand::Set { handle, fields } => {
            let patch: ProductPatch = fields::patch(fields::object(&fields)?)?;
            client.change_product(&handle, &patch).await?
        }
        GoodsCommand::SetVariant { sku, fields } => {
            let patch: VariantPatch = fields::patch(fields::object(&fields)?)?;
            client.change_variant(&sku, &patch).await?
        }
        GoodsCommand::Delete { handle } => {
            client.delete_product(&handle).await?;
            terminal.remark(&format!("`{handle}` is gone."));
            return Ok(());
        }
        GoodsCommand::DeleteVariant { sku } => {
            client.delete_variant(&sku).await?;
            terminal.remark(&format!("`{sku}` is gone."));
            return Ok(());
        }
    };
    terminal.show(&product, screen::product)
}
