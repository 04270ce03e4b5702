//! For tests: what cannot be run is said aloud, and in the list that `./test` shows at its end.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Says that a part of a test is not run, since a file or folder beside the project is not there.
pub(crate) fn leave_out(path: &Path) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("{test}: {} is not there (CARTWRIGHT_TEST_DATA names the folder)\n", path.display());
    eprint!("left out: {line}");
    let Some(list) = std::env::var_os("CARTWRIGHT_TEST_LEFT_OUT") else { return };
    let list = OpenOptions::new().create(true).append(true).open(list);
    list.and_then(|mut list| list.write_all(line.as_bytes())).expect("the list of what was left out can be written");
}
