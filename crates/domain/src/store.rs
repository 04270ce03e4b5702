//! A store (shop) and its configuration: everything that is the same for every cart of the store, loaded as one value.

use crate::forget::Retention;
use crate::id::{PromotionId, StoreId, Timestamp};
use crate::manual::ManualMethod;
use crate::money::Currency;
use crate::person::Who;
use crate::pricing::PricingPolicy;
use crate::promotion::{KeptPromotion, Promotion, as_it_stood};
use crate::recovery::RecoverySettings;
use crate::shipping::{Destination, ShippingMethod};
use crate::tax::TaxRate;
use crate::time_zone::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A store.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// Identity; first part of every key.
    pub id: StoreId,
    /// Grows with every change of the store or its promotions where several nodes share a database; 0 where one process
    /// alone writes.
    pub version: i64,
    /// Its name in requests.
    pub handle: String,
    /// Its name for people.
    pub name: String,
    /// Currency of its list prices.
    pub currency: Currency,
    /// Host names that lead to it.
    pub hosts: Vec<String>,
    /// Settings.
    pub settings: StoreSettings,
    /// Ways to ship, in the order offered.
    pub shipping_methods: Vec<ShippingMethod>,
    /// Rates of tax.
    pub tax_rates: Vec<TaxRate>,
}

/// Settings of a store; what is absent takes its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// Days until a guest's cart expires, counted from its last change. Default 30.
    pub guest_cart_days: u16,
    /// Days until a customer's cart expires. Default 365.
    pub customer_cart_days: u16,
    /// How long persons are kept in what has ended.
    #[serde(skip_serializing_if = "Retention::is_default")]
    pub retention: Retention,
    /// Days for which events of carts are kept; those of orders stay. Default 90.
    pub cart_event_days: u16,
    /// Address of the storefront, to which links in mails lead, e.g. `https://shop.example`; without it mails show the bare secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storefront_url: Option<String>,
    /// Origins of web pages elsewhere that may use the store from a browser, such as `https://shop.example`; `*` for all, then
    /// without cookies. Default none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
    /// Minutes in which an order that waits for the shopper must be paid. Default 60.
    pub payment_minutes: u16,
    /// When money is taken: at once, or set aside first and captured by an operator. Default automatic.
    pub payment_capture: PaymentCapture,
    /// Days in which money that was set aside must be captured, 1 to 30; then it is let go and the order cancelled. Default 7.
    pub authorization_days: u16,
    /// Names of the gateways by which shoppers may pay; without it all that the installation has, but `test` beside a real one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateways: Option<Vec<String>>,
    /// Ways to pay past every gateway, in the order offered; with any the gateway `manual` is there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub manual_methods: Vec<ManualMethod>,
    /// Days for which an order waits for money that operators record, 1 to 365; a method may say otherwise. Default 7.
    pub manual_payment_days: u16,
    /// Whether prices contain tax. Default true.
    pub prices_include_tax: bool,
    /// Whether checkout needs a shipping address and method for goods that are sent. Default false.
    pub require_shipping: bool,
    /// What else checkout needs to know.
    #[serde(skip_serializing_if = "CheckoutNeeds::is_default")]
    pub checkout_needs: CheckoutNeeds,
    /// What becomes of lines that ran out or are not sold any more. Default they are moved to the items saved for later.
    #[serde(skip_serializing_if = "UnavailableLines::is_default")]
    pub unavailable_lines: UnavailableLines,
    /// Which price counts at checkout; a product may say otherwise.
    pub price_policy: PricePolicy,
    /// When goods are held for a shopper; a product may say otherwise.
    pub hold_policy: HoldPolicy,
    /// Time zone of the store's days and hours: those of promotions and reminders unless they name another, and the days
    /// of reports. Default UTC.
    pub time_zone: TimeZone,
    /// Locale in which amounts are written for people, e.g. `de-DE`; by default they are written by currency alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Currencies that a shopper may choose besides the store's own. Default: those of `priced_in`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currencies: Option<Vec<Currency>>,
    /// Currencies, besides the store's own, in which prices have been stated. Kept by the engine; not for operators to set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub priced_in: Vec<Currency>,
    /// Where the store stands: tax is that of this place as long as a cart has no address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<Destination>,
    /// What prices that contain the tax of `home` are for buyers who are taxed otherwise. Default: the same.
    #[serde(skip_serializing_if = "TaxElsewhere::is_default")]
    pub tax_elsewhere: TaxElsewhere,
    /// How amounts are rounded, split and stacked.
    pub pricing: PricingPolicy,
    /// How the store reminds of abandoned carts.
    pub recovery: RecoverySettings,
    /// Mails to one address in 24 hours that strangers can cause, 3 to 1,000: reminders, and those about registering and forgotten
    /// passwords. Carts cause half of them at most, and the last two are for forgotten passwords. Default 8.
    pub mails_per_address: u16,
    /// Whether shoppers are shown how many units of a variant stand in others' carts. Default false.
    pub urgency: bool,
    /// Most codes on one cart, 1 to 20. Default 20.
    pub codes_per_cart: u8,
    /// Bytes that the options of one line may have in all, names and values, up to 65,536. Default 4,096 (4 KiB).
    pub line_options_bytes: u32,
    /// Bytes that all texts of one cart may have: options, saved items, addresses, codes; 16,384 to 1,048,576. Default
    /// 262,144 (256 KiB).
    pub cart_bytes: u32,
    /// Most units of one variant in an order, 1 to 99,999. Default: as many as a line may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units_per_order: Option<u32>,
    /// Units of a variant that is short which one shopper's unpaid orders may hold, 1 to 99,999; a quarter of what is on hand where
    /// that is more. Default 10.
    pub unpaid_units: u32,
    /// Percent of its usual time for which an unpaid order may wait once others hold all other units of a variant, or beyond its
    /// shopper's share, 1 to 100; the time begins to shrink when others hold half of them. Default 20.
    pub short_hold_percent: u8,
    /// What a promotion for first orders takes from a shopper. Default a proven identity.
    pub first_order_needs: FirstOrderNeeds,
    /// What shoppers see of the stock. Default its exact number.
    pub stock_shown: StockShown,
}

