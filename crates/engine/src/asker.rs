//! From where a command comes. It decides nothing but whose turn it is while many wait.

use crate::origin::Origin;

tokio::task_local! {
    static ASKER: Origin;
}

/// Does work for somebody who comes from there.
pub fn coming_from<T>(origin: Origin, work: impl Future<Output = T>) -> impl Future<Output = T> {
    ASKER.scope(origin, work)
}

/// For whom this task works, if it is not for the shop itself.
pub(crate) fn asker() -> Option<Origin> {
    ASKER.try_with(|origin| *origin).ok()
}
