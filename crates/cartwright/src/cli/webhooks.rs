//! Receivers of events, as operators see and change them.

use super::failure::Failure;
use super::instant::instant;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::wire::{ChangeWebhook, CreateWebhook, Instant, Webhook, WebhookDelivery};
use clap::Subcommand;
use uuid::Uuid;

/// `webhooks …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
The secret is shown once, when it is made. Receivers check signatures with any library of Standard Webhooks.

Examples:
  cartwright webhooks add https://erp.example/cartwright --types order.placed,order.cancelled
  cartwright webhooks deliveries 0199… --status dead
  cartwright webhooks replay 0199…                    # all that were given up
  cartwright webhooks replay 0199… --since 2026-11-21T08:00:00Z")]
pub enum WebhooksCommand {
    /// List receivers.
    List,
    /// Add a receiver: it gets what happens from now on.
    Add {
        /// Where to send.
        address: String,
        /// Only these types, with commas between them; all unless given.
        #[arg(long, value_delimiter = ',')]
        types: Vec<String>,
        /// For people.
        #[arg(long)]
        description: Option<String>,
    },
    /// Change a receiver.
    Change {
        /// The receiver's id.
        id: Uuid,
        /// Where to send.
        #[arg(long)]
        address: Option<String>,
        /// Only these types, with commas between them.
        #[arg(long, value_delimiter = ',')]
        types: Option<Vec<String>>,
        /// For people.
        #[arg(long)]
        description: Option<String>,
        /// Whether anything is sent.
        #[arg(long)]
        active: Option<bool>,
    },
    /// Remove a receiver.
    Remove {
        /// The receiver's id.
        id: Uuid,
    },
    /// Give a receiver another secret; the one before stays valid for a day.
    Rotate {
        /// The receiver's id.
        id: Uuid,
    },
    /// Send a test message.
    Ping {
        /// The receiver's id.
        id: Uuid,
    },
    /// List events on their way, the newest first.
    Deliveries {
        /// The receiver's id.
        id: Uuid,
        /// pending, delivered, dead.
        #[arg(long)]
        status: Option<String>,
        /// Most events to list.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Send events again: one, all since an instant, or all that were given up.
    Replay {
        /// The receiver's id.
        id: Uuid,
        /// The number of one event.
        #[arg(long, conflicts_with = "since")]
        sequence: Option<i64>,
        /// All that happened since: a day by the store's clock, RFC 3339, or milliseconds since 1970.
        #[arg(long, value_parser = instant)]
        since: Option<Instant>,
    },
}

pub(crate) async fn run(command: WebhooksCommand, terminal: &Terminal) -> Result<(), Failure> {
    let client = &terminal.client;
    let webhook = match command {
        WebhooksCommand::List => return terminal.show(&client.webhooks().await?, |all| table(&all.webhooks)),
        WebhooksCommand::Add { address, types, description } => {
            client.create_webhook(&CreateWebhook { url: address, description, types }).await?
        }
        WebhooksCommand::Change { id, address, types, description, active } => {
            client
                .change_webhook(
                    id,
                    &ChangeWebhook { url: address, description: description.into(), types: types.into(), active },
                )
                .await?
        }
        WebhooksCommand::Rotate { id } => client.rotate_webhook_secret(id).await?,
        WebhooksCommand::Remove { id } => {
            client.delete_webhook(id).await?;
            terminal.remark("Removed.");
            return Ok(());
        }
        WebhooksCommand::Ping { id } => {
            return terminal.show(&client.ping_webhook(id).await?, |ping| {
                format!("{}: {}", if ping.taken { "taken" } else { "not taken" }, ping.answer)
            });
        }
        WebhooksCommand::Deliveries { id, status, limit } => {
            let found = client.webhook_deliveries(id, status.as_deref()).take(limit).await?;
            return terminal.show(&found, |found| deliveries(found));
        }
        WebhooksCommand::Replay { id, sequence, since } => {
            match sequence {
                Some(sequence) => client.replay_delivery(id, sequence).await?,
                None => client.replay_webhook(id, since).await?,
            }
            terminal.remark("They are sent soon.");
            return Ok(());
        }
    };
    terminal.show(&webhook, |webhook| {
        let secret = webhook.secret.as_ref().map(|secret| format!("\n\nSecret, shown only now: {secret}"));
        format!("{}{}", table(std::slice::from_ref(webhook)), secret.unwrap_or_default())
    })
}

fn table(webhooks: &[Webhook]) -> String {
    if webhooks.is_empty() {
        return "No receivers.".to_owned();
    }
    let rows = webhooks.iter().map(|webhook| {
        let types = if webhook.types.is_empty() { "all".to_owned() } else { webhook.types.join(" ") };
        let state = match (webhook.active, &webhook.off_reason) {
            (true, _) => "active".to_owned(),
            (false, Some(reason)) => format!("off: {reason}"),
            (false, None) => "off".to_owned(),
        };
        vec![webhook.id.to_string(), webhook.url.clone(), types, state, webhook.position.to_string()]
    });
    screen::table(&["Id", "Address", "Types", "State", "Up to"], &[4], rows.collect())
}

fn deliveries(found: &[WebhookDelivery]) -> String {
    if found.is_empty() {
        return "No events.".to_owned();
    }
    let rows = found.iter().map(|one| {
        vec![
            one.sequence.to_string(),
            one.kind.clone(),
            one.status.clone(),
            one.tries.to_string(),
            one.due_at.clone().unwrap_or_default(),
            one.answer.clone().unwrap_or_default(),
        ]
    });
    screen::table(&["Number", "Type", "Status", "Tries", "Next", "Answer"], &[0, 3], rows.collect())
}
