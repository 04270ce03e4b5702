//! `/admin/mail-templates`: what the store's mails say, in its own words.

use crate::access::Operator;
use crate::input::{Body, TemplatePath};
use crate::problem::{Outcome, Problem, field_error, registry as kinds};
use crate::respond::{nothing, ok, rfc3339};
use crate::state::{Api, Shared};
use crate::turns::Turns;
use axum::extract::State;
use cartwright_domain::command::{Command, MailCommand};
use cartwright_domain::id::Timestamp;
use cartwright_domain::mail::{MOST_LOCALES, MailKind, MailTemplate, TemplateChange};
use cartwright_engine::letters::{self, TemplateError};
use cartwright_wire as wire;
use cartwright_wire::{MailPreview, MailTemplateInput, MailTemplateName, MailTemplates};
use std::time::Duration;

/// How long templates may take to be filled.
const DEADLINE: Duration = Duration::from_secs(3);

/// One is filled at a time; a few wait.
pub(crate) fn turns() -> Turns {
    Turns::new(1, 4, "The words take more than three seconds to be filled; write them more simply.")
}

/// Lists own words for mails
///
/// Of which kinds of mail the store has words of its own, in which languages. All others are sent in built-in words, English or
/// German.
#[utoipa::path(
    get, path = "/api/v1/admin/mail-templates", tag = "Mails",
    responses((status = 200, description = "All of them, without what they say.", body = MailTemplates)),
)]
pub(crate) async fn list_mail_templates(State(api): State<Shared>, operator: Operator) -> Outcome {
    let own = api.engine.reader().mail_template_names(operator.store.store.id).await?;
    let name = |(kind, locale, updated_at): (MailKind, String, Timestamp)| MailTemplateName {
        kind: kind.as_str().to_owned(),
        locale,
        updated_at: rfc3339(updated_at),
    };
    Ok(ok(&MailTemplates {
        kinds: MailKind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect(),
        built_in: letters::BUILT_IN.iter().map(|language| (*language).to_owned()).collect(),
        own: own.into_iter().map(name).collect(),
    }))
}

/// Reads own words for a mail
#[utoipa::path(
    get, path = "/api/v1/admin/mail-templates/{kind}/{locale}", tag = "Mails",
    responses(
        (status = 200, description = "The words.", body = wire::MailTemplate),
        (status = 404, description = "`mail_template_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_mail_template(
    State(api): State<Shared>,
    operator: Operator,
    TemplatePath(kind, locale): TemplatePath,
) -> Outcome {
    let found = own(&api, &operator, kind).await?.into_iter().find(|template| template.locale == locale);
    found.map(|template| ok(&shown(&template))).ok_or_else(no_such)
}

/// Puts own words for a mail
///
/// They are filled with sample data first, once with all that such a mail may have and once with the least: what cannot be filled
/// or lacks the address to follow is refused. Without `html` it is made of the text.
#[utoipa::path(
    put, path = "/api/v1/admin/mail-templates/{kind}/{locale}", tag = "Mails", request_body = MailTemplateInput,
    responses(
        (status = 200, description = "The words as they are now.", body = wire::MailTemplate),
        (status = 404, description = "`mail_template_not_found`: there is no such kind or language; `store_not_found`."),
        (status = 409, description = "`definition_refused`: the fields in `errors` cannot be filled, or there are too many languages."),
    ),
)]
pub(crate) async fn put_mail_template(
    State(api): State<Shared>,
    operator: Operator,
    TemplatePath(kind, locale): TemplatePath,
    Body(request): Body<MailTemplateInput>,
) -> Outcome {
    let template = template_of(kind, locale, request, api.engine.now());
    check(&api, &operator, &template).await?;
    let others = own(&api, &operator, kind).await?.iter().filter(|other| other.locale != template.locale).count();
    if others >= MOST_LOCALES {
        let detail = format!("A kind of mail may have words in {MOST_LOCALES} languages.");
        return Err(Problem::new(&kinds::DEFINITION_REFUSED, detail));
    }
    let command = MailCommand::Template(TemplateChange::Put(template.clone()));
    api.engine.run(&operator.store, Command::Mail(command)).await?;
    Ok(ok(&shown(&template)))
}

