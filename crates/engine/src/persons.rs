//! What is read about persons with several names, and what is counted per person: for carts that are shown, own orders, trials.
//! The rules are the domain's ([`cartwright_domain::person`]); commands ask them over their own rows.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::StorageError;
use async_trait::async_trait;
use cartwright_domain::account::{Account, plain_email};
use cartwright_domain::coupon::Coupon;
use cartwright_domain::id::{AccountId, OrderId, PromotionId, StoreId};
use cartwright_domain::order::Order;
use cartwright_domain::person::{Who, names, spellings};
use cartwright_domain::refusal::Refusal;
use std::collections::{BTreeSet, HashMap};

/// Live uses of a promotion: in all, and under the names that were asked for.
pub type UsesOf = (PromotionId, i64, i64);

/// Reads about persons.
#[async_trait]
pub trait PersonReader: Send + Sync {
    /// The address that is known to be a customer's: of an account the one that it has confirmed, of others the one that the shop
    /// has linked. Of those who have one.
    async fn addresses_of(&self, store: StoreId, customers: &[String]) -> Result<Vec<(String, String)>, StorageError>;
    /// Accounts that have confirmed one of these addresses, with the address as they have it.
    async fn confirmed(&self, store: StoreId, addresses: &[String]) -> Result<Vec<(String, AccountId)>, StorageError>;
    /// Customers that the shop has linked to these addresses in their normal form: address, customer.
    async fn linked(&self, store: StoreId, addresses: &[String]) -> Result<Vec<(String, String)>, StorageError>;
    /// How many orders under these names are pending or placed.
    async fn live_orders(&self, store: StoreId, names: &[String]) -> Result<i64, StorageError>;
    /// A page of the orders under these names before this one, the newest first.
    async fn orders_of(
        &self,
        store: StoreId,
        names: &[String],
        before: OrderId,
        limit: usize,
    ) -> Result<Vec<Order>, StorageError>;
    /// These codes, as far as they exist.
    async fn codes_named(&self, store: StoreId, codes: &[String]) -> Result<Vec<(String, Coupon)>, StorageError>;
    /// Live uses of these promotions, in all and under these names.
    async fn uses_of(
        &self,
        store: StoreId,
        promotions: &[PromotionId],
        names: &[String],
    ) -> Result<Vec<UsesOf>, StorageError>;
}

impl Engine {
    /// All names of somebody; the buyer's own first.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn names_of(&self, store: StoreId, who: Who<'_>) -> Result<Vec<String>, Failure> {
        Ok(self.names_of_each(store, &[who]).await?.pop().unwrap_or_default())
    }

    /// All names of an account: of its person, where it has confirmed its address.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn names_of_account(&self, store: StoreId, account: &Account) -> Result<Vec<String>, Failure> {
        let customer = account.customer();
        self.names_of(store, Who { customer: Some(&customer), email: None }).await
    }

    /// The account of an e-mail address, under whatever form it was recorded.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn account_by_email(&self, store: StoreId, email: &str) -> Result<Option<Account>, Failure> {
        for form in spellings(email) {
            if let Some(account) = self.reader.account_by_email(store, &form).await? {
                return Ok(Some(account));
            }
        }
        Ok(None)
    }

    /// An order of the person that an account is, under whatever name it was made.
    ///
    /// # Errors
    /// Refused with `OrderNotFound`; otherwise the storage's failure.
    pub async fn persons_order(&self, store: StoreId, id: OrderId, account: &Account) -> Result<Order, Failure> {
        let names = self.names_of_account(store, account).await?;
        let order = self.reader.order(store, id).await?;
        let own = order.filter(|order| order.buyer().is_some_and(|buyer| names.contains(&buyer)));
        own.ok_or_else(|| Refusal::OrderNotFound.into())
    }

    /// All names of each of these, with three questions at most.
    ///
    /// # Errors
    /// The storage's failure.
    pub(crate) async fn names_of_each(&self, store: StoreId, all: &[Who<'_>]) -> Result<Vec<Vec<String>>, Failure> {
        let customers: BTreeSet<String> = all.iter().filter_map(|who| who.customer).map(str::to_owned).collect();
        let mut address_of = HashMap::new();
        if !customers.is_empty() {
            let customers: Vec<String> = customers.into_iter().collect();
            address_of.extend(self.reader.addresses_of(store, &customers).await?);
        }
        let address = |who: &Who<'_>| match who.customer {
            Some(customer) => address_of.get(customer).cloned(),
            None => who.guest_address(),
        };
        let addresses: BTreeSet<String> = all.iter().filter_map(address).collect();
        let hub = self.hub(store, addresses.into_iter().collect()).await?;
        let of = |who: &Who<'_>| {
            let address = address(who);
            let known = address.as_ref().and_then(|address| hub.get(address));
            let (account, linked) = known.map_or((None, [].as_slice()), |known| (known.0, known.1.as_slice()));
            names(*who, address.as_deref(), account, linked)
        };
        Ok(all.iter().map(of).collect())
    }

    /// Who is known by each address.
    async fn hub(
        &self,
        store: StoreId,
        addresses: Vec<String>,
    ) -> Result<HashMap<String, (Option<AccountId>, Vec<String>)>, Failure> {
        let mut hub: HashMap<String, (Option<AccountId>, Vec<String>)> = HashMap::new();
        if addresses.is_empty() {
            return Ok(hub);
        }
        let forms: Vec<String> = addresses.iter().flat_map(|address| spellings(address)).collect();
        for (address, account) in self.reader.confirmed(store, &forms).await? {
            hub.entry(plain_email(&address)).or_default().0 = Some(account);
        }
        for (address, customer) in self.reader.linked(store, &addresses).await? {
            hub.entry(address).or_default().1.push(customer);
        }
        Ok(hub)
    }
}
