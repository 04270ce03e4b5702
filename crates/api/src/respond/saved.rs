//! Items saved for later, and what can be taken back.

use super::cart::{availability_of, notices_of, plain};
use super::{MoneyForm, rfc3339};
use cartwright_domain::cart::{SavedItem, SetAside, Undo};
use cartwright_engine::{CartView, LineView};
use cartwright_wire as wire;

pub(super) fn saved_of(view: &CartView, form: &MoneyForm) -> Vec<wire::SavedItem> {
    let items = view.cart.detail.saved.iter().zip(&view.saved);
    items.map(|(item, goods)| item_of(view, item, goods.as_ref(), form)).collect()
}

fn item_of(view: &CartView, item: &SavedItem, goods: Option<&LineView>, form: &MoneyForm) -> wire::SavedItem {
    let sold = goods.filter(|goods| goods.variant.active);
    let today = sold.and_then(|goods| goods.variant.price_in(view.cart.currency, view.config.store.currency));
    // It would stand beside what is in the cart already.
    let units = item.quantity + view.cart.units_of(item.variant_id);
    let availability =
        availability_of(goods, today, units, view.cart.held(item.variant_id), view.config.store.settings.stock_shown);
    let mut notices: Vec<wire::Notice> = item.set_aside.map(set_aside).into_iter().collect();
    notices.extend(notices_of(item.unit_price.or(today).unwrap_or(0), today, None, &availability, form));
    wire::SavedItem {
        id: item.id.0,
        variant_id: item.variant_id.0,
        sku: goods.map(|goods| goods.variant.sku.clone()).unwrap_or_default(),
        name: goods.map(|goods| goods.variant.name()).unwrap_or_default(),
        quantity: item.quantity,
        unit_price: today.map(|price| form.money(price)),
        options: item.options.clone(),
        notices,
        availability,
        saved_at: rfc3339(item.saved_at),
    }
}

fn set_aside(reason: SetAside) -> wire::Notice {
    match reason {
        SetAside::ShortStock => plain(
            "merged_short_stock",
            "When your carts were put together, fewer were available: these wait here.".to_owned(),
        ),
        SetAside::NotForSale => plain(
            "merged_not_for_sale",
            "When your carts were put together, this was not for sale in the cart's currency.".to_owned(),
        ),
        SetAside::NoRoom => {
            plain("merged_no_room", "When your carts were put together, there was no more room for these.".to_owned())
        }
        SetAside::SoldOut => plain("moved_sold_out", "This ran out, so it was moved out of the cart.".to_owned()),
        SetAside::Discontinued => {
            plain("moved_not_for_sale", "This is not sold any more, so it was moved out of the cart.".to_owned())
        }
    }
}

pub(super) fn undo_of(view: &CartView) -> Option<wire::Undo> {
    let undo = view.cart.detail.undo.as_ref().filter(|_| view.cart.is_open())?;
    let (what, guest, left) = match undo {
        Undo::Removals { until, .. } if *until <= view.made_at => return None,
        Undo::Removals { .. } => ("removal", None, [].as_slice()),
        Undo::Merge(merged) => ("merge", Some(merged.guest.0), merged.left_coupons.as_slice()),
    };
    Some(wire::Undo {
        what: what.to_owned(),
        until: undo.until().map(rfc3339),
        guest_cart_id: guest,
        left_coupons: left.iter().map(|coupon| coupon.code.clone()).collect(),
    })
}