/// Stands for all origins among those that a store allows.
pub const ANY_ORIGIN: &str = "*";

/// Whether a page of another origin may send the cookies of the store with its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    /// It was named.
    Allowed,
    /// It is one of all.
    Refused,
}

/// What checkout needs to know. All but the e-mail address is about the address to which goods are sent, where the store requires one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckoutNeeds {
    /// An e-mail address, whatever is bought. Default false.
    pub email: bool,
    /// To whom it is sent. Default true.
    pub name: bool,
    /// Street and number. Default true.
    pub street: bool,
    /// City, but in countries that are one. Default true.
    pub city: bool,
    /// A postcode of the country's form, where addresses of the country have one. Default true.
    pub postcode: bool,
    /// A telephone number. Default false.
    pub phone: bool,
}

impl Default for CheckoutNeeds {
    fn default() -> Self {
        CheckoutNeeds { email: false, name: true, street: true, city: true, postcode: true, phone: false }
    }
}

impl CheckoutNeeds {
    fn is_default(&self) -> bool {
        *self == CheckoutNeeds::default()
    }
}

/// What becomes of lines that ran out or are not sold any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnavailableLines {
    /// They are moved to the items saved for later, with the reason, when the cart is read.
    #[default]
    SetAside,
    /// They stay in the cart, and checkout is refused until they are gone.
    Keep,
}

impl UnavailableLines {
    fn is_default(&self) -> bool {
        *self == UnavailableLines::SetAside
    }
}

/// What a promotion for first orders takes from a shopper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstOrderNeeds {
    /// Somebody who is logged in. A guest's address could be anybody's, and the price would tell whether that one has bought.
    #[default]
    Proven,
    /// Any address, as typed.
    Trust,
}

/// What shoppers see of how many units are to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum StockShown {
    /// The exact number.
    Exact {},
    /// The number where only few are left, otherwise only that there are some.
    Low {
        /// The most that is shown, 1 to 99,999 units.
        units: u32,
    },
    /// Only whether there are some.
    Hidden {},
}

impl Default for StockShown {
    fn default() -> Self {
        StockShown::Exact {}
    }
}

impl StockShown {
    /// The number that a shopper is shown for so many available units; `None` where it is not said.
    pub fn number(self, available: i64) -> Option<i64> {
        let available = available.max(0);
        match self {
            StockShown::Exact {} => Some(available),
            StockShown::Low { units } => (available <= i64::from(units)).then_some(available),
            StockShown::Hidden {} => (available == 0).then_some(0),
        }
    }
}

/// What becomes of prices that contain tax where the buyer is taxed otherwise than at the store's home.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxElsewhere {
    /// Everybody pays the same price, whatever tax it contains.
    #[default]
    KeepGross,
    /// The tax of home is taken out, and the buyer's put in: the net price is the same everywhere.
    NetPrices,
}

