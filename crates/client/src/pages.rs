//! Lists that come in pages.

use crate::call::Call;
use crate::{Client, Error};
use cartwright_wire::Page;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// The pages of a list, fetched one at a time.
pub struct Pages<T> {
    client: Client,
    call: Option<Call>,
    items: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Pages<T> {
    pub(crate) fn new(client: &Client, call: Call) -> Self {
        Self { client: client.clone(), call: Some(call), items: PhantomData }
    }

    /// The next page; nothing after the last.
    ///
    /// # Errors
    /// As any request; after an error there are no more pages.
    pub async fn next(&mut self) -> Result<Option<Page<T>>, Error> {
        let Some(call) = self.call.take() else { return Ok(None) };
        let page: Page<T> = self.client.send(call.clone()).await?;
        self.call = page.next.clone().map(|cursor| call.query("cursor", Some(cursor)));
        Ok(Some(page))
    }

    /// The rows of all pages together, but no more than `most`.
    ///
    /// # Errors
    /// As any request.
    pub async fn take(mut self, most: usize) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        while rows.len() < most {
            let Some(page) = self.next().await? else { break };
            rows.extend(page.items);
        }
        rows.truncate(most);
        Ok(rows)
    }

    /// The rows of all pages together.
    ///
    /// # Errors
    /// As any request.
    pub async fn all(self) -> Result<Vec<T>, Error> {
        self.take(usize::MAX).await
    }
}
