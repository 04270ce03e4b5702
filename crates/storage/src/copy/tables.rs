//! Which tables are copied, with their columns: the same in both databases. What only one of them has is told here too. A
//! test compares this list with the schemas, so that a new table or column cannot be forgotten.

use Kind::{Bool, Bytes, Id, Int, Json, Text};
use tokio_postgres::types::Type;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Int,
    Bool,
    Text,
    /// JSON, kept to the letter by both databases.
    Json,
    Bytes,
    Id,
}

impl Kind {
    /// The type that PostgreSQL has for it.
    pub fn of_postgres(self) -> Type {
        match self {
            Int => Type::INT8,
            Bool => Type::BOOL,
            Text => Type::TEXT,
            Json => Type::JSON,
            Bytes => Type::BYTEA,
            Id => Type::UUID,
        }
    }
}

/// A table.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// How many of the first columns are its key.
    pub key: usize,
    pub columns: &'static [(&'static str, Kind)],
}

impl Table {
    /// Its columns as a list.
    pub fn list(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// Its key as a list.
    pub fn key_list(&self) -> String {
        self.columns[..self.key].iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

const fn table(name: &'static str, key: usize, columns: &'static [(&'static str, Kind)]) -> Table {
    Table { name, key, columns }
}

/// Tables that only PostgreSQL has. The lanes are made anew from what was copied; notes of batches and leases say nothing
/// to another database.
#[cfg(test)]
pub const POSTGRES_ONLY: [&str; 3] = ["lanes", "writers", "leases"];

/// How the names of tables begin that only SQLite has: its index of texts, kept by triggers on the products.
#[cfg(test)]
const SQLITE_ONLY: [&str; 2] = ["product_numbers", "product_runs"];

/// All tables that are copied.
pub const TABLES: [Table; 42] = [
    table(
        "stores",
        1,
        &[
            ("store_id", Int),
            ("handle", Text),
            ("name", Text),
            ("currency", Text),
            ("hosts", Json),
            ("settings", Json),
            ("shipping_methods", Json),
            ("tax_rates", Json),
        ],
    ),
    table(
        "api_keys",
        2,
        &[
            ("store_id", Int),
            ("hash", Bytes),
            ("name", Text),
            ("created_at", Int),
            ("role", Text),
            ("scopes", Json),
            ("revoked_at", Int),
            ("expires_at", Int),
            ("used_at", Int),
        ],
    ),
    table(
        "products",
        2,
        &[
            ("store_id", Int),
            ("product_id", Id),
            ("handle", Text),
            ("name", Text),
            ("sort_name", Text),
            ("search", Text),
            ("min_price", Int),
            ("max_price", Int),
            ("active", Bool),
            ("tags", Json),
            ("tax_category", Text),
            ("price_policy", Json),
            ("detail", Json),
            ("hold_policy", Json),
            ("state", Text),
        ],
    ),
    table("old_handles", 2, &[("store_id", Int), ("handle", Text), ("product_id", Id)]),
    table(
        "variants",
        2,
        &[
            ("store_id", Int),
            ("variant_id", Id),
            ("product_id", Id),
            ("sku", Text),
            ("attributes", Json),
            ("price", Int),
            ("prices", Json),
            ("floors", Json),
            ("weight_grams", Int),
            ("track_stock", Bool),
            ("position", Int),
            ("state", Text),
            ("requires_shipping", Bool),
        ],
    ),
    table(
        "stock",
        2,
        &[("store_id", Int), ("variant_id", Id), ("on_hand", Int), ("reserved", Int), ("last_movement", Int)],
    ),
    table(
        "stock_movements",
        2,
        &[
            ("store_id", Int),
            ("sequence", Int),
            ("variant_id", Id),
            ("previous", Int),
            ("on_hand_delta", Int),
            ("reserved_delta", Int),
            ("cause", Text),
            ("order_id", Id),
            ("reason", Text),
            ("at", Int),
            ("cart_id", Id),
        ],
    ),
    table("holds", 3, &[("store_id", Int), ("cart_id", Id), ("variant_id", Id), ("units", Int), ("until", Int)]),
    table(
        "carts",
        2,
        &[
            ("store_id", Int),
            ("cart_id", Id),
            ("token_hash", Bytes),
            ("customer", Text),
            ("status", Text),
            ("version", Int),
            ("currency", Text),
            ("lines", Json),
            ("detail", Json),
            ("order_id", Id),
            ("created_at", Int),
            ("updated_at", Int),
            ("expires_at", Int),
            ("recovery_at", Int),
            ("email", Text),
            ("forgettable", Bool),
        ],
    ),
    table("customer_carts", 2, &[("store_id", Int), ("customer", Text), ("cart_id", Id)]),
    table(
        "customers",
        2,
        &[
            ("store_id", Int),
            ("customer", Text),
            ("groups", Json),
            ("tax_exempt", Bool),
            ("email", Text),
            ("email_since", Int),
        ],
    ),
    table(
        "orders",
        2,
        &[
            ("store_id", Int),
            ("order_id", Id),
            ("cart_id", Id),
            ("token_hash", Bytes),
            ("customer", Text),
            ("buyer", Text),
            ("status", Text),
            ("currency", Text),
            ("subtotal", Int),
            ("discount", Int),
            ("shipping", Int),
            ("tax_added", Int),
            ("tax_included", Int),
            ("relief", Int),
            ("rounding", Int),
            ("total", Int),
            ("detail", Json),
            ("created_at", Int),
            ("updated_at", Int),
            ("fulfilment", Text),
            ("forgettable", Bool),
        ],
    ),
    table(
        "order_lines",
        3,
        &[
            ("store_id", Int),
            ("order_id", Id),
            ("position", Int),
            ("line_id", Id),
            ("variant_id", Id),
            ("sku", Text),
            ("name", Text),
            ("quantity", Int),
            ("unit_price", Int),
            ("discount", Int),
            ("tax_added", Int),
            ("tax_included", Int),
            ("relief", Int),
            ("options", Json),
            ("reservation", Text),
        ],
    ),
    table(
        "payments",
        2,
        &[
            ("store_id", Int),
            ("order_id", Id),
            ("attempt_id", Id),
            ("gateway", Text),
            ("method", Text),
            ("status", Text),
            ("captured", Int),
            ("refunded", Int),
            ("tries", Int),
            ("due_at", Int),
        ],
    ),
    table("promotions", 2, &[("store_id", Int), ("promotion_id", Id), ("definition", Json), ("bulk_codes", Int)]),
    table("kept_promotions", 3, &[("store_id", Int), ("promotion_id", Id), ("until", Int), ("definition", Json)]),
    table("coupons", 2, &[("store_id", Int), ("code", Text), ("promotion_id", Id), ("max_uses", Int), ("bulk", Bool)]),
    table("promotion_uses", 2, &[("store_id", Int), ("promotion_id", Id), ("uses", Int)]),
    table("customer_uses", 3, &[("store_id", Int), ("promotion_id", Id), ("customer", Text), ("uses", Int)]),
    table(
        "unpaid_units",
        4,
        &[("store_id", Int), ("holder", Text), ("variant_id", Id), ("until", Int), ("units", Int)],
    ),
    table(
        "redemptions",
        3,
        &[
            ("store_id", Int),
            ("order_id", Id),
            ("promotion_id", Id),
            ("customer", Text),
            ("code", Text),
            ("live", Bool),
        ],
    ),
    table(
        "idempotency",
        3,
        &[
            ("store_id", Int),
            ("scope", Text),
            ("key", Text),
            ("fingerprint", Bytes),
            ("order_id", Id),
            ("created_at", Int),
            ("cart_id", Id),
        ],
    ),
    table(
        "events",
        2,
        &[
            ("store_id", Int),
            ("sequence", Int),
            ("event_id", Id),
            ("at", Int),
            ("kind", Text),
            ("cart_id", Id),
            ("order_id", Id),
            ("actor", Text),
            ("data", Json),
        ],
    ),
    table(
        "webhooks",
        2,
        &[
            ("store_id", Int),
            ("webhook_id", Id),
            ("definition", Json),
            ("position", Int),
            ("round", Int),
            ("created_at", Int),
        ],
    ),
    table(
        "webhook_deliveries",
        3,
        &[
            ("store_id", Int),
            ("webhook_id", Id),
            ("sequence", Int),
            ("event_id", Id),
            ("kind", Text),
            ("subject", Id),
            ("status", Text),
            ("tries", Int),
            ("due_at", Int),
            ("answer", Text),
            ("changed_at", Int),
        ],
    ),
    table("event_sinks", 2, &[("store_id", Int), ("name", Text), ("position", Int)]),
    table(
        "unmatched_payments",
        3,
        &[
            ("store_id", Int),
            ("gateway", Text),
            ("reference", Text),
            ("captured", Int),
            ("refunded", Int),
            ("action", Text),
            ("reason", Text),
            ("by_name", Text),
            ("at", Int),
        ],
    ),
    table(
        "accounts",
        2,
        &[
            ("store_id", Int),
            ("account_id", Id),
            ("email", Text),
            ("password", Text),
            ("role", Text),
            ("verified_at", Int),
            ("generation", Int),
            ("profile", Json),
            ("created_at", Int),
            ("updated_at", Int),
        ],
    ),
    table(
        "sessions",
        2,
        &[
            ("store_id", Int),
            ("token_hash", Bytes),
            ("account_id", Id),
            ("generation", Int),
            ("kind", Text),
            ("created_at", Int),
            ("expires_at", Int),
            ("used_at", Int),
        ],
    ),
    table(
        "mailed_tokens",
        2,
        &[
            ("store_id", Int),
            ("token_hash", Bytes),
            ("account_id", Id),
            ("purpose", Text),
            ("generation", Int),
            ("expires_at", Int),
        ],
    ),
    table(
        "mails",
        2,
        &[
            ("store_id", Int),
            ("mail_id", Id),
            ("recipient", Text),
            ("kind", Text),
            ("locale", Text),
            ("data", Json),
            ("state", Text),
            ("tries", Int),
            ("due_at", Int),
            ("created_at", Int),
        ],
    ),
    table(
        "gateway_events",
        3,
        &[
            ("store_id", Int),
            ("gateway", Text),
            ("event_id", Text),
            ("order_id", Id),
            ("notice", Json),
            ("state", Text),
            ("received_at", Int),
            ("tries", Int),
            ("due_at", Int),
            ("done_at", Int),
        ],
    ),
    table("reminders", 3, &[("store_id", Int), ("cart_id", Id), ("stage", Int), ("mail_id", Id), ("at", Int)]),
    table(
        "mail_templates",
        3,
        &[
            ("store_id", Int),
            ("kind", Text),
            ("locale", Text),
            ("subject", Text),
            ("text", Text),
            ("html", Text),
            ("updated_at", Int),
        ],
    ),
    table("unsubscribed", 2, &[("store_id", Int), ("email", Text), ("at", Int)]),
    table("mailboxes", 2, &[("store_id", Int), ("address", Text), ("detail", Json), ("until", Int)]),
    table("cart_replans", 1, &[("store_id", Int), ("expires_at", Int), ("cart_id", Id)]),
    table("erasures", 2, &[("store_id", Int), ("erasure_id", Id), ("names", Json), ("begun_at", Int)]),
    table("link_secrets", 1, &[("store_id", Int), ("secret", Text)]),
    table(
        "audit_log",
        2,
        &[
            ("store_id", Int),
            ("audit_id", Id),
            ("at", Int),
            ("actor", Text),
            ("operation", Text),
            ("subject", Text),
            ("outcome", Text),
        ],
    ),
    table("cart_demand", 2, &[("store_id", Int), ("variant_id", Id), ("carts", Int), ("units", Int)]),
    table("demand_counts", 1, &[("store_id", Int), ("counted_to", Id)]),
];

/// The table of this name, which must be one of them.
pub fn named(name: &str) -> &'static Table {
    TABLES.iter().find(|table| table.name == name).expect("the name is one of the list")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Table and column names in the migrations of a database, from SQLite's own parser.
    fn of_sqlite() -> BTreeSet<String> {
        let mut file = rusqlite::Connection::open_in_memory().expect("a database");
        crate::sqlite::migrations::migrations::runner().run(&mut file).expect("the schema");
        let sql = "SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
                   WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'refinery%'";
        let mut statement = file.prepare(sql).expect("a statement");
        let names = statement.query_map([], |row| row.get(0)).expect("names");
        let names: Result<BTreeSet<String>, _> = names.collect();
        let own = |name: &String| SQLITE_ONLY.iter().any(|own| name.starts_with(own));
        names.expect("names").into_iter().filter(|name| !own(name)).collect()
    }

    #[test]
    fn every_table_and_column_of_the_embedded_database_is_copied() {
        let copied: BTreeSet<String> = TABLES
            .iter()
            .flat_map(|table| table.columns.iter().map(move |(column, _)| format!("{}.{column}", table.name)))
            .collect();
        assert_eq!(of_sqlite(), copied);
    }

    #[test]
    fn every_table_of_postgresql_is_copied_or_named_as_its_own() {
        let migrations = crate::postgres::schema::migrations::migrations::runner();
        let made: BTreeSet<String> = migrations
            .get_migrations()
            .iter()
            .flat_map(|migration| migration.sql().unwrap_or_default().lines())
            .filter_map(|line| line.strip_prefix("CREATE TABLE "))
            .map(|rest| rest.split([' ', '(']).next().unwrap_or_default().to_owned())
            .collect();
        let known = TABLES.iter().map(|table| table.name).chain(POSTGRES_ONLY).map(str::to_owned).collect();
        assert_eq!(made, known);
    }
}
