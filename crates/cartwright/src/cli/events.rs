//! What happened: the store's events, and the timelines of an order and of a cart.

use super::failure::Failure;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::Error;
use cartwright_client::wire::{Event, Page};
use clap::Args;
use std::time::Duration;
use uuid::Uuid;

/// Between two looks for new events.
const PAUSE: Duration = Duration::from_secs(1);

/// `events`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Events are numbered from 1 in the order in which they happened.

Examples:
  cartwright events --after 4711
  cartwright events --types order.placed,order.cancelled --follow
  cartwright events --follow --json                   # one JSON object a line")]
pub struct EventsCommand {
    /// Only events after this number.
    #[arg(long, default_value_t = 0)]
    after: i64,
    /// Only these types, with commas between them.
    #[arg(long, value_delimiter = ',')]
    types: Vec<String>,
    /// Most events to list.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Go on with new events as they come, until interrupted.
    #[arg(long)]
    follow: bool,
}

pub(crate) async fn run(command: EventsCommand, terminal: &Terminal) -> Result<(), Failure> {
    let EventsCommand { mut after, types, limit, follow } = command;
    if !follow {
        let ask = async |after| terminal.client.events(after, &types, None).await;
        let mut events = all(after, limit, ask).await?;
        events.truncate(limit);
        return terminal.show(&events, |events| table(events));
    }
    loop {
        let page = terminal.client.events(after, &types, Some(1000)).await?;
        for event in &page.items {
            terminal.show_line(event, |event| cells(event).join("  "))?;
            after = event.sequence;
        }
        if page.next.is_none() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The timeline of an order; shoppers open theirs with the secret.
pub(crate) async fn order(id: Uuid, token: Option<&str>, terminal: &Terminal) -> Result<(), Failure> {
    let events = all(0, usize::MAX, async |after| terminal.client.order_timeline(id, token, after).await).await?;
    terminal.show(&events, |events| table(events))
}

/// The timeline of a cart.
pub(crate) async fn cart(id: Uuid, terminal: &Terminal) -> Result<(), Failure> {
    let events = all(0, usize::MAX, async |after| terminal.client.cart_timeline(id, after).await).await?;
    terminal.show(&events, |events| table(events))
}

/// The events of all pages together, at least `most` where there are so many.
async fn all(
    mut after: i64,
    most: usize,
    ask: impl AsyncFn(i64) -> Result<Page<Event>, Error>,
) -> Result<Vec<Event>, Failure> {
    let mut events: Vec<Event> = Vec::new();
    while events.len() < most {
        let page = ask(after).await?;
        events.extend(page.items);
        after = events.last().map_or(after, |last| last.sequence);
        if page.next.is_none() {
            break;
        }
    }
    Ok(events)
}

fn table(events: &[Event]) -> String {
    if events.is_empty() {
        return "No events.".to_owned();
    }
    screen::table(&["Number", "When", "Type", "By", "About", "Data"], &[0], events.iter().map(cells).collect())
}

fn cells(event: &Event) -> Vec<String> {
    let about = match (event.order_id, event.cart_id) {
        (Some(order), _) => format!("order {order}"),
        (None, Some(cart)) => format!("cart {cart}"),
        (None, None) => String::new(),
    };
    vec![
        event.sequence.to_string(),
        event.timestamp.clone(),
        event.kind.clone(),
        event.actor.clone(),
        about,
        event.data.to_string(),
    ]
}
