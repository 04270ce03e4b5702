//! The OpenAPI document is true: a fuzzer of other people, driven by nothing but the document, finds no failure.

use crate::harness::{Server, run, workspace};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

fn schemathesis() -> PathBuf {
    let path = std::env::var_os("CARTWRIGHT_SCHEMATHESIS")
        .map_or_else(|| workspace().join("target/tools/venv/bin/schemathesis"), PathBuf::from);
    assert!(path.is_file(), "schemathesis is not at {}: run ./test, which installs it", path.display());
    path
}

#[tokio::test]
async fn the_openapi_document_survives_schemathesis() {
    let tool = schemathesis();
    let server = Server::demo();
    let ran = run(Command::new(tool)
        .current_dir(server.folder())
        .args(["run", &format!("{}/openapi.json", server.url())])
        .args(["--header", &format!("Authorization: Bearer {}", server.key)])
        .args(["--checks", "all", "--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "25", "--seed", "20101201", "--generation-database", "none"])
        .args(["--request-timeout", "30", "--workers", "2", "--continue-on-failure", "--no-color"]));
    println!("{}\n{}", ran.out, ran.err);
    assert_eq!(ran.code, Some(0), "schemathesis found failures; they stand above");
    assert!(!server.log().contains("panicked"), "{}", server.log());
    server.settle_and_verify().await;
}

#[tokio::test]
async fn the_document_names_every_route_and_is_shown_to_people() {
    let server = Server::start();
    let guest = server.guest();
    let document: Value = guest.get("//openapi.json").send().await.expect(200);
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    let paths = document["paths"].as_object().expect("paths");
    for path in [
        "/api/v1/carts",
        "/api/v1/carts/{cart_id}",
        "/api/v1/carts/{cart_id}/lines",
        "/api/v1/carts/{cart_id}/lines/{line_id}",
        "/api/v1/carts/{cart_id}/coupons",
        "/api/v1/carts/{cart_id}/coupons/{code}",
        "/api/v1/carts/{cart_id}/shipping-methods",
        "/api/v1/carts/{cart_id}/checkout",
        "/api/v1/orders/{order_id}",
        "/api/v1/orders/{order_id}/cancel",
        "/api/v1/orders/{order_id}/payment/confirm",
        "/api/v1/products",
        "/api/v1/products/{handle}",
        "/api/v1/admin/products",
        "/api/v1/admin/orders",
        "/api/v1/admin/verify",
    ] {
        assert!(paths.contains_key(path), "{path} is not among {:?}", paths.keys().collect::<Vec<_>>());
    }
    let docs = guest.get("//docs").send().await;
    assert!(matches!(docs.status, 200 | 303 | 307 | 308), "{docs:?}");
}
