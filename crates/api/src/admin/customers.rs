//! `/admin/customers`: what prices depend on, told of customers as the shop's own system names them.

use crate::access::Operator;
use crate::input::{Body, Check, CustomerPath, Filter, Query, decode_cursor, encode_cursor, no_such_page};
use crate::problem::Outcome;
use crate::respond::ok;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_domain::customer::Customer;
use cartwright_wire as wire;
use cartwright_wire::{CustomerInput, Page};
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_LIMIT: usize = 50;

/// Reads a customer
///
/// A customer of whom nothing was told has no groups and pays tax.
#[utoipa::path(
    get, path = "/api/v1/admin/customers/{customer}", tag = "Customers",
    responses((status = 200, description = "The customer.", body = wire::Customer)),
)]
pub(crate) async fn read_customer(
    State(api): State<Shared>,
    operator: Operator,
    CustomerPath(id): CustomerPath,
) -> Outcome {
    let customer = api.engine.customer(operator.store.store.id, &id).await?;
    Ok(ok(&shown(id, (*customer).clone())))
}

/// Tells about a customer
///
/// Groups that promotions name, whether tax is due, and the address that is the customer's. Prices of their carts follow at once.
#[utoipa::path(
    put, path = "/api/v1/admin/customers/{customer}", tag = "Customers", request_body = CustomerInput,
    responses(
        (status = 200, description = "The customer.", body = wire::Customer),
        (status = 404, description = "`customer_unnamed`: no name of 1 to 100 characters; `store_not_found`."),
    ),
)]
pub(crate) async fn put_customer(
    State(api): State<Shared>,
    operator: Operator,
    CustomerPath(id): CustomerPath,
    Body(request): Body<CustomerInput>,
) -> Outcome {
    let customer =
        Customer { groups: request.groups, tax_exempt: request.tax_exempt, email: request.email, email_since: None };
    api.engine.run(&operator.store, Command::PutCustomer { id: id.clone(), customer }).await?;
    let customer = api.engine.customer(operator.store.store.id, &id).await?;
    Ok(ok(&shown(id, (*customer).clone())))
}

/// Which customers to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerFilter {
    /// Customers per page, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(max_length = 1000, nullable = false)]
    cursor: Option<String>,
}

impl Filter for CustomerFilter {
    fn check(&self, check: &mut Check) {
        if let Some(limit) = self.limit {
            check.number("limit", limit, 1..=200);
        }
        check.optional_text("cursor", self.cursor.as_deref(), 0..=1000);
    }
}

/// Lists customers
///
/// Those of whom something was told, by name.
#[utoipa::path(
    get, path = "/api/v1/admin/customers", tag = "Customers", params(CustomerFilter),
    responses(
        (status = 200, description = "A page of customers.", body = Page<wire::Customer>),
        (status = 404, description = "`cursor_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn list_customers(
    State(api): State<Shared>,
    operator: Operator,
    Query(filter): Query<CustomerFilter>,
) -> Outcome {
    let after = filter.cursor.map(|cursor| decode_cursor::<String>(&cursor).ok_or_else(no_such_page)).transpose()?;
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    let store = operator.store.store.id;
    let mut found = api.engine.reader().customers(store, after.as_deref().unwrap_or(""), limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(id, _)| encode_cursor(id));
    Ok(ok(&Page { items: found.into_iter().map(|(id, customer)| shown(id, customer)).collect(), next }))
}

fn shown(id: String, customer: Customer) -> wire::Customer {
    wire::Customer { id, groups: customer.groups, tax_exempt: customer.tax_exempt, email: customer.email }
}
