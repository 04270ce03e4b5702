//! A CSV file as rows with named columns and line numbers, and what a catalogue file turns into. Rows that cannot be
//! read are kept as refusals with line and reason; nothing is dropped in silence.

use cartwright_client::wire::{ProductInput, read_cell};
use csv::ByteRecord;
use serde::Serialize;
use std::collections::HashMap;

/// What a catalogue file says.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    /// Products that can be sent, in the order of the file.
    pub(crate) products: Vec<ReadProduct>,
    /// Rows that cannot.
    pub(crate) refused: Vec<RefusedRow>,
    /// What somebody should know about rows that can.
    pub(crate) notes: Vec<Note>,
    /// Rows below the headings.
    pub(crate) rows: usize,
}

/// A product and the lines of the file it comes from.
#[derive(Debug)]
pub(crate) struct ReadProduct {
    pub(crate) input: ProductInput,
    pub(crate) lines: Vec<u64>,
}

/// A row that does not become part of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct RefusedRow {
    pub(crate) line: u64,
    pub(crate) handle: String,
    pub(crate) reason: String,
}

/// A remark on a row, or on the file as a whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Note {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    pub(crate) text: String,
}

/// The readable rows of a file.
#[derive(Debug)]
pub(crate) struct Sheet {
    columns: HashMap<String, usize>,
    headings: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) refused: Vec<RefusedRow>,
}

/// One row below the headings.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) line: u64,
    cells: Vec<String>,
}

impl Sheet {
    /// Reads the whole file. Refused as a whole only when it has no headings.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut records = reader.byte_records();
        let headings = match records.next() {
            Some(Ok(record)) => texts_of(&record).map_err(|reason| format!("the headings: {reason}"))?,
            Some(Err(error)) => return Err(error.to_string()),
            None => return Err("the file is empty".to_owned()),
        };
        let headings: Vec<String> = headings.iter().map(|heading| heading.trim().to_owned()).collect();
        let columns = headings.iter().enumerate().rev().map(|(index, name)| (name.to_lowercase(), index)).collect();
        let mut sheet = Self { columns, headings, rows: Vec::new(), refused: Vec::new() };
        let lines = LineIndex::of(bytes);
        for record in records {
            let record = record.map_err(|error| error.to_string())?;
            let line = record.position().map_or(0, |position| lines.line_at(position.byte()));
            sheet.take(line, &record);
        }
        Ok(sheet)
    }

    fn take(&mut self, line: u64, record: &ByteRecord) {
        let outcome = texts_of(record).and_then(|cells| match (cells.len(), self.headings.len()) {
            (found, wanted) if found == wanted => Ok(cells),
            (found, wanted) => {
                Err(format!("has {found} fields where the headings have {wanted} (a quote left open, or a comma?)"))
            }
        });
        match outcome {
            Ok(cells) => self.rows.push(Row { line, cells }),
            Err(reason) => self.refused.push(RefusedRow { line, handle: String::new(), reason }),
        }
    }

    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(&column.to_lowercase())
    }

    /// Fails when a column without which nothing makes sense is missing.
    pub(crate) fn require(&self, columns: &[&str]) -> Result<(), String> {
        let missing: Vec<_> = columns.iter().filter(|column| !self.has(column)).copied().collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("the headings lack {}", missing.join(", "))) }
    }

    /// The cell as it stands; empty where there is no such column.
    pub(crate) fn raw<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        let index = self.columns.get(&column.to_lowercase());
        index.and_then(|index| row.cells.get(*index)).map_or("", String::as_str)
    }

    /// The cell without surrounding blanks.
    pub(crate) fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        self.raw(row, column).trim()
    }

    /// Columns that are none of `known`, with the number of rows that say something there.
    pub(crate) fn unknown_columns(&self, known: &[&str]) -> Vec<(String, usize)> {
        let is_known = |heading: &str| known.iter().any(|known| known.eq_ignore_ascii_case(heading));
        let strange = self.headings.iter().filter(|heading| !is_known(heading));
        let counted = strange.map(|heading| {
            let used = self.rows.iter().filter(|row| !self.cell(row, heading).is_empty()).count();
            (heading.clone(), used)
        });
        counted.filter(|(_, used)| *used > 0).collect()
    }

    /// Rows by the handle in their first column of that name, in the order in which the handles first come.
    pub(crate) fn groups(&self) -> Vec<(&str, Vec<&Row>)> {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut groups: Vec<(&str, Vec<&Row>)> = Vec::new();
        for row in &self.rows {
            let handle = self.cell(row, "handle");
            let place = *places.entry(handle).or_insert(groups.len());
            match groups.get_mut(place) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((handle, vec![row])),
            }
        }
        groups
    }
}

/// The texts of a row; the marks that keep spreadsheets from taking them for formulas are no part of them.
fn texts_of(record: &ByteRecord) -> Result<Vec<String>, String> {
    let text = |field: &[u8]| std::str::from_utf8(field).map(|cell| read_cell(cell).to_owned());
    record.iter().map(text).collect::<Result<_, _>>().map_err(|_| "is not UTF-8 text".to_owned())
}

/// Where lines begin. The CSV reader's own count depends on how lines end; people count as their editor does.
struct LineIndex {
    starts: Vec<u64>,
    blank: Vec<bool>,
}

impl LineIndex {
    fn of(bytes: &[u8]) -> Self {
        let mut starts = Vec::new();
        let mut blank = Vec::new();
        let mut start = 0_u64;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            starts.push(start);
            blank.push(line.iter().all(|byte| matches!(byte, b'\r' | b'\n')));
            start += line.len() as u64;
        }
        Self { starts, blank }
    }

    /// The line, counted from 1, on which a record begins that the reader saw from this byte on.
    fn line_at(&self, byte: u64) -> u64 {
        // The reader may stand on the line feed of the line before, or on blank lines in between.
        let mut index = self.starts.partition_point(|start| *start < byte);
        if self.starts.get(index) != Some(&byte) && self.starts.get(index).is_none_or(|start| *start > byte + 1) {
            index = index.saturating_sub(1);
        }
        while self.blank.get(index) == Some(&true) {
            index += 1;
        }
        index as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for ending in ["\n", "\r\n"] {
            let text = ["handle,x", "a,\"two", "lines\"", "", "b,1", "c,2", ""].join(ending);
            let sheet = Sheet::read(text.as_bytes()).expect("reads");
            let lines: Vec<u64> = sheet.rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, [2, 5, 6], "{ending:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_heading() {
        let sheet = Sheet::read(b"\xef\xbb\xbfHandle,Title\npen,Pen\n").expect("reads");
        assert_eq!(sheet.cell(&sheet.rows[0], "handle"), "pen");
        assert_eq!(sheet.rows[0].line, 2);
    }

    #[test]
    fn rows_of_other_width_or_encoding_are_refused_one_by_one() {
        let sheet = Sheet::read(b"handle,title\na,A\nb\nc,\xff\nd,D,x\ne,E\n").expect("reads");
        let refused: Vec<u64> = sheet.refused.iter().map(|row| row.line).collect();
        assert_eq!(refused, [3, 4, 5]);
        assert_eq!(sheet.rows.len(), 2);
    }

    #[test]
    fn a_file_without_headings_is_refused() {
        assert!(Sheet::read(b"").is_err());
    }
}
