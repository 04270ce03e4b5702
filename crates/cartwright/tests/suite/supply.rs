//! What is built in comes from one registry and may be passed on. `deny.toml` says which licences are fine; cargo-deny, where it is
//! installed, asks the same and for known vulnerabilities besides (`./test`).

use crate::harness::{run, workspace};
use serde_json::Value;
use std::process::Command;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// All packages that are built in on this machine, ours among them. Those of other systems need not be here.
fn packages() -> Vec<Value> {
    let cargo = || {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(workspace());
        cargo
    };
    let version = run(cargo().arg("-vV")).good();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo tells its host");
    let asked = ["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host];
    let metadata = run(cargo().args(asked));
    metadata.json(0)["packages"].as_array().expect("packages").clone()
}

/// Whether a licence's expression is satisfied by these.
fn is_fine(expression: &str, allowed: &[String]) -> bool {
    let bare = expression.replace(['(', ')'], "").replace('/', " OR ");
    let either = |part: &str| part.split(" OR ").any(|one| allowed.iter().any(|known| known == one.trim()));
    bare.split(" AND ").all(either)
}

#[test]
fn everything_comes_from_the_registry_under_a_licence_that_may_be_passed_on() {
    let text = std::fs::read_to_string(workspace().join("deny.toml")).expect("deny.toml");
    let settings: toml::Table = text.parse().expect("TOML");
    let allowed = settings["licenses"]["allow"].as_array().expect("a list").iter();
    let allowed: Vec<String> = allowed.map(|one| one.as_str().expect("a name").to_owned()).collect();
    let packages = packages();
    assert!(packages.len() > 100, "only {} packages", packages.len());
    let wrong: Vec<String> = packages
        .iter()
        .filter(|package| !package["source"].is_null())
        .filter_map(|package| {
            let licence = package["license"].as_str().unwrap_or("none");
            let fine = package["source"] == REGISTRY && is_fine(licence, &allowed);
            let barred = ["openssl", "native-tls"].contains(&package["name"].as_str().expect("a name"));
            (!fine || barred)
                .then(|| format!("{} {}: {} from {}", package["name"], package["version"], licence, package["source"]))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
