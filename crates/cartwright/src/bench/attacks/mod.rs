//! `cartwright bench attacks`: what people who mean harm have tried, one after another against a server of its own, and then all
//! at once beside honest shoppers. With `--against` another build is attacked in the same run, so that before and after stand
//! side by side. Everything stays on this machine.

mod accounts;
mod caller;
mod operators;
mod scene;
mod shoppers;
mod storm;

use super::machine::Machine;
use super::server::{Program, Workplace};
use super::table::{Look, draw};
use clap::Args;
use scene::Scene;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use storm::Weathered;

/// `bench attacks`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Exit code 1 if an attack succeeds against this build, or if the storm breaks a target.

Examples:
  cartwright bench attacks
  cartwright bench attacks --against ../before/target/release/cartwright
  cartwright bench attacks --only storm --seconds 20")]
pub struct AttacksArgs {
    /// Another build, attacked before this one.
    #[arg(long, value_name = "BINARY")]
    against: Option<PathBuf>,
    /// Only attacks whose name contains one of these; the last one is called `storm`.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
    /// How long each half of the storm takes: quiet, then attacked.
    #[arg(long, default_value_t = 10.0, value_parser = super::parse_seconds)]
    seconds: f64,
    /// Where to put the databases while they last.
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = std::env::temp_dir())]
    directory: PathBuf,
    /// Everything, for programs.
    #[arg(long)]
    json: bool,
    /// The tables as Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// What became of an attack.
#[derive(Clone, Debug, Serialize)]
struct Seen {
    /// Whether the shop held.
    held: bool,
    /// What was seen.
    words: String,
}

impl Seen {
    fn new(held: bool, words: String) -> Seen {
        Seen { held, words }
    }

    fn in_words(&self) -> String {
        format!("{} {}", if self.held { "held:" } else { "BROKEN:" }, self.words)
    }
}

/// An attack by its name, and what it came to against each build.
#[derive(Debug, Serialize)]
struct Row {
    attack: &'static str,
    before: Option<Seen>,
    now: Seen,
}

type Attack = for<'a> fn(&'a Scene) -> std::pin::Pin<Box<dyn Future<Output = Seen> + 'a>>;

/// Lists attacks under their names.
macro_rules! attacks {
    ($($name:literal => $attack:path,)*) => {
        &[$(($name, |scene| Box::pin($attack(scene)))),*]
    };
}

const ATTACKS: &[(&str, Attack)] = attacks! {
    "a template that doubles a text 22 times" => operators::template,
    "the heaviest cart" => shoppers::heavy,
    "ten readers that never read" => shoppers::deaf,
    "a lost key for all stores" => operators::key,
    "addresses within other texts" => shoppers::address,
    "reminders for somebody else" => shoppers::reminders,
    "30 wrong passwords of a stranger" => accounts::lockout,
    "codes tried with a wrong token" => accounts::codes_spent,
    "200 addresses of one IPv6 network" => accounts::network,
    "300 logins at once" => accounts::hashing,
    "files that others can read" => operators::files,
    "secrets of webhooks in the database" => operators::secrets,
    "goods held for nothing" => shoppers::held,
    "the hosts of another store" => operators::host,
    "a first order as an oracle" => shoppers::oracle,
    "headers for browsers" => operators::headers,
    "long values repeated in problems" => operators::echo,
    "registering for somebody else" => accounts::mallory,
    "deleting an account with a stolen session" => accounts::deletion,
    "a password that everybody has" => accounts::password,
    "cookies of a neighbouring host" => accounts::cookies,
};

/// Attacks, and prints.
pub(super) fn run(args: &AttacksArgs) -> Result<ExitCode, String> {
    crate::serve::raise_file_limit();
    let machine = Machine::look(Workplace::create(&args.directory)?.path())?;
    eprintln!("{}", machine.in_words());
    let now = Program::this()?;
    let before = args.against.as_deref().map(Program::at).transpose()?;
    let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| name.contains(only.as_str()));
    let mut rows = Vec::new();
    for (name, attack) in ATTACKS.iter().filter(|(name, _)| wanted(name)) {
        let try_on = |program: &Program| one(args, program, *attack);
        let before = before.as_ref().map(try_on).transpose()?;
        let row = Row { attack: name, before, now: try_on(&now)? };
        eprintln!("{name}: {}", row.now.in_words());
        rows.push(row);
    }
    let mut weathered = Vec::new();
    if wanted("storm") {
        for (name, program) in before.iter().map(|before| ("before", before)).chain([("now", &now)]) {
            weathered.push(storm::weather(args, name, program)?);
        }
    }
    let broken = rows.iter().filter(|row| !row.now.held).count()
        + weathered.iter().filter(|storm| storm.build == "now" && !storm.is_met()).count();
    show(args, &rows, &weathered);
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One attack against a server of its own; the database must be whole afterwards.
fn one(args: &AttacksArgs, program: &Program, attack: Attack) -> Result<Seen, String> {
    let scene = Scene::open(program, &args.directory)?;
    let seen = runtime()?.block_on(attack(&scene));
    match scene.close() {
        Ok(()) => Ok(seen),
        Err(fault) => Ok(Seen::new(false, format!("{}; {fault}", seen.words))),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| error.to_string())
}

fn show(args: &AttacksArgs, rows: &[Row], weathered: &[Weathered]) {
    if args.json {
        println!("{:#}", serde_json::json!({"attacks": rows, "storm": weathered}));
        return;
    }
    let look = if args.markdown { Look::Markdown } else { Look::Terminal };
    let words = |seen: &Option<Seen>| seen.as_ref().map(Seen::in_words).unwrap_or_default();
    let lines = rows.iter().map(|row| vec![row.attack.to_owned(), words(&row.before), row.now.in_words()]);
    if !rows.is_empty() {
        println!("{}", draw(look, &["Attack", "Before", "Now"], &[], lines));
    }
    if !weathered.is_empty() {
        println!("{}", storm::table(look, weathered));
    }
}
