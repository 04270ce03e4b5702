//! What must not be where: the boundaries of the architecture, kept by reading the sources.

use crate::harness::workspace;
use std::path::{Path, PathBuf};

/// Source files under a folder of the workspace, with their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    collect(&workspace().join(folder), &mut found);
    assert!(!found.is_empty(), "no sources under {folder}");
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            found.push((path, text));
        }
    }
}

/// The lines that are code: no comments, and nothing after the tests at a file's end.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
    lines.map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Whether the word stands in the line by itself.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_name = |side: Option<char>| side.is_some_and(|other| other.is_alphanumeric() || other == '_');
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let (first, last) = (word.starts_with(char::is_alphanumeric), word.ends_with(char::is_alphanumeric));
        !(first && part_of_name(before) || last && part_of_name(after))
    })
}

#[track_caller]
fn assert_absent(folders: &[&str], words: &[&str]) {
    let mut found = Vec::new();
    for (path, text) in folders.iter().flat_map(|folder| sources(folder)) {
        for (at, line) in code(&text) {
            for word in words.iter().filter(|word| has_word(line, word)) {
                found.push(format!("{word} in {}:{at}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Folders of `crates/` other than these.
fn all_but(left_out: &[&str]) -> Vec<String> {
    let entries = std::fs::read_dir(workspace().join("crates")).expect("the crates");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let folders: Vec<String> =
        names.filter(|name| !left_out.contains(&name.as_str())).map(|name| format!("crates/{name}/src")).collect();
    assert!(folders.len() > 3);
    folders
}

#[test]
fn the_domain_knows_no_clock_randomness_io_or_async() {
    let words = [
        "async",
        "await",
        "Future",
        "tokio",
        "futures",
        "futures_util",
        "rand",
        "getrandom",
        "SystemTime",
        "Instant",
        "std::time",
        "std::fs",
        "std::io",
        "std::net",
        "std::env",
        "std::thread",
        "std::process",
        "println",
        "eprintln",
        "now_v4",
        "new_v4",
        "now_v7",
        "tracing",
        "rusqlite",
        "reqwest",
        "axum",
        "hyper",
        "HashMap::iter",
    ];
    assert_absent(&["crates/domain/src"], &words);
    assert_absent(&["crates/domain/src"], &["unsafe"]);
}

#[test]
fn sql_stands_only_in_storage() {
    let folders = all_but(&["storage"]);
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let words = [
        "SELECT",
        "INSERT INTO",
        "DELETE FROM",
        "UPDATE",
        "PRAGMA",
        "BEGIN IMMEDIATE",
        "CREATE TABLE",
        "ON CONFLICT",
        "rusqlite",
        "refinery",
    ];
    assert_absent(&folders, &words);
}

#[test]
fn http_status_codes_stand_only_in_the_interface_and_its_client() {
    let folders = all_but(&["api", "client", "cartwright"]);
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    assert_absent(&folders, &["StatusCode", "http::", "axum", "hyper"]);
    assert_absent(&["crates/cartwright/src/cli"], &["StatusCode"]);
}

#[test]
fn outgoing_connections_stand_only_in_gateways_and_the_client() {
    let folders = all_but(&["gateways", "client", "cartwright"]);
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    assert_absent(&folders, &["reqwest", "TcpStream::connect", "TcpSocket"]);
}

/// The fields of each struct that reads requests: name of the struct, names of the fields.
fn request_shapes() -> Vec<(String, Vec<String>)> {
    let mut shapes = Vec::new();
    for (_, text) in sources("crates/wire/src") {
        let mut refuses_unknown = false;
        let mut shape: Option<(String, Vec<String>)> = None;
        for line in text.lines().map(str::trim) {
            if line.contains("deny_unknown_fields") {
                refuses_unknown = true;
            } else if let Some(rest) = line.strip_prefix("pub struct ") {
                let name = rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned();
                shape = refuses_unknown.then(|| (name, Vec::new()));
                refuses_unknown = false;
            } else if line == "}" {
                shapes.extend(shape.take());
            } else if let (Some((_, fields)), Some(field)) = (&mut shape, line.strip_prefix("pub "))
                && let Some((name, _)) = field.split_once(':')
            {
                fields.push(name.to_owned());
            }
        }
    }
    shapes
}

#[test]
fn no_request_of_a_shopper_has_a_price_a_total_or_a_discount_except_the_total_that_was_seen() {
    /// Requests that only operators send.
    const OF_OPERATORS: [&str; 18] = [
        "RecordPayment",
        "CorrectionInput",
        "RefundInput",
        "CaptureInput",
        "UpsertProducts",
        "ProductInput",
        "VariantInput",
        "ProductPatch",
        "VariantPatch",
        "SetPrices",
        "PriceInput",
        "AdjustStock",
        "StockAdjustment",
        "StoreInput",
        "PromotionInput",
        "AddCodes",
        "TryPromotion",
        "CustomerInput",
    ];
    let shapes = request_shapes();
    for name in [
        "CreateCart",
        "LineInput",
        "AddLines",
        "ChangeLine",
        "ChangeCart",
        "ApplyCoupon",
        "Checkout",
        "PaymentInput",
        "CancelOrder",
    ] {
        assert!(shapes.iter().any(|(known, fields)| known == name && !fields.is_empty()), "{name} was not read");
    }
    for (name, fields) in shapes.iter().filter(|(name, _)| !OF_OPERATORS.contains(&name.as_str())) {
        for field in fields.iter().filter(|field| *field != "expected_total") {
            for word in ["price", "total", "discount", "amount", "tax", "cost", "subtotal"] {
                assert!(!field.split('_').any(|part| part == word), "{name}.{field}");
            }
        }
    }
}

/// The workspace's crates that a crate depends on, tests left aside.
fn dependencies(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(workspace().join("crates").join(name).join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = text.parse().expect("TOML");
    let table = manifest.get("dependencies").and_then(toml::Value::as_table).expect("dependencies");
    let mut own: Vec<String> =
        table.keys().filter_map(|key| key.strip_prefix("cartwright-")).map(str::to_owned).collect();
    own.sort();
    own
}

#[test]
fn dependencies_point_to_the_domain_and_nothing_points_back() {
    let none: [&str; 0] = [];
    assert_eq!(dependencies("domain"), none);
    assert_eq!(dependencies("wire"), none);
    assert_eq!(dependencies("engine"), ["domain"]);
    assert_eq!(dependencies("storage"), ["domain", "engine"]);
    assert_eq!(dependencies("gateways"), ["domain", "engine"]);
    assert_eq!(dependencies("api"), ["domain", "engine", "wire"]);
    assert_eq!(dependencies("client"), ["wire"]);
}

#[test]
fn the_command_line_knows_the_shop_only_over_http() {
    let words = [
        "cartwright_engine",
        "cartwright_domain",
        "cartwright_storage",
        "cartwright_api",
        "cartwright_gateways",
        "crate::serve",
        "crate::database",
    ];
    assert_absent(&["crates/cartwright/src/cli"], &words);
}

#[test]
fn a_word_is_told_from_a_part_of_one() {
    assert!(has_word("let x = tokio::spawn", "tokio") && has_word("use std::time::Duration", "std::time"));
    assert!(!has_word("let asynchronous = 1", "async") && !has_word("an UPDATED row", "UPDATE"));
}

#[test]
fn every_table_and_every_index_begins_with_the_store() {
    // The way from a secret key to its store is the one question that cannot name the store. The index of texts has whole
    // numbers for keys; those of a store are one range.
    let allowed = ["CREATE UNIQUE INDEX api_keys_by_hash", "CREATE VIRTUAL TABLE product_runs"];
    let has_no_key = |statement: &str| statement.starts_with("CREATE VIEW") || statement.starts_with("CREATE TRIGGER");
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../storage/migrations");
    let mut seen = 0;
    let folders = ["sqlite", "postgres"].map(|folder| std::fs::read_dir(migrations.join(folder)).expect("migrations"));
    for file in folders.into_iter().flatten() {
        let text = std::fs::read_to_string(file.expect("a migration").path()).expect("text");
        let text: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        let text = text.join("\n");
        for statement in text.split(';').filter_map(|part| part.find("CREATE ").map(|start| &part[start..])) {
            if has_no_key(statement) {
                continue;
            }
            let key = match statement.split_once("PRIMARY KEY (") {
                Some((_, key)) => key,
                None if statement.contains("store_id INTEGER PRIMARY KEY") => "store_id",
                None => statement.split_once('(').map_or("", |(_, columns)| columns),
            };
            let excepted = allowed.iter().any(|known| statement.starts_with(known));
            assert!(key.starts_with("store_id") || excepted, "does not begin with the store: {statement}");
            seen += 1;
        }
    }
    assert!(seen > 60, "only {seen} statements were found");
}

/// The texts in double quotes of a source, those put together by `concat!` and over several lines as one.
fn texts(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut text, mut inside, mut letters) = (String::new(), false, source.chars().peekable());
    while let Some(letter) = letters.next() {
        match (inside, letter) {
            (true, '\\') => drop(letters.next()),
            (true, '"') => inside = false,
            (true, letter) => text.push(letter),
            (false, '"') => inside = true,
            // Between the parts of one text stand commas, blanks and the names of columns.
            (false, ';' | '=' | '{') => found.push(std::mem::take(&mut text)),
            (false, _) => {}
        }
    }
    found
}

#[test]
fn every_statement_to_the_server_names_one_store() {
    // The list of all stores; where the logs of those end that somebody listens to; the way from a secret key to its store;
    // what belongs to no store.
    let allowed = [
        "pg_stat_statements",
        "FROM stores s JOIN lanes",
        "FROM lanes WHERE store_id = ANY($1)",
        "FROM api_keys WHERE hash",
        "pg_advisory",
        "SELECT 1",
        "refinery_schema_history",
    ];
    let of_all_stores = [
        "SELECT store_id FROM stores WHERE handle",
        "FROM stores RETURNING store_id",
        // A key for all stores is in the log of each; all links end together.
        "FROM written w JOIN stores s",
        "DELETE FROM link_secrets",
    ];
    let mut seen = 0;
    for (path, text) in sources("crates/storage/src/postgres") {
        let code: Vec<&str> = code(&text).map(|(_, line)| line).collect();
        for statement in texts(&code.join("\n")) {
            let verbs = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH "];
            if !verbs.iter().any(|verb| statement.starts_with(verb)) {
                continue;
            }
            seen += 1;
            let parameter = statement.contains("store_id = $1")
                || statement.contains("(store_id, ")
                    && (statement.contains("SELECT $1, ") || statement.contains("VALUES ($1, "));
            let excepted = allowed.iter().chain(&of_all_stores).any(|part| statement.contains(part));
            assert!(parameter || excepted, "names no store: {statement} in {}", path.display());
        }
    }
    assert!(seen > 70, "only {seen} statements were found");
}
