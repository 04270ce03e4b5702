//! What the client does with a server's answers, against a server that answers from a script.

use cartwright_client::wire::{CancelOrder, Checkout, PaymentInput};
use cartwright_client::{CartAccess, Client, Error, OrderQuery};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use uuid::Uuid;

const PAGE_ONE: &str = r#"{"items": [], "next": "c2"}"#;
const PAGE_TWO: &str = r#"{"items": []}"#;
const BUSY: &str =
    r#"{"type": "urn:x", "title": "Busy", "status": 503, "code": "overloaded", "detail": "Later, please."}"#;

struct Answer {
    status: &'static str,
    kind: &'static str,
    extra: &'static str,
    body: &'static str,
}

const fn good(body: &'static str) -> Answer {
    Answer { status: "200 OK", kind: "application/json", extra: "", body }
}

const fn busy(extra: &'static str) -> Answer {
    Answer { status: "503 Service Unavailable", kind: "application/problem+json", extra, body: BUSY }
}

/// Serves the answers one after the other, and hands back the requests it got: first line and headers.
fn serve(answers: Vec<Answer>) -> (Client, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let served = std::thread::spawn(move || answers.into_iter().map(|answer| serve_one(&listener, &answer)).collect());
    let client = Client::builder().url(url).store("shop").api_key("sk_test").build().expect("a client");
    (client, served)
}

fn serve_one(listener: &TcpListener, answer: &Answer) -> String {
    let (mut stream, _) = listener.accept().expect("a connection");
    let mut reader = BufReader::new(stream.try_clone().expect("a clone"));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).expect("a line") > 0, "the request ends early");
    }
    let head = head.to_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().expect("n"));
    reader.read_exact(&mut vec![0; length]).expect("a body");
    let Answer { status, kind, extra, body } = answer;
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n{extra}\r\n{body}")
        .expect("an answer");
    head
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says_when() {
    let (client, served) =
        serve(vec![busy("retry-after: 0\r\n"), busy("retry-after: 0\r\n"), good(r#"{"stores": []}"#)]);
    assert!(client.stores().await.expect("an answer").stores.is_empty());
    let requests = served.join().expect("served");
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.starts_with("get /api/v1/admin/stores http")), "{requests:?}");
    assert!(requests[0].contains("cartwright-store: shop") && requests[0].contains("authorization: bearer sk_test"));
}

#[tokio::test]
async fn a_busy_server_that_does_not_say_when_is_not_asked_again() {
    let (client, served) = serve(vec![busy("")]);
    assert_eq!(client.stores().await.expect_err("refused").code(), Some("overloaded"));
    assert_eq!(served.join().expect("served").len(), 1);
}

#[tokio::test]
async fn a_password_is_not_tried_again_by_itself() {
    let body = r#"{"type": "urn:x", "title": "Often", "status": 429, "code": "login_attempts", "detail": "Wait."}"#;
    let kind = "application/problem+json";
    let often = Answer { status: "429 Too Many Requests", kind, extra: "retry-after: 0\r\n", body };
    let (client, served) = serve(vec![often]);
    assert_eq!(client.stores().await.expect_err("refused").code(), Some("login_attempts"));
    assert_eq!(served.join().expect("served").len(), 1);
}

#[tokio::test]
async fn the_client_gives_up_after_a_bounded_number_of_times() {
    let (client, served) = serve((0..5).map(|_| busy("retry-after: 0\r\n")).collect());
    assert_eq!(client.stores().await.expect_err("refused").code(), Some("overloaded"));
    assert_eq!(served.join().expect("served").len(), 5);
}

#[tokio::test]
async fn a_request_without_a_key_is_not_sent_twice_and_one_with_a_key_is() {
    let (client, served) = serve(vec![busy("retry-after: 0\r\n"), busy("retry-after: 0\r\n"), good("{}")]);
    let order = client.cancel_order(Uuid::nil(), Some("ct"), &CancelOrder::default()).await;
    assert_eq!(order.expect_err("refused").code(), Some("overloaded"));

    let access = CartAccess { id: Uuid::nil(), token: Some("ct_secret".to_owned()) };
    let payment = PaymentInput { gateway: "test".to_owned(), method: "ok".to_owned() };
    let order = client
        .checkout(&access, "key-1", &Checkout { expected_total: Some(500), payment, idempotency_key: None })
        .await;
    assert!(matches!(order, Err(Error::Unexpected { status: 200, .. })), "{order:?}");
    let requests = served.join().expect("served");
    assert!(requests[1..].iter().all(|request| request.contains("idempotency-key: key-1")), "{requests:?}");
    assert!(requests[1..].iter().all(|request| request.contains("cart-token: ct_secret")), "{requests:?}");
}

#[tokio::test]
async fn pages_follow_one_another_by_cursor() {
    let (client, served) = serve(vec![good(PAGE_ONE), good(PAGE_TWO)]);
    assert!(
        client
            .orders(&OrderQuery { status: Some("placed".to_owned()), limit: Some(2), ..OrderQuery::default() })
            .all()
            .await
            .expect("pages")
            .is_empty()
    );
    let requests = served.join().expect("served");
    assert!(requests[0].starts_with("get /api/v1/admin/orders?status=placed&limit=2 "), "{requests:?}");
    assert!(requests[1].starts_with("get /api/v1/admin/orders?status=placed&limit=2&cursor=c2 "), "{requests:?}");
}

#[tokio::test]
async fn nobody_listening_is_told_apart_from_a_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let client = Client::builder().url(url).build().expect("a client");
    assert!(matches!(client.stores().await, Err(Error::Transport(_))));
}