/// Removes own words for a mail
///
/// It is sent in another language that fits, or in built-in words, from now on.
#[utoipa::path(
    delete, path = "/api/v1/admin/mail-templates/{kind}/{locale}", tag = "Mails",
    responses(
        (status = 204, description = "They are gone."),
        (status = 404, description = "`mail_template_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn delete_mail_template(
    State(api): State<Shared>,
    operator: Operator,
    TemplatePath(kind, locale): TemplatePath,
) -> Outcome {
    if own(&api, &operator, kind).await?.iter().all(|template| template.locale != locale) {
        return Err(no_such());
    }
    let command = MailCommand::Template(TemplateChange::Remove(kind, locale));
    api.engine.run(&operator.store, Command::Mail(command)).await?;
    Ok(nothing())
}

/// Shows what a mail looks like
///
/// With sample data, as the store would send it in this language now.
#[utoipa::path(
    get, path = "/api/v1/admin/mail-templates/{kind}/{locale}/preview", tag = "Mails",
    responses(
        (status = 200, description = "The mail.", body = MailPreview),
        (status = 404, description = "`mail_template_not_found`: there is no such kind or language; `store_not_found`."),
        (status = 409, description = "`definition_refused`: the words take too long to be filled."),
    ),
)]
pub(crate) async fn preview_mail(
    State(api): State<Shared>,
    operator: Operator,
    TemplatePath(kind, locale): TemplatePath,
) -> Outcome {
    let own = own(&api, &operator, kind).await?;
    let config = operator.store.clone();
    let letter = api.previews.take(DEADLINE, move || letters::preview(&config, kind, &locale, &own, None));
    Ok(ok(&told(letter.await?.map_err(|error| refused(vec![error]))?)))
}

/// Shows what a mail would look like
///
/// With sample data, in the words sent, which are not kept.
#[utoipa::path(
    post, path = "/api/v1/admin/mail-templates/{kind}/{locale}/preview", tag = "Mails", request_body = MailTemplateInput,
    responses(
        (status = 200, description = "The mail.", body = MailPreview),
        (status = 404, description = "`mail_template_not_found`: there is no such kind or language; `store_not_found`."),
        (status = 409, description = "`definition_refused`: the fields in `errors` cannot be filled."),
    ),
)]
pub(crate) async fn preview_mail_draft(
    State(api): State<Shared>,
    operator: Operator,
    TemplatePath(kind, locale): TemplatePath,
    Body(request): Body<MailTemplateInput>,
) -> Outcome {
    let draft = template_of(kind, locale.clone(), request, api.engine.now());
    check(&api, &operator, &draft).await?;
    let config = operator.store.clone();
    let letter = api.previews.take(DEADLINE, move || letters::preview(&config, kind, &locale, &[], Some(&draft)));
    Ok(ok(&told(letter.await?.map_err(|error| refused(vec![error]))?)))
}

/// Refuses what cannot be filled.
async fn check(api: &Api, operator: &Operator, template: &MailTemplate) -> Outcome<()> {
    let (config, template) = (operator.store.clone(), template.clone());
    api.previews.take(DEADLINE, move || letters::check_template(&config, &template)).await?.map_err(refused)
}

async fn own(api: &Api, operator: &Operator, kind: MailKind) -> Outcome<Vec<MailTemplate>> {
    Ok(api.engine.reader().mail_templates(operator.store.store.id, kind).await?)
}

fn no_such() -> Problem {
    Problem::new(&kinds::MAIL_TEMPLATE_NOT_FOUND, "The store has no words of its own for this mail in this language.")
}

fn refused(errors: Vec<TemplateError>) -> Problem {
    let detail = errors.first().map_or_else(String::new, |error| format!("{}: {}", error.part, error.reason));
    let errors = errors.into_iter().map(|error| field_error(error.part, error.reason)).collect();
    Problem::new(&kinds::DEFINITION_REFUSED, detail).with_errors(errors)
}

fn template_of(kind: MailKind, locale: String, request: MailTemplateInput, now: Timestamp) -> MailTemplate {
    let MailTemplateInput { subject, text, html } = request;
    MailTemplate { kind, locale, subject, text, html, updated_at: now }
}

fn shown(template: &MailTemplate) -> wire::MailTemplate {
    wire::MailTemplate {
        kind: template.kind.as_str().to_owned(),
        locale: template.locale.clone(),
        subject: template.subject.clone(),
        text: template.text.clone(),
        html: template.html.clone(),
        updated_at: rfc3339(template.updated_at),
    }
}

fn told(letter: letters::Letter) -> MailPreview {
    let letters::Letter { subject, text, html, language, own, .. } = letter;
    MailPreview { subject, text, html, locale: language, own }
}
