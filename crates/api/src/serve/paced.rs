//! A connection whose peer must keep reading. Whoever takes nothing, or a few bytes now and then, holds an answer in our memory
//! for as long as they like; so a write that stands still for too long ends the connection.
//!
//! What was taken is seen where the system takes more from us. It would keep megabytes of its own, and take nothing more before a
//! third of them is gone, which a slow reader needs minutes for; so it is told to keep little.

use super::HangUp;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

/// Bytes that must have been taken within the time, unless all were: less is no reading.
const LEAST: usize = 16 * 1024;
/// Bytes that the system keeps that it has not sent. Less would make it ask for more at each few packets.
const UNSENT: u32 = 64 * 1024;

/// A TCP connection that ends where its peer stops reading.
pub(super) struct Paced {
    stream: TcpStream,
    pace: Pace,
    alarm: Option<Pin<Box<Sleep>>>,
    hang_up: HangUp,
}

/// How a peer keeps up.
struct Pace {
    patience: Duration,
    stall: Option<Stall>,
}

/// The peer is behind.
#[derive(Clone, Copy)]
struct Stall {
    until: Instant,
    taken: usize,
}

impl Pace {
    /// So many bytes were taken of those that were there.
    fn took(&mut self, taken: usize, wanted: usize) {
        if let Some(stall) = &mut self.stall {
            stall.taken += taken;
            if taken == wanted || stall.taken >= LEAST {
                self.stall = None;
            }
        }
    }

    /// Nothing was taken: until when that is borne.
    fn stands_still(&mut self, now: Instant) -> Instant {
        self.stall.get_or_insert(Stall { until: now + self.patience, taken: 0 }).until
    }
}

impl Paced {
    pub(super) fn new(stream: TcpStream, patience: Duration, hang_up: HangUp) -> Paced {
        #[cfg(target_os = "linux")]
        if let Err(error) = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT) {
            tracing::debug!(%error, "the system keeps as much unsent as it likes");
        }
        Paced { stream, pace: Pace { patience, stall: None }, alarm: None, hang_up }
    }

    /// What a try to write came to: `wanted` bytes were there to be written.
    fn note(
        &mut self,
        context: &mut Context<'_>,
        wanted: usize,
        tried: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match tried {
            Poll::Ready(Ok(taken)) => {
                self.pace.took(taken, wanted);
                if self.pace.stall.is_none() {
                    self.alarm = None;
                }
                Poll::Ready(Ok(taken))
            }
            Poll::Pending => self.wait(context),
            failed => failed,
        }
    }

    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let until = self.pace.stands_still(Instant::now());
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(until.into())));
        if alarm.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.forget_unsent();
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not read")))
    }

    /// What the system still holds for the peer is thrown away when this is closed, not kept until it comes to its senses.
    fn forget_unsent(&self) {
        let _ = self.stream.set_zero_linger();
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        if self.hang_up.is_cut() {
            self.forget_unsent();
        }
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(context, bytes.len(), tried)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        let wanted = slices.iter().map(|slice| slice.len()).sum();
        self.note(context, wanted, tried)
    }

    /// Else hyper would copy each answer into a buffer of its own.
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    const SECOND: Duration = Duration::from_secs(1);

    async fn pair(patience: Duration) -> (Paced, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let far = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        let (near, _) = listener.accept().await.expect("a connection");
        (Paced::new(near, patience, HangUp::default()), far)
    }

    /// Whether a peer that takes so many bytes each second is still borne after ten minutes.
    fn lasts(each_second: usize) -> bool {
        let mut pace = Pace { patience: 30 * SECOND, stall: None };
        let begin = Instant::now();
        (0..600).all(|second| {
            let now = begin + second * SECOND;
            let until = pace.stands_still(now);
            if each_second > 0 {
                pace.took(each_second, 1 << 20);
            }
            now < until
        })
    }

    #[test]
    fn whoever_takes_16_kib_in_time_is_borne_and_whoever_takes_less_is_not() {
        assert!(lasts(LEAST) && lasts(LEAST / 29));
        assert!(!lasts(LEAST / 40) && !lasts(1) && !lasts(0));
    }

    #[test]
    fn whoever_takes_all_there_is_is_not_behind() {
        let mut pace = Pace { patience: 30 * SECOND, stall: None };
        pace.stands_still(Instant::now());
        pace.took(100, 200);
        assert!(pace.stall.is_some());
        pace.took(100, 100);
        assert!(pace.stall.is_none());
    }

    #[tokio::test]
    async fn a_peer_that_reads_nothing_is_cut_off() {
        let (mut near, _far) = pair(Duration::from_millis(50)).await;
        let error = near.write_all(&vec![7; 64 << 20]).await.expect_err("it does not read");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_system_keeps_little_that_is_not_sent() {
        let (mut near, _far) = pair(600 * SECOND).await;
        let whole = vec![7; 64 << 20];
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut taken = 0;
        while let Poll::Ready(more) = Pin::new(&mut near).poll_write(&mut context, &whole) {
            taken += more.expect("taken");
        }
        // Left to itself it takes some megabytes, and takes no more before a third of them is read.
        assert!((1..1 << 20).contains(&taken), "{taken} bytes");
    }

    #[tokio::test]
    async fn a_peer_that_reads_on_gets_everything_however_long_it_takes() {
        const WHOLE: usize = 64 << 20;
        let (mut near, mut far) = pair(600 * SECOND).await;
        let written =
            tokio::spawn(async move { near.write_all(&vec![7; WHOLE]).await.map(|()| near.pace.stall.is_none()) });
        let mut buffer = vec![0; 1 << 16];
        let mut all = 0;
        while all < WHOLE {
            let read = far.read(&mut buffer).await.expect("more");
            assert!(read > 0, "it ended after {all}");
            all += read;
        }
        assert!(written.await.expect("done").expect("written"), "nothing is left of what was behind");
    }
}
