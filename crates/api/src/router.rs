//! The table of contents: every address, and where it is answered.

use crate::access::{KeyCache, Rules, StoreDirectory, Uses, guard};
use crate::account::export::Exports;
use crate::coupon_attempts::CouponAttempts;
use crate::gate::Gate;
use crate::login_attempts::LoginAttempts;
use crate::login_watch::LoginWatch;
use crate::passwords::Passwords;
use crate::rate::RateLimit;
use crate::service::{Cors, HttpMetrics, health, method_not_allowed, metrics, observe, route_not_found};
use crate::settings::ApiSettings;
use crate::state::{Api, Shared};
use crate::{account, admin, carts, events, openapi, orders, products, reports, webhooks};
use axum::Router;
use axum::middleware::from_fn_with_state;
use cartwright_engine::Engine;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What is answered at which address.
pub struct Routers {
    /// Where shoppers come.
    pub public: Router,
    /// Where only those come who run the server: metrics and documents. `None` where they are at the public address.
    pub internal: Option<Router>,
    /// What bounds those who come to either.
    pub gate: Arc<Gate>,
}

/// The routes of the HTTP interface over an engine.
pub fn routers(engine: Arc<Engine>, settings: ApiSettings) -> Routers {
    let document = openapi::finish(&documented_routes().into_openapi());
    let rules = Rules::of_document(&document);
    let login_watch = LoginWatch::new();
    let stores = Arc::new(StoreDirectory::default());
    let gate = Gate::new(&settings, Cors::new(engine.clone(), stores.clone()));
    let metrics = HttpMetrics::new(engine.clone(), gate.clone(), login_watch.counts(), openapi::routes_of(&document));
    let api: Shared = Arc::new(Api {
        engine,
        rate: RateLimit::new(&settings),
        coupon_attempts: CouponAttempts::new(&settings),
        login_attempts: LoginAttempts::new(&settings),
        login_watch,
        passwords: Passwords::default(),
        previews: admin::mail_templates::turns(),
        exports: Exports::default(),
        settings,
        stores,
        keys: KeyCache::default(),
        uses: Uses::default(),
        rules,
        metrics,
        document: openapi::write(&document),
    });
    let (health, _) = health_routes().split_for_parts();
    let (interface, _) = interface_routes().split_for_parts();
    let public = interface.merge(health.clone());
    let internal = internal_routes(&api.settings);
    match api.settings.internal_apart {
        false => Routers { public: finished(public.merge(internal), &api), internal: None, gate },
        true => {
            Routers { public: finished(public, &api), internal: Some(finished(health.merge(internal), &api)), gate }
        }
    }
}

/// Routes with all that stands around them.
fn finished(routes: Router<Shared>, api: &Shared) -> Router {
    routes
        .route_layer(from_fn_with_state(api.clone(), guard))
        .fallback(route_not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(api.clone(), observe))
        .with_state(api.clone())
}

/// What only those need who run the server or write programs for it, as far as it is offered.
fn internal_routes(settings: &ApiSettings) -> Router<Shared> {
    let mut routes = Router::new();
    if settings.offers_metrics {
        routes = routes.merge(metrics_routes().split_for_parts().0);
    }
    if settings.offers_docs {
        routes = routes.route("/openapi.json", axum::routing::get(openapi::document)).merge(openapi::page());
    }
    routes
}

/// Every operation with its description.
pub(crate) fn documented_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(openapi::Common::openapi())
        .merge(interface_routes())
        .merge(health_routes())
        .merge(metrics_routes())
}

fn interface_routes() -> OpenApiRouter<Shared> {
    shopper_routes().merge(account_routes()).merge(operator_routes())
}

fn shopper_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(products::list::list_products))
        .routes(routes!(products::read::read_product))
        .routes(routes!(carts::create::create_cart))
        .routes(routes!(carts::read::read_cart, carts::change::change_cart, carts::change::delete_cart))
        .routes(routes!(carts::live::read_cart_events))
        .routes(routes!(carts::lines::add_lines))
        .routes(routes!(carts::lines::change_line, carts::lines::remove_line))
        .routes(routes!(carts::saved::save_line))
        .routes(routes!(carts::saved::restore_saved))
        .routes(routes!(carts::saved::remove_saved))
        .routes(routes!(carts::saved::undo_removal))
        .routes(routes!(carts::merge::merge_cart))
        .routes(routes!(carts::merge::unmerge_cart))
        .routes(routes!(carts::coupons::apply_coupon))
        .routes(routes!(carts::coupons::remove_coupon))
        .routes(routes!(carts::read::read_cart_shipping_methods))
        .routes(routes!(carts::read::read_cart_payment_methods))
        .routes(routes!(carts::recovery::read_recovery, carts::recovery::restore_cart))
        .routes(routes!(carts::recovery::dismiss_recovery))
        .routes(routes!(carts::recovery::confirm_reminders))
        .routes(routes!(carts::recovery::unsubscribe))
        .routes(routes!(carts::checkout::checkout))
        .routes(routes!(orders::read::read_order))
        .routes(routes!(orders::cancel::cancel_order))
        .routes(routes!(orders::confirm::confirm_payment))
        .routes(routes!(events::read_order_timeline))
        .routes(routes!(events::read_cart_timeline))
        .routes(routes!(webhooks::stripe::take_stripe_event))
}

