//! The current cart: new, show, add, set, remove, save for later, undo, merge, coupons, address, shipping, delete.

use super::basket::{article, options_of};
use super::failure::Failure;
use super::receipt::receipt;
use super::screen;
use super::session::Session;
use super::terminal::Terminal;
use cartwright_client::wire::{
    AddLines, Address, Cart, ChangeAddress, ChangeCart, ChangeLine, CreateCart, LineInput, Patch, ShippingMethods,
};
use cartwright_client::{CartAccess, Error};
use clap::{Args, Subcommand};
use uuid::Uuid;

/// `cart …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
The client remembers the current cart and its secret in a file (CARTWRIGHT_SESSION, else session.json in the
configuration folder), one per server and store.

Examples:
  cartwright cart add PEN TSHIRT=2
  cartwright cart set PEN 3
  cartwright cart coupon SUMMER
  cartwright cart show
  cartwright cart show --explain     # a receipt, and why each promotion counts or does not")]
pub enum CartCommand {
    /// Start a new cart; it becomes the current one.
    New(NewCart),
    /// Show the current cart with today's sums.
    Show {
        /// Prints a receipt: each step of the price, and why each promotion counts or does not.
        #[arg(long)]
        explain: bool,
    },
    /// Follow the current cart: what others change in it, prices, stock, what becomes of its order. Until interrupted.
    Watch {
        /// First what happened after this event.
        #[arg(long)]
        after: Option<i64>,
    },
    /// Put articles in; makes a cart if there is none.
    Add(AddToCart),
    /// Set the quantity of a line; 0 removes it.
    Set {
        /// SKU, or the line's id as `cart show` shortens it.
        line: String,
        /// Units.
        #[arg(allow_negative_numbers = true)]
        quantity: i64,
    },
    /// Take a line out; `cart undo` puts it back.
    Remove {
        /// SKU, or the line's id as `cart show` shortens it.
        line: String,
        /// Takes out an item that was saved for later, not a line.
        #[arg(long)]
        saved: bool,
    },
    /// Save a line for later: out of the cart, but kept.
    Save {
        /// SKU, or the line's id as `cart show` shortens it.
        line: String,
    },
    /// Put what was saved for later back into the cart.
    Restore {
        /// SKU, or the item's id as `cart show` shortens it.
        item: String,
    },
    /// Take the last removal back.
    Undo,
    /// Merge the current cart into a customer's, as at login; takes an operator's key.
    Merge {
        /// The customer's name in the shop's own system.
        customer: String,
    },
    /// Take the last merge back, while the cart is as it left it; takes an operator's key.
    Unmerge,
    /// Say the shopper's e-mail address: some codes are counted per customer.
    Email {
        /// The address.
        #[arg(required_unless_present = "remove")]
        email: Option<String>,
        /// Take it off the cart.
        #[arg(long, conflicts_with = "email")]
        remove: bool,
    },
    /// Apply a coupon code, or take one off.
    Coupon {
        /// The code.
        code: String,
        /// Takes it off.
        #[arg(long)]
        remove: bool,
    },
    /// Say where to send it.
    Address(AddressOfCart),
    /// List the ways to ship this cart.
    Shipping,
    /// Choose a way to ship, or take the choice back.
    Ship {
        /// Handle of the method, the first column of `cartwright cart shipping`.
        #[arg(required_unless_present = "none")]
        method: Option<String>,
        /// None: take the choice back.
        #[arg(long, conflicts_with = "method")]
        none: bool,
    },
    /// List the ways to pay this cart.
    PaymentMethods,
    /// Remove the current cart.
    Delete,
}

/// `cart new`
#[derive(Args, Clone, Debug)]
pub struct NewCart {
    /// Currency (ISO 4217); the store's unless given.
    #[arg(long)]
    currency: Option<String>,
    /// The shopper's e-mail address.
    #[arg(long)]
    email: Option<String>,
}

/// `cart add`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright cart add PEN
  cartwright cart add PEN=3 MUG
  cartwright cart add MUG --option gift-wrap=yes --option text='Well done'")]
pub struct AddToCart {
    /// Articles: SKU or SKU=QUANTITY.
    #[arg(required = true)]
    articles: Vec<String>,
    /// NAME=VALUE, for all articles named; the same article with other options is another line.
    #[arg(long = "option")]
    options: Vec<String>,
}

