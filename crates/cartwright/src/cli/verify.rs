//! The checker's findings: asked for over HTTP, and shown the same way wherever they come from.

use super::ClientOptions;
use super::Failure;
use super::screen;
use super::terminal::{Terminal, print_line};
use cartwright_client::wire::VerifyReport;
use std::process::ExitCode;

/// Has a running server check the invariants G1 to G7, shows what it finds; exit code 1 if one is violated.
pub async fn verify_over_http(options: ClientOptions) -> ExitCode {
    let findings = async { Ok::<_, Failure>(Terminal::open(&options)?.client.verify().await?) };
    match findings.await {
        Ok(report) => show_findings(&report, options.json),
        Err(failure) => failure.tell(&options),
    }
}

/// Shows findings as a table or as JSON; exit code 1 if an invariant is violated.
pub fn show_findings(report: &VerifyReport, json: bool) -> ExitCode {
    let text = if json { serde_json::to_string_pretty(report).unwrap_or_default() } else { in_words(report) };
    match print_line(&text) {
        Ok(()) if report.ok => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn in_words(report: &VerifyReport) -> String {
    let rows = report.invariants.iter().map(|invariant| {
        let found = if invariant.violations.is_empty() {
            "holds".to_owned()
        } else {
            format!("{} violations", invariant.violations.len())
        };
        vec![invariant.name.clone(), invariant.says.clone(), invariant.checked.to_string(), found]
    });
    let mut text = screen::table(&["", "Invariant", "Checked", "Found"], &[2], rows.collect());
    for invariant in &report.invariants {
        for violation in &invariant.violations {
            text.push_str(&format!("\n{}: {violation}", invariant.name));
        }
    }
    text
}
