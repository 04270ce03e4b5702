//! `cartwright bench pricing`: how long the pure function takes that prices a cart, by lines and promotions, without
//! server, storage or network.

use super::promotions;
use super::table::{Look, draw};
use cartwright_domain::id::{LineId, ProductId, PromotionId, Timestamp, VariantId};
use cartwright_domain::money::Currency;
use cartwright_domain::pricing::{LineInput, NetPrices, PricingInput, PricingPolicy, price};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::tax::TaxRate;
use cartwright_domain::time_zone::TimeZone;
use cartwright_wire::PromotionInput;
use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

const LINES: [u64; 3] = [5, 50, 500];
const PROMOTIONS: [u64; 4] = [0, 5, 50, 100];
const FEWEST_RUNS: usize = 20;
const MOST_RUNS: usize = 20_000;
/// What so many lines and promotions have to stay under, in microseconds.
const TARGETS: [(u64, u64, f64); 2] = [(5, 5, 20.0), (500, 100, 10_000.0)];
const HEADINGS: [&str; 11] = [
    "Promotions",
    "Lines",
    "Number",
    "min µs",
    "median µs",
    "max µs",
    "µs / line",
    "µs / promotion",
    "ns / line and promotion",
    "Target",
    "Met",
];
const NUMBERS: [usize; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// `bench pricing`
#[derive(Args, Clone, Debug)]
pub struct PricingArgs {
    /// How long each row takes.
    #[arg(long, default_value_t = super::PRICING_SECONDS, value_parser = super::parse_seconds)]
    seconds: f64,
    /// Everything, for programs.
    #[arg(long)]
    json: bool,
    /// The table as Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// Measures and prints.
pub(super) fn run(args: &PricingArgs) -> Result<(), String> {
    let rows = measure_all(Duration::from_secs_f64(args.seconds))?;
    if args.json {
        println!("{:#}", json!({ "pricing": rows }));
    } else {
        println!("{}", show(&rows, if args.markdown { Look::Markdown } else { Look::Terminal }));
    }
    Ok(())
}

/// Sets of promotions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Mix {
    Usual,
    AllHolding,
    GroupsOfTen,
    GroupsOfTwo,
    Exclusive,
}

const MIXES: [Mix; 5] = [Mix::Usual, Mix::AllHolding, Mix::GroupsOfTen, Mix::GroupsOfTwo, Mix::Exclusive];

impl Mix {
    fn title(self) -> &'static str {
        match self {
            Mix::Usual => "as in a shop, most do not hold",
            Mix::AllHolding => "all hold",
            Mix::GroupsOfTen => "all hold, half exclude each other in tens",
            Mix::GroupsOfTwo => "all hold, half exclude each other in pairs",
            Mix::Exclusive => "all hold, each excludes all",
        }
    }

    fn promotions(self, count: u64) -> Vec<PromotionInput> {
        match self {
            Mix::Usual => promotions::usual(count),
            Mix::AllHolding => promotions::all_holding(count),
            Mix::GroupsOfTen => promotions::in_groups(count, 10),
            Mix::GroupsOfTwo => promotions::in_groups(count, 2),
            Mix::Exclusive => promotions::exclusive(count),
        }
    }
}

/// A row: what pricing took, in microseconds.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Priced {
    mix: Mix,
    lines: u64,
    promotions: u64,
    runs: usize,
    min_us: f64,
    median_us: f64,
    max_us: f64,
    /// What the same lines cost without any promotion.
    bare_us: f64,
}

impl Priced {
    fn per_promotion_us(&self) -> Option<f64> {
        (self.promotions > 0).then(|| (self.median_us - self.bare_us) / self.promotions as f64)
    }

    fn target_us(&self) -> Option<f64> {
        let is_of = |target: &&(u64, u64, f64)| (target.0, target.1) == (self.lines, self.promotions);
        TARGETS.iter().find(is_of).map(|target| target.2)
    }

    fn cells(&self) -> Vec<String> {
        let per_promotion = self.per_promotion_us();
        let target = self.target_us();
        vec![
            if self.promotions == 0 { "none".to_owned() } else { self.mix.title().to_owned() },
            self.lines.to_string(),
            self.promotions.to_string(),
            digits(self.min_us),
            digits(self.median_us),
            digits(self.max_us),
            digits(self.median_us / self.lines as f64),
            per_promotion.map(digits).unwrap_or_default(),
            per_promotion.map(|us| digits(us * 1e3 / self.lines as f64)).unwrap_or_default(),
            target.map(|most| format!("median < {most} µs")).unwrap_or_default(),
            target.map(|most| super::table::mark(self.median_us < most).to_owned()).unwrap_or_default(),
        ]
    }
}

