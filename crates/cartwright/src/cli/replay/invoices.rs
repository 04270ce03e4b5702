//! Reads a file of invoices into a plan: which articles there are, which orders to place, and which rows cannot be sold
//! and why. Pure: bytes in, plan out. Money is exact; a row is either in an invoice or reported.

use crate::cli::amount;
use crate::cli::catalogue::{Row, Sheet, Written, slug};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// What to do.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) rows: usize,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) articles: Vec<Article>,
    pub(crate) reported: Vec<ReportedRow>,
}

/// An invoice, with the rows of it that can be sold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Invoice {
    pub(crate) number: String,
    pub(crate) customer: Option<String>,
    pub(crate) lines: Vec<Line>,
    /// Rows of it that cannot be sold.
    pub(crate) reported: usize,
}

/// So many of an article at a price in minor units. Rows of one article at one price are added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) article: usize,
    /// 1, unless the invoice has the article at several prices: then 2 for the second price, and so on.
    pub(crate) place: usize,
    pub(crate) quantity: i64,
    pub(crate) price: i64,
}

/// An article of the catalogue.
#[derive(Clone, Debug)]
pub(crate) struct Article {
    pub(crate) code: String,
    pub(crate) handle: String,
    pub(crate) name: String,
}

/// A row that cannot be sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ReportedRow {
    pub(crate) line: u64,
    pub(crate) invoice: String,
    pub(crate) stock_code: String,
    pub(crate) quantity: String,
    pub(crate) unit_price: String,
    pub(crate) reason: &'static str,
}

impl Article {
    /// The SKU of the variant that an invoice with several prices of one article uses.
    pub(crate) fn sku(&self, place: usize) -> String {
        if place == 1 { self.code.clone() } else { format!("{}/{place}", self.code) }
    }
}

impl Invoice {
    /// What its lines come to, minor units; nothing when that cannot be counted.
    pub(crate) fn total(&self) -> Option<i64> {
        self.lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.quantity.checked_mul(line.price)?))
    }

    fn add(&mut self, article: usize, quantity: i64, price: i64) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.article == article && line.price == price) {
            line.quantity += quantity;
            return;
        }
        let place = 1 + self.lines.iter().filter(|line| line.article == article).count();
        self.lines.push(Line { article, place, quantity, price });
    }
}

