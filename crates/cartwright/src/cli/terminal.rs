//! What every command works with: the client of the store that is meant, and the standard output, which shows tables to
//! people and the server's own JSON to programs.

use super::ClientOptions;
use super::failure::Failure;
use super::session::Session;
use cartwright_client::Client;
use serde::Serialize;
use std::io::{ErrorKind, Write};

const DEFAULT_STORE: &str = "default";

/// The client and the way to show what it brings.
#[derive(Clone)]
pub(crate) struct Terminal {
    pub(crate) client: Client,
    pub(crate) options: ClientOptions,
}

impl Terminal {
    pub(crate) fn open(options: &ClientOptions) -> Result<Self, Failure> {
        let mut terminal = Self { client: client_of(options, None)?, options: options.clone() };
        let api_key = options.api_key.as_deref().filter(|key| !key.is_empty());
        // Whoever has logged in here acts as this person, unless there is an operator's key.
        let login = if api_key.is_none() { Session::open(&terminal).ok() } else { None };
        let login = login.as_ref().and_then(Session::login);
        if let Some(key) = api_key.or(login) {
            terminal.client = client_of(options, Some(key))?;
        }
        Ok(terminal)
    }

    /// The same with this key or session.
    pub(crate) fn with_key(&self, key: &str) -> Result<Self, Failure> {
        Ok(Self { client: client_of(&self.options, Some(key))?, options: self.options.clone() })
    }

    /// The same as a guest.
    pub(crate) fn without_key(&self) -> Result<Self, Failure> {
        Ok(Self { client: client_of(&self.options, None)?, options: self.options.clone() })
    }

    /// The same for another store.
    pub(crate) fn for_store(&self, store: &str) -> Result<Self, Failure> {
        Self::open(&ClientOptions { store: Some(store.to_owned()), ..self.options.clone() })
    }

    pub(crate) fn store(&self) -> &str {
        store_of(&self.options)
    }

    /// Shows the answer as it is to a program, or as `text` says to a person.
    pub(crate) fn show<T: Serialize>(&self, answer: &T, text: impl FnOnce(&T) -> String) -> Result<(), Failure> {
        if self.options.json {
            let json = serde_json::to_string_pretty(answer).map_err(|error| Failure::Unexpected(error.to_string()))?;
            print_line(&json)
        } else {
            print_line(&text(answer))
        }
    }

    /// As [`Terminal::show`], on one line: for lists that have no end.
    pub(crate) fn show_line<T: Serialize>(&self, answer: &T, text: impl FnOnce(&T) -> String) -> Result<(), Failure> {
        if self.options.json {
            let json = serde_json::to_string(answer).map_err(|error| Failure::Unexpected(error.to_string()))?;
            print_line(&json)
        } else {
            print_line(&text(answer))
        }
    }

    /// A remark for a person, on stderr; nothing when a program reads.
    pub(crate) fn remark(&self, text: &str) {
        if !self.options.json {
            eprintln!("{text}");
        }
    }
}

fn client_of(options: &ClientOptions, key: Option<&str>) -> Result<Client, Failure> {
    let builder = Client::builder().url(&options.url).store(store_of(options));
    Ok(match (key, &options.acting_for) {
        (Some(key), Some(customer)) => builder.api_key(key).acting_for(customer).build()?,
        (Some(key), None) => builder.api_key(key).build()?,
        (None, _) => builder.build()?,
    })
}

fn store_of(options: &ClientOptions) -> &str {
    options.store.as_deref().unwrap_or(DEFAULT_STORE)
}

/// Prints a line. A reader that has gone (`| head`) is no failure.
pub(crate) fn print_line(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Usage(format!("cannot write to the standard output: {error}")))
        }
        _ => Ok(()),
    }
}