fn account_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(
            account::register::register_account,
            account::profile::read_account,
            account::profile::change_account,
            account::profile::delete_account
        ))
        .routes(routes!(account::register::verify_account))
        .routes(routes!(account::session::log_in, account::session::log_out))
        .routes(routes!(account::session::list_sessions))
        .routes(routes!(account::session::end_session))
        .routes(routes!(account::password::forgot_password))
        .routes(routes!(account::password::reset_password))
        .routes(routes!(account::password::change_password))
        .routes(routes!(account::profile::export_account))
        .routes(routes!(account::purchases::read_account_cart))
        .routes(routes!(account::purchases::list_account_orders))
}

fn operator_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(products::list::list_all_products, admin::products::upsert_products))
        .routes(routes!(admin::products::import_products))
        .routes(routes!(
            admin::products::read_any_product,
            admin::products::change_product,
            admin::products::delete_product
        ))
        .routes(routes!(admin::products::change_variant, admin::products::delete_variant))
        .routes(routes!(admin::prices::set_prices))
        .routes(routes!(admin::stock::adjust_stock))
        .routes(routes!(admin::stock::read_stock))
        .routes(routes!(admin::stock::list_stock_movements))
        .routes(routes!(admin::promotions::list_promotions, admin::promotions::create_promotion))
        .routes(routes!(admin::tryout::try_promotion))
        .routes(routes!(admin::promotions::replace_promotion, admin::promotions::delete_promotion))
        .routes(routes!(admin::codes::list_codes, admin::codes::add_codes))
        .routes(routes!(admin::persons::export_person))
        .routes(routes!(admin::persons::erase_person))
        .routes(routes!(admin::customers::list_customers))
        .routes(routes!(admin::customers::read_customer, admin::customers::put_customer))
        .routes(routes!(admin::rates::read_shipping_methods, admin::rates::replace_shipping_methods))
        .routes(routes!(admin::rates::read_tax_rates, admin::rates::replace_tax_rates))
        .routes(routes!(admin::stores::list_stores, admin::stores::put_store))
        .routes(routes!(admin::stores::read_store, admin::stores::change_store))
        .routes(routes!(admin::orders::list_orders))
        .routes(routes!(admin::reconcile::reconcile))
        .routes(routes!(admin::corrections::correct_order))
        .routes(routes!(admin::corrections::restock_order))
        .routes(routes!(admin::corrections::deal_with_payment))
        .routes(routes!(orders::refund::refund_order))
        .routes(routes!(orders::refund::capture_payment))
        .routes(routes!(orders::manual::record_payment))
        .routes(routes!(orders::manual::record_refund_sent))
        .routes(routes!(events::list_events))
        .routes(routes!(admin::webhooks::list_webhooks, admin::webhooks::create_webhook))
        .routes(routes!(
            admin::webhooks::read_webhook,
            admin::webhooks::change_webhook,
            admin::webhooks::delete_webhook
        ))
        .routes(routes!(admin::webhooks::rotate_webhook_secret))
        .routes(routes!(admin::webhooks::ping_webhook))
        .routes(routes!(admin::webhooks::list_deliveries))
        .routes(routes!(admin::webhooks::replay_delivery))
        .routes(routes!(admin::webhooks::replay_webhook))
        .routes(routes!(admin::fulfilments::fulfil_order))
        .routes(routes!(admin::fulfilments::update_fulfilment))
        .routes(routes!(admin::fulfilments::add_order_note))
        .routes(routes!(reports::answers::report_sales))
        .routes(routes!(reports::answers::report_products))
        .routes(routes!(reports::answers::report_promotions))
        .routes(routes!(reports::answers::report_carts))
        .routes(routes!(reports::answers::report_payments))
        .routes(routes!(reports::recovery::report_recovery))
        .routes(routes!(admin::operators::list_operators, admin::operators::put_operator))
        .routes(routes!(admin::keys::list_keys, admin::keys::create_key))
        .routes(routes!(admin::keys::revoke_key))
        .routes(routes!(admin::audit::read_audit_log))
        .routes(routes!(admin::mail_templates::list_mail_templates))
        .routes(routes!(
            admin::mail_templates::read_mail_template,
            admin::mail_templates::put_mail_template,
            admin::mail_templates::delete_mail_template
        ))
        .routes(routes!(admin::mail_templates::preview_mail, admin::mail_templates::preview_mail_draft))
        .routes(routes!(admin::verify::verify))
}

fn health_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(health::healthz)).routes(routes!(health::readyz))
}

fn metrics_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(metrics::metrics))
}
