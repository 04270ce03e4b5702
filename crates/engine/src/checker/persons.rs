//! Uses per person, counted anew: the live uses of all names that belong to one address are within the limit that held when the
//! newest was taken. What was linked only after that was not one person's then.

use super::Finding;
use cartwright_domain::account::plain_email;
use cartwright_domain::id::{PromotionId, Timestamp};
use cartwright_domain::order::Order;
use std::collections::{BTreeMap, HashMap};

/// A live use of a promotion that is limited per customer.
struct Use {
    promotion: PromotionId,
    name: String,
    is_guest: bool,
    made: Timestamp,
    limit: u32,
}

/// What was seen of persons.
#[derive(Default)]
pub(super) struct Persons {
    uses: Vec<Use>,
    names: HashMap<String, (String, Timestamp)>,
}

/// The uses of one promotion by one person.
#[derive(Default)]
struct Group {
    count: i64,
    names: Vec<String>,
    /// When the newest was made, and its limit.
    newest: (Timestamp, u32),
    /// When the last of the names was linked.
    linked: Timestamp,
}

impl Persons {
    pub fn name(&mut self, name: String, address: &str, since: Timestamp) {
        self.names.insert(name, (plain_email(address), since));
    }

    pub fn order(&mut self, order: &Order) {
        let Some(name) = order.buyer() else { return };
        for (promotion, limits) in &order.detail.limits {
            if let Some(limit) = limits.uses_per_customer.filter(|_| order.detail.redeemed.contains(promotion)) {
                let (name, is_guest) = (name.clone(), order.customer.is_none());
                self.uses.push(Use { promotion: *promotion, name, is_guest, made: order.created_at, limit });
            }
        }
    }

    pub fn finish(self, finding: &mut Finding) {
        let mut groups: BTreeMap<(PromotionId, String), Group> = BTreeMap::new();
        for used in self.uses {
            let (address, since) = match (used.is_guest, self.names.get(&used.name)) {
                (true, _) => (plain_email(&used.name), Timestamp::default()),
                (false, Some(known)) => known.clone(),
                // A name of its own, checked by itself.
                (false, None) => continue,
            };
            let group = groups.entry((used.promotion, address)).or_default();
            group.count += 1;
            group.newest = group.newest.max((used.made, used.limit));
            group.linked = group.linked.max(since);
            if !group.names.contains(&used.name) {
                group.names.push(used.name);
            }
        }
        for ((promotion, _), group) in groups.into_iter().filter(|(_, group)| group.names.len() > 1) {
            let (made, limit) = group.newest;
            finding.expect(made <= group.linked || group.count <= i64::from(limit), || {
                format!(
                    "promotion {promotion}: {} uses of one person under {:?}, limit {limit}",
                    group.count, group.names
                )
            });
        }
    }
}
