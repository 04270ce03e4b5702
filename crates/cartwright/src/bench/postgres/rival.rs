//! The usual ways to check out, run by `pgbench`: a transaction per order, from as many connections as there are clients.

use super::cluster;
use super::{Contender, Seen, Work};
use cartwright_storage::postgres::PostgresSettings;
use cartwright_storage::postgres::yardstick;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `pgbench` with its scripts and its database.
pub(super) struct Rival {
    pgbench: PathBuf,
    folder: PathBuf,
    url: String,
    clients: u16,
}

impl Rival {
    /// Makes and fills the tables in an empty database; the scripts go to `folder`.
    pub(super) fn prepare(folder: &Path, url: String, clients: u16) -> Result<Rival, String> {
        let (pgbench, folder) = (cluster::tool("pgbench")?, folder.to_owned());
        for (who, script) in
            [(Contender::PgbenchByLine, yardstick::CHECKOUT_BY_LINE), (Contender::Pgbench, yardstick::CHECKOUT)]
        {
            let written = std::fs::write(script_of(&folder, who), script);
            written.map_err(|error| format!("cannot write the script: {error}"))?;
        }
        crate::in_runtime(yardstick::fill(&PostgresSettings::new(&url))).map_err(|error| error.to_string())?;
        Ok(Rival { pgbench, folder, url, clients })
    }

    /// Orders for so many seconds.
    pub(super) fn measure(&self, contender: Contender, work: Work, seconds: f64) -> Result<Seen, String> {
        let hot = if work == Work::Hot { "hot=1" } else { "hot=0" };
        crate::in_runtime(yardstick::settle(&PostgresSettings::new(&self.url)));
        let mut pgbench = Command::new(&self.pgbench);
        pgbench.args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--define", hot, "--client"]);
        pgbench.arg(self.clients.to_string()).arg("--time").arg(format!("{:.0}", seconds.ceil()));
        let output = pgbench.arg("--file").arg(script_of(&self.folder, contender)).arg(&self.url).output();
        let output = output.map_err(|error| format!("cannot run pgbench: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("pgbench: {}", complaint.trim()));
        }
        Ok(Seen {
            contender,
            work,
            per_second: number_after(&said, "tps = ").ok_or_else(|| format!("pgbench said: {said}"))?,
            p99_ms: None,
            statements: None,
            cores: String::new(),
            errors: number_after(&said, "number of failed transactions: ").unwrap_or(0.0) as u64,
            first_error: None,
        })
    }
}

fn script_of(folder: &Path, contender: Contender) -> PathBuf {
    folder.join(format!("{contender:?}.sql"))
}

fn number_after(text: &str, name: &str) -> Option<f64> {
    let rest = &text[text.find(name)? + name.len()..];
    rest.split(|other: char| !other.is_ascii_digit() && other != '.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_found_in_what_pgbench_says() {
        let said =
            "latency average = 24.821 ms\ninitial connection time = 60.3 ms\ntps = 2578.443322 (without initial)\n";
        assert_eq!(number_after(said, "tps = "), Some(2578.443322));
        assert_eq!(number_after(said, "nothing = "), None);
    }
}