/// `cart address`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  cartwright cart address --name 'Ada Lovelace' --line1 'Calle Mayor 1' --city Madrid --postcode 28013 --country ES")]
pub struct AddressOfCart {
    /// Country (ISO 3166-1, two letters).
    #[arg(long, required_unless_present = "remove")]
    country: Option<String>,
    /// Person or company.
    #[arg(long, default_value = "")]
    name: String,
    /// Street and number.
    #[arg(long, default_value = "")]
    line1: String,
    /// Flat, floor.
    #[arg(long, default_value = "")]
    line2: String,
    /// City.
    #[arg(long, default_value = "")]
    city: String,
    /// State or province.
    #[arg(long, default_value = "")]
    region: String,
    /// Postcode.
    #[arg(long, default_value = "")]
    postcode: String,
    /// Telephone.
    #[arg(long, default_value = "")]
    phone: String,
    /// The shopper's e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// Whether to be reminded of the cart at this address.
    #[arg(long)]
    remind: Option<bool>,
    /// This is where the bill goes, not the goods.
    #[arg(long)]
    billing: bool,
    /// Take the address off the cart.
    #[arg(long, conflicts_with = "country")]
    remove: bool,
}

pub(crate) async fn run(command: CartCommand, terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(terminal)?;
    let client = &terminal.client;
    let cart = match command {
        CartCommand::New(new) => {
            create(
                CreateCart { currency: new.currency, email: new.email, ..CreateCart::default() },
                terminal,
                &mut session,
            )
            .await?
        }
        CartCommand::Add(add) => self::add(add, terminal, &mut session).await?,
        CartCommand::Delete => return delete(terminal, &mut session).await,
        CartCommand::Shipping => return shipping(terminal, &session).await,
        CartCommand::PaymentMethods => return super::paying::list(terminal, &session).await,
        CartCommand::Show { explain: true } => {
            let cart = client.cart_explained(&session.require_cart()?).await?;
            return session.show_cart(&cart, terminal, receipt);
        }
        CartCommand::Watch { after } => return watch(&session.require_cart()?, after, terminal).await,
        CartCommand::Show { explain: false } => client.cart(&session.require_cart()?).await?,
        CartCommand::Set { line, quantity } => {
            let access = session.require_cart()?;
            let line = line_of(&client.cart(&access).await?, &line)?;
            client.change_line(&access, line, &ChangeLine { quantity }).await?
        }
        CartCommand::Remove { line, saved: false } => {
            let access = session.require_cart()?;
            let line = line_of(&client.cart(&access).await?, &line)?;
            client.remove_line(&access, line).await?
        }
        CartCommand::Remove { line, saved: true } => {
            let access = session.require_cart()?;
            let item = saved_of(&client.cart(&access).await?, &line)?;
            client.remove_saved(&access, item).await?
        }
        CartCommand::Save { line } => {
            let access = session.require_cart()?;
            let line = line_of(&client.cart(&access).await?, &line)?;
            client.save_line(&access, line).await?
        }
        CartCommand::Restore { item } => {
            let access = session.require_cart()?;
            let item = saved_of(&client.cart(&access).await?, &item)?;
            client.restore_saved(&access, item).await?
        }
        CartCommand::Undo => client.undo_removal(&session.require_cart()?).await?,
        CartCommand::Merge { customer } => {
            let cart = client.merge_cart(&session.require_cart()?, &customer).await?;
            session.remember_cart(&cart)?;
            cart
        }
        CartCommand::Unmerge => client.unmerge_cart(&session.require_cart()?).await?,
        CartCommand::Email { email, .. } => {
            let change = ChangeCart { email: set_or_unset(email), ..ChangeCart::default() };
            client.change_cart(&session.require_cart()?, &change).await?
        }
        CartCommand::Coupon { code, remove: false } => client.apply_coupon(&session.require_cart()?, &code).await?,
        CartCommand::Coupon { code, remove: true } => client.remove_coupon(&session.require_cart()?, &code).await?,
        CartCommand::Address(address) => client.change_cart(&session.require_cart()?, &address_change(address)).await?,
        CartCommand::Ship { method, .. } => {
            let change = ChangeCart { shipping_method: set_or_unset(method), ..ChangeCart::default() };
            client.change_cart(&session.require_cart()?, &change).await?
        }
    };
    session.show_cart(&cart, terminal, screen::cart)
}

