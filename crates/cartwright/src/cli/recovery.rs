//! `recovery …`: what the links of reminders do.

use super::failure::Failure;
use super::screen;
use super::session::Session;
use super::terminal::Terminal;
use clap::Subcommand;
use serde_json::json;

/// `recovery …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
A link is the address that the mail shows, or its token alone.

Examples:
  cartwright recovery show 'https://shop.example/cart/recover?token=AZ…'
  cartwright recovery restore AZ…       # the cart becomes the current one")]
pub enum RecoveryCommand {
    /// Show the cart of a link; changes nothing.
    Show {
        /// The link.
        link: String,
    },
    /// Open the cart here; it becomes the current one.
    Restore {
        /// The link.
        link: String,
    },
    /// No more reminders of this cart.
    Dismiss {
        /// The link.
        link: String,
    },
    /// Say yes to the mail that asks whether reminders are wanted.
    Confirm {
        /// The link.
        link: String,
    },
    /// No more reminders to this address.
    Unsubscribe {
        /// The link.
        link: String,
    },
}

pub(crate) async fn run(command: RecoveryCommand, terminal: &Terminal) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        RecoveryCommand::Show { link } => terminal.show(&client.recovery(token_of(&link)).await?, screen::cart),
        RecoveryCommand::Restore { link } => {
            let cart = client.restore_cart(token_of(&link)).await?;
            let mut session = Session::open(terminal)?;
            session.remember_cart(&cart)?;
            session.show_cart(&cart, terminal, screen::cart)
        }
        RecoveryCommand::Dismiss { link } => {
            client.dismiss_recovery(token_of(&link)).await?;
            terminal.show(&json!({ "dismissed": true }), |_| "No more mails about this cart.".to_owned())
        }
        RecoveryCommand::Confirm { link } => {
            client.confirm_reminders(token_of(&link)).await?;
            terminal.show(&json!({ "confirmed": true }), |_| "There will be reminders.".to_owned())
        }
        RecoveryCommand::Unsubscribe { link } => {
            client.unsubscribe(token_of(&link)).await?;
            terminal.show(&json!({ "unsubscribed": true }), |_| "No more such mails to this address.".to_owned())
        }
    }
}

/// The token of a link: behind `token=`, or in the address of the interface, or the whole.
pub(super) fn token_of(link: &str) -> &str {
    let link = link.trim();
    let from = link.split_once("token=").map(|(_, rest)| rest);
    let from = from.or_else(|| link.split_once("/recovery/").map(|(_, rest)| rest)).unwrap_or(link);
    from.split(['&', '/', '#', '>']).next().unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_an_address_of_the_shop_or_of_the_interface_or_a_token() {
        for link in [
            "AZ_b-9",
            " AZ_b-9\n",
            "https://shop.example/cart/recover?token=AZ_b-9",
            "https://shop.example/cart/recover?a=b&token=AZ_b-9&c=d#top",
            "<https://shop.example/api/v1/recovery/AZ_b-9/unsubscribe>",
        ] {
            assert_eq!(token_of(link), "AZ_b-9", "{link}");
        }
    }
}
