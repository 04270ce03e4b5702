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
const HEADINGS: [&str; 5] = ["", "Orders, spread", "Orders, one variant in all", "Adds to carts", "Met"];

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
    spread: Option<f64>,
    hot: Option<f64>,
    adds: Option<f64>,
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
        use Contender::{OneNode, Pgbench, TwoNodes};
        let at_least = |value: Option<f64>, least: f64| value.is_none_or(|value| value >= least);
        let statements = |work| self.median(OneNode, work, |seen| seen.statements);
        let usual = |work| self.ratio(OneNode, Pgbench, work);
        let nodes = |work| self.ratio(TwoNodes, OneNode, work);
        let (spread, hot, adds) = (usual(Work::Spread), usual(Work::Hot), self.speed(OneNode, Work::Add));
        let few = |value: Option<f64>| value.is_none_or(|value| value <= STATEMENTS);
        let all = [Work::Spread, Work::Hot, Work::Add].map(nodes);
        vec![
            Target {
                what: "one node, times pgbench (≥ 2 spread, ≥ 8 on one variant)",
                spread,
                hot,
                adds: None,
                met: at_least(spread, SPREAD_RATIO) && at_least(hot, HOT_RATIO),
            },
            Target {
                what: "one node, statements for each (≤ 1)",
                spread: statements(Work::Spread),
                hot: statements(Work::Hot),
                adds: statements(Work::Add),
                met: [Work::Spread, Work::Hot].map(statements).into_iter().all(few),
            },
            Target {
                what: "one node, adds (≥ 8,000/s)",
                spread: None,
                hot: None,
                adds,
                met: at_least(adds, ADDS_PER_SECOND),
            },
            Target {
                what: "two nodes, share of one (≥ 0.8)",
                spread: all[0],
                hot: all[1],
                adds: all[2],
                met: all.into_iter().all(|ratio| at_least(ratio, NODES_RATIO)),
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
            (Contender::Pgbench, "PostgreSQL, pgbench with the usual checkout, per second"),
        ];
        let mut rows: Vec<Vec<String>> = contenders.into_iter().map(|(who, name)| self.speeds(who, name)).collect();
        let number = |value: Option<f64>| value.map(|value| format!("{value:.2}")).unwrap_or_default();
        rows.extend(self.targets().into_iter().map(|target| {
            let adds = if target.adds.is_some_and(|adds| adds > 100.0) { target.adds.map(thousands) } else { None };
            let adds = adds.unwrap_or_else(|| number(target.adds));
            vec![target.what.to_owned(), number(target.spread), number(target.hot), adds, mark(target.met).to_owned()]
        }));
        let look = if markdown { Look::Markdown } else { Look::Terminal };
        let table = draw(look, &HEADINGS, &[1, 2, 3], rows);
        format!("{}\n\n{table}\n\n{}", self.machine.in_words(), self.below())
    }

    fn speeds(&self, who: Contender, name: &str) -> Vec<String> {
        let speed = |work| self.speed(who, work).map(thousands).unwrap_or_default();
        let mut row = vec![name.to_owned()];
        row.extend([Work::Spread, Work::Hot, Work::Add].map(speed));
        row.push(String::new());
        row
    }

    fn below(&self) -> String {
        let Report { version, clients, seconds, rounds, .. } = self;
        let mut text = format!(
            "PostgreSQL {version}; {clients} clients; each {seconds} s in each of {rounds} rounds, turn and turn about; medians. \
             All of it on this one machine. An order is two HTTP requests: a cart of three lines, and its checkout with \
             payment; pgbench runs one transaction that locks the stock, writes order, lines, payment and ledger, and \
             neither has a cart nor is paid."
        );
        for (whole, said) in &self.verified {
            text.push_str(&format!("\nverify: {} {}", mark(*whole), said.lines().next().unwrap_or_default()));
        }
        for fault in self.faults() {
            text.push_str(&format!("\nERROR  {fault}"));
        }
        text
    }
}

fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
