//! Where a command comes from: the address of whoever asked for it. It decides nothing but whose turn it is while many wait.

use std::net::IpAddr;

tokio::task_local! {
    static ORIGIN: IpAddr;
}

/// Does work for somebody at this address.
pub fn coming_from<T>(address: IpAddr, work: impl Future<Output = T>) -> impl Future<Output = T> {
    ORIGIN.scope(address, work)
}

/// For whom this task works, if it is not for the shop itself.
pub(crate) fn origin() -> Option<IpAddr> {
    ORIGIN.try_with(|address| *address).ok()
}
