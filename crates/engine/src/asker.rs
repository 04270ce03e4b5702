//! From where a request comes, and whether it had been answered before. The first decides nothing but whose turn it is while many
//! wait; the second is told to whoever asks.

use crate::origin::Origin;
use std::cell::Cell;

struct Asker {
    origin: Origin,
    repeated: Cell<bool>,
}

tokio::task_local! {
    static ASKER: Asker;
}

/// Does work for somebody who comes from there. The second value tells whether a command of it had been answered before under its
/// idempotency key.
pub async fn coming_from<T>(origin: Origin, work: impl Future<Output = T>) -> (T, bool) {
    let told = async {
        let done = work.await;
        (done, ASKER.with(|asker| asker.repeated.get()))
    };
    ASKER.scope(Asker { origin, repeated: Cell::new(false) }, told).await
}

/// For whom this task works, if it is not for the shop itself.
pub(crate) fn asker() -> Option<Origin> {
    ASKER.try_with(|asker| asker.origin).ok()
}

/// Notes that a command of this task had been answered before.
pub(crate) fn note_repeated() {
    let _ = ASKER.try_with(|asker| asker.repeated.set(true));
}
