//! What mails say, and what their links do.

use crate::call::Call;
use crate::{Client, Error};
use cartwright_wire::{Cart, MailPreview, MailTemplate, MailTemplateInput, MailTemplates};
use reqwest::Method;

/// Errors of all of these: [`Error::Problem`] where the server refuses, [`Error::Transport`] where there is no answer,
/// [`Error::Unexpected`] where the answer cannot be read.
#[allow(clippy::missing_errors_doc)]
impl Client {
    /// `GET /recovery/{token}`: shows the cart of a reminder's link; changes nothing.
    pub async fn recovery(&self, token: &str) -> Result<Cart, Error> {
        self.send(Call::get(&["recovery", token])).await
    }

    /// `POST /recovery/{token}`: opens the cart here; the answer carries a secret ([`Cart::token`]).
    pub async fn restore_cart(&self, token: &str) -> Result<Cart, Error> {
        self.send(Call::new(Method::POST, &["recovery", token])).await
    }

    /// `POST /recovery/{token}/dismiss`: no more reminders of this cart.
    pub async fn dismiss_recovery(&self, token: &str) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::POST, &["recovery", token, "dismiss"]).repeatable()).await
    }

    /// `POST /recovery/{token}/confirm`: reminders are wanted at the address that was asked.
    pub async fn confirm_reminders(&self, token: &str) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::POST, &["recovery", token, "confirm"]).repeatable()).await
    }

    /// `POST /recovery/{token}/unsubscribe`: no more reminders to this address.
    pub async fn unsubscribe(&self, token: &str) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::POST, &["recovery", token, "unsubscribe"]).repeatable()).await
    }

    /// `GET /admin/mail-templates`: which mails there are, and for which the store has words of its own.
    pub async fn mail_templates(&self) -> Result<MailTemplates, Error> {
        self.send(Call::get(&["admin", "mail-templates"])).await
    }

    /// `GET /admin/mail-templates/{kind}/{locale}`: the store's own words.
    pub async fn mail_template(&self, kind: &str, locale: &str) -> Result<MailTemplate, Error> {
        self.send(Call::get(&["admin", "mail-templates", kind, locale])).await
    }

    /// `PUT /admin/mail-templates/{kind}/{locale}`: own words; what cannot be filled is refused.
    pub async fn put_mail_template(
        &self,
        kind: &str,
        locale: &str,
        words: &MailTemplateInput,
    ) -> Result<MailTemplate, Error> {
        self.send(Call::new(Method::PUT, &["admin", "mail-templates", kind, locale]).body(words)).await
    }

    /// `DELETE /admin/mail-templates/{kind}/{locale}`: other words that fit, or built-in ones, from now on.
    pub async fn delete_mail_template(&self, kind: &str, locale: &str) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::DELETE, &["admin", "mail-templates", kind, locale])).await
    }

    /// `GET /admin/mail-templates/{kind}/{locale}/preview`: the mail with sample data, as it would be sent now.
    pub async fn preview_mail(&self, kind: &str, locale: &str) -> Result<MailPreview, Error> {
        self.send(Call::get(&["admin", "mail-templates", kind, locale, "preview"])).await
    }

    /// `POST /admin/mail-templates/{kind}/{locale}/preview`: the mail in words that are not kept.
    pub async fn preview_mail_draft(
        &self,
        kind: &str,
        locale: &str,
        words: &MailTemplateInput,
    ) -> Result<MailPreview, Error> {
        self.send(Call::post(&["admin", "mail-templates", kind, locale, "preview"], words).repeatable()).await
    }
}