impl TaxElsewhere {
    fn is_default(&self) -> bool {
        *self == TaxElsewhere::KeepGross
    }
}

/// When the money of an order is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentCapture {
    /// At checkout.
    #[default]
    Automatic,
    /// It is set aside at checkout, and captured when an operator says so.
    Manual,
}

impl PaymentCapture {
    /// Whether it is taken at checkout.
    pub fn is_automatic(&self) -> bool {
        *self == PaymentCapture::Automatic
    }
}

/// Which unit price counts at checkout, where it has moved since the goods were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PricePolicy {
    /// Today's. A lower one is given; a higher one must be accepted by the total that the shopper saw.
    Latest {},
    /// The captured one for a while, or today's where that is lower; after that as `Latest`.
    Captured {
        /// Minutes for which the captured price holds, 1 to 525,600 (a year).
        minutes: u32,
    },
}

impl Default for PricePolicy {
    fn default() -> Self {
        PricePolicy::Latest {}
    }
}

impl PricePolicy {
    /// Most minutes for which a price may hold.
    pub const MOST_MINUTES: u32 = 525_600;

    /// Until when a price captured then holds.
    pub fn held_until(self, captured_at: Timestamp) -> Option<Timestamp> {
        match self {
            PricePolicy::Latest {} => None,
            PricePolicy::Captured { minutes } => Some(captured_at.plus_ms(i64::from(minutes) * 60_000)),
        }
    }

    /// What is wrong with it, if anything.
    pub fn error(self) -> Option<&'static str> {
        match self {
            PricePolicy::Captured { minutes } if !(1..=Self::MOST_MINUTES).contains(&minutes) => {
                Some("must be between 1 and 525600")
            }
            _ => None,
        }
    }
}

/// From when on goods are held for a shopper, so that nobody else gets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HoldPolicy {
    /// From checkout on, until the payment has an outcome.
    AtCheckout {},
    /// From the moment they are added, for a while; checkout holds them on until the payment has an outcome.
    AtAdd {
        /// Minutes for which they are held in the cart, 1 to 10,080 (a week).
        minutes: u32,
        /// Units of one variant that are held for one cart at most, 1 to 99,999; more can be added, but are not held.
        /// Default 10.
        #[serde(default = "HoldPolicy::usual_units")]
        max_units: u32,
    },
}

impl Default for HoldPolicy {
    fn default() -> Self {
        HoldPolicy::AtCheckout {}
    }
}

impl HoldPolicy {
    /// Most minutes for which goods may be held in a cart.
    pub const MOST_MINUTES: u32 = 10_080;
    /// Most units of a variant that may be held for one cart.
    pub const MOST_UNITS: u32 = 99_999;

    /// Units of a variant that are held for one cart, where nothing else is set.
    pub fn usual_units() -> u32 {
        10
    }

    /// Whether goods are held from the moment they are added.
    pub fn is_at_add(self) -> bool {
        matches!(self, HoldPolicy::AtAdd { .. })
    }

    /// What is wrong with it, if anything: the field, and why.
    pub fn error(self) -> Option<(&'static str, &'static str)> {
        match self {
            HoldPolicy::AtAdd { minutes, .. } if !(1..=Self::MOST_MINUTES).contains(&minutes) => {
                Some(("minutes", "must be between 1 and 10080"))
            }
            HoldPolicy::AtAdd { max_units, .. } if !(1..=Self::MOST_UNITS).contains(&max_units) => {
                Some(("max_units", "must be between 1 and 99999"))
            }
            _ => None,
        }
    }
}

impl Default for StoreSettings {
    fn default() -> Self {
        StoreSettings {
            guest_cart_days: 30,
            customer_cart_days: 365,
            retention: Retention::default(),
            cart_event_days: 90,
            storefront_url: None,
            allowed_origins: Vec::new(),
            payment_minutes: 60,
            payment_capture: PaymentCapture::Automatic,
            authorization_days: 7,
            gateways: None,
            manual_methods: Vec::new(),
            manual_payment_days: 7,
            prices_include_tax: true,
            require_shipping: false,
            checkout_needs: CheckoutNeeds::default(),
            unavailable_lines: UnavailableLines::default(),
            price_policy: PricePolicy::default(),
            hold_policy: HoldPolicy::default(),
            time_zone: TimeZone::UTC,
            locale: None,
            currencies: None,
            priced_in: Vec::new(),
            home: None,
            tax_elsewhere: TaxElsewhere::default(),
            pricing: PricingPolicy::default(),
            recovery: RecoverySettings::default(),
            mails_per_address: 8,
            urgency: false,
            codes_per_cart: crate::cart::MAX_COUPONS as u8,
            line_options_bytes: crate::cart::LINE_OPTIONS_BYTES,
            cart_bytes: crate::cart::CART_BYTES,
            units_per_order: None,
            unpaid_units: 10,
            short_hold_percent: 20,
            first_order_needs: FirstOrderNeeds::default(),
            stock_shown: StockShown::default(),
        }
    }
}

