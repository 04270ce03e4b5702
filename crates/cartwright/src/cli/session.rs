//! What the client remembers between two commands: the current cart of each store with its secret, the total that it last
//! showed of a cart, the secrets of the orders made, and who has logged in, so that a shopper just types `cartwright cart add PEN`. It is one small JSON file that only its
//! owner can read.

use super::failure::Failure;
use super::terminal::Terminal;
use cartwright_client::wire::{Cart, Order};
use cartwright_client::{CartAccess, wire};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// What is remembered.
pub(crate) struct Session {
    path: PathBuf,
    shop: String,
    memory: Memory,
}

#[derive(Default, Serialize, Deserialize)]
struct Memory {
    #[serde(default)]
    carts: BTreeMap<String, Key>,
    #[serde(default)]
    orders: BTreeMap<Uuid, Key>,
    /// The total of each cart that was last shown, in minor units.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    shown: BTreeMap<Uuid, i64>,
    /// Tokens of sessions, by shop.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    logins: BTreeMap<String, String>,
    /// What shows a shop that an address has logged in from here before, by shop and address. It stays when one logs out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    devices: BTreeMap<String, String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Key {
    cart: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Session {
    /// Reads the file; where there is none, nothing is remembered yet.
    pub(crate) fn open(terminal: &Terminal) -> Result<Self, Failure> {
        let shop = format!("{} {}", terminal.client.url(), terminal.store());
        Self::open_at(file_path()?, shop)
    }

    fn open_at(path: PathBuf, shop: String) -> Result<Self, Failure> {
        let memory = match std::fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| Failure::of_file("understand", &path, &error))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Memory::default(),
            Err(error) => return Err(Failure::of_file("read", &path, &error)),
        };
        Ok(Self { path, shop, memory })
    }

    /// The current cart of this store.
    pub(crate) fn cart(&self) -> Option<CartAccess> {
        let key = self.memory.carts.get(&self.shop)?;
        Some(CartAccess { id: key.cart, token: key.token.clone() })
    }

    /// The current cart, or how to get one.
    pub(crate) fn require_cart(&self) -> Result<CartAccess, Failure> {
        self.cart().ok_or_else(|| {
            Failure::Usage("there is no current cart yet; `cartwright cart add SKU` makes one".to_owned())
        })
    }

    /// This cart is the current one from now on.
    pub(crate) fn remember_cart(&mut self, cart: &Cart) -> Result<(), Failure> {
        self.memory.carts.insert(self.shop.clone(), Key { cart: cart.id, token: cart.token.clone() });
        self.save()
    }

    pub(crate) fn forget_cart(&mut self) -> Result<(), Failure> {
        match self.memory.carts.remove(&self.shop) {
            Some(key) => {
                self.memory.shown.remove(&key.cart);
                self.save()
            }
            None => Ok(()),
        }
    }

    /// Shows a cart, and remembers the total that was shown: checkout charges no more than that.
    pub(crate) fn show_cart(
        &mut self,
        cart: &Cart,
        terminal: &Terminal,
        text: impl FnOnce(&Cart) -> String,
    ) -> Result<(), Failure> {
        terminal.show(cart, text)?;
        self.remember_shown(cart.id, cart.totals.total.amount)
    }

    /// This total of a cart was shown.
    pub(crate) fn remember_shown(&mut self, cart: Uuid, total: i64) -> Result<(), Failure> {
        if self.memory.shown.insert(cart, total) == Some(total) { Ok(()) } else { self.save() }
    }

    /// The total of a cart that was last shown, in minor units.
    pub(crate) fn shown(&self, cart: Uuid) -> Option<i64> {
        self.memory.shown.get(&cart).copied()
    }

    /// The token of whoever has logged in here.
    pub(crate) fn login(&self) -> Option<&str> {
        self.memory.logins.get(&self.shop).map(String::as_str)
    }

    pub(crate) fn remember_login(&mut self, token: &str) -> Result<(), Failure> {
        self.memory.logins.insert(self.shop.clone(), token.to_owned());
        self.save()
    }

    /// What shows that this address has logged in from here before.
    pub(crate) fn device(&self, email: &str) -> Option<&str> {
        self.memory.devices.get(&self.device_of(email)).map(String::as_str)
    }

    pub(crate) fn remember_device(&mut self, email: &str, token: &str) -> Result<(), Failure> {
        self.memory.devices.insert(self.device_of(email), token.to_owned());
        self.save()
    }

    fn device_of(&self, email: &str) -> String {
        format!("{} {}", self.shop, email.trim().to_lowercase())
    }

    /// Nobody is logged in any more; a person's cart goes with them.
    pub(crate) fn forget_login(&mut self) -> Result<(), Failure> {
        self.memory.logins.remove(&self.shop);
        if let Some(cart) = self.cart().filter(|cart| cart.token.is_none()) {
            self.memory.carts.remove(&self.shop);
            self.memory.shown.remove(&cart.id);
        }
        self.save()
    }

    /// The order can be asked for later; its cart is no longer the current one once nothing more can become of it.
    pub(crate) fn remember_order(&mut self, order: &Order, access: &CartAccess) -> Result<(), Failure> {
        self.memory.orders.insert(order.id, Key { cart: access.id, token: access.token.clone() });
        self.note_order(order)?;
        self.save()
    }

    /// The secret that opens an order made from here.
    pub(crate) fn order_token(&self, order: Uuid) -> Option<String> {
        self.memory.orders.get(&order)?.token.clone()
    }

    /// Takes note of how an order stands now.
    pub(crate) fn note_order(&mut self, order: &wire::Order) -> Result<(), Failure> {
        let current = self.cart().is_some_and(|cart| cart.id == order.cart_id);
        // After a declined payment the cart is its owner's again, so it stays remembered until the order is placed.
        if current && matches!(order.status.as_str(), "placed" | "cancelled") { self.forget_cart() } else { Ok(()) }
    }

    fn save(&self) -> Result<(), Failure> {
        let cannot = |error: &dyn std::fmt::Display| Failure::of_file("write", &self.path, error);
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| cannot(&error))?;
        }
        let bytes = serde_json::to_vec_pretty(&self.memory).map_err(|error| cannot(&error))?;
        let draft = self.path.with_extension(format!("{}.new", std::process::id()));
        write_secret(&draft, &bytes).and_then(|()| std::fs::rename(&draft, &self.path)).map_err(|error| cannot(&error))
    }
}

