//! Work that keeps a processor busy for a while: it has threads of its own, which come after those that serve shoppers. Whoever
//! begins some sees to it that not too much is at work at once.

use tokio::sync::oneshot::{self, Receiver};

/// How far such a thread stands back (`nice`). In the storm of `bench attacks` shoppers waited 4 to 6 times as long as in quiet at 5,
/// and 3 to 4 times at 10. The further, the longer a log-in takes on a machine that has nothing left.
#[cfg(target_os = "linux")]
const STANDS_BACK: i32 = 10;

/// Begins a piece of work; what it comes to is received, or that it panicked.
pub(crate) fn begin<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (done, wait) = oneshot::channel();
    let thread = std::thread::Builder::new().name("background".to_owned()).spawn(move || {
        // Only Linux has priorities for threads; elsewhere the whole process would stand back.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::nice(STANDS_BACK);
        // Where nobody waits any more, nobody needs it.
        let _ = done.send(work());
    });
    if let Err(error) = thread {
        tracing::error!(%error, "no thread can be had for work in the background");
    }
    wait
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_by_a_thread_that_stands_back_and_a_panic_is_told() {
        #[cfg(target_os = "linux")]
        {
            let nice = || rustix::process::getpriority_process(None).ok();
            let (before, there) = (nice(), begin(nice).await.expect("done"));
            assert_eq!(there, before.map(|before| (before + STANDS_BACK).min(19)));
            assert_eq!(nice(), before, "nobody else does");
        }
        assert_eq!(begin(|| 7).await, Ok(7));
        let panics: fn() = || panic!("on purpose");
        assert!(begin(panics).await.is_err());
    }
}
