//! A keep-alive connection of the load generator: sends bytes that are ready, reads one answer, and looks at nothing but
//! the status, the length and the body. It shares the machine with the server it measures, so that every microsecond
//! spent here is missing there; a general client takes several times as long. Not for use against anything but
//! Cartwright's own server: it knows no chunks, no redirects, no pipelining.

use std::future::poll_fn;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::pin::Pin;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;

const HEAD_END: &[u8] = b"\r\n\r\n";
const LENGTH: &[u8] = b"content-length:";
const SHOWN_BODY_BYTES: usize = 400;
const READ_SIZE_BYTES: usize = 16 * 1024;

/// What the server answered.
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
}

impl Answer<'_> {
    /// Status and the beginning of the body, for messages.
    pub(super) fn in_words(&self) -> String {
        let body = &self.body[..self.body.len().min(SHOWN_BODY_BYTES)];
        format!("{} {}", self.status, String::from_utf8_lossy(body))
    }
}

/// One connection; one request at a time.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; READ_SIZE_BYTES] })
    }

    /// Sends a whole request, head and body, and waits for the whole answer.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.send(request).await?;
        let mut filled = self.receive(0).await?;
        let head_end = loop {
            match position(&self.buffer[..filled], HEAD_END) {
                Some(at) => break at,
                None => filled += self.receive(filled).await?,
            }
        };
        let (status, length) = parse_head(&self.buffer[..head_end])?;
        let body = head_end + HEAD_END.len();
        while filled < body + length {
            filled += self.receive(filled).await?;
        }
        Ok(Answer { status, body: &self.buffer[body..body + length] })
    }

    async fn send(&self, mut request: &[u8]) -> Result<()> {
        while !request.is_empty() {
            match self.stream.try_write(request) {
                Ok(sent) => request = &request[sent..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what is there behind the first `filled` bytes, at least one byte.
    async fn receive(&mut self, filled: usize) -> Result<usize> {
        if self.buffer.len() - filled < READ_SIZE_BYTES / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        // Polled rather than tried: a short read tells Tokio that the socket is drained, which saves a system call.
        let mut space = ReadBuf::new(&mut self.buffer[filled..]);
        poll_fn(|context| Pin::new(&mut self.stream).poll_read(context, &mut space)).await?;
        match space.filled().len() {
            0 => Err(Error::new(ErrorKind::UnexpectedEof, "the server closed the connection")),
            read => Ok(read),
        }
    }
}

fn parse_head(head: &[u8]) -> Result<(u16, usize)> {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(|text| text.trim().to_owned());
    let status = head.get(9..12).and_then(text).and_then(|text| text.parse().ok());
    let status = status.ok_or_else(|| Error::new(ErrorKind::InvalidData, "an answer without a status"))?;
    if matches!(status, 204 | 304) {
        return Ok((status, 0));
    }
    let is_length = |line: &&[u8]| line.get(..LENGTH.len()).is_some_and(|name| name.eq_ignore_ascii_case(LENGTH));
    let line = head.split(|byte| *byte == b'\n').find(is_length);
    let length = line.and_then(|line| text(&line[LENGTH.len()..])).and_then(|text| text.parse().ok());
    let length = length.ok_or_else(|| Error::new(ErrorKind::InvalidData, "an answer without a length"))?;
    Ok((status, length))
}

/// Where `wanted` begins in `bytes`.
pub(super) fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_tells_status_and_length_in_any_case() {
        let head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-LENGTH: 17\r\nDate: x";
        assert_eq!(parse_head(head).unwrap(), (201, 17));
    }

    #[test]
    fn an_answer_of_unknown_length_is_an_error() {
        assert!(parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked").is_err());
        assert!(parse_head(b"HTTP/1.1 204 No Content\r\ndate: x").is_ok());
    }
}
