//! Redis as the memory that nodes share. Redis may be slow, away or wrong: a question waits some milliseconds and no longer,
//! and after a few without an answer none are asked for a while, so that nobody waits for a server that is not there.

use async_trait::async_trait;
use bytes::Bytes;
use cartwright_engine::{NoAnswer, SharedHealth, SharedMemory, SharedQuota};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, RedisError, RedisResult, Script};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a question may take.
const PATIENCE: Duration = Duration::from_millis(20);
/// How long a connection may take to be made.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
/// Questions without an answer, one after the other, before none are asked.
const MOST_SILENCES: u32 = 3;
/// How long none are asked; then one is, to see.
const PAUSE: Duration = Duration::from_secs(1);

/// GCRA by Redis's clock: the key holds the time in µs at which the count is used up to nothing. A time that cannot be, as one
/// too far ahead, counts as none.
const ADMITS: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, window = tonumber(ARGV[1]), ARGV[1] * ARGV[2]
local due = tonumber(redis.call('GET', KEYS[1])) or now
if due < now or due > now + window then due = now end
due = due + interval
if due > now + window then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
return 1";

/// A Redis server.
pub struct Redis {
    connection: ConnectionManager,
    admits: Script,
    breaker: Breaker,
    health: SharedHealth,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").field("health", &self.health).finish_non_exhaustive()
    }
}

impl Redis {
    /// Redis at an address, `redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER]`. It need not be there yet. Must be called within a
    /// Tokio runtime.
    ///
    /// # Errors
    /// Where the address is none, in words without it.
    pub fn new(url: &str) -> Result<Redis, String> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECT_PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = Client::open(url).and_then(|client| ConnectionManager::new_lazy_with_config(client, config));
        let connection = connection.map_err(|error| error.to_string())?;
        let mut first = connection.clone();
        tokio::spawn(async move {
            let connected: RedisResult<()> = Cmd::new().arg("PING").query_async(&mut first).await;
            if let Err(error) = connected {
                tracing::warn!(%error, "Redis does not answer; this node does without it meanwhile");
            }
        });
        let (admits, breaker, health) = (Script::new(ADMITS), Breaker::default(), SharedHealth::default());
        Ok(Redis { connection, admits, breaker, health })
    }

    async fn ask<T>(&self, question: impl Future<Output = RedisResult<T>>) -> Result<T, NoAnswer> {
        if !self.breaker.lets_through() {
            self.health.unanswered.fetch_add(1, Ordering::Relaxed);
            return Err(NoAnswer);
        }
        match tokio::time::timeout(PATIENCE, question).await {
            Ok(Ok(answer)) => {
                if self.breaker.answered() {
                    self.health.is_down.store(false, Ordering::Relaxed);
                    tracing::info!("Redis answers again");
                }
                Ok(answer)
            }
            Ok(Err(error)) => Err(self.silent(Some(error))),
            Err(_) => Err(self.silent(None)),
        }
    }

    fn silent(&self, error: Option<RedisError>) -> NoAnswer {
        self.health.unanswered.fetch_add(1, Ordering::Relaxed);
        if self.breaker.silent() {
            self.health.is_down.store(true, Ordering::Relaxed);
            let error = error.map_or_else(|| "it takes too long".to_owned(), |error| error.to_string());
            tracing::warn!(error, "Redis does not answer; this node does without it meanwhile");
        }
        NoAnswer
    }
}

#[async_trait]
impl SharedMemory for Redis {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, NoAnswer> {
        let mut connection = self.connection.clone();
        self.ask(async { Cmd::new().arg("GET").arg(key).query_async(&mut connection).await }).await
    }

    async fn put(&self, key: &str, value: Bytes, keep: Duration) {
        let mut connection = self.connection.clone();
        let keep_ms = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut set = Cmd::new();
        set.arg("SET").arg(key).arg(&value[..]).arg("PX").arg(keep_ms);
        // Nobody waits for it, and a value that is not kept is only missed.
        let _: Result<(), NoAnswer> = self.ask(async { set.query_async(&mut connection).await }).await;
    }

    async fn admits(&self, key: &str, quota: SharedQuota) -> Result<bool, NoAnswer> {
        let mut connection = self.connection.clone();
        let interval_us = u64::try_from(quota.interval.as_micros()).unwrap_or(u64::MAX).max(1);
        let mut asked = self.admits.key(key);
        asked.arg(interval_us).arg(quota.burst);
        self.ask(async { asked.invoke_async(&mut connection).await }).await
    }

    fn health(&self) -> &SharedHealth {
        &self.health
    }
}

/// Keeps questions away from a server that does not answer.
struct Breaker {
    began: Instant,
    silences: AtomicU32,
    /// Milliseconds since the beginning before which nothing is asked.
    closed_until_ms: AtomicU64,
}

impl Default for Breaker {
    fn default() -> Breaker {
        Breaker { began: Instant::now(), silences: AtomicU32::new(0), closed_until_ms: AtomicU64::new(0) }
    }
}

impl Breaker {
    /// Whether a question may be asked. After a pause only one is, until it is answered.
    fn lets_through(&self) -> bool {
        if self.silences.load(Ordering::Relaxed) < MOST_SILENCES {
            return true;
        }
        let (now, until) = (self.now_ms(), self.closed_until_ms.load(Ordering::Relaxed));
        let next = now + PAUSE.as_millis() as u64;
        now >= until && self.closed_until_ms.compare_exchange(until, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// There was an answer; whether the last questions had none.
    fn answered(&self) -> bool {
        self.silences.load(Ordering::Relaxed) > 0 && self.silences.swap(0, Ordering::Relaxed) >= MOST_SILENCES
    }

    /// There was no answer; whether from now on none are asked.
    fn silent(&self) -> bool {
        self.closed_until_ms.store(self.now_ms() + PAUSE.as_millis() as u64, Ordering::Relaxed);
        self.silences.fetch_add(1, Ordering::Relaxed) + 1 == MOST_SILENCES
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_few_silences_nothing_is_asked_but_one_question_in_a_pause() {
        let mut breaker = Breaker::default();
        assert!(!breaker.silent() && !breaker.silent() && breaker.lets_through());
        assert!(breaker.silent() && !breaker.lets_through());
        breaker.began -= PAUSE;
        assert!(breaker.lets_through() && !breaker.lets_through(), "one question");
        assert!(breaker.answered() && breaker.lets_through() && breaker.lets_through());
        assert!(!breaker.silent() && !breaker.answered(), "one silence is no trouble");
    }
}
