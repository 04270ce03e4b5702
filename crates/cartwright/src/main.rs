//! The `cartwright` binary: the server, what an operator does with its database, and the client.

mod backup;
mod bench;
mod cli;
mod config;
mod connections;
mod copy;
mod database;
mod demo;
mod demo_key;
mod doors;
mod generate;
mod keys;
#[cfg(test)]
mod left_out;
mod mail;
mod progress;
mod secrets;
mod serve;
mod stripe;

use clap::{Args, CommandFactory, Parser, Subcommand};
use cli::{ClientCommand, ClientOptions, EXIT_CODES};
use std::process::ExitCode;

/// A decision allocates much and briefly, which this one is quicker at than the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TOUR: &str = "\
Try it:
  cartwright serve --demo                 a shop with demo goods on http://127.0.0.1:8080
  cartwright products                     what it sells
  cartwright cart add PEN TSHIRT=2        fill a cart
  cartwright checkout                     pay for it in the first way that the shop offers
  cartwright help COMMAND                 more about any command";

/// Cart and checkout engine for online shops.
#[derive(Parser)]
#[command(name = "cartwright", version, after_help = format!("{TOUR}\n\n{EXIT_CODES}"))]
struct Arguments {
    #[command(flatten)]
    client: ClientOptions,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(Box<serve::ServeArgs>),
    /// Bring a database's schema up to date; a server does so by itself when it starts.
    Migrate(database::DatabaseArgs),
    /// Copy a whole shop to another, empty database while it stands still.
    Copy(copy::CopyArgs),
    /// Back up the embedded database, beside a running server.
    Backup(backup::BackupArgs),
    /// Put a backup in the place of the embedded database.
    Restore(backup::RestoreArgs),
    /// Make a shop of any size in an empty database, for measuring.
    Generate(generate::GenerateArgs),
    /// Operators' secret keys.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// The keys that seal secrets in the database.
    #[command(subcommand)]
    Secrets(secrets::SecretsCommand),
    /// Check the invariants G1 to G7: of a database, or of a running server where none is named.
    Verify(VerifyArgs),
    /// Measure the server's speed on this machine.
    Bench(bench::BenchArgs),
    #[command(flatten)]
    Client(ClientCommand),
}

#[derive(Args)]
struct VerifyArgs {
    /// Database to read directly, beside a running server if there is one: `sqlite:FILE` or `postgres://…`.
    #[arg(long)]
    database: Option<String>,
}

fn main() -> ExitCode {
    // Databases, backups, files of mails, sessions: what it makes is for whoever runs it, and nobody else.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let arguments = Arguments::parse();
    let client = arguments.client;
    let Some(command) = arguments.command else {
        // Without a subcommand it explains itself.
        let _ = Arguments::command().print_help();
        return ExitCode::from(2);
    };
    match command {
        Command::Serve(args) => finish(serve::run(*args)),
        Command::Migrate(args) => finish(database::migrate(&args)),
        Command::Copy(args) => finish(copy::run(&args, client.json)),
        Command::Backup(args) => finish(backup::backup(&args, client.json)),
        Command::Restore(args) => finish(backup::restore(&args, client.json)),
        Command::Generate(args) => finish(generate::run(&args, client.json)),
        Command::Keys(command) => keys::run(command, client),
        Command::Secrets(command) => finish(secrets::run(command, client.json)),
        Command::Bench(args) => bench::run(args),
        Command::Verify(VerifyArgs { database: Some(database) }) => match in_runtime(database::verify(&database)) {
            Ok(report) => cli::show_findings(&report, client.json),
            Err(error) => finish(Err(error)),
        },
        Command::Verify(VerifyArgs { database: None }) => in_runtime(cli::verify_over_http(client)),
        Command::Client(command) => in_runtime(cli::run(command, client)),
    }
}

fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a Tokio runtime can be made").block_on(work)
}

/// One clear line for people, and the exit code.
fn finish(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cartwright: {error:#}");
            ExitCode::from(error.downcast_ref::<config::UsageError>().map_or(1, |_| 2))
        }
    }
}
