//! A connection with its prepared statements, and the pipeline: many statements, one round trip.

use super::connect::Connector;
use super::error::Fault;
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use std::collections::HashMap;
use std::time::Duration;
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
    prepared: HashMap<&'static str, Statement>,
    limit: Duration,
}

impl Session {
    /// Connects, and prepares these statements in one round trip.
    pub async fn open(connector: &Connector, statements: &[&'static str]) -> Result<Session, Fault> {
        let client = connector.connect().await?;
        // The server gives up first and says why; this limit is for a server that says nothing any more.
        let limit = connector.statement_timeout + Duration::from_secs(2);
        let mut session = Session { client, prepared: HashMap::new(), limit };
        session.prepare(statements.iter().copied()).await?;
        Ok(session)
    }

    async fn prepare(&mut self, statements: impl Iterator<Item = &'static str>) -> Result<(), Fault> {
        let mut missing: Vec<&'static str> = statements.filter(|sql| !self.prepared.contains_key(sql)).collect();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let all = join_all(missing.iter().map(|sql| self.client.prepare(sql)));
        let all = tokio::time::timeout(self.limit, all).await.map_err(|_| Fault::NoAnswer)?;
        for (sql, statement) in missing.into_iter().zip(all) {
            self.prepared.insert(sql, statement?);
        }
        Ok(())
    }

    /// Runs a pipeline: one round trip, as a rule. Returns the rows of each statement, or the first failure.
    pub async fn run<Tag: Copy>(&mut self, pipeline: Pipeline<'_, Tag>) -> Result<Vec<(Tag, Vec<Row>)>, Fault> {
        let named = pipeline.steps.iter().filter_map(|step| match step {
            Step::Plain(_) => None,
            Step::Statement(_, sql, _) => Some(*sql),
        });
        self.prepare(named.collect::<Vec<_>>().into_iter()).await?;
        // Each future sends its statement when it is first polled, and they are polled first in this order.
        let sent = join_all(pipeline.steps.iter().map(|step| self.send(step)));
        let answers = tokio::time::timeout(self.limit, sent).await.map_err(|_| Fault::NoAnswer)?;
        let mut rows = Vec::with_capacity(answers.len());
        for answer in answers {
            rows.extend(answer?);
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
                let rows = self.client.query_raw(&self.prepared[sql], values).await?.try_collect().await?;
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
