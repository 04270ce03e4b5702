//! Promotions as operators set them: JSON definitions with the codes that unlock them.

use super::codes::{self, CodesCommand};
use super::failure::Failure;
use super::screen;
use super::terminal::Terminal;
use super::tryout;
use cartwright_client::wire::{Promotion, PromotionInput};
use clap::Subcommand;
use serde_json::Value;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// `promotions …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
The file of `create` has {\"definition\": {\"name\": …, \"conditions\": …, \"benefit\": …}, \"codes\": […]}, or the
definition alone. `cartwright promotions show ID --json` prints one that can be changed and created again.

Examples:
  cartwright promotions list
  cartwright promotions create summer.json --code SUMMER
  cartwright promotions try summer.json --days 90")]
pub enum PromotionsCommand {
    /// List promotions by priority.
    List,
    /// Show a promotion's definition.
    Show {
        /// Its id or the end of it, or its name.
        promotion: String,
    },
    /// Tell what a promotion would have cost over past orders, and which open carts it changes, before it is created.
    Try(tryout::TryCommand),
    /// Create a promotion from a JSON file.
    Create {
        /// The file.
        file: PathBuf,
        /// Codes that unlock it, besides those in the file.
        #[arg(long = "code")]
        codes: Vec<String>,
    },
    /// Replace a promotion's definition by a JSON file's.
    Replace {
        /// Its id or the end of it, or its name.
        promotion: String,
        /// The file.
        file: PathBuf,
    },
    /// Many codes at once: generated or from a file, each for one order.
    #[command(subcommand)]
    Codes(CodesCommand),
    /// End a promotion.
    Delete {
        /// Its id or the end of it, or its name.
        promotion: String,
    },
}

pub(crate) async fn run(command: PromotionsCommand, terminal: &Terminal) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        PromotionsCommand::List => {
            let all = client.promotions().await?;
            terminal.show(&all, |all| list_text(&all.promotions))
        }
        PromotionsCommand::Show { promotion } => terminal.show(&find(&promotion, terminal).await?, promotion_text),
        PromotionsCommand::Try(command) => tryout::run(command, terminal).await,
        PromotionsCommand::Create { file, codes } => {
            let mut input = read(&file)?;
            input.codes.extend(codes);
            terminal.show(&client.create_promotion(&input).await?, promotion_text)
        }
        PromotionsCommand::Replace { promotion, file } => {
            let id = find(&promotion, terminal).await?.id;
            terminal.show(&client.replace_promotion(id, &read(&file)?).await?, promotion_text)
        }
        PromotionsCommand::Codes(command) => codes::run(command, terminal).await,
        PromotionsCommand::Delete { promotion } => {
            let promotion = find(&promotion, terminal).await?;
            client.delete_promotion(promotion.id).await?;
            terminal.remark(&format!("The promotion {} has ended.", name_of(&promotion)));
            Ok(())
        }
    }
}

pub(super) async fn find(word: &str, terminal: &Terminal) -> Result<Promotion, Failure> {
    let all = terminal.client.promotions().await?.promotions;
    let exact = word.parse::<Uuid>().ok();
    let is_meant = |promotion: &Promotion| match exact {
        Some(id) => promotion.id == id,
        None => name_of(promotion) == word || promotion.id.to_string().ends_with(&word.to_lowercase()),
    };
    let mut found: Vec<Promotion> = all.into_iter().filter(is_meant).collect();
    match (found.pop(), found.len()) {
        (Some(promotion), 0) => Ok(promotion),
        (Some(_), _) => Err(Failure::Usage(format!("`{word}` fits several promotions; name one by its id"))),
        (None, _) => Err(Failure::Usage(format!("no promotion `{word}`; `cartwright promotions list` shows them"))),
    }
}

pub(super) fn read(path: &Path) -> Result<PromotionInput, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::of_file("read", path, &error))?;
    input_of(&text).map_err(|reason| Failure::of_file("understand", path, &reason))
}

/// Input as the interface takes it, or the definition alone, or what `show --json` printed.
fn input_of(text: &str) -> Result<PromotionInput, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Value::Object(mut fields) = value else { return Err("it must be a JSON object".to_owned()) };
    if !fields.contains_key("definition") {
        return Ok(PromotionInput { definition: Value::Object(fields), codes: Vec::new() });
    }
    for answered in ["id", "redemptions", "bulk_codes"] {
        fields.remove(answered);
    }
    serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
}

fn name_of(promotion: &Promotion) -> &str {
    promotion.definition.get("name").and_then(Value::as_str).unwrap_or("")
}

fn list_text(promotions: &[Promotion]) -> String {
    if promotions.is_empty() {
        return "No promotions.".to_owned();
    }
    let rows = promotions.iter().map(|promotion| {
        let text = |name: &str| {
            promotion.definition.get(name).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        let how = match promotion.codes.len() {
            _ if promotion.bulk_codes > 0 => format!("{} codes", promotion.codes.len() as i64 + promotion.bulk_codes),
            0 if text("requires_code").as_deref() == Some("true") => "no code yet".to_owned(),
            0 => "automatic".to_owned(),
            1..=3 => promotion.codes.join(" "),
            many => format!("{many} codes"),
        };
        let active = if text("active").as_deref() == Some("false") { "no" } else { "yes" };
        let (name, until) = (name_of(promotion).to_owned(), text("ends_at").unwrap_or_default());
        vec![promotion.id.to_string(), name, how, active.to_owned(), until, promotion.redemptions.to_string()]
    });
    screen::table(&["Promotion", "Name", "Unlocked by", "Active", "Until", "Used"], &[5], rows.collect())
}

fn promotion_text(promotion: &Promotion) -> String {
    let head = screen::pairs(&[
        ("Promotion", promotion.id.to_string()),
        ("Codes", promotion.codes.join(" ")),
        ("Used", promotion.redemptions.to_string()),
    ]);
    format!("{head}\n{}", serde_json::to_string_pretty(&promotion.definition).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_hold_the_input_the_definition_alone_or_what_was_shown() {
        let alone = input_of(r#"{"name": "A", "benefit": {}}"#).expect("reads");
        assert_eq!(alone.definition["name"], "A");
        let whole = input_of(r#"{"definition": {"name": "B"}, "codes": ["X"]}"#).expect("reads");
        assert_eq!((whole.definition["name"].as_str(), whole.codes.len()), (Some("B"), 1));
        let shown = input_of(r#"{"id": "0", "redemptions": 3, "definition": {"name": "C"}, "codes": []}"#);
        assert_eq!(shown.expect("reads").definition["name"], "C");
        assert!(input_of("[]").is_err() && input_of("{").is_err());
    }
}