impl Plan {
    /// The plan for the first `limit` invoices of the file.
    pub(crate) fn read(bytes: &[u8], exponent: u32, limit: usize) -> Result<Self, String> {
        let mut sheet = Sheet::read(bytes, &Written::default(), &[])?;
        sheet.require(&["InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "CustomerID"])?;
        let mut reader = Reader::new(limit);
        for refused in std::mem::take(&mut sheet.refused) {
            reader.plan.rows += 1;
            let row = ReportedRow { line: refused.line, reason: "row cannot be read", ..ReportedRow::nameless() };
            reader.plan.reported.push(row);
        }
        for row in &sheet.rows {
            reader.take(&sheet, row, exponent);
        }
        Ok(reader.plan)
    }
}

impl ReportedRow {
    fn nameless() -> Self {
        let empty = String::new;
        Self { line: 0, invoice: empty(), stock_code: empty(), quantity: empty(), unit_price: empty(), reason: "" }
    }
}

struct Reader {
    plan: Plan,
    limit: usize,
    places: HashMap<String, usize>,
    articles: HashMap<String, usize>,
    handles: HashSet<String>,
}

impl Reader {
    fn new(limit: usize) -> Self {
        Self { plan: Plan::default(), limit, places: HashMap::new(), articles: HashMap::new(), handles: HashSet::new() }
    }

    fn take(&mut self, sheet: &Sheet, row: &Row, exponent: u32) {
        let number = sheet.cell(row, "InvoiceNo");
        let Some(place) = self.place_of(number, sheet.cell(row, "CustomerID")) else { return };
        self.plan.rows += 1;
        let code = sheet.cell(row, "StockCode");
        match sellable(sheet, row, exponent) {
            Ok((quantity, price)) => {
                let article = self.article_of(code, sheet.cell(row, "Description"));
                self.plan.invoices[place].add(article, quantity, price);
            }
            Err(reason) => {
                self.plan.invoices[place].reported += 1;
                self.plan.reported.push(ReportedRow {
                    line: row.line,
                    invoice: number.to_owned(),
                    stock_code: code.to_owned(),
                    quantity: sheet.cell(row, "Quantity").to_owned(),
                    unit_price: sheet.cell(row, "UnitPrice").to_owned(),
                    reason,
                });
            }
        }
    }

    /// The invoice's place in the plan; nothing for invoices past the limit.
    fn place_of(&mut self, number: &str, customer: &str) -> Option<usize> {
        if let Some(place) = self.places.get(number) {
            return Some(*place);
        }
        if self.plan.invoices.len() >= self.limit {
            return None;
        }
        let place = self.plan.invoices.len();
        self.places.insert(number.to_owned(), place);
        let customer = (!customer.is_empty()).then(|| customer.to_owned());
        self.plan.invoices.push(Invoice { number: number.to_owned(), customer, ..Invoice::default() });
        Some(place)
    }

    /// Articles differ by the exact code (84997c is not 84997C); their handles are lower case, so the second gets a number.
    fn article_of(&mut self, code: &str, name: &str) -> usize {
        if let Some(index) = self.articles.get(code) {
            return *index;
        }
        let base = match slug(code).replace(|c: char| !c.is_ascii_alphanumeric(), "-") {
            slug if slug.starts_with(|c: char| c.is_ascii_alphanumeric()) => slug,
            slug => format!("article-{slug}"),
        };
        let mut handle = base.clone();
        let mut number = 2;
        while !self.handles.insert(handle.clone()) {
            handle = format!("{base}-{number}");
            number += 1;
        }
        let index = self.plan.articles.len();
        self.plan.articles.push(Article { code: code.to_owned(), handle, name: name.to_owned() });
        self.articles.insert(code.to_owned(), index);
        index
    }
}

/// Quantity and price in minor units, or why the row cannot be sold.
fn sellable(sheet: &Sheet, row: &Row, exponent: u32) -> Result<(i64, i64), &'static str> {
    let quantity: i64 = sheet.cell(row, "Quantity").parse().map_err(|_| "quantity is not a whole number")?;
    let price = amount::minor(sheet.cell(row, "UnitPrice"), exponent).map_err(|_| "price is not an exact amount")?;
    let is_return = sheet.cell(row, "InvoiceNo").starts_with(['C', 'c']) || quantity < 0;
    match (quantity, price) {
        _ if is_return => Err("return or cancellation"),
        (0, _) => Err("quantity is zero"),
        (_, ..0) => Err("price is below zero"),
        (_, 0) => Err("price is zero"),
        _ if sheet.cell(row, "Description").is_empty() => Err("description is missing"),
        _ if sheet.cell(row, "StockCode").is_empty() => Err("stock code is missing"),
        _ => Ok((quantity, price)),
    }
}

/// Totals by invoice number, minor units, in the order of the file.
pub(crate) fn read_totals(bytes: &[u8], exponent: u32) -> Result<Vec<(String, i64)>, String> {
    let sheet = Sheet::read(bytes, &Written::default(), &[])?;
    sheet.require(&["InvoiceNo", "TotalGBP"])?;
    if let Some(refused) = sheet.refused.first() {
        return Err(format!("line {}: {}", refused.line, refused.reason));
    }
    let total = |row: &Row| {
        let total = amount::minor(sheet.cell(row, "TotalGBP"), exponent)
            .map_err(|reason| format!("line {}: {reason}", row.line))?;
        Ok((sheet.cell(row, "InvoiceNo").to_owned(), total))
    };
    sheet.rows.iter().map(total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    const HEADINGS: &str = "InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID,Country\n";

    fn plan_of(rows: &str) -> Plan {
        Plan::read(format!("{HEADINGS}{rows}").as_bytes(), 2, usize::MAX).expect("a plan")
    }

    #[test]
    fn rows_of_one_article_at_one_price_add_up_and_another_price_is_another_variant() {
        let plan =
            plan_of("1,85123A,HEART,6,2.55,17850,UK\n1,85123A,HEART,2,2.55,17850,UK\n1,85123A,HEART,1,2.95,17850,UK\n");
        let line = |place, quantity, price| Line { article: 0, place, quantity, price };
        assert_eq!(plan.invoices[0].lines, [line(1, 8, 255), line(2, 1, 295)]);
        assert_eq!(plan.articles[0].sku(2), "85123A/2");
        assert_eq!(plan.invoices[0].total(), Some(8 * 255 + 295));
    }

    #[test]
    fn codes_that_differ_in_case_are_two_articles_with_two_handles() {
        let plan = plan_of("1,84997c,BLUE,1,1,,UK\n1,84997C,PINK,1,1,,UK\n1,BANK CHARGES,Fees,1,1,,UK\n");
        let handles: Vec<_> = plan.articles.iter().map(|article| article.handle.as_str()).collect();
        assert_eq!(handles, ["84997c", "84997c-2", "bank-charges"]);
        assert_eq!(plan.invoices[0].customer, None);
    }

    #[test]
    fn every_row_that_cannot_be_sold_is_reported_with_its_line_and_reason() {
        let plan = plan_of(
            "C1,A,a,-1,2,7,UK\n2,A,a,-1,2,7,UK\n2,A,a,0,2,7,UK\n2,A,a,1,0,7,UK\n2,A,a,1,-2,7,UK\n2,A,,1,2,7,UK\n\
             2,A,a,1.5,2,7,UK\n2,A,a,1,2.005,7,UK\n2,A,a,1,2,7,UK\nshort\n",
        );
        let mut reported: Vec<_> = plan.reported.iter().map(|row| (row.line, row.reason)).collect();
        reported.sort_unstable();
        assert_eq!(
            reported,
            [
                (2, "return or cancellation"),
                (3, "return or cancellation"),
                (4, "quantity is zero"),
                (5, "price is zero"),
                (6, "price is below zero"),
                (7, "description is missing"),
                (8, "quantity is not a whole number"),
                (9, "price is not an exact amount"),
                (11, "row cannot be read"),
            ]
        );
        assert_eq!((plan.rows, plan.invoices[1].lines.len(), plan.invoices[1].reported), (10, 1, 7));
    }

    #[test]
    fn past_the_limit_no_invoice_is_taken_and_handles_stay_the_same() {
        let text = format!("{HEADINGS}1,a,x,1,1,,UK\n2,A,x,1,1,,UK\n3,b,x,1,1,,UK\n");
        let part = Plan::read(text.as_bytes(), 2, 2).expect("a plan");
        assert_eq!((part.invoices.len(), part.rows, part.articles[1].handle.as_str()), (2, 2, "a-2"));
    }

    #[test]
    fn the_published_invoices_come_to_the_published_totals() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..").join("shared/data");
        let folder = std::env::var_os("CARTWRIGHT_TEST_DATA").map_or(root, PathBuf::from).join("online-retail");
        let (Ok(invoices), Ok(totals)) =
            (std::fs::read(folder.join("invoices.csv")), std::fs::read(folder.join("invoice_totals.csv")))
        else {
            return crate::left_out::leave_out(&folder);
        };
        let plan = Plan::read(&invoices, 2, usize::MAX).expect("a plan");
        let totals = read_totals(&totals, 2).expect("totals");
        assert_eq!((plan.rows, plan.invoices.len(), totals.len()), (28_905, 1_300, 947));
        assert_eq!(plan.reported.len(), 612);
        let by_number: HashMap<_, _> = plan.invoices.iter().map(|invoice| (invoice.number.as_str(), invoice)).collect();
        let whole: Vec<_> = totals.iter().filter(|(number, _)| by_number[number.as_str()].reported == 0).collect();
        assert_eq!(whole.len(), 946);
        assert!(whole.iter().all(|(number, total)| by_number[number.as_str()].total() == Some(*total)));
    }
}
