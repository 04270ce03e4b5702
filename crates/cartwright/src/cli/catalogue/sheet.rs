//! A CSV file as rows with named columns and line numbers, and what a catalogue file turns into. Rows that cannot be
//! read are kept as refusals with line and reason; nothing is dropped in silence.

use super::lists::read_text;
use super::text::decode;
use cartwright_client::wire::{ProductInput, read_cell};
use csv::ByteRecord;
use serde::Serialize;
use std::collections::HashMap;

/// Marks that may stand between fields, the usual one first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Lines that are shown of a remark that holds for many.
const SHOWN_LINES: usize = 10;

/// What whoever imports a file says about how it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// Encoding.
    pub(crate) encoding: Option<String>,
    /// The mark between fields.
    pub(crate) separator: Option<u8>,
}

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
    /// Variants that nothing sets apart from one before: what is in the shop already may be so, what is new may not.
    pub(crate) twins: Vec<Twin>,
}

/// A variant that nothing sets apart from one before it.
#[derive(Debug)]
pub(crate) struct Twin {
    pub(crate) sku: String,
    pub(crate) line: u64,
    /// The line of the one before.
    pub(crate) first: u64,
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
    /// Where columns are, by their name in lower case and as readers know them.
    columns: HashMap<String, Option<usize>>,
    headings: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) refused: Vec<RefusedRow>,
    /// What is to be said about how the file is written.
    pub(crate) notes: Vec<Note>,
}

/// One row below the headings.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) line: u64,
    cells: Vec<String>,
}

impl Sheet {
    /// Reads the whole file. Refused as a whole only when it has no headings.
    pub(crate) fn read(bytes: &[u8], written: &Written, known: &[&str]) -> Result<Self, String> {
        let (bytes, said) = decode(bytes, written.encoding.as_deref())?;
        let mut notes: Vec<Note> = said.into_iter().map(|text| Note { line: None, text }).collect();
        let (begin, announced) = announced(&bytes);
        let separator = written.separator.or(announced).unwrap_or_else(|| separator_of(&bytes[begin..], known));
        if separator != SEPARATORS[0] && written.separator.is_none() {
            let name = match separator {
                b'\t' => "tabs".to_owned(),
                other => format!("`{}`", char::from(other)),
            };
            notes.push(Note { line: None, text: format!("fields are parted by {name}") });
        }
        let mut reader = reader_of(&bytes[begin..], separator);
        let mut records = reader.byte_records();
        let headings = match records.next() {
            Some(Ok(record)) => texts_of(&record).map_err(|reason| format!("the headings: {reason}"))?,
            Some(Err(error)) => return Err(error.to_string()),
            None => return Err("the file is empty".to_owned()),
        };
        let headings: Vec<String> = headings.iter().map(|heading| heading.trim().to_owned()).collect();
        let columns = headings.iter().enumerate().rev().map(|(index, name)| (name.to_lowercase(), Some(index)));
        let mut columns: HashMap<String, Option<usize>> = columns.collect();
        for name in known {
            let index = columns.get(&name.to_lowercase()).copied().flatten();
            columns.insert((*name).to_owned(), index);
        }
        let mut sheet = Self { columns, headings, rows: Vec::new(), refused: Vec::new(), notes };
        let lines = LineIndex::of(&bytes);
        for record in records {
            let record = record.map_err(|error| error.to_string())?;
            let line = record.position().map_or(0, |position| lines.line_at(begin as u64 + position.byte()));
            sheet.take(line, &record);
        }
        Ok(sheet)
    }

    /// Lets columns be found under the names that readers know them by.
    pub(crate) fn rename(&mut self, names: &[(&str, &str)]) {
        for (heading, known) in names {
            let index = self.index(known).or_else(|| self.index(heading));
            self.columns.insert((*known).to_owned(), index);
            self.columns.insert(known.to_lowercase(), index);
        }
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

    fn index(&self, column: &str) -> Option<usize> {
        match self.columns.get(column) {
            Some(index) => *index,
            None => self.columns.get(&column.to_lowercase()).copied().flatten(),
        }
    }

    pub(crate) fn has(&self, column: &str) -> bool {
        self.index(column).is_some()
    }

    /// Fails when a column without which nothing makes sense is missing.
    pub(crate) fn require(&self, columns: &[&str]) -> Result<(), String> {
        let missing: Vec<_> = columns.iter().filter(|column| !self.has(column)).copied().collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("the headings lack {}", missing.join(", "))) }
    }

    /// The cell as it stands; empty where there is no such column.
    pub(crate) fn raw<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        self.index(column).and_then(|index| row.cells.get(index)).map_or("", String::as_str)
    }

    /// The cell without surrounding blanks, but for those that apostrophes keep.
    pub(crate) fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        read_text(self.raw(row, column))
    }

    /// The cell, where there is such a column: what is not stated is not said to be empty.
    pub(crate) fn stated<'a>(&self, row: &'a Row, column: &str) -> Option<&'a str> {
        self.has(column).then(|| self.cell(row, column))
    }

    /// All cells of some columns.
    pub(crate) fn cells<'a>(&'a self, columns: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let known = columns.iter().filter(|column| self.has(column));
        known.flat_map(|column| self.rows.iter().map(|row| self.cell(row, column)))
    }

    /// Columns that are none of `known`, with the number of rows that say something there.
    pub(crate) fn unknown_columns(&self, known: &[&str]) -> Vec<(String, usize)> {
        // A column that is found under a known name is known.
        let places: Vec<usize> = known.iter().filter_map(|known| self.index(known)).collect();
        let is_known = |heading: &str| {
            known.iter().any(|known| known.eq_ignore_ascii_case(heading))
                || self.index(heading).is_some_and(|place| places.contains(&place))
        };
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

fn reader_of(bytes: &[u8], separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(bytes)
}

/// Where the headings begin, and the mark between fields that the line before them tells: `sep=;`, as Excel writes it.
fn announced(bytes: &[u8]) -> (usize, Option<u8>) {
    let line = bytes.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
    match line.trim_ascii_end() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', mark] => (line.len(), Some(*mark)),
        // A tab is a blank.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => (line.len(), Some(b'\t')),
        _ => (0, None),
    }
}

