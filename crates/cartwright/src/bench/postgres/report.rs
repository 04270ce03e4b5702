//! What was found: medians side by side, ratios, targets.

use super::super::machine::Machine;
use super::super::table::{Look, draw, mark, thousands};
use super::{Contender, Seen, Work};
use serde::Serialize;
use serde_json::{Value, json};

/// How many times as fast as the usual checkout.
const SPREAD_RATIO: f64 = 2.0;
const HOT_RATIO: f64 = 8.0;
const ADDS_PER_SECOND: f64 = 8_000.0;
/// Statements of the server for an order, all of them.
const STATEMENTS: f64 = 1.0;
/// What two nodes on the same cores have to reach of one.
const NODES_RATIO: f64 = 0.8;
const HEADINGS: [&str; 6] =
    ["", "Checkouts, spread", "Checkouts, one variant in all", "Cart and checkout, spread", "Adds to carts", "Met"];
const WORKS: [Work; 4] = [Work::Spread, Work::Hot, Work::Whole, Work::Add];

/// The whole run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub(super) machine: Machine,
    /// Of PostgreSQL.
    pub(super) version: String,
    pub(super) clients: u16,
    pub(super) seconds: f64,
    pub(super) rounds: u16,
    pub(super) seen: Vec<Seen>,
    /// What the checker said of each database, and whether it is whole.
    pub(super) verified: Vec<(bool, String)>,
}

/// A target with the value of each work that it is about.
#[derive(Clone, Debug, Serialize)]
struct Target {
    what: &'static str,
    /// In the order of [`WORKS`].
    values: [Option<f64>; 4],
    met: bool,
}

impl Seen {
    pub(super) fn in_words(&self) -> String {
        let statements = self.statements.map(|count| format!(", {count:.2} statements each")).unwrap_or_default();
        let p99 = self.p99_ms.map(|p99| format!(", p99 {p99:.1} ms")).unwrap_or_default();
        format!("{:?} {:?}: {:.0}/s{p99}{statements}; {}", self.work, self.contender, self.per_second, self.cores)
    }
}

impl Report {
    /// The median of what `value` finds in the rounds.
    fn median(&self, contender: Contender, work: Work, value: impl Fn(&Seen) -> Option<f64>) -> Option<f64> {
        let of_both = self.seen.iter().filter(|seen| seen.contender == contender && seen.work == work);
        middle(of_both.filter_map(value).collect())
    }

    fn speed(&self, contender: Contender, work: Work) -> Option<f64> {
        self.median(contender, work, |seen| Some(seen.per_second))
    }

    /// The median of the rounds' ratios: what stood side by side is compared.
    fn ratio(&self, of: Contender, to: Contender, work: Work) -> Option<f64> {
        let speeds = |contender| {
            let both = move |seen: &&Seen| seen.contender == contender && seen.work == work;
            self.seen.iter().filter(both).map(|seen| seen.per_second)
        };
        middle(speeds(of).zip(speeds(to)).map(|(of, to)| of / to.max(1e-9)).collect())
    }

    fn targets(&self) -> Vec<Target> {
        use Contender::{OneNode, Pgbench, PgbenchByLine, TwoNodes};
        let statements = WORKS.map(|work| self.median(OneNode, work, |seen| seen.statements));
        let usual = WORKS.map(|work| self.ratio(OneNode, PgbenchByLine, work));
        let best = WORKS.map(|work| self.ratio(OneNode, Pgbench, work));
        let nodes = WORKS.map(|work| self.ratio(TwoNodes, OneNode, work));
        let adds = self.speed(OneNode, Work::Add);
        let at_least = |value: Option<f64>, least: f64| value.is_none_or(|value| value >= least);
        let few = |value: &Option<f64>| value.is_none_or(|value| value <= STATEMENTS);
        vec![
            Target {
                what: "one node, times the usual checkout (≥ 2 spread, ≥ 8 on one variant)",
                values: usual,
                met: at_least(usual[0], SPREAD_RATIO) && at_least(usual[1], HOT_RATIO),
            },
            Target {
                what: "one node, times the set-wise one (≥ 2 spread, ≥ 8 on one variant)",
                values: best,
                met: at_least(best[0], SPREAD_RATIO) && at_least(best[1], HOT_RATIO),
            },
            Target {
                what: "one node, statements for each (checkouts: ≤ 1)",
                values: statements,
                met: statements[..2].iter().all(few),
            },
            Target {
                what: "one node, adds (≥ 8,000/s)",
                values: [None, None, None, adds],
                met: at_least(adds, ADDS_PER_SECOND),
            },
            Target {
                what: "two nodes, share of one (≥ 0.8)",
                values: nodes,
                met: nodes.into_iter().all(|ratio| at_least(ratio, NODES_RATIO)),
            },
        ]
    }

