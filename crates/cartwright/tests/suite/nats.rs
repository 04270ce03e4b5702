//! Events in NATS JetStream: all of them, in order, each once, though NATS goes away and comes back and the server is killed.

use crate::events::events;
use crate::harness::{NatsServer, Server, eventually};
use async_nats::jetstream::consumer::{AckPolicy, pull};
use futures_util::StreamExt;
use serde_json::Value;
use std::time::Duration;

/// What the stream holds: subject, message id, event.
async fn held(nats: &NatsServer) -> Option<Vec<(String, String, Value)>> {
    let client = async_nats::connect(nats.url()).await.ok()?;
    let stream = async_nats::jetstream::new(client).get_stream("cartwright").await.ok()?;
    let count = usize::try_from(stream.get_info().await.ok()?.state.messages).ok()?;
    let config = pull::Config { ack_policy: AckPolicy::None, ..pull::Config::default() };
    let consumer = stream.create_consumer(config).await.ok()?;
    let messages = consumer.fetch().max_messages(count.max(1)).messages().await.ok()?;
    let all: Vec<_> = messages.take(count).filter_map(|message| async { message.ok() }).collect().await;
    let text = |message: &async_nats::jetstream::Message| {
        let id = message.headers.as_ref().and_then(|headers| headers.get("Nats-Msg-Id")).map(ToString::to_string);
        let event = serde_json::from_slice(&message.payload).expect("JSON");
        (message.subject.to_string(), id.unwrap_or_default(), event)
    };
    Some(all.iter().map(text).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_in_the_stream_once_and_in_order_though_both_sides_are_killed() {
    let mut nats = NatsServer::start();
    let mut server = Server::with(&["--nats-url", &nats.url()]);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 1_000)]).await;
    let buy = async || {
        let cart = guest.cart(&[("PEN", 1)]).await;
        guest.checkout(&cart, "k", "ok").send().await.expect(201);
    };
    for round in 0..10 {
        buy().await;
        match round {
            3 => nats.kill(),
            5 => nats.restart(),
            7 => server.restart(),
            _ => {}
        }
    }
    let all = events(&shop, 0).await;
    let limit = Duration::from_secs(60);
    let held =
        eventually("all are there", limit, async || held(&nats).await.filter(|held| held.len() >= all.len())).await;
    assert_eq!(held.len(), all.len());
    for ((subject, id, event), told) in held.iter().zip(&all) {
        assert_eq!(event, told);
        assert_eq!(told["id"], **id);
        assert_eq!(*subject, format!("cartwright.default.{}", told["type"].as_str().expect("a type")));
    }
}
