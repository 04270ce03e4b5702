//! Codes of a promotion: many at once.

use super::failure::Failure;
use super::promotions::find;
use super::screen;
use super::terminal::{Terminal, print_line};
use cartwright_client::wire::{AddCodes, Code};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `promotions codes …`
#[derive(Subcommand, Clone, Debug)]
pub enum CodesCommand {
    /// Add codes, generated or from a file; printed one a line.
    Add(NewCodes),
    /// List all codes of a promotion with their uses.
    List {
        /// Its id or the end of it, or its name.
        promotion: String,
    },
}

/// `promotions codes add`
#[derive(Args, Clone, Debug)]
pub struct NewCodes {
    /// Its id or the end of it, or its name.
    promotion: String,
    /// How many to generate, up to 10,000.
    #[arg(long, required_unless_present = "file", conflicts_with = "file")]
    count: Option<i64>,
    /// What generated codes begin with.
    #[arg(long, requires = "count")]
    prefix: Option<String>,
    /// A file with one code a line.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Orders that may use each.
    #[arg(long, default_value_t = 1)]
    max_uses: i64,
}

pub(crate) async fn run(command: CodesCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        CodesCommand::Add(new) => add(new, terminal).await,
        CodesCommand::List { promotion } => {
            let promotion = find(&promotion, terminal).await?;
            let codes = terminal.client.codes(promotion.id).all().await?;
            terminal.show(&codes, |codes| list_text(codes))
        }
    }
}

async fn add(new: NewCodes, terminal: &Terminal) -> Result<(), Failure> {
    let promotion = find(&new.promotion, terminal).await?;
    let codes = match &new.file {
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|error| Failure::of_file("read", file, &error))?;
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        }
        None => Vec::new(),
    };
    let request = AddCodes { count: new.count, prefix: new.prefix, codes, max_uses: Some(new.max_uses) };
    let added = terminal.client.add_codes(promotion.id, &request).await?;
    if terminal.options.json {
        return terminal.show(&added, |_| String::new());
    }
    print_line(&added.codes.join("\n"))
}

fn list_text(codes: &[Code]) -> String {
    let rows = codes.iter().map(|code| {
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        vec![code.code.clone(), number(code.uses), number(code.max_uses)]
    });
    screen::table(&["Code", "Used", "At most"], &[1, 2], rows.collect())
}
