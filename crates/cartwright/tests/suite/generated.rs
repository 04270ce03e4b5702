//! Clients that tools of others make of the OpenAPI document buy something, unchanged; and validators of others find the document
//! valid. `./test` installs the tools; what cannot be had is said.

use crate::harness::{Ran, Server, leave_out, run, workspace};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where `./test` puts the tools: Python's in `venv`, Node's in `node_modules`.
fn tools() -> PathBuf {
    let named = std::env::var_os("CARTWRIGHT_CLIENT_TOOLS").map(PathBuf::from);
    named.unwrap_or_else(|| workspace().join("target/tools/clients"))
}

/// A tool of Python, or of Node; none, said aloud, where it cannot be had.
fn tool(name: &str) -> Option<PathBuf> {
    let found = [tools().join("venv/bin").join(name), tools().join("node_modules/.bin").join(name)];
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        leave_out(&format!(
            "{name} is not in {} (run ./test, which installs it where it can be had)",
            tools().display()
        ));
    }
    found
}

/// Something that the machine has; none, said aloud, where it has not.
fn program(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        leave_out(&format!("{name} is not installed"));
    }
    found
}

/// A shop with pens, and its document in a file.
async fn shop() -> (Server, PathBuf) {
    let server = Server::start();
    server.shop().put_goods(&[("PEN", 500, 100)]).await;
    let document = server.guest().get("//openapi.json").send().await;
    let file = server.folder().join("openapi.json");
    std::fs::write(&file, &document.body).expect("written");
    (server, file)
}

fn source(name: &str) -> PathBuf {
    workspace().join("crates/cartwright/tests/suite/generated").join(name)
}

#[track_caller]
fn went_well(what: &str, ran: Ran) -> String {
    assert_eq!(ran.code, Some(0), "{what}:\n{}\n{}", ran.out, ran.err);
    ran.out
}

