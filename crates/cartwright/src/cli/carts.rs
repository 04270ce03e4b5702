//! Carts as operators look into them.

use super::events;
use super::failure::Failure;
use super::terminal::Terminal;
use clap::Subcommand;
use uuid::Uuid;

/// `carts …`
#[derive(Subcommand, Clone, Debug)]
pub enum CartsCommand {
    /// Show every change of a cart with its cause.
    Timeline {
        /// The cart's id.
        id: Uuid,
    },
}

pub(crate) async fn run(command: CartsCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        CartsCommand::Timeline { id } => events::cart(id, terminal).await,
    }
}
