//! Who comes to the shop in each measurement. Every choice is drawn from a seed, so that each run asks the same.

use super::connection::Answer;
use super::load::{Heard, Shopper};
use super::requests::{self, CartKey};
use indicatif::ProgressBar;

/// Different variants in the shop, besides those of flash sales.
pub(super) const VARIANTS: u64 = 10_000;
/// Lines of a usual cart.
pub(super) const LINES: usize = 3;

/// The SKU of the variant with this number.
pub(super) fn sku(number: u64) -> String {
    format!("BENCH-{:05}", number % VARIANTS)
}

/// A small generator of numbers (xorshift64*): fair enough to spread load, and as good as free.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound.max(1)
    }

    /// SKUs of three different variants.
    fn three_skus(&mut self) -> [String; LINES] {
        let first = self.below(VARIANTS);
        let step = 1 + self.below(VARIANTS / 4);
        [sku(first), sku(first + step), sku(first + 2 * step)]
    }
}

/// Sends requests that are ready, in random order, and wants a success each time.
pub(super) struct Repeater {
    requests: Vec<Vec<u8>>,
    dice: Dice,
    /// Successes, those of the warm-up among them.
    pub(super) done: u64,
}

impl Repeater {
    pub(super) fn new(seed: u64, requests: Vec<Vec<u8>>) -> Self {
        Self { requests, dice: Dice::new(seed), done: 0 }
    }
}

impl Shopper for Repeater {
    fn ask(&mut self, request: &mut Vec<u8>) -> bool {
        let index = self.dice.below(self.requests.len() as u64);
        request.extend_from_slice(&self.requests[index as usize]);
        true
    }

    fn hear(&mut self, answer: &Answer<'_>) -> Heard {
        if !matches!(answer.status, 200 | 201) {
            return Heard::Unexpected;
        }
        self.done += 1;
        Heard::Done
    }
}

/// A cart of the stock of carts, with what lies in it.
#[derive(Clone, Debug)]
pub(super) struct FilledCart {
    pub(super) key: CartKey,
    pub(super) skus: Vec<String>,
}

/// Makes so many carts with three lines and leaves them.
pub(super) struct Filler {
    basket: Basket,
    left: u64,
    dice: Dice,
    asked: Vec<String>,
    progress: ProgressBar,
    pub(super) carts: Vec<FilledCart>,
}

impl Filler {
    pub(super) fn new(seed: u64, basket: Basket, carts: u64, progress: &ProgressBar) -> Self {
        let (dice, progress) = (Dice::new(seed), progress.clone());
        Self { basket, left: carts, dice, asked: Vec::new(), progress, carts: Vec::new() }
    }
}

impl Shopper for Filler {
    fn ask(&mut self, request: &mut Vec<u8>) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        self.asked = self.basket.fill(&mut self.dice);
        requests::create_cart(request, &self.asked);
        true
    }

    fn hear(&mut self, answer: &Answer<'_>) -> Heard {
        self.progress.inc(1);
        match (answer.status, CartKey::scan(answer.body)) {
            (201, Some(key)) => {
                self.carts.push(FilledCart { key, skus: std::mem::take(&mut self.asked) });
                Heard::Done
            }
            _ => Heard::Unexpected,
        }
    }
}

/// What a buyer wants in each cart.
#[derive(Clone, Debug)]
pub(super) enum Basket {
    /// One unit of each of three variants out of all.
    Three,
    /// One unit of this one and of two out of all.
    Hot(String),
    /// One unit of this one.
    Flash(String),
}

impl Basket {
    /// The SKUs of a cart.
    fn fill(&self, dice: &mut Dice) -> Vec<String> {
        match self {
            Basket::Three => dice.three_skus().into(),
            Basket::Hot(sku) => {
                let [_, second, third] = dice.three_skus();
                vec![sku.clone(), second, third]
            }
            Basket::Flash(sku) => vec![sku.clone()],
        }
    }
}

