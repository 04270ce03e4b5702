//! Accounts: what a person does about their own, and what operators do about operators, keys and the log. One's own account takes
//! a session's token ([`crate::Builder::session`]).

use crate::call::Call;
use crate::{Client, Error, Pages};
use cartwright_wire::{
    Account, AccountExport, AuditEntry, Cart, ChangeAccount, ChangePassword, ConfirmedAccount, DeleteAccount,
    ForgotPassword, Key, KeyInput, Keys, LogIn, NewSession, Operator, OperatorInput, Operators, Order, PersonInput,
    RegisterAccount, Sessions, SetPassword,
};
use reqwest::Method;
use uuid::Uuid;

/// Errors of all of these: [`Error::Problem`] where the server refuses, [`Error::Transport`] where there is no answer,
/// [`Error::Unexpected`] where the answer cannot be read.
#[allow(clippy::missing_errors_doc)]
impl Client {
    /// `POST /account`: wants an account; a mail tells how to go on. Known and unknown addresses are answered alike.
    pub async fn register(&self, account: &RegisterAccount) -> Result<(), Error> {
        self.send_for_nothing(Call::post(&["account"], account)).await
    }

    /// `POST /account/verify`: confirms the address and chooses the password, with the secret of the mail.
    pub async fn verify_account(&self, password: &SetPassword) -> Result<ConfirmedAccount, Error> {
        self.send(Call::post(&["account", "verify"], password)).await
    }

    /// `POST /account/session`: logs in; the goods of a guest's cart come along. Programs are answered a token.
    pub async fn log_in(&self, who: &LogIn) -> Result<NewSession, Error> {
        self.send(Call::post(&["account", "session"], who)).await
    }

    /// `DELETE /account/session`: ends this session.
    pub async fn log_out(&self) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::DELETE, &["account", "session"])).await
    }

    /// `GET /account/sessions`: one's own sessions.
    pub async fn sessions(&self) -> Result<Sessions, Error> {
        self.send(Call::get(&["account", "sessions"])).await
    }

    /// `DELETE /account/sessions/{id}`: ends one of them.
    pub async fn end_session(&self, id: Uuid) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::DELETE, &["account", "sessions", &id.to_string()])).await
    }

    /// `POST /account/password/forgot`: wants a mail with which to choose another password.
    pub async fn forgot_password(&self, email: &str) -> Result<(), Error> {
        let who = ForgotPassword { email: email.to_owned() };
        self.send_for_nothing(Call::post(&["account", "password", "forgot"], &who)).await
    }

    /// `POST /account/password/reset`: chooses another password with the secret of the mail; all sessions end.
    pub async fn reset_password(&self, password: &SetPassword) -> Result<ConfirmedAccount, Error> {
        self.send(Call::post(&["account", "password", "reset"], password)).await
    }

    /// `PUT /account/password`: changes the password; all other sessions end.
    pub async fn change_password(&self, change: &ChangePassword) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::PUT, &["account", "password"]).body(change)).await
    }

    /// `GET /account`: who is logged in.
    pub async fn account(&self) -> Result<Account, Error> {
        self.send(Call::get(&["account"])).await
    }

    /// `PATCH /account`: changes what a person tells of itself.
    pub async fn change_account(&self, change: &ChangeAccount) -> Result<Account, Error> {
        self.send(Call::new(Method::PATCH, &["account"]).body(change)).await
    }

    /// `DELETE /account`: deletes it, with its password; orders stay as the law wants them.
    pub async fn delete_account(&self, password: &DeleteAccount) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::DELETE, &["account"]).body(password)).await
    }

    /// `GET /account/export`: all that the shop has of the person.
    pub async fn export_account(&self) -> Result<AccountExport, Error> {
        self.send(Call::get(&["account", "export"])).await
    }

    /// `GET /account/cart`: one's own cart, made where there is none.
    pub async fn account_cart(&self) -> Result<Cart, Error> {
        self.send(Call::get(&["account", "cart"])).await
    }

    /// `GET /account/orders`: one's own orders, the newest first.
    #[must_use]
    pub fn account_orders(&self) -> Pages<Order> {
        Pages::new(self, Call::get(&["account", "orders"]))
    }

    /// `POST /admin/persons/export`: all that the shop has of whoever has an address.
    pub async fn export_person(&self, email: &str) -> Result<AccountExport, Error> {
        let person = PersonInput { email: email.to_owned() };
        self.send(Call::post(&["admin", "persons", "export"], &person)).await
    }

    /// `POST /admin/persons/erase`: erases whoever has an address; placed orders stay as the law wants them.
    pub async fn erase_person(&self, email: &str) -> Result<(), Error> {
        let person = PersonInput { email: email.to_owned() };
        self.send_for_nothing(Call::post(&["admin", "persons", "erase"], &person)).await
    }

    /// `GET /admin/operators`: people with a role.
    pub async fn operators(&self) -> Result<Operators, Error> {
        self.send(Call::get(&["admin", "operators"])).await
    }

    /// `PUT /admin/operators`: gives a role, or takes it.
    pub async fn put_operator(&self, operator: &OperatorInput) -> Result<Operator, Error> {
        self.send(Call::new(Method::PUT, &["admin", "operators"]).body(operator)).await
    }

    /// `GET /admin/keys`: keys that open this store alone; with a key for all stores those too.
    pub async fn keys(&self) -> Result<Keys, Error> {
        self.send(Call::get(&["admin", "keys"])).await
    }

    /// `POST /admin/keys`: makes a key of this store; the answer shows it, this once.
    pub async fn create_key(&self, key: &KeyInput) -> Result<Key, Error> {
        self.send(Call::post(&["admin", "keys"], key)).await
    }

    /// `DELETE /admin/keys/{id}`: withdraws a key.
    pub async fn revoke_key(&self, id: Uuid) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::DELETE, &["admin", "keys", &id.to_string()])).await
    }

    /// `GET /admin/audit`: what operators did, the newest first.
    #[must_use]
    pub fn audit_log(&self) -> Pages<AuditEntry> {
        Pages::new(self, Call::get(&["admin", "audit"]))
    }
}
