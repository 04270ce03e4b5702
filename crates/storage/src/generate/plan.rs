//! What is in the shop, as pure functions of the shape and a number: which goods an order has, how it ended, who bought.

use super::Shape;
use cartwright_domain::id::{
    AttemptId, CartId, IdSource, LineId, OrderId, ProductId, PromotionId, Timestamp, VariantId,
};
use cartwright_domain::order::OrderStatus;
use uuid::Uuid;

pub const VARIANTS_PER_PRODUCT: u64 = 4;
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Every so-many-th variant was never delivered.
const NEVER_DELIVERED: u64 = 50;
/// Of so many orders one used a promotion.
const PROMOTED: u64 = 10;

/// What a stream of dice is for, so that no two things share their rolls.
#[derive(Clone, Copy)]
pub enum For {
    Product = 1,
    Variant,
    Promotion,
    Order,
    Cart,
}

/// A line of an order or a cart.
#[derive(Clone, Copy, Debug)]
pub struct PlannedLine {
    pub id: LineId,
    pub variant: u64,
    pub quantity: i64,
}

/// An order.
#[derive(Clone, Debug)]
pub struct PlannedOrder {
    pub id: OrderId,
    pub cart_id: CartId,
    pub attempt_id: AttemptId,
    pub number: u64,
    pub at: Timestamp,
    pub status: OrderStatus,
    pub customer: Option<String>,
    pub lines: Vec<PlannedLine>,
    /// Number of the promotion.
    pub promotion: Option<u64>,
}

/// The shape, and what follows from it.
pub struct Plan {
    pub shape: Shape,
}

/// The SKU of a variant.
pub fn sku(variant: u64) -> String {
    format!("V-{variant:06}")
}

/// A customer's name in the shop's own system.
pub fn customer(number: u64) -> String {
    format!("customer-{number:06}")
}

/// Minor units.
pub fn price(variant: u64) -> i64 {
    // Spread like real prices: many small ones, few large ones; those of a product lie together.
    let step = (variant / VARIANTS_PER_PRODUCT * 7_919) % 1_000;
    100 + 5 * (step * step / 250 + 10 * (variant % VARIANTS_PER_PRODUCT)) as i64
}

impl Plan {
    pub fn new(shape: Shape) -> Plan {
        Plan { shape }
    }

    fn ids(&self, what: For, number: u64, at: Timestamp) -> IdSource {
        IdSource::new(at, self.roll(what, number))
    }

    /// A number that depends on the seed, what it is for, and the number of that.
    pub fn roll(&self, what: For, number: u64) -> u64 {
        let mut mixed = self.shape.seed ^ (what as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.rotate_left(32);
        for _ in 0..2 {
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
        }
        mixed
    }

    /// When the catalogue was made.
    pub fn opened(&self) -> Timestamp {
        self.shape.until.plus_ms(-400 * DAY_MS)
    }

    fn uuid(&self, what: For, number: u64) -> Uuid {
        self.ids(what, number, self.opened().plus_ms(number as i64)).next_id()
    }

    pub fn product_id(&self, number: u64) -> ProductId {
        ProductId(self.uuid(For::Product, number))
    }

    pub fn variant_id(&self, number: u64) -> VariantId {
        VariantId(self.uuid(For::Variant, number))
    }

    pub fn promotion_id(&self, number: u64) -> PromotionId {
        PromotionId(self.uuid(For::Promotion, number))
    }

    pub fn is_delivered(variant: u64) -> bool {
        variant % NEVER_DELIVERED != NEVER_DELIVERED - 1
    }

    /// One to three variants, different and delivered.
    fn lines(&self, roll: u64, ids: &mut IdSource) -> Vec<PlannedLine> {
        let mut lines: Vec<PlannedLine> = Vec::new();
        for place in 0..1 + roll % 3 {
            let mut variant = (roll >> 8).wrapping_add(place * 7_717) % self.shape.variants;
            if !Plan::is_delivered(variant) {
                variant -= 1;
            }
            if lines.iter().all(|line| line.variant != variant) {
                let quantity = 1 + ((roll >> (3 * place)) % 4) as i64;
                lines.push(PlannedLine { id: LineId(ids.next_id()), variant, quantity });
            }
        }
        lines
    }

    pub fn order(&self, number: u64) -> PlannedOrder {
        let roll = self.roll(For::Order, number);
        let back = (self.shape.orders - number) as i128 * i128::from(365 * DAY_MS) / i128::from(self.shape.orders);
        let at = self.shape.until.plus_ms(-(back as i64));
        let mut ids = self.ids(For::Order, number, at);
        let by_customer = roll.is_multiple_of(2) && self.shape.customers > 0;
        let promoted = (roll >> 20).is_multiple_of(PROMOTED) && self.shape.promotions > 0;
        PlannedOrder {
            id: OrderId(ids.next_id()),
            cart_id: CartId(ids.next_id()),
            attempt_id: AttemptId(ids.next_id()),
            number,
            at,
            status: self.status(number, roll),
            customer: by_customer.then(|| customer((roll >> 16) % self.shape.customers)),
            lines: self.lines(roll, &mut ids),
            promotion: promoted.then(|| (roll >> 40) % self.shape.promotions),
        }
    }

    fn status(&self, number: u64, roll: u64) -> OrderStatus {
        // Only young orders wait for their payment.
        if number + 1 + self.shape.orders / 5_000 >= self.shape.orders {
            return OrderStatus::PendingPayment;
        }
        match (roll >> 24) % 100 {
            0..4 => OrderStatus::Cancelled,
            4..7 => OrderStatus::PaymentFailed,
            7..9 => OrderStatus::Expired,
            _ => OrderStatus::Placed,
        }
    }

    fn cart_at(&self, number: u64) -> Timestamp {
        let back = (self.shape.carts - number) as i128 * i128::from(60 * DAY_MS) / i128::from(self.shape.carts);
        self.shape.until.plus_ms(-(back as i64))
    }

    pub fn cart_id(&self, number: u64) -> CartId {
        CartId(self.ids(For::Cart, number, self.cart_at(number)).next_id())
    }

    /// Id, time and lines of a cart besides the orders'.
    pub fn cart(&self, number: u64) -> (CartId, Timestamp, Vec<PlannedLine>) {
        let at = self.cart_at(number);
        let mut ids = self.ids(For::Cart, number, at);
        let id = CartId(ids.next_id());
        (id, at, self.lines(self.roll(For::Cart, number), &mut ids))
    }

    /// The newest carts belong to customers, one each.
    pub fn customer_of_cart(&self, number: u64) -> Option<String> {
        let from_newest = self.shape.carts - 1 - number;
        (from_newest < self.shape.customers.min(self.shape.carts / 5)).then(|| customer(from_newest))
    }
}
