//! Who acts: an operator's request is run within [`acting`], and every command that it runs writes the request's entry into the
//! log of what operators did, in the command's own transaction.

use cartwright_domain::people::AuditEntry;
use std::sync::Arc;

tokio::task_local! {
    static ENTRY: Arc<AuditEntry>;
}

/// Runs work in an operator's name. The entry's time is that of the batch.
pub async fn acting<T>(entry: AuditEntry, work: impl Future<Output = T>) -> T {
    ENTRY.scope(Arc::new(entry), work).await
}

/// The entry of the operator in whose name this task works, if any.
pub(crate) fn entry() -> Option<Arc<AuditEntry>> {
    ENTRY.try_with(Arc::clone).ok()
}
