//! `mails …`: what the store's mails say.

use super::failure::Failure;
use super::screen;
use super::terminal::{Terminal, print_line};
use cartwright_client::wire::{MailPreview, MailTemplate, MailTemplateInput, MailTemplates};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

/// `mails …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Kinds: verify_account, account_exists, reset_password, no_account, password_changed, operator_invited,
cart_reminder_1, cart_reminder_2, cart_reminder_3. Templates are Jinja's `if`, `for` and {{ values }}; docs/recovery.md
has the values of each kind.

Examples:
  cartwright mails preview cart_reminder_2 --locale de
  cartwright mails put cart_reminder_1 --locale fr --subject 'Votre panier chez {{ store }}' --text panier.txt
  cartwright mails preview cart_reminder_1 --locale fr --html > panier.html")]
pub enum MailsCommand {
    /// List all kinds of mail, and for which the store has words of its own.
    List,
    /// Show the store's own words.
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// Print a mail with sample data: as it would be sent now, or with the words in these files.
    Preview {
        #[command(flatten)]
        which: Which,
        /// Prints the HTML.
        #[arg(long, conflicts_with = "text_only")]
        html: bool,
        /// Prints the text alone.
        #[arg(long = "text")]
        text_only: bool,
        /// Words that are not kept: a subject.
        #[arg(long, requires = "text_file")]
        subject: Option<String>,
        /// A file with the text.
        #[arg(long, requires = "subject")]
        text_file: Option<PathBuf>,
        /// A file with the HTML.
        #[arg(long, requires = "subject")]
        html_file: Option<PathBuf>,
    },
    /// Put words of the store's own; they are tried with sample data first.
    Put {
        #[command(flatten)]
        which: Which,
        /// The subject, one line.
        #[arg(long)]
        subject: String,
        /// A file with the text.
        #[arg(long)]
        text: PathBuf,
        /// A file with the HTML; made of the text unless given.
        #[arg(long)]
        html: Option<PathBuf>,
    },
    /// Remove them: built-in words again, or another language that fits.
    Remove {
        #[command(flatten)]
        which: Which,
    },
}

/// A kind of mail in a language.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// Kind of mail.
    kind: String,
    /// Language.
    #[arg(long, default_value = "en")]
    locale: String,
}

pub(crate) async fn run(command: MailsCommand, terminal: &Terminal) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        MailsCommand::List => terminal.show(&client.mail_templates().await?, list),
        MailsCommand::Show { which } => {
            terminal.show(&client.mail_template(&which.kind, &which.locale).await?, template)
        }
        MailsCommand::Preview { which, html, text_only, subject, text_file, html_file } => {
            let draft = match (subject, text_file) {
                (Some(subject), Some(text)) => Some(words(subject, &text, html_file.as_deref())?),
                _ => None,
            };
            let mail = match draft {
                Some(draft) => client.preview_mail_draft(&which.kind, &which.locale, &draft).await?,
                None => client.preview_mail(&which.kind, &which.locale).await?,
            };
            match (html, text_only) {
                (true, _) => print_line(&mail.html),
                (_, true) => print_line(&mail.text),
                _ => terminal.show(&mail, preview),
            }
        }
        MailsCommand::Put { which, subject, text, html } => {
            let words = words(subject, &text, html.as_deref())?;
            terminal.show(&client.put_mail_template(&which.kind, &which.locale, &words).await?, template)
        }
        MailsCommand::Remove { which } => {
            client.delete_mail_template(&which.kind, &which.locale).await?;
            terminal.remark("Removed.");
            Ok(())
        }
    }
}

fn words(subject: String, text: &Path, html: Option<&Path>) -> Result<MailTemplateInput, Failure> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| Failure::of_file("read", path, &error));
    Ok(MailTemplateInput { subject, text: read(text)?, html: html.map(read).transpose()? })
}

fn list(all: &MailTemplates) -> String {
    let rows = all.kinds.iter().map(|kind| {
        let own: Vec<&str> = all.own.iter().filter(|own| own.kind == *kind).map(|own| own.locale.as_str()).collect();
        vec![kind.clone(), own.join(" "), all.built_in.join(" ")]
    });
    screen::table(&["Kind", "Own words", "Built in"], &[], rows.collect())
}

fn template(words: &MailTemplate) -> String {
    let html = words.html.as_ref().map(|html| format!("\n\n{html}")).unwrap_or_default();
    format!("{} ({})\n\n{}\n\n{}{html}", words.kind, words.locale, words.subject, words.text.trim_end())
}

fn preview(mail: &MailPreview) -> String {
    let whose = if mail.own { "own words" } else { "built-in words" };
    format!("Subject: {}\nLanguage: {} ({whose})\n\n{}", mail.subject, mail.locale, mail.text.trim_end())
}
