//! The table of contents: every address, and where it is answered.

use crate::access::{KeyCache, StoreDirectory};
use crate::coupon_attempts::CouponAttempts;
use crate::service::{HttpMetrics, health, method_not_allowed, metrics, observe, route_not_found};
use crate::settings::ApiSettings;
use crate::state::{Api, Shared};
use crate::{admin, carts, openapi, orders, products, webhooks};
use axum::Router;
use axum::middleware::from_fn_with_state;
use cartwright_engine::Engine;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of the HTTP interface over an engine.
pub fn router(engine: Arc<Engine>, settings: ApiSettings) -> Router {
    let (routes, document) = documented_routes().split_for_parts();
    let document = openapi::finish(&document);
    let metrics = HttpMetrics::new(engine.clone(), openapi::routes_of(&document));
    let api: Shared = Arc::new(Api {
        engine,
        coupon_attempts: CouponAttempts::new(&settings),
        settings,
        stores: StoreDirectory::default(),
        keys: KeyCache::default(),
        metrics,
        document: openapi::write(&document),
    });
    routes
        .route("/openapi.json", axum::routing::get(openapi::document))
        .merge(openapi::page())
        .fallback(route_not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(api.clone(), observe))
        .with_state(api)
}

/// Every operation with its description.
pub(crate) fn documented_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(openapi::Common::openapi())
        .merge(shopper_routes())
        .merge(operator_routes())
        .merge(service_routes())
}

fn shopper_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(products::list::list_products))
        .routes(routes!(products::read::read_product))
        .routes(routes!(carts::create::create_cart))
        .routes(routes!(carts::read::read_cart, carts::change::change_cart, carts::change::delete_cart))
        .routes(routes!(carts::lines::add_lines))
        .routes(routes!(carts::lines::change_line, carts::lines::remove_line))
        .routes(routes!(carts::coupons::apply_coupon))
        .routes(routes!(carts::coupons::remove_coupon))
        .routes(routes!(carts::read::read_cart_shipping_methods))
        .routes(routes!(carts::checkout::checkout))
        .routes(routes!(orders::read::read_order))
        .routes(routes!(orders::cancel::cancel_order))
        .routes(routes!(orders::confirm::confirm_payment))
        .routes(routes!(webhooks::stripe::take_stripe_event))
}

fn operator_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(products::list::list_all_products, admin::products::upsert_products))
        .routes(routes!(admin::prices::set_prices))
        .routes(routes!(admin::stock::adjust_stock))
        .routes(routes!(admin::stock::read_stock))
        .routes(routes!(admin::stock::list_stock_movements))
        .routes(routes!(admin::promotions::list_promotions, admin::promotions::create_promotion))
        .routes(routes!(admin::tryout::try_promotion))
        .routes(routes!(admin::promotions::replace_promotion, admin::promotions::delete_promotion))
        .routes(routes!(admin::codes::list_codes, admin::codes::add_codes))
        .routes(routes!(admin::customers::list_customers))
        .routes(routes!(admin::customers::read_customer, admin::customers::put_customer))
        .routes(routes!(admin::rates::read_shipping_methods, admin::rates::replace_shipping_methods))
        .routes(routes!(admin::rates::read_tax_rates, admin::rates::replace_tax_rates))
        .routes(routes!(admin::stores::list_stores, admin::stores::put_store))
        .routes(routes!(admin::orders::list_orders))
        .routes(routes!(admin::verify::verify))
}

fn service_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::metrics))
}
