//! The header fields by which mail programs unsubscribe with one click (RFC 2369, RFC 8058).

use lettre::message::header::{Header, HeaderName, HeaderValue};
use std::error::Error;

type Parsed<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// `List-Unsubscribe`: the address to which the program sends `POST`.
#[derive(Clone, Debug)]
pub struct ListUnsubscribe(pub String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Parsed<Self> {
        Ok(ListUnsubscribe(text.trim_matches(['<', '>']).to_owned()))
    }

    fn display(&self) -> HeaderValue {
        // An address of ASCII letters without blanks, which programs do not find once it is folded or encoded.
        let value = format!("<{}>", self.0);
        HeaderValue::dangerous_new_pre_encoded(Self::name(), value.clone(), value)
    }
}

/// `List-Unsubscribe-Post`: that one click is enough.
#[derive(Clone, Debug)]
pub struct OneClick;

impl Header for OneClick {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Parsed<Self> {
        Ok(OneClick)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}
