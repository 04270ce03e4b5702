//! Who may do what: one rule per operation, the only place where that is said. The guard asks it before a handler runs, the
//! OpenAPI document shows it as `x-access`, and a test tries every operation as every kind of visitor. An operation without a
//! rule does not run, and fails that test.

use cartwright_domain::account::Role;
use http::Method;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Who may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Everybody.
    Public,
    /// Whoever sends a body that a provider has signed.
    Provider,
    /// Whoever has the link that a mail brought: its token in the path opens, nothing else does.
    Link,
    /// Whoever the cart or order belongs to: a guest by `Cart-Token`, a customer by session; and operators of at least this
    /// role, whose keys may act for shoppers.
    Shopper(Role, &'static str),
    /// Whoever is logged in, about their own account.
    Account,
    /// Operators of at least this role; keys that are limited to scopes must have this one.
    Operator(Role, &'static str),
    /// Operators of at least this role, but no key that is limited to scopes.
    Unscoped(Role),
}

use Role::{Owner, ReadOnly, Staff};
use Rule::{Account, Link, Operator, Provider, Public, Shopper, Unscoped};

/// Act for shoppers: fill their carts and check out.
const CARTS: &str = "carts:act";
const ORDERS_READ: &str = "orders:read";
const ORDERS: &str = "orders:write";
const PRODUCTS_READ: &str = "products:read";
const PRODUCTS: &str = "products:write";
const STOCK_READ: &str = "stock:read";
const STOCK: &str = "stock:write";
const PROMOTIONS_READ: &str = "promotions:read";
const PROMOTIONS: &str = "promotions:write";
const CUSTOMERS_READ: &str = "customers:read";
const CUSTOMERS: &str = "customers:write";
const STORE_READ: &str = "store:read";
const STORE: &str = "store:write";

/// What a key may be limited to.
pub(crate) const SCOPES: [&str; 13] = [
    CARTS,
    ORDERS_READ,
    ORDERS,
    PRODUCTS_READ,
    PRODUCTS,
    STOCK_READ,
    STOCK,
    PROMOTIONS_READ,
    PROMOTIONS,
    CUSTOMERS_READ,
    CUSTOMERS,
    STORE_READ,
    STORE,
];

/// What a key may be limited to.
pub fn scopes() -> &'static [&'static str] {
    &SCOPES
}