/// Checks carts out that were made beforehand, each once: one request is one order.
pub(super) struct Payer {
    /// Those that are left; the last is the next.
    pub(super) carts: Vec<FilledCart>,
    /// Orders placed, those of the warm-up among them.
    pub(super) sold: u64,
}

impl Payer {
    pub(super) fn new(carts: Vec<FilledCart>) -> Self {
        Self { carts, sold: 0 }
    }
}

impl Shopper for Payer {
    fn ask(&mut self, request: &mut Vec<u8>) -> bool {
        let Some(cart) = self.carts.pop() else { return false };
        // A key belongs to one cart, so it need not differ from those of others.
        requests::checkout(request, &cart.key, "checkout-1");
        true
    }

    fn hear(&mut self, answer: &Answer<'_>) -> Heard {
        if answer.status != 201 {
            return Heard::Unexpected;
        }
        self.sold += 1;
        Heard::Done
    }
}

/// Makes a cart and checks it out, again and again: two requests are one order. A clear refusal for lack of stock is an
/// answer too, but only in a flash sale.
pub(super) struct Buyer {
    basket: Basket,
    left: u64,
    dice: Dice,
    key_prefix: String,
    asked: u64,
    cart: Option<CartKey>,
    progress: ProgressBar,
    /// Orders placed, those of the warm-up among them.
    pub(super) sold: u64,
    /// Attempts refused for lack of stock, those of the warm-up among them.
    pub(super) sold_out: u64,
}

impl Buyer {
    /// A buyer of at most `orders`; `key_prefix` sets the idempotency keys apart from all other buyers'.
    pub(super) fn new(seed: u64, key_prefix: String, basket: Basket, orders: u64, progress: &ProgressBar) -> Self {
        let (dice, progress) = (Dice::new(seed), progress.clone());
        Self { basket, left: orders, dice, key_prefix, asked: 0, cart: None, progress, sold: 0, sold_out: 0 }
    }

    fn refused(&mut self, answer: &Answer<'_>) -> Heard {
        let flash = matches!(self.basket, Basket::Flash(_));
        if flash && answer.status == 409 && requests::has_code(answer.body, "insufficient_stock") {
            self.sold_out += 1;
            Heard::Refused
        } else {
            Heard::Unexpected
        }
    }
}

impl Shopper for Buyer {
    fn ask(&mut self, request: &mut Vec<u8>) -> bool {
        if let Some(cart) = &self.cart {
            self.asked += 1;
            requests::checkout(request, cart, &format!("{}-{}", self.key_prefix, self.asked));
            return true;
        }
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        requests::create_cart(request, &self.basket.fill(&mut self.dice));
        true
    }

    fn hear(&mut self, answer: &Answer<'_>) -> Heard {
        let checked_out = self.cart.take().is_some();
        match (checked_out, answer.status) {
            (true, 201) => {
                self.sold += 1;
                self.progress.inc(1);
                Heard::Done
            }
            (false, 201) => {
                self.cart = CartKey::scan(answer.body);
                if self.cart.is_some() { Heard::Unfinished } else { Heard::Unexpected }
            }
            _ => self.refused(answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variants_of_a_cart_differ() {
        let mut dice = Dice::new(7);
        for _ in 0..10_000 {
            let [a, b, c] = dice.three_skus();
            assert!(a != b && b != c && a != c);
        }
    }

    #[test]
    fn only_lack_of_stock_in_a_flash_sale_is_a_refusal() {
        let out = Answer { status: 409, body: br#"{"code":"insufficient_stock"}"# };
        let other = Answer { status: 409, body: br#"{"code":"price_changed"}"# };
        let buyer = |basket| Buyer::new(0, String::new(), basket, 1, &ProgressBar::hidden());
        assert_eq!(buyer(Basket::Flash("F".to_owned())).hear(&out), Heard::Refused);
        assert_eq!(buyer(Basket::Flash("F".to_owned())).hear(&other), Heard::Unexpected);
        assert_eq!(buyer(Basket::Three).hear(&out), Heard::Unexpected);
    }
}