/// The mark between fields under which most headings are known.
fn separator_of(bytes: &[u8], known: &[&str]) -> u8 {
    let found = |separator: u8| -> usize {
        let Some(Ok(record)) = reader_of(bytes, separator).into_byte_records().next() else { return 0 };
        let is_known = |field: &[u8]| known.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(field.trim_ascii()));
        record.iter().filter(|field| is_known(field)).count()
    };
    // Of equal ones the first.
    SEPARATORS.into_iter().rev().max_by_key(|separator| found(*separator)).unwrap_or(SEPARATORS[0])
}

/// Puts remarks with the same text together where they are many.
pub(crate) fn gathered(notes: Vec<Note>) -> Vec<Note> {
    let mut lines: HashMap<String, Vec<u64>> = HashMap::new();
    let mut order = Vec::new();
    for note in notes {
        let of_text = lines.entry(note.text.clone()).or_insert_with(|| {
            order.push(note.text);
            Vec::new()
        });
        of_text.extend(note.line);
    }
    let gather = |text: String| {
        let lines = lines.remove(&text).unwrap_or_default();
        match lines.as_slice() {
            [] => vec![Note { line: None, text }],
            few if few.len() <= SHOWN_LINES => {
                few.iter().map(|line| Note { line: Some(*line), text: text.clone() }).collect()
            }
            many => {
                let shown: Vec<String> = many.iter().take(SHOWN_LINES).map(u64::to_string).collect();
                let more = many.len() - SHOWN_LINES;
                vec![Note { line: None, text: format!("{text} (lines {} and {more} more)", shown.join(", ")) }]
            }
        }
    };
    order.into_iter().flat_map(gather).collect()
}

/// The texts of a row; the marks that keep spreadsheets from taking them for formulas are no part of them.
fn texts_of(record: &ByteRecord) -> Result<Vec<String>, String> {
    let text = |field: &[u8]| std::str::from_utf8(field).map(|cell| read_cell(cell).to_owned());
    record
        .iter()
        .map(text)
        .collect::<Result<_, _>>()
        .map_err(|_| "is not UTF-8 text, as the rest of the file is".to_owned())
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

    fn sheet_of(bytes: &[u8]) -> Result<Sheet, String> {
        Sheet::read(bytes, &Written::default(), &["handle", "title", "price"])
    }

    #[test]
    fn the_mark_between_fields_is_found_by_the_headings_and_said() {
        for (mark, name) in [(',', ""), (';', "`;`"), ('\t', "tabs"), ('|', "`|`")] {
            let text = "handle?title?x, y; z | w\na?\"A?B\"?1,2;3|4\n";
            let text = text.replace('?', &mark.to_string());
            let sheet = sheet_of(text.replace("x, y; z | w", "x").replace("1,2;3|4", "1").as_bytes()).expect("reads");
            assert_eq!(sheet.cell(&sheet.rows[0], "title"), format!("A{mark}B"));
            let said: Vec<&str> = sheet.notes.iter().map(|note| note.text.as_str()).collect();
            assert!(if name.is_empty() { said.is_empty() } else { said[0].contains(name) }, "{said:?}");
        }
    }

    #[test]
    fn a_line_that_tells_the_mark_is_no_row() {
        let sheet = sheet_of(b"sep=;\r\nhandle;title\r\na;A\r\n").expect("reads");
        assert_eq!((sheet.cell(&sheet.rows[0], "title"), sheet.rows[0].line), ("A", 3));
    }

    #[test]
    fn a_remark_that_holds_for_many_rows_is_one() {
        let note = |line| Note { line: Some(line), text: "so".to_owned() };
        assert_eq!(gathered((2..12).map(note).collect()).len(), 10);
        let many = gathered((2..100).map(note).collect());
        assert!(many.len() == 1 && many[0].text.contains("2, 3") && many[0].text.contains("88 more"), "{many:?}");
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for ending in ["\n", "\r\n"] {
            let text = ["handle,x", "a,\"two", "lines\"", "", "b,1", "c,2", ""].join(ending);
            let sheet = sheet_of(text.as_bytes()).expect("reads");
            let lines: Vec<u64> = sheet.rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, [2, 5, 6], "{ending:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_heading() {
        let sheet = sheet_of(b"\xef\xbb\xbfHandle,Title\npen,Pen\n").expect("reads");
        assert_eq!(sheet.cell(&sheet.rows[0], "handle"), "pen");
        assert_eq!(sheet.rows[0].line, 2);
    }

    #[test]
    fn rows_of_other_width_or_encoding_are_refused_one_by_one() {
        let sheet = sheet_of(b"handle,title\na,A\nb\nc,\xff\nd,D,x\ne,E\n").expect("reads");
        let refused: Vec<u64> = sheet.refused.iter().map(|row| row.line).collect();
        assert_eq!(refused, [3, 4, 5]);
        assert_eq!(sheet.rows.len(), 2);
    }

    #[test]
    fn a_file_without_headings_is_refused() {
        assert!(sheet_of(b"").is_err());
    }
}
