//! Every problem this interface can answer, one line each: name, status, code, title. A status says where to look: 400 and
//! 422 are about the form of the request (422 is what the OpenAPI document would have told), 404 and 409 about the state of
//! the shop, 5xx about us.

use http::StatusCode;

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code for programs.
    pub code: &'static str,
    /// The kind in a few words.
    pub title: &'static str,
}

macro_rules! problems {
    ($($name:ident $status:ident $code:literal $title:literal;)*) => {
        $(pub(crate) static $name: Kind = Kind { status: StatusCode::$status, code: $code, title: $title };)*
        /// All kinds.
        #[cfg(test)]
        static ALL: &[&Kind] = &[$(&$name),*];
    };
}

problems! {
    MALFORMED_JSON BAD_REQUEST "malformed_json" "The body is not JSON";
    IDEMPOTENCY_KEY_MISSING BAD_REQUEST "idempotency_key_missing" "The Idempotency-Key is missing";
    IDEMPOTENCY_KEY_INVALID BAD_REQUEST "idempotency_key_invalid" "The Idempotency-Key cannot be used";
    UNAUTHORIZED UNAUTHORIZED "unauthorized" "An operator's key is needed";
    SESSION_REQUIRED UNAUTHORIZED "session_required" "Log in first";
    CREDENTIALS_WRONG UNAUTHORIZED "credentials_wrong" "Address and password do not go together";
    SIGNATURE_INVALID UNAUTHORIZED "signature_invalid" "The signature does not count";
    PAYMENT_DECLINED PAYMENT_REQUIRED "payment_declined" "The payment did not go through";
    OPERATOR_REQUIRED FORBIDDEN "operator_required" "Only an operator may do this";
    NOT_ALLOWED FORBIDDEN "not_allowed" "The role or the scopes do not allow this";
    CSRF FORBIDDEN "csrf" "The request may come from another page";
    OTHER_STORE FORBIDDEN "other_store" "The key is of another store";
    ROUTE_NOT_FOUND NOT_FOUND "route_not_found" "No such address";
    STORE_NOT_FOUND NOT_FOUND "store_not_found" "No such store";
    PRODUCT_NOT_FOUND NOT_FOUND "product_not_found" "No such product";
    CART_NOT_FOUND NOT_FOUND "cart_not_found" "No such cart";
    CART_EXPIRED NOT_FOUND "cart_expired" "The cart has expired";
    CART_REMOVED NOT_FOUND "cart_removed" "The cart was removed";
    LINE_NOT_FOUND NOT_FOUND "line_not_found" "No such line";
    SAVED_ITEM_NOT_FOUND NOT_FOUND "saved_item_not_found" "No such saved item";
    ORDER_NOT_FOUND NOT_FOUND "order_not_found" "No such order";
    FULFILMENT_NOT_FOUND NOT_FOUND "fulfilment_not_found" "No such fulfilment";
    PAYMENT_NOT_FOUND NOT_FOUND "payment_not_found" "No such payment";
    REFUND_NOT_FOUND NOT_FOUND "refund_not_found" "No such refund";
    GATEWAY_NOT_FOUND NOT_FOUND "gateway_not_found" "No such gateway";
    PROMOTION_NOT_FOUND NOT_FOUND "promotion_not_found" "No such promotion";
    WEBHOOK_NOT_FOUND NOT_FOUND "webhook_not_found" "No such receiver of events";
    DELIVERY_NOT_FOUND NOT_FOUND "delivery_not_found" "No such event on its way to this receiver";
    TOO_MANY_WEBHOOKS CONFLICT "too_many_webhooks" "There are too many receivers of events";
    CUSTOMER_UNNAMED NOT_FOUND "customer_unnamed" "A customer has a name of 1 to 100 characters";
    TOKEN_INVALID NOT_FOUND "token_invalid" "The link does not work";
    SESSION_NOT_FOUND NOT_FOUND "session_not_found" "No such session";
    OPERATOR_NOT_FOUND NOT_FOUND "operator_not_found" "No such operator";
    KEY_NOT_FOUND NOT_FOUND "key_not_found" "No such key";
    MAIL_TEMPLATE_NOT_FOUND NOT_FOUND "mail_template_not_found" "No such words for a mail";
    VARIANT_UNKNOWN NOT_FOUND "variant_unknown" "No such variant";
    CURSOR_UNKNOWN NOT_FOUND "cursor_unknown" "No such page";
    METHOD_NOT_ALLOWED METHOD_NOT_ALLOWED "method_not_allowed" "This address does not have this method";
    REQUEST_TIMEOUT REQUEST_TIMEOUT "request_timeout" "The body came too slowly";
    PASSWORD_WRONG CONFLICT "password_wrong" "That is not the password";
    CART_EMPTY CONFLICT "cart_empty" "The cart is empty";
    CART_CLOSED CONFLICT "cart_closed" "The cart can no longer be changed";
    TOO_MANY_LINES CONFLICT "too_many_lines" "The cart has too many lines";
    OPTIONS_TOO_LARGE CONFLICT "options_too_large" "The options of a line are too long";
    CART_TOO_HEAVY CONFLICT "cart_too_heavy" "The texts of the cart are too long";
    TOO_MANY_SAVED CONFLICT "too_many_saved" "Too many items are saved for later";
    NOT_A_GUEST_CART CONFLICT "not_a_guest_cart" "The cart is not a guest's";
    NOTHING_TO_UNDO CONFLICT "nothing_to_undo" "There is nothing to take back";
    TOO_MANY_COUPONS CONFLICT "too_many_coupons" "The cart has too many codes";
    AMOUNT_TOO_LARGE CONFLICT "amount_too_large" "The amounts become too large";
    NOT_FOR_SALE CONFLICT "not_for_sale" "Not for sale";
    INSUFFICIENT_STOCK CONFLICT "insufficient_stock" "Not enough stock";
    PAY_AT_ONCE CONFLICT "pay_at_once" "The goods cannot be held until the payment";
    COUPON_INVALID CONFLICT "coupon_invalid" "The code cannot be used";
    COUPON_EXHAUSTED CONFLICT "coupon_exhausted" "The code is used up";
    COUPON_WITHDRAWN CONFLICT "coupon_withdrawn" "The code is no longer offered";
    EMAIL_REQUIRED CONFLICT "email_required" "The code needs an e-mail address";
    DETAILS_REQUIRED CONFLICT "details_required" "E-mail or addresses are needed, or not as they must be";
    TOTAL_REQUIRED CONFLICT "total_required" "The total that was shown is missing";
    PRICE_CHANGED CONFLICT "price_changed" "The price has changed";
    SHIPPING_METHOD_UNKNOWN CONFLICT "shipping_method_unknown" "No such shipping method for this cart";
    CURRENCY_UNKNOWN CONFLICT "currency_unknown" "Not a currency of this store";
    SHIPPING_REQUIRED CONFLICT "shipping_required" "Address and shipping method are needed";
    PAYMENT_METHOD_UNKNOWN CONFLICT "payment_method_unknown" "No such way to pay";
    PAYMENT_IN_PROGRESS CONFLICT "payment_in_progress" "A payment of the order is under way";
    PAYMENT_TOO_LARGE CONFLICT "payment_too_large" "Less is still to be paid";
    NOT_MANUAL CONFLICT "not_manual" "A gateway takes the order's money";
    REFUND_NOT_PENDING CONFLICT "refund_not_pending" "No such refund waits to be sent";
    ORDER_NOT_CANCELLABLE CONFLICT "order_not_cancellable" "The order cannot be cancelled";
    NOTHING_TO_REFUND CONFLICT "nothing_to_refund" "There is nothing to refund";
    REFUND_REFUSED CONFLICT "refund_refused" "The provider does not send the money back";
    REFUND_TOO_LARGE CONFLICT "refund_too_large" "Less is left to be refunded";
    TOO_MANY_REFUNDS CONFLICT "too_many_refunds" "The order has too many refunds";
    NOT_CAPTURABLE CONFLICT "not_capturable" "No money is set aside";
    CAPTURE_TOO_LARGE CONFLICT "capture_too_large" "Less money is set aside";
    ORDER_SENT CONFLICT "order_sent" "Goods of the order were sent";
    ORDER_NOT_FULFILLABLE CONFLICT "order_not_fulfillable" "Nothing of the order may be sent";
    NOT_LEFT_TO_FULFIL CONFLICT "not_left_to_fulfil" "More than is left to send";
    FULFILMENT_CLOSED CONFLICT "fulfilment_closed" "The fulfilment can no longer be changed";
    TOO_MANY_ENTRIES CONFLICT "too_many_entries" "The order keeps no more of them";
    PERIOD_REFUSED CONFLICT "period_refused" "The period cannot be reported on";
    NOTHING_TO_CONFIRM CONFLICT "nothing_to_confirm" "Nothing waits for the shopper";
    STOCK_OUT_OF_RANGE CONFLICT "stock_out_of_range" "The stock would leave its range";
    DEFINITION_REFUSED CONFLICT "definition_refused" "The definition cannot be used";
    CONFLICT CONFLICT "conflict" "It exists already";
    VERSION_MISMATCH PRECONDITION_FAILED "version_mismatch" "The cart has changed since";
    BODY_TOO_LARGE PAYLOAD_TOO_LARGE "body_too_large" "The body is too large";
    UNSUPPORTED_MEDIA_TYPE UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "The body must be JSON";
    INVALID_REQUEST UNPROCESSABLE_ENTITY "invalid_request" "The request is not as it must be";
    QUANTITY_OUT_OF_RANGE UNPROCESSABLE_ENTITY "quantity_out_of_range" "The quantity is out of range";
    IDEMPOTENCY_KEY_REUSED UNPROCESSABLE_ENTITY "idempotency_key_reused" "The Idempotency-Key was used for another request";
    RATE_LIMITED TOO_MANY_REQUESTS "rate_limited" "Too many requests from this address";
    LOGIN_ATTEMPTS TOO_MANY_REQUESTS "login_attempts" "That was tried too often";
    COUPON_ATTEMPTS TOO_MANY_REQUESTS "coupon_attempts" "Too many codes were tried";
    TOO_MANY_STREAMS TOO_MANY_REQUESTS "too_many_streams" "Too many streams are open";
    INTERNAL INTERNAL_SERVER_ERROR "internal" "A fault of ours";
    BUSY SERVICE_UNAVAILABLE "busy" "Too much is asked at once";
    STOPPING SERVICE_UNAVAILABLE "stopping" "The server is shutting down";
    STORAGE_UNAVAILABLE SERVICE_UNAVAILABLE "storage_unavailable" "The storage cannot be used just now";
    GATEWAY_SILENT SERVICE_UNAVAILABLE "gateway_silent" "The payment gateway does not answer";
    TIMED_OUT SERVICE_UNAVAILABLE "timed_out" "The request took too long";
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use std::collections::HashSet;

    #[test]
    fn every_code_stands_once_and_is_spelt_in_snake_case() {
        let codes: HashSet<&str> = ALL.iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), ALL.len());
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    }

    #[test]
    fn every_problem_is_an_error_of_the_client_or_of_ours() {
        assert!(ALL.iter().all(|kind| kind.status.is_client_error() || kind.status.is_server_error()));
    }
}