/// Measures all rows, each for so long.
pub(super) fn measure_all(time: Duration) -> Result<Vec<Priced>, String> {
    let spinner = ProgressBar::new_spinner().with_message("pricing");
    spinner.enable_steady_tick(Duration::from_millis(500));
    let mut rows: Vec<Priced> = Vec::new();
    for mix in MIXES {
        for lines in LINES {
            for promotions in PROMOTIONS {
                let bare = rows.iter().find(|row| (row.lines, row.promotions) == (lines, 0)).map(|row| row.median_us);
                if promotions > 0 || bare.is_none() {
                    rows.push(measure(mix, lines, promotions, bare.unwrap_or(0.0), time)?);
                }
            }
        }
    }
    spinner.finish_and_clear();
    Ok(rows)
}

fn measure(mix: Mix, lines: u64, promotions: u64, bare_us: f64, time: Duration) -> Result<Priced, String> {
    let goods: Vec<Goods> = (0..lines).map(Goods::new).collect();
    let lines_in: Vec<LineInput<'_>> = goods.iter().map(Goods::line).collect();
    let promotions_in: Result<Vec<_>, _> = mix.promotions(promotions).into_iter().zip(1..).map(read).collect();
    let rates: Vec<TaxRate> = serde_json::from_value(json!([
        {"name": "VAT 19%", "percent": "19"}, {"name": "VAT 7%", "percent": "7", "categories": ["books"]}
    ]))
    .map_err(|error| error.to_string())?;
    let input = PricingInput {
        currency: Currency::EUR,
        store_currency: Currency::EUR,
        policy: &PricingPolicy::default(),
        prices_include_tax: true,
        lines: &lines_in,
        promotions: &promotions_in?,
        kept: &[],
        unlocked: &[],
        exhausted: &[],
        customer: None,
        destination: None,
        home: None,
        net_prices: NetPrices::No,
        shipping_method: None,
        shipping_override: Some(490),
        tax_rates: &rates,
        tax_exempt: false,
        now: Timestamp(1_764_000_000_000),
        time_zone: &TimeZone::UTC,
        explain: false,
    };
    let times = times_us(&input, time)?;
    let (min_us, median_us, max_us) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    Ok(Priced { mix, lines, promotions, runs: times.len(), min_us, median_us, max_us, bare_us })
}

/// The times of all runs, sorted; those of the first tenth of the time, while caches fill, are left out.
fn times_us(input: &PricingInput<'_>, time: Duration) -> Result<Vec<f64>, String> {
    let begin = Instant::now();
    let mut times = Vec::new();
    while times.len() < FEWEST_RUNS || (begin.elapsed() < time && times.len() < MOST_RUNS) {
        let start = Instant::now();
        let quote = std::hint::black_box(price(std::hint::black_box(input)));
        let took = start.elapsed();
        quote.map_err(|error| error.to_string())?;
        if begin.elapsed() > time / 10 {
            times.push(took.as_secs_f64() * 1e6);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// A promotion as the server would make it of what is sent.
fn read((input, number): (PromotionInput, u128)) -> Result<Arc<Promotion>, String> {
    let promotion: Result<Promotion, _> = serde_json::from_value(input.definition);
    let mut promotion = promotion.map_err(|error| error.to_string())?;
    promotion.id = PromotionId(Uuid::from_u128(number));
    promotion.requires_code = !input.codes.is_empty();
    Ok(Arc::new(promotion))
}

/// A line with all its texts owned.
struct Goods {
    number: u64,
    sku: String,
    tags: Vec<String>,
}

impl Goods {
    fn new(number: u64) -> Self {
        Self { number, sku: super::shoppers::sku(number), tags: promotions::tags(number) }
    }

    fn line(&self) -> LineInput<'_> {
        let id = Uuid::from_u128(u128::from(self.number));
        LineInput {
            line_id: LineId(id),
            product_id: ProductId(id),
            handle: &self.sku,
            variant_id: VariantId(id),
            sku: &self.sku,
            tags: &self.tags,
            tax_category: if self.number.is_multiple_of(3) { "books" } else { "standard" },
            weight_grams: 250,
            requires_shipping: true,
            unit_price: 500 + (self.number as i64 * 37) % 4000,
            quantity: 1 + (self.number % 5) as u32,
            min_unit_price: None,
            held: None,
        }
    }
}

/// The table with what stands below it.
pub(super) fn show(rows: &[Priced], look: Look) -> String {
    let table = draw(look, &HEADINGS, &NUMBERS, rows.iter().map(Priced::cells));
    let fewest = rows.iter().map(|row| row.runs).min().unwrap_or(0);
    format!(
        "{table}\n\nPricing alone, in one thread, without server and storage; {fewest} runs or more each. Per promotion is \
         what the median has beyond that of the same lines without any. Where the last ratio stays or falls as lines and \
         promotions become more, the time grows no faster than they do."
    )
}

fn digits(value: f64) -> String {
    match value.abs() {
        small if small < 10.0 => format!("{value:.2}"),
        small if small < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promotion_measured_is_one_that_the_server_would_take() {
        for mix in MIXES {
            for promotion in mix.promotions(100).into_iter().zip(1..).map(read) {
                assert_eq!(promotion.expect("a promotion").validate(), vec![], "{mix:?}");
            }
        }
    }
}
