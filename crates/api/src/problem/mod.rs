//! Problems (RFC 9457). [`registry`] lists the kinds; [`refused`] is the one place in which the engine's refusals and failures
//! become problems.

mod codes;
mod price;
mod refused;
pub(crate) mod registry;
mod several;

use axum::response::{IntoResponse, Response};
use cartwright_wire::{self as wire, brief};
use http::HeaderValue;
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use registry::Kind;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// A request that is not done: becomes `application/problem+json`.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: &'static Kind,
    detail: Cow<'static, str>,
    errors: Vec<wire::ProblemItem>,
    remedy: Option<Box<wire::Remedy>>,
    /// Seconds after which it is worth another try, where that is known.
    wait: Option<u64>,
}

/// What handlers answer.
pub(crate) type Outcome<T = Response> = Result<T, Problem>;

impl Problem {
    pub(crate) fn new(kind: &'static Kind, detail: impl Into<Cow<'static, str>>) -> Problem {
        Problem { kind, detail: detail.into(), errors: Vec::new(), remedy: None, wait: None }
    }

    /// The request is not as the document says it must be; so many more errors are left out.
    pub(crate) fn invalid(errors: Vec<wire::ProblemItem>, left_out: usize) -> Problem {
        let detail = match (errors.as_slice(), left_out) {
            ([one], 0) => one.detail.clone(),
            (many, 0) => format!("{} fields are not as they must be.", many.len()),
            (told, more) => {
                let (all, told) = (told.len() + more, told.len());
                format!("{all} fields are not as they must be; here are the first {told}.")
            }
        };
        Problem::new(&registry::INVALID_REQUEST, detail).with_errors(errors)
    }

    /// One field of the request is not as it must be.
    pub(crate) fn invalid_field(field: impl Into<String>, detail: impl Into<String>) -> Problem {
        Problem::invalid(vec![field_error(field, detail)], 0)
    }

    pub(crate) fn with_errors(mut self, errors: Vec<wire::ProblemItem>) -> Problem {
        self.errors = errors;
        self
    }

    pub(crate) fn with_remedy(mut self, action: &str, with: Option<Value>) -> Problem {
        self.remedy = Some(Box::new(wire::Remedy { action: action.to_owned(), with }));
        self
    }

    /// It is worth another try after this time.
    pub(crate) fn with_wait(mut self, wait: Duration) -> Problem {
        self.wait = Some(wait.as_secs().max(1));
        self
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, kind: &Kind) -> bool {
        self.kind == kind
    }

    pub(crate) fn into_body(self) -> wire::Problem {
        let mut errors = self.errors;
        errors.iter_mut().for_each(shorten);
        wire::Problem {
            kind: format!("urn:cartwright:problem:{}", self.kind.code),
            title: self.kind.title.to_owned(),
            status: self.kind.status.as_u16(),
            code: self.kind.code.to_owned(),
            detail: brief(&self.detail).into_owned(),
            errors,
            remedy: self.remedy.map(|remedy| *remedy),
        }
    }
}

/// Cuts what an entry repeats of the request.
fn shorten(item: &mut wire::ProblemItem) {
    item.detail = brief(&item.detail).into_owned();
    item.field = item.field.take().map(|field| wire::cut_path(&field).into_owned());
}

/// A field that is not as it must be.
pub(crate) fn field_error(field: impl Into<String>, detail: impl Into<String>) -> wire::ProblemItem {
    wire::ProblemItem {
        code: "invalid".to_owned(),
        detail: detail.into(),
        field: Some(field.into()),
        ..wire::ProblemItem::default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (kind, wait) = (self.kind, self.wait);
        // A problem consists of texts and numbers: it can always be written.
        let body = serde_json::to_vec(&self.into_body()).unwrap_or_default();
        let mut response = (kind.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let later = matches!(kind.status, http::StatusCode::SERVICE_UNAVAILABLE | http::StatusCode::TOO_MANY_REQUESTS);
        if later || *kind == registry::PAYMENT_IN_PROGRESS {
            let usual = if *kind == registry::COUPON_ATTEMPTS { 10 } else { 1 };
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.unwrap_or(usual)));
        }
        if *kind == registry::STOPPING {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if [&registry::UNAUTHORIZED, &registry::SESSION_REQUIRED, &registry::CREDENTIALS_WRONG].contains(&kind) {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"cartwright\""));
        }
        if *kind == registry::SIGNATURE_INVALID {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Stripe-Signature"));
        }
        response
    }
}
