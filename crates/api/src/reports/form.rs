//! In which form a report is answered: JSON, or CSV where the address or the `Accept` header says so.

use super::period::Period;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::ok;
use axum::response::{IntoResponse, Response};
use cartwright_wire::{Report, write_cell};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Names the clock of a report's days.
const TIME_ZONE: HeaderName = HeaderName::from_static("cartwright-time-zone");

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    Json,
    Csv,
}

impl Form {
    /// What the address says, else what the header prefers: the one of the two that it names first.
    fn wanted(asked: Option<Form>, headers: &HeaderMap) -> Form {
        let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kinds = accepted.split(',').filter_map(|part| part.split(';').next()).map(str::trim);
        let named = kinds.filter_map(|kind| match kind {
            "text/csv" => Some(Form::Csv),
            "application/json" | "*/*" => Some(Form::Json),
            _ => None,
        });
        asked.or_else(|| named.into_iter().next()).unwrap_or(Form::Json)
    }
}

/// Answers the rows of a report, at most `limit`; one more tells that there are others.
pub(crate) fn answer<T: Serialize>(
    mut rows: Vec<T>,
    limit: usize,
    period: &Period,
    form: Option<Form>,
    headers: &HeaderMap,
) -> Outcome {
    let truncated = rows.len() > limit;
    rows.truncate(limit);
    if Form::wanted(form, headers) == Form::Csv {
        return Ok(by_clock(as_csv(&rows)?, period));
    }
    let (from, to) = period.days();
    let (time_zone, utc_offset_minutes) = (period.clock.name(), period.clock.fixed_minutes());
    Ok(by_clock(ok(&Report { from, to, time_zone, utc_offset_minutes, truncated, rows }), period))
}

/// Says by which clock the days begin: rows of CSV have no place for it.
fn by_clock(mut response: Response, period: &Period) -> Response {
    if let Ok(name) = HeaderValue::from_str(&period.clock.name()) {
        response.headers_mut().insert(TIME_ZONE, name);
    }
    response
}

/// The rows with a line of headings; nothing where there are no rows.
fn as_csv<T: Serialize>(rows: &[T]) -> Outcome {
    let fault = |error: String| {
        tracing::error!(error, "a report cannot be written as CSV");
        Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.")
    };
    let body = written(rows).map_err(|error| fault(error.to_string()))?;
    let mut response: Response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    Ok(response)
}

/// Serialises the rows, and marks the cells that a spreadsheet would take for formulas.
fn written<T: Serialize>(rows: &[T]) -> Result<Vec<u8>, csv::Error> {
    let mut plain = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| plain.serialize(row))?;
    let plain = plain.into_inner().map_err(|error| error.into_error())?;
    let mut marked = csv::Writer::from_writer(Vec::with_capacity(plain.len()));
    for record in csv::ReaderBuilder::new().has_headers(false).from_reader(&*plain).records() {
        marked.write_record(record?.iter().map(|cell| write_cell(cell).into_owned()))?;
    }
    Ok(marked.into_inner().map_err(|error| error.into_error())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_marked_and_numbers_are_not() {
        let bytes = written(&[("=1+1", -5), ("PEN, blue", 3)]).expect("writes");
        assert_eq!(String::from_utf8_lossy(&bytes), "'=1+1,-5\n\"PEN, blue\",3\n");
    }

    #[test]
    fn the_address_decides_then_the_header() {
        let accepting = |value: &'static str| HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(value))]);
        assert_eq!(Form::wanted(None, &accepting("text/csv")), Form::Csv);
        assert_eq!(Form::wanted(None, &accepting("text/html, text/csv;q=0.9, */*;q=0.1")), Form::Csv);
        assert_eq!(Form::wanted(None, &accepting("application/json, text/csv")), Form::Json);
        assert_eq!(Form::wanted(Some(Form::Json), &accepting("text/csv")), Form::Json);
        assert_eq!(Form::wanted(None, &HeaderMap::new()), Form::Json);
    }
}