    /// Answers that should not have come, and databases that are not whole.
    pub(super) fn faults(&self) -> Vec<String> {
        let wrong = self.seen.iter().filter(|seen| seen.errors > 0);
        let mut faults: Vec<_> = wrong
            .map(|seen| format!("{}: {} errors, first: {:?}", seen.in_words(), seen.errors, seen.first_error))
            .collect();
        faults.extend(self.verified.iter().filter(|(whole, _)| !whole).map(|(_, said)| format!("verify: {said}")));
        faults
    }

    /// Everything, for programs.
    pub(super) fn as_json(&self) -> Value {
        json!({"run": self, "targets": self.targets(), "faults": self.faults()})
    }

    /// The table with what stands around it.
    pub(super) fn show(&self, markdown: bool) -> String {
        let contenders = [
            (Contender::Sqlite, "SQLite, per second"),
            (Contender::OneNode, "PostgreSQL, one node, per second"),
            (Contender::TwoNodes, "PostgreSQL, two nodes, per second"),
            (Contender::PgbenchByLine, "PostgreSQL, pgbench with the usual checkout, line by line, per second"),
            (Contender::Pgbench, "PostgreSQL, pgbench with the same set-wise, per second"),
        ];
        let mut rows: Vec<Vec<String>> = contenders.into_iter().map(|(who, name)| self.speeds(who, name)).collect();
        let number = |value: f64| if value > 100.0 { thousands(value) } else { format!("{value:.2}") };
        rows.extend(self.targets().into_iter().map(|target| {
            let values = target.values.map(|value| value.map(number).unwrap_or_default());
            [vec![target.what.to_owned()], values.to_vec(), vec![mark(target.met).to_owned()]].concat()
        }));
        let look = if markdown { Look::Markdown } else { Look::Terminal };
        let table = draw(look, &HEADINGS, &[1, 2, 3, 4], rows);
        format!("{}\n\n{table}\n\n{}", self.machine.in_words(), self.below())
    }

    fn speeds(&self, who: Contender, name: &str) -> Vec<String> {
        let speed = |work| self.speed(who, work).map(thousands).unwrap_or_default();
        let mut row = vec![name.to_owned()];
        row.extend(WORKS.map(speed));
        row.push(String::new());
        row
    }

    fn below(&self) -> String {
        let Report { version, clients, seconds, rounds, .. } = self;
        let mut text = format!(
            "PostgreSQL {version}; {clients} clients; each {seconds} s in each of {rounds} rounds, turn and turn about; medians. \
             All of it on this one machine. A checkout is one HTTP request for a cart of three lines that was made before the \
             clock ran: its order is written and then paid, in two transactions. pgbench runs one transaction that locks the \
             stock and writes order, lines, payment and ledger, line by line as it is mostly written, and set-wise; it \
             neither has a cart nor is paid. Statements are counted \
             within the same time, BEGIN and COMMIT among them."
        );
        let has_words = |line: &&str| line.contains(char::is_alphanumeric);
        for (whole, said) in &self.verified {
            text.push_str(&format!("\nverify: {} {}", mark(*whole), said.lines().find(has_words).unwrap_or_default()));
        }
        for fault in self.faults() {
            text.push_str(&format!("\nERROR  {fault}"));
        }
        text
    }
}

/// The median; of an even number of values the mean of the two in the middle.
fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_rounds_neither_is_the_median() {
        assert_eq!(middle(vec![]), None);
        assert_eq!(middle(vec![3.0]), Some(3.0));
        assert_eq!(middle(vec![4.0, 2.0]), Some(3.0));
        assert_eq!(middle(vec![9.0, 1.0, 2.0]), Some(2.0));
    }
}
