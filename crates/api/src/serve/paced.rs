//! A connection whose peer must keep reading. Whoever takes nothing, or a few bytes now and then, holds an answer in our memory
//! for as long as he likes; so a write that stands still for too long ends the connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes that must have been taken within the time, unless all were: less is no reading.
const LEAST: usize = 16 * 1024;

/// A TCP connection that ends where its peer stops reading.
pub(super) struct Paced {
    stream: TcpStream,
    patience: Duration,
    stalled: Option<Stall>,
}

/// The peer is behind.
struct Stall {
    until: Pin<Box<Sleep>>,
    taken: usize,
}

impl Paced {
    pub(super) fn new(stream: TcpStream, patience: Duration) -> Paced {
        Paced { stream, patience, stalled: None }
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
                let enough = |stall: &mut Stall| {
                    stall.taken += taken;
                    taken == wanted || stall.taken >= LEAST
                };
                if self.stalled.as_mut().is_some_and(enough) {
                    self.stalled = None;
                }
                Poll::Ready(Ok(taken))
            }
            Poll::Pending => self.wait(context),
            failed => failed,
        }
    }

    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let until = Instant::now() + self.patience;
        let stall = self.stalled.get_or_insert_with(|| Stall { until: Box::pin(sleep_until(until)), taken: 0 });
        if stall.until.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        // What the system still holds for the peer is thrown away, not kept until it comes to its senses.
        let _ = self.stream.set_zero_linger();
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not read")))
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

    async fn pair(patience: Duration) -> (Paced, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (near, far) = tokio::join!(listener.accept(), TcpStream::connect(address));
        (Paced::new(near.expect("accepted").0, patience), far.expect("connected"))
    }

    #[tokio::test]
    async fn a_peer_that_never_reads_is_cut_off() {
        let (mut near, far) = pair(Duration::from_millis(50)).await;
        let failed = near.write_all(&vec![0; 64 << 20]).await.expect_err("nobody reads");
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        drop(far);
    }

    #[tokio::test]
    async fn a_peer_that_reads_on_gets_everything_however_long_it_takes() {
        const WHOLE: usize = 64 << 20;
        let (mut near, mut far) = pair(Duration::from_secs(600)).await;
        let written =
            tokio::spawn(async move { near.write_all(&vec![7; WHOLE]).await.map(|()| near.stalled.is_none()) });
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
