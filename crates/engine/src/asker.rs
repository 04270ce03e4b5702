//! Who asks: the network from which a command comes. It decides nothing but whose turn it is while many wait.

use crate::origin::Network;

tokio::task_local! {
    static ASKER: Network;
}

/// Does work for somebody in this network.
pub fn coming_from<T>(network: Network, work: impl Future<Output = T>) -> impl Future<Output = T> {
    ASKER.scope(network, work)
}

/// For whom this task works, if it is not for the shop itself.
pub(crate) fn asker() -> Option<Network> {
    ASKER.try_with(|network| *network).ok()
}