fn write_secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

fn file_path() -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = set("CARTWRIGHT_SESSION") {
        return Ok(path);
    }
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    folder
        .map(|folder| folder.join("cartwright").join("session.json"))
        .ok_or_else(|| Failure::Usage("no place to remember the cart: set CARTWRIGHT_SESSION to a file".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_is_remembered_per_store_and_only_its_owner_can_read_the_file() {
        let folder = std::env::temp_dir().join(format!("cartwright-session-{}", std::process::id()));
        let path = folder.join("session.json");
        let mut session = Session::open_at(path.clone(), "shop a".to_owned()).expect("opens");
        assert!(session.cart().is_none());
        let key = Key { cart: Uuid::from_u128(7), token: Some("secret".to_owned()) };
        session.memory.carts.insert(session.shop.clone(), key);
        session.remember_shown(Uuid::from_u128(7), 1_500).expect("saves");

        let again = Session::open_at(path.clone(), "shop a".to_owned()).expect("opens");
        assert_eq!(again.cart().and_then(|cart| cart.token).as_deref(), Some("secret"));
        assert_eq!((again.shown(Uuid::from_u128(7)), again.shown(Uuid::from_u128(8))), (Some(1_500), None));
        let other = Session::open_at(path.clone(), "shop b".to_owned()).expect("opens");
        assert!(other.cart().is_none());
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("there").permissions());
            assert_eq!(mode & 0o077, 0);
        }
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
