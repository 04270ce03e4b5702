//! `orders fulfil`, `orders parcel`, `orders note`: what operators do with an order that is paid.

use super::failure::Failure;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::wire::{
    AddNote, ChangeTracking, FulfilOrder, FulfilledLine, Fulfilment, Order, ParcelState, Tracking, UpdateFulfilment,
};
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How a parcel is followed.
#[derive(Args, Clone, Debug)]
pub struct TrackingArgs {
    /// Who carries it.
    #[arg(long, requires = "number")]
    carrier: Option<String>,
    /// The carrier's number.
    #[arg(long, requires = "carrier")]
    number: Option<String>,
    /// A page that shows where it is.
    #[arg(long, requires = "number")]
    url: Option<String>,
}

impl TrackingArgs {
    fn tracking(self) -> Option<Tracking> {
        Some(Tracking { carrier: self.carrier?, number: self.number?, url: self.url })
    }

    /// What is given changes, the rest stays.
    fn change(self) -> Option<ChangeTracking> {
        let change = ChangeTracking { carrier: self.carrier, number: self.number, url: self.url.into() };
        (change != ChangeTracking::default()).then_some(change)
    }
}

/// `orders fulfil …`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright orders fulfil ID --carrier DHL --number 00340434161094042557     # all that is left
  cartwright orders fulfil ID --line PEN=2 --line MUG=1                       # a part, by SKU or by the end of a line's id")]
pub struct FulfilCommand {
    /// The order's id.
    id: Uuid,
    /// SKU (or line) and units; all that is left unless given.
    #[arg(long = "line", value_name = "SKU=UNITS")]
    lines: Vec<String>,
    #[command(flatten)]
    tracking: TrackingArgs,
    /// Idempotency key; a new one unless given.
    #[arg(long)]
    key: Option<String>,
}

/// `orders parcel …`
#[derive(Args, Clone, Debug)]
pub struct ParcelCommand {
    /// The order's id.
    id: Uuid,
    /// The parcel's id, or the end of it; not needed where there is one.
    #[arg(long)]
    parcel: Option<String>,
    /// What became of it.
    #[arg(long)]
    status: Option<Parcel>,
    #[command(flatten)]
    tracking: TrackingArgs,
}

/// State of a parcel.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Parcel {
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// Not sent after all: its units are to be sent again.
    Cancelled,
}

/// `orders note …`
#[derive(Args, Clone, Debug)]
pub struct NoteCommand {
    /// The order's id.
    id: Uuid,
    /// The remark.
    text: String,
    /// Whoever bought may read it, too.
    #[arg(long)]
    visible: bool,
}

pub(super) async fn fulfil(command: FulfilCommand, terminal: &Terminal) -> Result<Order, Failure> {
    let lines = match command.lines.is_empty() {
        true => None,
        false => Some(lines_of(&terminal.client.order(command.id, None).await?, &command.lines)?),
    };
    let sent = FulfilOrder { lines, tracking: command.tracking.tracking() };
    let key = command.key.unwrap_or_else(|| Uuid::new_v4().to_string());
    Ok(terminal.client.fulfil_order(command.id, Some(&key), &sent).await?)
}

/// The lines meant by `SKU=UNITS`. A SKU that stands in several lines is taken from them in their order.
fn lines_of(order: &Order, words: &[String]) -> Result<Vec<FulfilledLine>, Failure> {
    let mut taken: BTreeMap<Uuid, i64> = BTreeMap::new();
    for word in words {
        let (name, units) = word.rsplit_once('=').unwrap_or((word, "1"));
        let mut left: i64 = units.parse().map_err(|_| Failure::Usage(format!("`{units}` is not a number of units")))?;
        let is_meant = |id: &Uuid, sku: &str| sku == name || id.simple().to_string().ends_with(name);
        let mut meant = order.lines.iter().filter(|line| is_meant(&line.id, &line.sku)).peekable();
        if meant.peek().is_none() {
            return Err(Failure::Usage(format!("the order has no line `{name}`")));
        }
        while let Some(line) = meant.next() {
            let known = taken.entry(line.id).or_default();
            let free = line.quantity - line.fulfilled - *known;
            // The last one takes the rest, so that the server says what is wrong with it.
            let units = if meant.peek().is_none() { left } else { left.min(free.max(0)) };
            *known += units;
            left -= units;
        }
    }
    let lines = taken.into_iter().filter(|(_, quantity)| *quantity != 0);
    Ok(lines.map(|(line_id, quantity)| FulfilledLine { line_id, quantity }).collect())
}

pub(super) async fn parcel(command: ParcelCommand, terminal: &Terminal) -> Result<Order, Failure> {
    let order = terminal.client.order(command.id, None).await?;
    let meant = |parcel: &&Fulfilment| match &command.parcel {
        Some(word) => parcel.id.simple().to_string().ends_with(&word.replace('-', "").to_lowercase()),
        None => parcel.status != "cancelled",
    };
    let found: Vec<&Fulfilment> = order.fulfilments.iter().filter(meant).collect();
    let [parcel] = found[..] else {
        let parcels = order.fulfilments.iter().map(|parcel| screen::short_id(parcel.id)).collect::<Vec<_>>().join(" ");
        return Err(Failure::Usage(format!("name one parcel with --parcel: {parcels}")));
    };
    let status = command.status.map(|status| match status {
        Parcel::Shipped => ParcelState::Shipped,
        Parcel::Delivered => ParcelState::Delivered,
        Parcel::Cancelled => ParcelState::Cancelled,
    });
    let change = UpdateFulfilment { tracking: command.tracking.change().into(), status, delivered_at: None };
    Ok(terminal.client.update_fulfilment(order.id, parcel.id, &change).await?)
}

pub(super) async fn note(command: NoteCommand, terminal: &Terminal) -> Result<Order, Failure> {
    let note = AddNote { text: command.text, visible_to_customer: command.visible };
    let key = Uuid::new_v4().to_string();
    Ok(terminal.client.add_order_note(command.id, Some(&key), &note).await?)
}
