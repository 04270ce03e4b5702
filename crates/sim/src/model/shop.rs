//! What operators do, in the model: stock, promotions, codes.

use super::{Checked, Model, ModelCode, ModelPromotion};
use cartwright_domain::command::{Command, ProductDraft, Reply, StockChange, StockRule};
use cartwright_domain::id::{PromotionId, Timestamp};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::stock::Cause;

impl Model {
    pub(super) fn operated(&mut self, command: &Command, reply: &Reply, now: Timestamp) -> Checked {
        match (command, reply) {
            (Command::AdjustStock { changes, idempotency }, Reply::Stock(levels)) => {
                let repeated = idempotency.as_ref().is_some_and(|key| self.answer(key).is_some());
                if !repeated {
                    changes.iter().for_each(|change| self.adjust(change));
                    idempotency.iter().for_each(|key| self.remember(key, None, now));
                }
                for (sku, level) in levels {
                    let shelf = self.skus.get(sku).and_then(|id| self.shelves.get(id)).copied().unwrap_or_default();
                    if (level.on_hand, level.reserved) != (shelf.on_hand, shelf.reserved) {
                        return Err(format!("{sku} is told to have {level:?}, should have {shelf:?}"));
                    }
                }
            }
            (Command::UpsertProduct(draft), Reply::Product(..)) => self.product(draft),
            (Command::PutPromotion { promotion, codes, .. }, Reply::Promotion(id)) => {
                self.put_promotion(*id, promotion, codes);
            }
            (Command::DeletePromotion(id), Reply::Done) => {
                self.withdrawn.extend(self.promotions.remove_entry(id));
                self.codes.retain(|_, code| code.promotion != *id);
            }
            (Command::AddCodes { id, codes, max_uses }, Reply::Promotion(_)) => {
                for code in codes {
                    let new = ModelCode { promotion: *id, max_uses: *max_uses, bulk: true };
                    self.codes.entry(code.clone()).or_insert(new);
                }
            }
            (Command::ChangeStore(change), Reply::Done) => {
                self.note_store(change);
                self.store_changed(change);
            }
            (Command::SetPrices(_) | Command::PutCustomer { .. }, Reply::Done) => {}
            (command, reply) => return Err(format!("{command:?} was answered with {reply:?}")),
        }
        Ok(())
    }

    fn adjust(&mut self, change: &StockChange) {
        let Some(shelf) = self.skus.get(&change.sku).and_then(|id| self.shelves.get_mut(id)) else { return };
        match change.cause {
            Cause::Count => shelf.on_hand = change.quantity,
            _ => shelf.on_hand += change.quantity,
        }
    }

    fn product(&mut self, draft: &ProductDraft) {
        self.product_policy(draft);
        for stated in &draft.variants {
            let Some(shelf) = self.skus.get(&stated.sku).and_then(|id| self.shelves.get_mut(id)) else { continue };
            let Some(units) = stated.on_hand else { continue };
            shelf.on_hand = match draft.stock {
                StockRule::Set => units,
                StockRule::Add => shelf.on_hand + units,
                StockRule::Leave => shelf.on_hand,
            };
        }
    }

    fn put_promotion(&mut self, id: PromotionId, promotion: &Promotion, codes: &[String]) {
        let requires_code = promotion.requires_code || !codes.is_empty();
        let conditions = promotion.conditions.clone();
        self.promotions.insert(id, ModelPromotion { limits: promotion.limits, requires_code, conditions });
        self.note_amounts(id, promotion);
        self.promotions_ever.push(id);
        self.codes.retain(|name, code| code.promotion != id || code.bulk || codes.contains(name));
        for code in codes {
            let new = ModelCode { promotion: id, max_uses: None, bulk: false };
            self.codes.entry(code.clone()).or_insert(new);
        }
    }
}