impl StoreSettings {
    /// These settings with some of them set: a JSON merge patch (RFC 7396). What is absent stays, `null` takes its default. A
    /// value that names another `kind` takes the place of the one before as a whole.
    ///
    /// # Errors
    /// What is no setting, or not as it must be.
    pub fn merged(&self, patch: &Map<String, Value>) -> serde_json::Result<StoreSettings> {
        serde_json::from_value(self.merged_json(patch)?)
    }

    /// The same as JSON, not yet read.
    ///
    /// # Errors
    /// None in practice: settings can be written as JSON.
    pub fn merged_json(&self, patch: &Map<String, Value>) -> serde_json::Result<Value> {
        let mut settings = serde_json::to_value(self)?;
        merge(&mut settings, &Value::Object(patch.clone()));
        Ok(settings)
    }

    /// Currencies that a shopper may choose besides the store's own.
    fn more_currencies(&self) -> &[Currency] {
        self.currencies.as_deref().unwrap_or(&self.priced_in)
    }

    /// Whether pages of this origin may use the store from a browser, and whether with cookies.
    pub fn allows_origin(&self, origin: &str) -> Option<Cookies> {
        let is = |wanted: &str| self.allowed_origins.iter().any(|allowed| allowed == wanted);
        match () {
            () if is(origin) => Some(Cookies::Allowed),
            () if is(ANY_ORIGIN) => Some(Cookies::Refused),
            () => None,
        }
    }

    /// Most units of one variant in an order.
    pub fn most_units(&self) -> i64 {
        self.units_per_order.map_or(crate::cart::MAX_QUANTITY, i64::from).min(crate::cart::MAX_QUANTITY)
    }

    /// When a cart changed now expires.
    pub fn cart_expiry(&self, now: Timestamp, customer: bool) -> Timestamp {
        let days = if customer { self.customer_cart_days } else { self.guest_cart_days };
        now.plus_ms(i64::from(days) * DAY_MS)
    }

    /// Until when an order made now must be paid.
    pub fn payment_deadline(&self, now: Timestamp) -> Timestamp {
        now.plus_ms(i64::from(self.payment_minutes) * 60_000)
    }

    /// Until when money that is set aside now must be captured.
    pub fn capture_deadline(&self, now: Timestamp) -> Timestamp {
        now.plus_ms(i64::from(self.authorization_days) * DAY_MS)
    }
}

fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *into = patch.clone();
        return;
    };
    let kind = |map: &Map<String, Value>| map.get("kind").cloned();
    let known = into.as_object().filter(|known| kind(patch).is_none_or(|other| kind(known) == Some(other)));
    let mut merged = known.cloned().unwrap_or_default();
    for (name, value) in patch {
        match value {
            Value::Null => drop(merged.remove(name)),
            value => merge(merged.entry(name.clone()).or_insert(Value::Null), value),
        }
    }
    *into = Value::Object(merged);
}

/// A store with its promotions: what pricing needs besides the cart and its goods.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The store.
    pub store: Store,
    /// Promotions in the order in which they were made; pricing goes by their priority, and by this order where it is equal.
    pub promotions: Vec<Arc<Promotion>>,
    /// Whether an active promotion is for first orders, so that a buyer's orders must be counted.
    pub asks_first_order: bool,
    /// Promotions as they stood, for lines whose captured price holds.
    pub kept: Vec<KeptPromotion>,
    by_id: HashMap<PromotionId, usize>,
}

impl Store {
    /// A currency in which its shoppers may have a cart.
    ///
    /// # Errors
    /// All such currencies, where this is none of them.
    pub fn offered_currency(&self, code: &str) -> Result<Currency, Vec<Currency>> {
        let found = code.parse().ok().filter(|currency| self.offers(*currency));
        found.ok_or_else(|| {
            let more = self.settings.more_currencies().iter().copied().filter(|more| *more != self.currency);
            std::iter::once(self.currency).chain(more).collect()
        })
    }

