//! What the store's mails say.

use serde::{Deserialize, Serialize};

/// A store's own words for a kind of mail in one language: Jinja templates with `if` and `for`, filters `upper`, `lower`,
/// `length`, `default`. Values: `store`, `language`; `link`; `role` of operators; `items` (`name`, `quantity`), `more`, `code`
/// and `unsubscribe_page` of reminders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTemplateInput {
    /// One line; what it becomes is cut at 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
    pub subject: String,
    /// For mail programs that show text.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 20000))]
    pub text: String,
    /// For those that show HTML, where values are escaped; made of the text unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100_000))]
    pub html: Option<String>,
}

/// A store's own words for a kind of mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTemplate {
    /// Which mails.
    pub kind: String,
    /// Language.
    pub locale: String,
    /// One line.
    pub subject: String,
    /// For mail programs that show text.
    pub text: String,
    /// For those that show HTML; made of the text where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// When it was last changed. RFC 3339.
    pub updated_at: String,
}

/// Own words, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTemplateName {
    /// Which mails.
    pub kind: String,
    /// Language.
    pub locale: String,
    /// When they were last changed. RFC 3339.
    pub updated_at: String,
}

/// Which mails there are, and for which the store has words of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTemplates {
    /// All kinds of mail.
    pub kinds: Vec<String>,
    /// Languages of the built-in words.
    pub built_in: Vec<String>,
    /// Own words.
    pub own: Vec<MailTemplateName>,
}

/// A mail with sample data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailPreview {
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// Its language.
    pub locale: String,
    /// Whether these are the store's own words.
    pub own: bool,
}
