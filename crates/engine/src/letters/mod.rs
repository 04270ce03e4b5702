//! What mails say: the store's own templates, or else built-in words in English and German. Filling them is pure; sending is
//! another's.

mod template;
mod words;

pub use template::TemplateError;

use cartwright_domain::mail::{Mail, MailKind, MailTemplate};
use cartwright_domain::store::StoreConfig;
use minijinja::context;
use minijinja::value::Value;
use serde_json::{Map, Value as Json, json};
use template::{fill, part};
use words::words;

/// Languages of the built-in words.
pub const BUILT_IN: [&str; 2] = ["en", "de"];

const HTML: &str = "<!doctype html><html lang=\"{{ language }}\"><meta charset=\"utf-8\"><title>{{ subject }}</title><body>\
{% for line in lines %}<p>{% if line in links %}<a href=\"{{ line }}\">{{ line }}</a>{% else %}{{ line }}{% endif %}</p>{% endfor %}\
</body></html>";

/// A mail as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// For mail programs that show text.
    pub text: String,
    /// For those that show HTML.
    pub html: String,
    /// Where one click unsubscribes (RFC 8058), if the mail is one of those that nobody must get.
    pub unsubscribe: Option<String>,
    /// Its language.
    pub language: String,
    /// Whether it is in the store's own words.
    pub own: bool,
}

/// The addresses in a mail.
struct Links {
    /// To follow, or the secret alone where the store names no storefront.
    link: String,
    /// Asks once more; the address of the header unsubscribes at once.
    unsubscribe_page: Option<String>,
    unsubscribe: Option<String>,
    clickable: bool,
}

impl Links {
    fn of(config: &StoreConfig, mail: &Mail) -> Links {
        let token = mail.data.get("token").and_then(Json::as_str).unwrap_or_default();
        let base = config.store.settings.storefront_url.as_deref().map(|url| url.trim_end_matches('/'));
        let link = base.map_or_else(|| token.to_owned(), |url| format!("{url}/{}?token={token}", page(mail.kind)));
        let optional = base.filter(|_| mail.kind.is_about_cart());
        Links {
            link,
            unsubscribe_page: optional.map(|url| format!("{url}/cart/unsubscribe?token={token}")),
            unsubscribe: optional.map(|url| format!("{url}/api/v1/recovery/{token}/unsubscribe")),
            clickable: base.is_some(),
        }
    }
}

/// Where a link leads, below the storefront.
fn page(kind: MailKind) -> &'static str {
    match kind {
        MailKind::ResetPassword => "account/reset",
        MailKind::ConfirmReminders => "cart/confirm",
        MailKind::CartReminder1 | MailKind::CartReminder2 | MailKind::CartReminder3 => "cart/recover",
        _ => "account/verify",
    }
}

/// Writes a mail in the words that fit best; `own` are the store's of this kind. Own words that cannot be filled any more give
/// way to the built-in ones, since a mail is better plain than lost.
///
/// # Errors
/// Where built-in words cannot be filled.
pub fn write(config: &StoreConfig, mail: &Mail, own: &[MailTemplate]) -> Result<Letter, TemplateError> {
    let wanted = [mail.locale.as_deref(), config.store.settings.locale.as_deref(), Some("en")];
    let choice = choose(wanted.into_iter().flatten(), own);
    if let Choice::Own(template) = choice {
        match in_words_of(config, mail, template) {
            Ok(letter) => return Ok(letter),
            Err(error) => tracing::error!(
                store = config.store.handle,
                kind = mail.kind.as_str(),
                locale = template.locale,
                part = error.part,
                reason = error.reason,
                "a mail's template cannot be filled; it is sent in built-in words"
            ),
        }
    }
    let german = match choice {
        Choice::BuiltIn(language) => language == "de",
        Choice::Own(template) => primary(&template.locale) == "de",
    };
    built_in(config, mail, german)
}

#[derive(Clone, Copy)]
enum Choice<'a> {
    Own(&'a MailTemplate),
    BuiltIn(&'static str),
}

/// Goes through the languages that would do, the best first: the store's own words in it, without its region if need be, then
/// built-in ones.
fn choose<'a>(wanted: impl Iterator<Item = &'a str>, own: &'a [MailTemplate]) -> Choice<'a> {
    for language in wanted {
        let mut tag = language;
        loop {
            if let Some(template) = own.iter().find(|template| template.locale.eq_ignore_ascii_case(tag)) {
                return Choice::Own(template);
            }
            match tag.rsplit_once('-') {
                Some((shorter, _)) => tag = shorter,
                None => break,
            }
        }
        if let Some(known) = BUILT_IN.into_iter().find(|known| primary(language) == *known) {
            return Choice::BuiltIn(known);
        }
    }
    Choice::BuiltIn("en")
}

fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or_default()
}

/// The values of a template: what its kind of mail has, and what all have.
fn values(config: &StoreConfig, mail: &Mail, links: &Links, language: &str) -> Value {
    let mut values: Map<String, Json> = mail.data.as_object().cloned().unwrap_or_default();
    values.insert("store".to_owned(), json!(config.store.name));
    values.insert("language".to_owned(), json!(language));
    values.insert("link".to_owned(), json!(links.link));
    if let Some(url) = &links.unsubscribe_page {
        values.insert("unsubscribe_page".to_owned(), json!(url));
    }
    Value::from_serialize(values)
}