    fn offers(&self, currency: Currency) -> bool {
        currency == self.currency || self.settings.more_currencies().contains(&currency)
    }
}

impl StoreConfig {
    /// Puts the promotions in order.
    pub fn new(store: Store, promotions: Vec<Promotion>) -> StoreConfig {
        let mut promotions: Vec<Arc<Promotion>> = promotions.into_iter().map(Arc::new).collect();
        promotions.sort_by_key(|promotion| promotion.id);
        let by_id = promotions.iter().enumerate().map(|(index, promotion)| (promotion.id, index)).collect();
        let asks_first_order = promotions.iter().any(|promotion| promotion.active && promotion.conditions.first_order);
        StoreConfig { store, promotions, asks_first_order, kept: Vec::new(), by_id }
    }

    /// Whether it is to be found out if an order would be this shopper's first: some promotion wants to know, and the answer
    /// is not told to whoever has typed somebody's address.
    pub fn asks_first_order_of(&self, who: Who<'_>) -> bool {
        let trusted = self.store.settings.first_order_needs == FirstOrderNeeds::Trust;
        self.asks_first_order && who.buyer().is_some() && (who.customer.is_some() || trusted)
    }

    /// The same with promotions as they stood.
    pub fn with_kept(mut self, mut kept: Vec<KeptPromotion>) -> StoreConfig {
        kept.sort_by_key(|kept| (kept.promotion.id, kept.until));
        self.asks_first_order |= kept.iter().any(|kept| kept.promotion.active && kept.promotion.conditions.first_order);
        self.kept = kept;
        self
    }

    /// A promotion by id, as it stands or as it stood last.
    pub fn promotion_ever(&self, id: PromotionId) -> Option<&Arc<Promotion>> {
        let last = || self.kept.iter().rev().find(|kept| kept.promotion.id == id).map(|kept| &kept.promotion);
        self.promotion(id).or_else(last)
    }

    /// Promotions whose uses are counted: those that stand, and the last state of those that are gone.
    pub fn promotions_ever(&self) -> impl Iterator<Item = &Arc<Promotion>> {
        let gone = self.kept.iter().enumerate().filter(|(at, kept)| {
            let id = kept.promotion.id;
            self.kept.get(at + 1).is_none_or(|next| next.promotion.id != id) && self.promotion(id).is_none()
        });
        self.promotions.iter().chain(gone.map(|(_, kept)| &kept.promotion))
    }

    /// Whether an offer was in force when a price was captured at this instant, as it stood then.
    pub fn was_in_force(&self, id: PromotionId, captured_at: Timestamp) -> bool {
        let current = self.promotion(id).map(|promotion| &**promotion);
        as_it_stood(id, captured_at, current, &self.kept)
            .is_some_and(|stood| stood.is_in_force(captured_at, &self.store.settings.time_zone))
    }

    /// Whether a price that was captured at this instant, and holds, keeps an offer that is not in force any more as it was.
    pub fn keeps_offers_of(&self, captured_at: Timestamp, now: Timestamp) -> bool {
        let zone = &self.store.settings.time_zone;
        let is_kept = |id: PromotionId| {
            let current = self.promotion(id).map(|promotion| &**promotion);
            as_it_stood(id, captured_at, current, &self.kept).is_some_and(|stood| {
                let stands = current.is_some_and(|current| std::ptr::eq(current, stood));
                stood.is_in_force(captured_at, zone) && !(stands && stood.is_in_force(now, zone))
            })
        };
        let clocked = |promotion: &Promotion| promotion.active && !promotion.is_in_force(now, zone);
        self.kept.iter().any(|kept| captured_at <= kept.until && is_kept(kept.promotion.id))
            || self.promotions.iter().any(|promotion| clocked(promotion) && is_kept(promotion.id))
    }

    /// A promotion by id.
    pub fn promotion(&self, id: PromotionId) -> Option<&Arc<Promotion>> {
        self.by_id.get(&id).map(|index| &self.promotions[*index])
    }

    /// The first instant after `now` at which a promotion begins or ends, so at which a quote may change by itself.
    pub fn next_boundary(&self, now: Timestamp) -> Option<Timestamp> {
        let instants = self.promotions.iter().flat_map(|promotion| {
            // The end is inside the period: the change comes one millisecond later.
            let clock = promotion.conditions.next_change(now, &self.store.settings.time_zone);
            [promotion.starts_at, promotion.ends_at.map(|end| end.plus_ms(1)), clock]
        });
        instants.flatten().filter(|instant| *instant > now).min()
    }
}
