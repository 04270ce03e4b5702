//! `copy`: a whole shop from one database to another while it stands still.

use crate::database::Database;
use crate::progress;
use cartwright_engine::keys_in_use;
use cartwright_storage::copy::{self, Copied, Step};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table};
use indicatif::ProgressBar;
use serde_json::json;
use std::time::Instant;

/// `copy`
#[derive(clap::Args)]
#[command(after_help = "\
Copies every table of every store, in either direction, while no server runs: stop all servers first. They are kept out
meanwhile, by SQLite's lock file or by locks on the tables of a PostgreSQL server.

The target must be empty; its schema is made. All is written in one transaction, read again and compared by counts and
checksums before it is committed, so that a copy that breaks leaves the target empty. The source is not changed.

Exit code 0 when everything was copied and is the same, 1 when nothing was, 2 when the command cannot be understood.

Example:
  cartwright copy --from sqlite:data/cartwright.sqlite --to postgres://shop@db/shop")]
pub struct CopyArgs {
    /// The database to read: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    #[arg(long)]
    from: String,
    /// The empty database to fill.
    #[arg(long)]
    to: String,
}

/// Copies, compares, and tells of each table what was found on both sides.
pub fn run(args: &CopyArgs, as_json: bool) -> anyhow::Result<()> {
    let (from, to) = (Database::named(&args.from)?.place(), Database::named(&args.to)?.place());
    let begun = Instant::now();
    let bar = progress::rows();
    let copied = crate::in_runtime(copy::copy(&from, &to, &mut |step| show(&bar, step)));
    bar.finish_and_clear();
    let copied = copied?;
    let seconds = begun.elapsed().as_secs_f64();
    if as_json {
        let tables: Vec<_> = copied.iter().map(one_as_json).collect();
        println!("{:#}", json!({"tables": tables, "seconds": seconds}));
    } else {
        println!("{}", table(&copied));
        println!("Everything is there and the same on both sides. It took {seconds:.1} s.");
        let sealed = crate::in_runtime(async {
            anyhow::Ok(keys_in_use(&*Database::named(&args.to)?.open_reader().await?).await?)
        })?;
        if !sealed.is_empty() {
            println!("Its secrets are sealed: give the servers of the copy the same keys (--secret-file).");
        }
    }
    Ok(())
}

fn show(bar: &ProgressBar, step: Step) {
    match step {
        Step::Copy(table, rows) => begin(bar, format!("copying {table}"), rows),
        Step::Compare(table, rows) => begin(bar, format!("comparing {table}"), rows),
        Step::Rows(rows) => bar.inc(rows),
        Step::Commit => begin(bar, "committing".to_owned(), 0),
    }
}

fn begin(bar: &ProgressBar, message: String, rows: u64) {
    bar.reset();
    bar.set_length(rows);
    bar.set_message(message);
}

fn one_as_json(one: &Copied) -> serde_json::Value {
    json!({"table": one.table, "rows": one.rows, "checksum": one.checksum})
}

fn table(copied: &[Copied]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(["Table", "Rows", "Checksum"]);
    for one in copied {
        table.add_row([one.table.to_owned(), one.rows.to_string(), one.checksum.clone()]);
    }
    if let Some(rows) = table.column_mut(1) {
        rows.set_cell_alignment(CellAlignment::Right);
    }
    table
}
