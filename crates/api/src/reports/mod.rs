//! `GET /admin/reports/…`: sums over a period, for operators, as JSON or CSV.

pub(crate) mod answers;
mod form;
mod period;
pub(crate) mod recovery;