fn in_words_of(config: &StoreConfig, mail: &Mail, template: &MailTemplate) -> Result<Letter, TemplateError> {
    let links = Links::of(config, mail);
    let values = values(config, mail, &links, &template.locale);
    let (subject, text, html) = fill(template, &values)?;
    let html = html.map_or_else(|| html_of(&subject, &text, &template.locale, &links), Ok)?;
    let language = template.locale.clone();
    Ok(Letter { subject, text, html, unsubscribe: links.unsubscribe, language, own: true })
}

fn built_in(config: &StoreConfig, mail: &Mail, german: bool) -> Result<Letter, TemplateError> {
    let language = if german { "de" } else { "en" };
    let words = words(mail.kind, german);
    let template = MailTemplate {
        kind: mail.kind,
        locale: language.to_owned(),
        subject: words.subject.to_owned(),
        text: words.text.to_owned(),
        html: None,
        updated_at: mail.created_at,
    };
    Ok(Letter { own: false, ..in_words_of(config, mail, &template)? })
}

/// The text as HTML: a paragraph for each part of it, links where an address stands alone.
fn html_of(subject: &str, text: &str, language: &str, links: &Links) -> Result<String, TemplateError> {
    let lines: Vec<&str> = text.split("\n\n").map(str::trim).filter(|line| !line.is_empty()).collect();
    let link = links.clickable.then_some(links.link.as_str());
    let links: Vec<&str> = link.into_iter().chain(links.unsubscribe_page.as_deref()).collect();
    part("html", HTML, &context! { language, subject, lines, links })
}

/// What is wrong with a store's own words: they are filled with all that such a mail may have, and with the least, and must show
/// the link if there is one to follow.
pub fn check_template(config: &StoreConfig, template: &MailTemplate) -> Result<(), Vec<TemplateError>> {
    let mut found: Vec<TemplateError> = Vec::new();
    for data in [sample_data(template.kind), least_data(template.kind)] {
        let mail = sample_mail(template.kind, data);
        let links = Links::of(config, &mail);
        let values = values(config, &mail, &links, &template.locale);
        let parts =
            [("subject", Some(&template.subject)), ("text", Some(&template.text)), ("html", template.html.as_ref())];
        for (name, source) in parts {
            let Some(source) = source else { continue };
            let filled = part(name, source, &values);
            let wrong = match filled {
                Err(error) => Some(error.reason),
                Ok(text) if text.trim().is_empty() => Some("is empty once it is filled".to_owned()),
                Ok(text) if name != "subject" && has_link(template.kind) && !text.contains(sample_token()) => {
                    Some("must show the address to follow: {{ link }}".to_owned())
                }
                Ok(_) => None,
            };
            if let Some(reason) = wrong.filter(|_| found.iter().all(|error| error.part != name)) {
                found.push(TemplateError { part: name, reason });
            }
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// The mail as it would look with sample data: in these words, or in those that the store sends in this language.
///
/// # Errors
/// As [`write`]; a draft that cannot be filled.
pub fn preview(
    config: &StoreConfig,
    kind: MailKind,
    locale: &str,
    own: &[MailTemplate],
    draft: Option<&MailTemplate>,
) -> Result<Letter, TemplateError> {
    let mail = Mail { locale: Some(locale.to_owned()), ..sample_mail(kind, sample_data(kind)) };
    draft.map_or_else(|| write(config, &mail, own), |draft| in_words_of(config, &mail, draft))
}

fn has_link(kind: MailKind) -> bool {
    sample_data(kind).get("token").is_some()
}

fn sample_token() -> &'static str {
    "0123456789abcdef"
}

/// All that a mail of this kind may have.
fn sample_data(kind: MailKind) -> Json {
    let token = sample_token();
    match kind {
        MailKind::VerifyAccount | MailKind::ResetPassword | MailKind::ConfirmReminders => json!({ "token": token }),
        MailKind::AccountExists | MailKind::NoAccount | MailKind::PasswordChanged => json!({}),
        MailKind::OperatorInvited => json!({ "token": token, "role": "staff" }),
        MailKind::CartReminder1 | MailKind::CartReminder3 => {
            json!({ "token": token, "items": sample_items(), "more": 3 })
        }
        MailKind::CartReminder2 => {
            json!({ "token": token, "items": sample_items(), "more": 3, "code": "WELCOMEBACK" })
        }
    }
}

fn sample_items() -> Json {
    json!([{ "name": "Fountain pen, blue", "quantity": 2 }, { "name": "Paper & <Ink>", "quantity": 1 }])
}

/// The least that it has.
fn least_data(kind: MailKind) -> Json {
    let mut data = sample_data(kind);
    if let Some(data) = data.as_object_mut().filter(|data| data.contains_key("items")) {
        data.remove("code");
        data.insert("items".to_owned(), json!([]));
        data.insert("more".to_owned(), json!(0));
    }
    data
}

fn sample_mail(kind: MailKind, data: Json) -> Mail {
    Mail {
        id: cartwright_domain::id::MailId::default(),
        recipient: "shopper@example.com".to_owned(),
        kind,
        locale: None,
        data,
        state: cartwright_domain::mail::MailState::Waiting,
        tries: 0,
        due_at: None,
        created_at: cartwright_domain::id::Timestamp(0),
    }
}

#[cfg(test)]
mod letters_tests;