async fn watch(cart: &CartAccess, after: Option<i64>, terminal: &Terminal) -> Result<(), Failure> {
    let mut events = terminal.client.watch_cart(cart, after);
    while let Some(event) = events.next().await? {
        terminal.show_line(&event, |event| {
            let number = event.sequence.map(|number| number.to_string()).unwrap_or_default();
            [number, event.kind.clone(), event.data.to_string()].join("  ").trim_start().to_owned()
        })?;
    }
    Ok(())
}

async fn create(cart: CreateCart, terminal: &Terminal, session: &mut Session) -> Result<Cart, Failure> {
    let cart = terminal.client.create_cart(&cart).await?;
    session.remember_cart(&cart)?;
    Ok(cart)
}

async fn add(command: AddToCart, terminal: &Terminal, session: &mut Session) -> Result<Cart, Failure> {
    let options = options_of(&command.options)?;
    let line = |word: &String| {
        let (sku, quantity) = article(word)?;
        Ok(LineInput { sku: Some(sku), quantity, options: options.clone(), ..LineInput::default() })
    };
    let lines = command.articles.iter().map(line).collect::<Result<Vec<_>, Failure>>()?;
    let Some(access) = session.cart() else {
        return create(CreateCart { lines, ..CreateCart::default() }, terminal, session).await;
    };
    // With a key of its own, an add whose answer was lost on the way is not counted twice when it is sent again.
    let key = Uuid::new_v4().to_string();
    let added = AddLines { lines: lines.clone(), ..AddLines::default() };
    match terminal.client.add_lines(&access, Some(&key), &added).await {
        Ok(cart) => {
            if cart.id != access.id {
                terminal.remark("The old cart had expired; this is a new one.");
                session.remember_cart(&cart)?;
            }
            Ok(cart)
        }
        Err(error) if is_gone(&error) => {
            terminal.remark("The old cart is closed or gone; this is a new one.");
            create(CreateCart { lines, ..CreateCart::default() }, terminal, session).await
        }
        Err(error) => Err(error.into()),
    }
}

fn is_gone(error: &Error) -> bool {
    matches!(error.code(), Some("cart_not_found" | "cart_closed" | "cart_expired" | "cart_removed"))
}

async fn delete(terminal: &Terminal, session: &mut Session) -> Result<(), Failure> {
    let access = session.require_cart()?;
    match terminal.client.delete_cart(&access).await {
        Err(error) if !is_gone(&error) => return Err(error.into()),
        _ => session.forget_cart()?,
    }
    terminal.remark("The cart is removed.");
    Ok(())
}

async fn shipping(terminal: &Terminal, session: &Session) -> Result<(), Failure> {
    let access: CartAccess = session.require_cart()?;
    let methods = terminal.client.cart_shipping_methods(&access).await?;
    terminal.show(&methods, shipping_text)
}

fn shipping_text(answer: &ShippingMethods) -> String {
    let missing = answer.unavailable.iter().map(|method| format!("\n{}: {}", method.name, method.detail));
    let missing: String = missing.collect();
    if answer.methods.is_empty() {
        let none = "No way to ship this cart. With an address there may be one: `cartwright cart address --help`.";
        return format!("{none}{missing}");
    }
    let rows = answer.methods.iter().map(|method| {
        let days = match (method.min_days, method.max_days) {
            (Some(least), Some(most)) if least != most => format!("{least}–{most}"),
            (Some(days), _) | (None, Some(days)) => days.to_string(),
            (None, None) => String::new(),
        };
        vec![method.handle.clone(), method.name.clone(), method.price.formatted.clone(), days]
    });
    screen::table(&["Method", "Name", "Price", "Days"], &[2, 3], rows.collect()) + &missing
}

fn set_or_unset<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Unset, Patch::Set)
}

fn address_change(given: AddressOfCart) -> ChangeCart {
    let address = given.country.map(|country| Address {
        name: given.name,
        line1: given.line1,
        line2: given.line2,
        city: given.city,
        region: given.region,
        postcode: given.postcode,
        country: country.to_uppercase(),
        phone: given.phone,
    });
    let address = set_or_unset(address.map(ChangeAddress::from));
    let told = ChangeCart { email: given.email.into(), email_consent: given.remind.into(), ..ChangeCart::default() };
    match given.billing {
        true => ChangeCart { billing_address: address, ..told },
        false => ChangeCart { shipping_address: address, ..told },
    }
}

