//! The shop in which all is measured: ten thousand variants with plenty of stock, carts, orders. Everything enters
//! through the public interface, as a shop's own data would.

use super::connection::{Answer, Connection, position};
use super::load::{self, Load, Tally};
use super::promotions;
use super::requests;
use super::server::Server;
use super::shoppers::{Basket, Buyer, FilledCart, Filler, VARIANTS, sku};
use cartwright_wire::{ProductInput, Promotion, PromotionInput, StockLevel, StockRule, UpsertProducts, VariantInput};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use uuid::Uuid;

const VARIANTS_PER_PRODUCT: u64 = 10;
const PRODUCTS_PER_CALL: usize = 100;
const PLENTY: i64 = 1_000_000;

/// The shop, reached over HTTP.
pub(super) struct Shop {
    pub(super) load: Load,
    pub(super) clients: usize,
    key: String,
}

impl Shop {
    /// The shop of these nodes; `key` is an operator's.
    pub(super) fn new(nodes: &[Server], key: String, threads: usize, clients: usize) -> Self {
        let nodes = nodes.iter().map(|node| node.address).collect();
        Self { load: Load { nodes, threads, span: None }, clients, key }
    }

    /// Brings in the goods.
    pub(super) fn stock_up(&self) -> Result<(), String> {
        let products = (0..VARIANTS / VARIANTS_PER_PRODUCT).map(|number| {
            let first = number * VARIANTS_PER_PRODUCT;
            let skus = (first..first + VARIANTS_PER_PRODUCT).map(sku);
            product(&format!("bench-{number:04}"), promotions::tags(number), skus, PLENTY)
        });
        let products: Vec<_> = products.collect();
        let bar = counted("goods", VARIANTS);
        for share in products.chunks(PRODUCTS_PER_CALL) {
            self.upsert(share)?;
            bar.inc(share.len() as u64 * VARIANTS_PER_PRODUCT);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Brings in one variant for a flash sale.
    pub(super) fn stock_flash(&self, sku: &str, units: i64) -> Result<(), String> {
        let tags = vec!["bench".to_owned()];
        self.upsert(&[product(&sku.to_lowercase(), tags, std::iter::once(sku.to_owned()), units)])
    }

    /// Units of `sku` in the store house and held.
    pub(super) fn stock_level(&self, sku: &str) -> Result<StockLevel, String> {
        let mut request = Vec::new();
        requests::get(&mut request, &format!("/api/v1/admin/stock/{sku}"), &self.authorization());
        self.once(&request, |answer| serde_json::from_slice(answer.body).ok())
    }

    /// Makes so many carts with three lines.
    pub(super) fn make_carts(&self, basket: &Basket, carts: u64, seed: u64) -> Result<Vec<FilledCart>, String> {
        let bar = counted("carts", carts);
        let shares = shares(carts, self.clients);
        let fillers = shares.map(|(client, share)| Filler::new(seed + client, basket.clone(), share, &bar)).collect();
        let (tally, fillers) = load::drive(self.load.clone(), fillers)?;
        bar.finish_and_clear();
        complain(&tally, "carts")?;
        Ok(fillers.into_iter().flat_map(|filler| filler.carts).collect())
    }

    /// Makes so many orders of three lines.
    pub(super) fn make_orders(&self, orders: u64, seed: u64) -> Result<(), String> {
        let bar = counted("orders", orders);
        let buyer = |(client, share): (u64, u64)| {
            Buyer::new(seed + client, format!("fill-{seed}-{client}"), Basket::Three, share, &bar)
        };
        let (tally, _) = load::drive(self.load.clone(), shares(orders, self.clients).map(buyer).collect())?;
        bar.finish_and_clear();
        complain(&tally, "orders")
    }

    /// Makes so many promotions, and answers their ids.
    pub(super) fn promote(&self, count: u64) -> Result<Vec<Uuid>, String> {
        let create = |promotion: PromotionInput| {
            let body = serde_json::to_vec(&promotion).map_err(|error| error.to_string())?;
            let mut request = Vec::with_capacity(body.len() + 256);
            requests::post(&mut request, "/api/v1/admin/promotions", &self.authorization(), &body);
            self.once(&request, |answer| serde_json::from_slice(answer.body).ok().map(|made: Promotion| made.id))
        };
        promotions::usual(count).into_iter().map(create).collect()
    }

    /// Removes promotions.
    pub(super) fn end_promotions(&self, ids: &[Uuid]) -> Result<(), String> {
        for id in ids {
            let mut request = Vec::new();
            requests::delete(&mut request, &format!("/api/v1/admin/promotions/{id}"), &self.authorization());
            self.once(&request, |_| Some(()))?;
        }
        Ok(())
    }

    fn upsert(&self, products: &[ProductInput]) -> Result<(), String> {
        let body = serde_json::to_vec(&UpsertProducts { products: products.to_vec(), stock: StockRule::Set });
        let body = body.map_err(|error| error.to_string())?;
        let mut request = Vec::with_capacity(body.len() + 256);
        requests::post(&mut request, "/api/v1/admin/products", &self.authorization(), &body);
        let taken = |answer: &Answer<'_>| position(answer.body, b"\"refused\"").is_none().then_some(());
        self.once(&request, taken)
    }

    fn authorization(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.key)
    }

    /// One request outside all measurements.
    fn once<T>(&self, request: &[u8], read: impl Fn(&Answer<'_>) -> Option<T>) -> Result<T, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let connection = Connection::open(self.load.nodes[0]).await;
            let mut connection = connection.map_err(|error| format!("no connection to the server: {error}"))?;
            let answer = connection.exchange(request).await;
            let answer = answer.map_err(|error| format!("no answer from the server: {error}"))?;
            let read = if answer.status < 300 { read(&answer) } else { None };
            read.ok_or_else(|| format!("the server answered {}", answer.in_words()))
        })
    }
}

fn product(handle: &str, tags: Vec<String>, skus: impl Iterator<Item = String>, on_hand: i64) -> ProductInput {
    let variant = |(index, sku): (usize, String)| VariantInput {
        sku,
        attributes: BTreeMap::from([("Size".to_owned(), index.to_string())]).into(),
        price: Some(500 + 25 * index as i64),
        weight_grams: 250.into(),
        on_hand: Some(on_hand),
        ..VariantInput::default()
    };
    ProductInput {
        handle: handle.to_owned(),
        name: Some(format!("Goods {handle}")),
        vendor: "Bench".to_owned().into(),
        tags: tags.into(),
        variants: skus.enumerate().map(variant).collect(),
        ..ProductInput::default()
    }
}

/// `whole` divided among so many clients.
fn shares(whole: u64, clients: usize) -> impl Iterator<Item = (u64, u64)> {
    let clients = clients as u64;
    (0..clients).map(move |client| (client, whole / clients + u64::from(client < whole % clients)))
}

fn complain(tally: &Tally, what: &str) -> Result<(), String> {
    match &tally.first_unexpected {
        None => Ok(()),
        Some(first) => Err(format!("making {what}: {} unexpected answers, first {first}", tally.unexpected)),
    }
}

/// A bar on stderr that counts.
fn counted(what: &'static str, whole: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>8} {wide_bar} {pos}/{len} {eta}");
    ProgressBar::new(whole).with_message(what).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_make_up_the_whole() {
        assert_eq!(shares(1_000, 64).map(|(_, share)| share).sum::<u64>(), 1_000);
        assert_eq!(shares(3, 64).map(|(_, share)| share).sum::<u64>(), 3);
    }
}
