//! The TCP stream of a connection, which fails if the other side does not read.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// How long a write may wait for the other side.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The number of bytes that the other side must accept within [`WRITE_TIMEOUT`] to get as much time again.
const PROGRESS_BYTES: usize = 64 << 10;

/// A TCP stream whose writes fail with [`io::ErrorKind::TimedOut`] if the other side accepts less than 64 KiB
/// in 30 s while more waits. Hyper has no such bound, so a client that does not read would hold its response
/// for ever.
#[derive(Debug)]
pub(crate) struct TimedStream {
    stream: TcpStream,
    /// The end of the time for the bytes that wait. There is none while the system accepts everything.
    timer: Option<Pin<Box<Sleep>>>,
    /// The number of bytes that were accepted since the timer was set.
    accepted: usize,
}

impl TimedStream {
    pub(crate) const fn new(stream: TcpStream) -> TimedStream {
        TimedStream { stream, timer: None, accepted: 0 }
    }

    pub(crate) fn into_inner(self) -> TcpStream {
        self.stream
    }

    /// Keeps the time of a write of `len` bytes.
    fn check(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
        len: usize,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(count)) => {
                self.accepted = self.accepted.saturating_add(count);
                if count == len {
                    self.timer = None;
                }
                written
            }
            Poll::Ready(Err(_)) => written,
            Poll::Pending => {
                let Some(timer) = &mut self.timer else {
                    self.accepted = 0;
                    let mut timer = Box::pin(sleep(WRITE_TIMEOUT));
                    let _ = timer.as_mut().poll(cx);
                    self.timer = Some(timer);
                    return Poll::Pending;
                };
                while timer.as_mut().poll(cx).is_ready() {
                    if self.accepted < PROGRESS_BYTES {
                        let problem = "the client reads too slowly";
                        return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, problem)));
                    }
                    self.accepted = 0;
                    timer.as_mut().reset(Instant::now() + WRITE_TIMEOUT);
                }
                Poll::Pending
            }
        }
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.check(cx, written, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.check(cx, written, slices.iter().map(|slice| slice.len()).sum())
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