/// Every operation by its name in the OpenAPI document.
const RULES: &[(&str, Rule)] = &[
    ("list_products", Public),
    ("read_product", Public),
    ("create_cart", Shopper(Staff, CARTS)),
    ("read_cart", Shopper(ReadOnly, CARTS)),
    ("read_cart_events", Shopper(ReadOnly, CARTS)),
    ("change_cart", Shopper(Staff, CARTS)),
    ("delete_cart", Shopper(Staff, CARTS)),
    ("add_lines", Shopper(Staff, CARTS)),
    ("change_line", Shopper(Staff, CARTS)),
    ("remove_line", Shopper(Staff, CARTS)),
    ("apply_coupon", Shopper(Staff, CARTS)),
    ("remove_coupon", Shopper(Staff, CARTS)),
    ("read_cart_shipping_methods", Shopper(ReadOnly, CARTS)),
    ("read_cart_payment_methods", Shopper(ReadOnly, CARTS)),
    ("read_recovery", Link),
    ("restore_cart", Link),
    ("dismiss_recovery", Link),
    ("confirm_reminders", Link),
    ("unsubscribe", Link),
    ("checkout", Shopper(Staff, CARTS)),
    ("read_order", Shopper(ReadOnly, ORDERS_READ)),
    ("cancel_order", Shopper(Staff, ORDERS)),
    ("confirm_payment", Shopper(Staff, CARTS)),
    ("take_stripe_event", Provider),
    ("register_account", Public),
    ("verify_account", Public),
    ("log_in", Public),
    ("log_out", Account),
    ("list_sessions", Account),
    ("end_session", Account),
    ("forgot_password", Public),
    ("reset_password", Public),
    ("change_password", Account),
    ("read_account", Account),
    ("change_account", Account),
    ("delete_account", Account),
    ("export_account", Account),
    ("list_account_orders", Account),
    ("read_account_cart", Account),
    ("list_all_products", Operator(ReadOnly, PRODUCTS_READ)),
    ("upsert_products", Operator(Staff, PRODUCTS)),
    ("import_products", Operator(Staff, PRODUCTS)),
    ("read_any_product", Operator(ReadOnly, PRODUCTS_READ)),
    ("change_product", Operator(Staff, PRODUCTS)),
    ("delete_product", Operator(Staff, PRODUCTS)),
    ("change_variant", Operator(Staff, PRODUCTS)),
    ("delete_variant", Operator(Staff, PRODUCTS)),
    ("set_prices", Operator(Staff, PRODUCTS)),
    ("adjust_stock", Operator(Staff, STOCK)),
    ("read_stock", Operator(ReadOnly, STOCK_READ)),
    ("list_stock_movements", Operator(ReadOnly, STOCK_READ)),
    ("list_promotions", Operator(ReadOnly, PROMOTIONS_READ)),
    ("create_promotion", Operator(Staff, PROMOTIONS)),
    ("try_promotion", Operator(ReadOnly, PROMOTIONS_READ)),
    ("replace_promotion", Operator(Staff, PROMOTIONS)),
    ("delete_promotion", Operator(Staff, PROMOTIONS)),
    ("list_codes", Operator(ReadOnly, PROMOTIONS_READ)),
    ("add_codes", Operator(Staff, PROMOTIONS)),
    ("list_customers", Operator(ReadOnly, CUSTOMERS_READ)),
    ("read_customer", Operator(ReadOnly, CUSTOMERS_READ)),
    ("put_customer", Operator(Staff, CUSTOMERS)),
    ("read_shipping_methods", Operator(ReadOnly, STORE_READ)),
    ("replace_shipping_methods", Operator(Owner, STORE)),
    ("read_tax_rates", Operator(ReadOnly, STORE_READ)),
    ("replace_tax_rates", Operator(Owner, STORE)),
    ("list_stores", Operator(ReadOnly, STORE_READ)),
    ("put_store", Operator(Owner, STORE)),
    ("read_store", Operator(ReadOnly, STORE_READ)),
    ("change_store", Operator(Owner, STORE)),
    ("list_orders", Operator(ReadOnly, ORDERS_READ)),
    ("verify", Operator(ReadOnly, STORE_READ)),
    ("export_person", Unscoped(Owner)),
    ("erase_person", Unscoped(Owner)),
    ("list_operators", Unscoped(Owner)),
    ("put_operator", Unscoped(Owner)),
    ("list_keys", Unscoped(Owner)),
    ("create_key", Unscoped(Owner)),
    ("revoke_key", Unscoped(Owner)),
    ("read_audit_log", Unscoped(ReadOnly)),
    ("save_line", Shopper(Staff, CARTS)),
    ("restore_saved", Shopper(Staff, CARTS)),
    ("remove_saved", Shopper(Staff, CARTS)),
    ("undo_removal", Shopper(Staff, CARTS)),
    ("merge_cart", Operator(Staff, CARTS)),
    ("unmerge_cart", Shopper(Staff, CARTS)),
    ("read_cart_timeline", Shopper(ReadOnly, CARTS)),
    ("read_order_timeline", Shopper(ReadOnly, ORDERS_READ)),
    ("list_events", Operator(ReadOnly, ORDERS_READ)),
    ("refund_order", Operator(Staff, ORDERS)),
    ("capture_payment", Operator(Staff, ORDERS)),
    ("record_payment", Operator(Staff, ORDERS)),
    ("record_refund_sent", Operator(Staff, ORDERS)),
    ("fulfil_order", Operator(Staff, ORDERS)),
    ("update_fulfilment", Operator(Staff, ORDERS)),
    ("add_order_note", Operator(Staff, ORDERS)),
    ("reconcile", Operator(Staff, ORDERS)),
    ("correct_order", Operator(Staff, ORDERS)),
    ("restock_order", Operator(Staff, ORDERS)),
    ("deal_with_payment", Operator(Staff, ORDERS)),
    ("report_sales", Operator(ReadOnly, ORDERS_READ)),
    ("report_products", Operator(ReadOnly, ORDERS_READ)),
    ("report_promotions", Operator(ReadOnly, ORDERS_READ)),
    ("report_payments", Operator(ReadOnly, ORDERS_READ)),
    ("report_carts", Operator(ReadOnly, ORDERS_READ)),
    ("report_recovery", Operator(ReadOnly, ORDERS_READ)),
    ("list_webhooks", Operator(ReadOnly, STORE_READ)),
    ("create_webhook", Operator(Owner, STORE)),
    ("read_webhook", Operator(ReadOnly, STORE_READ)),
    ("change_webhook", Operator(Owner, STORE)),
    ("delete_webhook", Operator(Owner, STORE)),
    ("rotate_webhook_secret", Operator(Owner, STORE)),
    ("ping_webhook", Operator(Staff, STORE)),
    ("list_deliveries", Operator(ReadOnly, STORE_READ)),
    ("replay_delivery", Operator(Staff, STORE)),
    ("replay_webhook", Operator(Staff, STORE)),
    ("list_mail_templates", Operator(ReadOnly, STORE_READ)),
    ("read_mail_template", Operator(ReadOnly, STORE_READ)),
    ("put_mail_template", Operator(Owner, STORE)),
    ("delete_mail_template", Operator(Owner, STORE)),
    ("preview_mail", Operator(ReadOnly, STORE_READ)),
    ("preview_mail_draft", Operator(ReadOnly, STORE_READ)),
    ("healthz", Public),
    ("readyz", Public),
    ("metrics", Public),
];

