//! A page of another origin, in a real browser, buys something: with the cart's secret in its hand, and with the secret in a cookie
//! that it never sees. The browser is Chromium; where there is none, that is said.

use crate::harness::{HUNG, Server, leave_out};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PAGE: &str = include_str!("pages/shop.html");

/// The browser, if there is one.
fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("CARTWRIGHT_CHROMIUM").map(PathBuf::from);
    let usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    let found = named.into_iter().chain(usual).find(|path| path.is_file());
    if found.is_none() {
        leave_out(
            "a page of another origin in a real browser: Chromium is not installed (CARTWRIGHT_CHROMIUM names it)",
        );
    }
    found
}

/// Ends with the value.
struct Window {
    child: Child,
    _profile: TempDir,
}

impl Window {
    fn open(browser: &PathBuf, url: &str) -> Window {
        let profile = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the browser");
        let child = Command::new(browser)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("--remote-debugging-port=0")
            .arg(url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the browser starts");
        Window { child, _profile: profile }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the page comes from; tells what the page says at the end.
async fn told(listener: TcpListener) -> Value {
    loop {
        let (mut stream, _) = listener.accept().await.expect("the browser comes");
        let (head, body) = request(&mut stream).await;
        let page = head.starts_with("GET / ") || head.starts_with("GET /?");
        let answer = match page {
            true => format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PAGE}",
                PAGE.len()
            ),
            false => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes()).await.expect("it reads");
        if head.starts_with("POST /told ") {
            return serde_json::from_slice(&body).expect("JSON");
        }
    }
}

async fn request(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let ends = read.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = ends {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if read.len() >= end + 4 + length.unwrap_or(0) {
                return (head, read[end + 4..].to_vec());
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return (String::new(), Vec::new()),
            Ok(count) => read.extend_from_slice(&buffer[..count]),
        }
    }
}

/// What a page at this host says of a shop at `localhost`, where the store allows the page, or not.
async fn visit(browser: &PathBuf, server: &Server, host: &str, way: &str, is_allowed: bool) -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let origins = if is_allowed { vec![format!("http://{host}:{port}")] } else { Vec::new() };
    let settings = json!({"allowed_origins": origins});
    let store = json!({"handle": "default", "name": "Default", "currency": "EUR", "settings": settings});
    server.shop().post("/admin/stores", &store).send().await.expect(200);
    let shop = server.url().replace("127.0.0.1", "localhost").replace(':', "%3A");
    let window = Window::open(browser, &format!("http://{host}:{port}/?shop={shop}&way={way}"));
    let said = tokio::time::timeout(HUNG.min(Duration::from_secs(120)), told(listener)).await;
    drop(window);
    said.expect("the page says something")
}

#[tokio::test]
async fn a_page_of_another_origin_buys_in_a_real_browser() {
    let Some(browser) = browser() else { return };
    let server = Server::start();
    server.shop().put_goods(&[("PEN", 500, 100)]).await;
    // One of another site, and one that is only at another port.
    for host in ["127.0.0.1", "localhost"] {
        for way in ["token", "cookie"] {
            let told = visit(&browser, &server, host, way, true).await;
            let what = format!("{way} at {host}: {told:#}");
            assert_eq!(told["order"]["status"], "placed", "{what}");
            assert_eq!(told["order"]["lines"][0]["quantity"], 2, "{what}");
            assert_eq!((&told["replayed"], &told["same_cart"]), (&json!("true"), &json!(true)), "{what}");
            assert!(told["seen"]["etag"].is_string() && told["seen"]["location"].is_string(), "{what}");
            assert_eq!(told["token"].is_string(), way == "token", "{what}");
            assert!(!told["cookies"].as_str().expect("text").contains("cartwright_cart_default"), "{what}");
        }
    }
    assert_eq!(server.shop().orders(None).await.len(), 4);
    server.verify();
}

#[tokio::test]
async fn a_page_that_no_store_allows_is_told_nothing_by_its_browser() {
    let Some(browser) = browser() else { return };
    let server = Server::start();
    server.shop().put_goods(&[("PEN", 500, 100)]).await;
    for way in ["token", "cookie"] {
        let told = visit(&browser, &server, "127.0.0.1", way, false).await;
        assert!(told["error"].as_str().is_some_and(|error| error.contains("TypeError")), "{told:#}");
        assert_eq!(told["steps"], json!([]), "{told:#}");
    }
    let events = server.shop().get("/events?types=cart.created").send().await.expect(200);
    assert_eq!(events["items"], json!([]), "nothing was sent that the browser asks about beforehand");
}
