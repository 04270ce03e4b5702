//! A connection with its prepared statements, and the pipeline: many statements, one round trip.

use super::connect::Connector;
use super::error::Fault;
use futures_util::future::{join_all, maybe_done};
use futures_util::{FutureExt, TryStreamExt};
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{PoisonError, RwLock};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

/// A value of a statement.
pub type Value<'a> = Box<dyn ToSql + Sync + Send + 'a>;

/// Boxes a value.
pub fn value<'a>(value: impl ToSql + Sync + Send + 'a) -> Value<'a> {
    Box::new(value)
}

/// A column of values, as an array.
pub fn column<'a, T: ToSql + Sync + Send + 'a>(values: impl Iterator<Item = T>) -> Value<'a> {
    Box::new(values.collect::<Vec<T>>())
}

/// Statements that are sent one after another without waiting for the answers. The server runs them in this order; where one
/// fails in a transaction, those behind it, COMMIT too, do nothing.
pub struct Pipeline<'a, Tag> {
    steps: Vec<Step<'a, Tag>>,
}

enum Step<'a, Tag> {
    /// Without values and answer: BEGIN, COMMIT.
    Plain(&'static str),
    Statement(Tag, &'static str, Vec<Value<'a>>),
}

impl<'a, Tag: Copy> Pipeline<'a, Tag> {
    /// An empty pipeline.
    pub fn new() -> Pipeline<'a, Tag> {
        Pipeline { steps: Vec::new() }
    }

    /// Adds a command without values.
    pub fn plain(&mut self, sql: &'static str) {
        self.steps.push(Step::Plain(sql));
    }

    /// Adds a statement; its rows come back under the tag.
    pub fn add(&mut self, tag: Tag, sql: &'static str, values: Vec<Value<'a>>) {
        self.steps.push(Step::Statement(tag, sql, values));
    }
}

/// A connection with its prepared statements.
pub struct Session {
    client: Client,
    prepared: RwLock<HashMap<&'static str, Statement>>,
    /// Held by the pipeline that is being sent: the statements of two never mix.
    sending: Mutex<()>,
    limit: Duration,
}

impl Session {
    /// Connects, and prepares these statements in one round trip.
    pub async fn open(connector: &Connector, statements: &[&'static str]) -> Result<Session, Fault> {
        let client = connector.connect().await?;
        // The server gives up first and says why; this limit is for a server that says nothing any more.
        let limit = connector.statement_timeout + Duration::from_secs(2);
        let session = Session { client, prepared: RwLock::default(), sending: Mutex::default(), limit };
        session.prepare(statements).await?;
        Ok(session)
    }

    fn prepared(&self, sql: &str) -> Option<Statement> {
        self.prepared.read().unwrap_or_else(PoisonError::into_inner).get(sql).cloned()
    }

    async fn prepare(&self, statements: &[&'static str]) -> Result<(), Fault> {
        let mut missing: Vec<&'static str> = statements.to_vec();
        missing.retain(|sql| self.prepared(sql).is_none());
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let all = join_all(missing.iter().map(|sql| self.client.prepare(sql)));
        let all = tokio::time::timeout(self.limit, all).await.map_err(|_| Fault::NoAnswer)?;
        for (sql, statement) in missing.into_iter().zip(all) {
            let statement = statement?;
            self.prepared.write().unwrap_or_else(PoisonError::into_inner).insert(sql, statement);
        }
        Ok(())
    }

    /// Runs a pipeline: one round trip, as a rule. Returns the rows of each statement, or the first failure. Another one may be
    /// run before this one has its answers; the server takes them one after another.
    pub async fn run<Tag: Copy>(&self, pipeline: Pipeline<'_, Tag>) -> Result<Vec<(Tag, Vec<Row>)>, Fault> {
        let named = pipeline.steps.iter().filter_map(|step| match step {
            Step::Plain(_) => None,
            Step::Statement(_, sql, _) => Some(*sql),
        });
        let named: Vec<_> = named.collect();
        let sending = self.sending.lock().await;
        self.prepare(&named).await?;
        let mut answers: Vec<_> = pipeline.steps.iter().map(|step| maybe_done(Box::pin(self.send(step)))).collect();
        // Each sends its statement when it is first polled.
        poll_fn(|context| {
            for answer in &mut answers {
                let _ = answer.poll_unpin(context);
            }
            Poll::Ready(())
        })
        .await;
        drop(sending);
        let all = async {
            for answer in &mut answers {
                answer.await;
            }
        };
        tokio::time::timeout(self.limit, all).await.map_err(|_| Fault::NoAnswer)?;
        let mut rows = Vec::with_capacity(answers.len());
        for mut answer in answers {
            rows.extend(Pin::new(&mut answer).take_output().expect("it has come")?);
        }
        Ok(rows)
    }

    async fn send<Tag: Copy>(&self, step: &Step<'_, Tag>) -> Result<Option<(Tag, Vec<Row>)>, Fault> {
        match step {
            Step::Plain(sql) => {
                self.client.batch_execute(sql).await?;
                Ok(None)
            }
            Step::Statement(tag, sql, values) => {
                let values = values.iter().map(|value| &**value as &(dyn ToSql + Sync));
                let statement = self.prepared(sql).ok_or_else(|| Fault::Unreadable(format!("not prepared: {sql}")))?;
                let rows = self.client.query_raw(&statement, values).await?.try_collect().await?;
                Ok(Some((*tag, rows)))
            }
        }
    }

    /// A command without values and answer.
    pub async fn plain(&self, sql: &str) -> Result<(), Fault> {
        let done = tokio::time::timeout(self.limit, self.client.batch_execute(sql)).await;
        Ok(done.map_err(|_| Fault::NoAnswer)??)
    }
}