/// What the client says at its end is what the shop has.
async fn bought(server: &Server, out: &str) {
    let said: Value = serde_json::from_str(out.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{out}"));
    let orders = server.shop().orders(None).await;
    assert_eq!(orders.len(), 1, "{orders:?}");
    assert_eq!((&said["order"], &said["status"]), (&orders[0]["id"], &orders[0]["status"]), "{said}");
    assert_eq!(
        (&said["total"], said["status"].as_str()),
        (&orders[0]["totals"]["total"]["amount"], Some("placed")),
        "{said}"
    );
    server.verify();
}

#[tokio::test]
async fn the_document_is_valid_for_openapi_spec_validator() {
    let Some(validator) = tool("openapi-spec-validator") else { return };
    let (_server, document) = shop().await;
    let out =
        went_well("openapi-spec-validator", run(Command::new(validator).arg("--errors").arg("all").arg(&document)));
    assert!(out.contains("OK"), "{out}");
}

#[tokio::test]
async fn the_document_is_valid_for_the_validator_of_openapi_generator() {
    let Some(generator) = generator() else { return };
    let (_server, document) = shop().await;
    let ran = run(Command::new(generator).args(["validate", "--input-spec"]).arg(&document));
    let out = went_well("openapi-generator validate", ran);
    assert!(out.contains("Validating spec") && !out.contains("[error]"), "{out}");
}

#[tokio::test]
async fn the_document_is_valid_for_redocly() {
    let Some(redocly) = tool("redocly") else { return };
    let (server, document) = shop().await;
    let config = server.folder().join("redocly.yaml");
    std::fs::write(&config, "extends: [spec]\n").expect("written");
    let mut lint = Command::new(redocly);
    lint.args(["lint", "--config"]).arg(&config).arg(&document).env("REDOCLY_TELEMETRY", "off");
    went_well("redocly lint", run(&mut lint));
}

#[tokio::test]
async fn a_client_of_openapi_python_client_buys() {
    let (Some(generator), Some(python)) = (tool("openapi-python-client"), tool("python")) else { return };
    let (server, document) = shop().await;
    let (folder, config) = (server.folder().join("client"), server.folder().join("config.yaml"));
    std::fs::write(&config, "package_name_override: shop_client\npost_hooks: []\n").expect("written");
    let mut generate = Command::new(generator);
    generate.args(["generate", "--meta", "none", "--config"]).arg(&config);
    generate.arg("--path").arg(&document).arg("--output-path").arg(folder.join("shop_client"));
    let ran = run(generate.current_dir(server.folder()));
    let said = format!("{}\n{}", ran.out, ran.err);
    went_well("openapi-python-client", ran);
    // Only the metrics are in a form that it does not know.
    let odd: Vec<&str> = said.lines().filter(|line| line.starts_with("WARNING") || line.starts_with("ERROR")).collect();
    assert_eq!(odd, ["WARNING parsing GET /metrics within service."], "{said}");
    let out = buy(Command::new(python).arg(source("python_client.py")).arg(&folder).arg(server.url()));
    bought(&server, &out).await;
}

/// openapi-generator, and the Java that it needs.
fn generator() -> Option<PathBuf> {
    program("java")?;
    tool("openapi-generator-cli")
}

fn buy(command: &mut Command) -> String {
    went_well("a purchase with the generated client", run(command))
}

fn generate(generator: &Path, document: &Path, kind: &str, folder: &Path, more: &[&str]) {
    let mut command = Command::new(generator);
    command.args(["generate", "--generator-name", kind, "--input-spec"]).arg(document);
    command.arg("--output").arg(folder).args(more);
    let ran = run(command.env("JAVA_OPTS", "-Dlog.level=warn"));
    let said = format!("{}{}", ran.out, ran.err);
    went_well("openapi-generator", ran);
    // Operations that it cannot do are dropped with a warning only.
    assert!(!said.contains("Exception") && !said.contains("skipped"), "{said}");
}

#[tokio::test]
async fn a_client_of_openapi_generator_for_python_buys() {
    let (Some(generator), Some(python)) = (generator(), tool("python")) else { return };
    let (server, document) = shop().await;
    let folder = server.folder().join("client");
    generate(&generator, &document, "python", &folder, &["--package-name", "shop_client"]);
    let out = buy(Command::new(python).arg(source("generator_python.py")).arg(&folder).arg(server.url()));
    bought(&server, &out).await;
}

/// Type-checks and translates a program of TypeScript that stands in the folder, and runs it.
fn run_typescript(folder: &Path, name: &str, url: &str, tsc: &Path, node: &Path) -> String {
    std::fs::copy(source(name), folder.join("shop.ts")).expect("copied");
    std::fs::write(folder.join("package.json"), r#"{"type": "module"}"#).expect("written");
    let link = folder.join("node_modules");
    std::os::unix::fs::symlink(tools().join("node_modules"), link).expect("linked");
    let mut check = Command::new(tsc);
    check.current_dir(folder).args(["--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck"]);
    check.args(["--lib", "es2022,dom,dom.iterable", "--types", "node", "--outDir", "built", "shop.ts"]);
    went_well("tsc", run(&mut check));
    buy(Command::new(node).current_dir(folder).arg("built/shop.js").arg(url))
}

#[tokio::test]
async fn a_client_of_openapi_generator_for_typescript_fetch_buys() {
    let (Some(generator), Some(tsc), Some(node)) = (generator(), tool("tsc"), program("node")) else { return };
    let (server, document) = shop().await;
    let folder = server.folder().join("fetch");
    std::fs::create_dir(&folder).expect("a folder");
    let more = ["--additional-properties", "importFileExtension=.js,supportsES6=true"];
    generate(&generator, &document, "typescript-fetch", &folder.join("client"), &more);
    let out = run_typescript(&folder, "fetch_client.ts", &server.url(), &tsc, &node);
    bought(&server, &out).await;
}

#[tokio::test]
async fn a_program_with_the_types_of_openapi_typescript_buys() {
    let (Some(generator), Some(tsc), Some(node)) = (tool("openapi-typescript"), tool("tsc"), program("node")) else {
        return;
    };
    let (server, document) = shop().await;
    let folder = server.folder().join("typed");
    std::fs::create_dir(&folder).expect("a folder");
    let ran = run(Command::new(generator).arg(&document).arg("--output").arg(folder.join("schema.d.ts")));
    went_well("openapi-typescript", ran);
    let out = run_typescript(&folder, "typed_fetch.ts", &server.url(), &tsc, &node);
    bought(&server, &out).await;
}