fn line_of(cart: &Cart, word: &str) -> Result<Uuid, Failure> {
    let lines: Vec<(Uuid, &str)> = cart.lines.iter().map(|line| (line.id, line.sku.as_str())).collect();
    meant(&lines, word, "line")
}

fn saved_of(cart: &Cart, word: &str) -> Result<Uuid, Failure> {
    let items: Vec<(Uuid, &str)> = cart.saved.iter().map(|item| (item.id, item.sku.as_str())).collect();
    meant(&items, word, "saved item")
}

/// The one that is meant: by SKU as written, by SKU in other letters, by the beginning or end of its id; exactly one.
fn meant(all: &[(Uuid, &str)], word: &str, what: &str) -> Result<Uuid, Failure> {
    let lower = word.to_lowercase();
    let by_id = |id: &Uuid| {
        let id = id.to_string();
        id.starts_with(&lower) || id.ends_with(&lower)
    };
    let ids = |is_meant: &dyn Fn(&Uuid, &str) -> bool| -> Vec<Uuid> {
        all.iter().filter(|(id, sku)| is_meant(id, sku)).map(|(id, _)| *id).collect()
    };
    let mut found = ids(&|_, sku| sku == word);
    if found.is_empty() {
        found = ids(&|_, sku| sku.to_lowercase() == lower);
    }
    if found.is_empty() {
        found = ids(&|id, _| by_id(id));
    }
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::Usage(format!("the cart has no {what} `{word}`; `cartwright cart show` lists them"))),
        several => {
            let ids: Vec<_> = several.iter().map(|id| screen::short_id(*id)).collect();
            Err(Failure::Usage(format!("`{word}` is more than one {what}; name one of {}", ids.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cart_of(lines: &[(&str, &str)]) -> Cart {
        let money = json!({"amount": 0, "currency": "EUR", "formatted": "0.00€"});
        let lines: Vec<_> = lines
            .iter()
            .map(|(id, sku)| {
                json!({
                    "id": id, "variant_id": Uuid::nil(), "sku": sku, "name": sku, "quantity": 1, "unit_price": money,
                    "subtotal": money, "discount": money, "total": money, "options": {}, "notices": [],
                    "availability": {"status": "available"},
                })
            })
            .collect();
        serde_json::from_value(json!({
            "id": Uuid::nil(), "version": 1, "status": "active", "currency": "EUR", "lines": lines, "coupons": [],
            "discounts": [], "taxes": [], "expires_at": "", "created_at": "", "updated_at": "",
            "totals": {"subtotal": money, "discount": money, "shipping": money, "tax": money, "total": money},
        }))
        .expect("a cart")
    }

    const ONE: &str = "aaaaaaaa-0000-4000-8000-000000000001";
    const TWO: &str = "abbbbbbb-0000-4000-8000-000000000002";

    #[test]
    fn a_line_is_named_by_sku_or_by_the_beginning_or_end_of_its_id() {
        let cart = cart_of(&[(ONE, "PEN"), (TWO, "MUG")]);
        for (word, id) in [("PEN", ONE), ("mug", TWO), ("aaa", ONE), ("abb", TWO), ("00000002", TWO)] {
            assert_eq!(line_of(&cart, word).expect(word).to_string(), id);
        }
        assert!(line_of(&cart, "a").is_err(), "two ids begin with a");
        assert!(line_of(&cart, "CAP").is_err());
    }

    #[test]
    fn articles_that_differ_only_in_case_are_two() {
        let cart = cart_of(&[(ONE, "84997c"), (TWO, "84997C")]);
        assert_eq!(line_of(&cart, "84997C").expect("a line").to_string(), TWO);
    }

    #[test]
    fn an_article_on_two_lines_must_be_named_by_id() {
        let cart = cart_of(&[(ONE, "PEN"), (TWO, "PEN")]);
        assert!(line_of(&cart, "PEN").is_err());
        assert!(line_of(&cart, "abb").is_ok());
    }
}