impl Rule {
    /// The rule of an operation.
    pub(crate) fn of(operation: &str) -> Option<Rule> {
        RULES.iter().find(|(name, _)| *name == operation).map(|(_, rule)| *rule)
    }

    /// Whether an operator of this role may; no scopes mean that a key is not limited.
    pub(crate) fn admits(self, role: Role, scopes: &[String]) -> bool {
        match self {
            Shopper(least, scope) | Operator(least, scope) => {
                role >= least && (scopes.is_empty() || scopes.iter().any(|own| own == scope))
            }
            Unscoped(least) => role >= least && scopes.is_empty(),
            Public | Provider | Link | Account => false,
        }
    }

    /// As the document shows it.
    pub(crate) fn shown(self) -> Value {
        match self {
            Public => json!({ "who": "anybody" }),
            Provider => json!({ "who": "provider" }),
            Link => json!({ "who": "link" }),
            Account => json!({ "who": "account" }),
            Shopper(role, scope) => json!({ "who": "shopper", "role": role.as_str(), "scope": scope }),
            Operator(role, scope) => json!({ "who": "operator", "role": role.as_str(), "scope": scope }),
            Unscoped(role) => json!({ "who": "operator", "role": role.as_str() }),
        }
    }
}

/// The rules by route and method.
pub(crate) struct Rules(HashMap<String, HashMap<Method, (String, Rule)>>);

impl Rules {
    /// Those of a document.
    pub(crate) fn of_document(document: &Value) -> Rules {
        let rule = |(method, operation): (&String, &Value)| {
            let name = operation["operationId"].as_str()?;
            let method = method.to_uppercase().parse().ok()?;
            Some((method, (name.to_owned(), Rule::of(name)?)))
        };
        let paths = document["paths"].as_object().into_iter().flatten();
        let of_path = |item: &Value| item.as_object().into_iter().flatten().filter_map(rule).collect();
        Rules(paths.map(|(path, item)| (path.clone(), of_path(item))).collect())
    }

    /// The operation at a route and its rule.
    pub(crate) fn at(&self, method: &Method, route: &str) -> Option<(&str, Rule)> {
        self.0.get(route)?.get(method).map(|(name, rule)| (name.as_str(), *rule))
    }
}
