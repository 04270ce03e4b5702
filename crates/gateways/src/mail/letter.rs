//! What mails say, in English and German. Values are put in by minijinja, which escapes them in HTML.

use cartwright_domain::mail::{Mail, MailKind};
use cartwright_domain::store::StoreConfig;
use minijinja::{Environment, context};
use serde_json::Value;

/// A mail as it is sent.
#[derive(Debug)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Where one click unsubscribes (RFC 8058), if the mail is one of those that nobody must get.
    pub unsubscribe: Option<String>,
}

/// Subject and text of a mail. `{{ link }}` is the address to follow, or the secret alone where the store names no storefront.
struct Words {
    subject: &'static str,
    text: &'static str,
}

const HTML: &str = "<!doctype html><html lang=\"{{ language }}\"><meta charset=\"utf-8\"><title>{{ subject }}</title><body>\
{% for line in lines %}<p>{% if line in links %}<a href=\"{{ line }}\">{{ line }}</a>{% else %}{{ line }}{% endif %}</p>{% endfor %}\
</body></html>";

/// Reminders of all stages; the subject tells them apart, and the code of a cart that is worth one.
const REMINDER: &str = "You have left something in your cart at {{ store }}:\n\n\
{% for item in data['items'] %}{{ item.quantity }} × {{ item.name }}\n\n{% endfor %}\
{% if data.more %}and {{ data.more }} more\n\n{% endif %}\
{% if data.code %}With this code, for you alone and for one order, it costs less: {{ data.code }}\n\n{% endif %}\
Your cart is kept here:\n\n{{ link }}\n\nPrices and stock are those of the day you order.\n\n\
{% if unsubscribe_page %}No more of these mails:\n\n{{ unsubscribe_page }}{% endif %}";
const ERINNERUNG: &str = "Sie haben etwas in Ihrem Warenkorb bei {{ store }} gelassen:\n\n\
{% for item in data['items'] %}{{ item.quantity }} × {{ item.name }}\n\n{% endfor %}\
{% if data.more %}und {{ data.more }} weitere\n\n{% endif %}\
{% if data.code %}Mit diesem Code, nur für Sie und für eine Bestellung, wird es günstiger: {{ data.code }}\n\n{% endif %}\
Hier finden Sie Ihren Warenkorb:\n\n{{ link }}\n\nEs gelten Preise und Bestand am Tag der Bestellung.\n\n\
{% if unsubscribe_page %}Keine solchen Mails mehr:\n\n{{ unsubscribe_page }}{% endif %}";

fn words(kind: MailKind, german: bool) -> Words {
    let (subject, text) = match (kind, german) {
        (MailKind::VerifyAccount, false) => (
            "Confirm your address at {{ store }}",
            "Welcome to {{ store }}.\n\nConfirm your address and choose a password here, within three days:\n\n{{ link }}\n\nIf you did not register, do nothing: without this nobody can use the account.",
        ),
        (MailKind::VerifyAccount, true) => (
            "Bestätigen Sie Ihre Adresse bei {{ store }}",
            "Willkommen bei {{ store }}.\n\nBestätigen Sie hier innerhalb von drei Tagen Ihre Adresse und wählen Sie ein Passwort:\n\n{{ link }}\n\nHaben Sie sich nicht angemeldet, so tun Sie nichts: Ohne diesen Schritt kann niemand das Konto benutzen.",
        ),
        (MailKind::AccountExists, false) => (
            "You have an account at {{ store }}",
            "Somebody wanted to register at {{ store }} with your address.\n\nYou have an account already. If you have forgotten the password, ask for a new one where you log in. If it was not you, do nothing.",
        ),
        (MailKind::AccountExists, true) => (
            "Sie haben ein Konto bei {{ store }}",
            "Jemand wollte sich bei {{ store }} mit Ihrer Adresse anmelden.\n\nSie haben bereits ein Konto. Haben Sie das Passwort vergessen, so fordern Sie bei der Anmeldung ein neues an. Waren Sie es nicht, so tun Sie nichts.",
        ),
        (MailKind::ResetPassword, false) => (
            "Choose a new password for {{ store }}",
            "Choose a new password for {{ store }} here, within an hour:\n\n{{ link }}\n\nIf you did not ask for it, do nothing: the old one goes on to work.",
        ),
        (MailKind::ResetPassword, true) => (
            "Neues Passwort für {{ store }}",
            "Wählen Sie hier innerhalb einer Stunde ein neues Passwort für {{ store }}:\n\n{{ link }}\n\nHaben Sie nicht darum gebeten, so tun Sie nichts: Das alte gilt weiter.",
        ),
        (MailKind::NoAccount, false) => (
            "No account at {{ store }}",
            "Somebody asked for a new password at {{ store }} for this address.\n\nIt has no account there. Perhaps you registered with another address? If it was not you, do nothing.",
        ),
        (MailKind::NoAccount, true) => (
            "Kein Konto bei {{ store }}",
            "Jemand hat bei {{ store }} für diese Adresse ein neues Passwort angefordert.\n\nSie hat dort kein Konto. Haben Sie sich vielleicht mit einer anderen angemeldet? Waren Sie es nicht, so tun Sie nichts.",
        ),
        (MailKind::PasswordChanged, false) => (
            "Your password at {{ store }} was changed",
            "The password of your account at {{ store }} was changed, and all other sessions have ended.\n\nIf it was not you, ask for a new password at once.",
        ),
        (MailKind::PasswordChanged, true) => (
            "Ihr Passwort bei {{ store }} wurde geändert",
            "Das Passwort Ihres Kontos bei {{ store }} wurde geändert; alle anderen Sitzungen sind beendet.\n\nWaren Sie es nicht, so fordern Sie sofort ein neues an.",
        ),
        (MailKind::OperatorInvited, false) => (
            "You may help to run {{ store }}",
            "You may now work for {{ store }} ({{ data.role }}).\n\nConfirm your address and choose a password here, within three days:\n\n{{ link }}",
        ),
        (MailKind::OperatorInvited, true) => (
            "Sie dürfen bei {{ store }} mitarbeiten",
            "Sie dürfen nun für {{ store }} arbeiten ({{ data.role }}).\n\nBestätigen Sie hier innerhalb von drei Tagen Ihre Adresse und wählen Sie ein Passwort:\n\n{{ link }}",
        ),
        (MailKind::CartReminder1, false) => ("Your cart at {{ store }} is waiting", REMINDER),
        (MailKind::CartReminder1, true) => ("Ihr Warenkorb bei {{ store }} wartet", ERINNERUNG),
        (MailKind::CartReminder2, false) => ("Still thinking about it? Your cart at {{ store }}", REMINDER),
        (MailKind::CartReminder2, true) => ("Überlegen Sie noch? Ihr Warenkorb bei {{ store }}", ERINNERUNG),
        (MailKind::CartReminder3, false) => ("A last word about your cart at {{ store }}", REMINDER),
        (MailKind::CartReminder3, true) => ("Ein letztes Wort zu Ihrem Warenkorb bei {{ store }}", ERINNERUNG),
    };
    Words { subject, text }
}

/// Where a link leads, below the storefront.
fn page(kind: MailKind) -> &'static str {
    match kind {
        MailKind::ResetPassword => "account/reset",
        MailKind::CartReminder1 | MailKind::CartReminder2 | MailKind::CartReminder3 => "cart/recover",
        _ => "account/verify",
    }
}

/// Writes a mail.
///
/// # Errors
/// In words, where a template cannot be filled.
pub fn write(config: &StoreConfig, mail: &Mail) -> Result<Letter, minijinja::Error> {
    let settings = &config.store.settings;
    let language = mail.locale.as_deref().or(settings.locale.as_deref()).unwrap_or("en");
    let german = language.split('-').next() == Some("de");
    let token = mail.data.get("token").and_then(Value::as_str).unwrap_or_default();
    let base = settings.storefront_url.as_deref().map(|url| url.trim_end_matches('/'));
    let link = base.map_or_else(|| token.to_owned(), |url| format!("{url}/{}?token={token}", page(mail.kind)));
    let store = &config.store.name;
    // The page asks once more; the address of the header unsubscribes at once.
    let optional = base.filter(|_| mail.kind.reminder_stage().is_some());
    let unsubscribe_page = optional.map(|url| format!("{url}/cart/unsubscribe?token={token}"));
    let unsubscribe = optional.map(|url| format!("{url}/api/v1/recovery/{token}/unsubscribe"));
    let values = context! { store, link, unsubscribe_page, data => mail.data };
    let plain = Environment::new();
    let Words { subject, text } = words(mail.kind, german);
    let subject = plain.render_str(subject, &values)?;
    let text = plain.render_str(text, &values)?;
    let lines: Vec<&str> = text.split("\n\n").filter(|line| !line.is_empty()).collect();
    let links: Vec<&str> = base.map(|_| link.as_str()).into_iter().chain(unsubscribe_page.as_deref()).collect();
    let language = if german { "de" } else { "en" };
    let html = plain.render_named_str("mail.html", HTML, context! { language, subject, lines, links })?;
    Ok(Letter { subject, text, html, unsubscribe })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_domain::id::{MailId, StoreId, Timestamp};
    use cartwright_domain::mail::MailState;
    use cartwright_domain::money::Currency;
    use cartwright_domain::store::{Store, StoreSettings};
    use serde_json::json;

    fn shop(settings: StoreSettings) -> StoreConfig {
        let store = Store {
            id: StoreId(1),
            version: 0,
            handle: "default".to_owned(),
            name: "Tea & <Co>".to_owned(),
            currency: Currency::EUR,
            hosts: Vec::new(),
            settings,
            shipping_methods: Vec::new(),
            tax_rates: Vec::new(),
        };
        StoreConfig::new(store, Vec::new())
    }

    fn mail(kind: MailKind, locale: Option<&str>) -> Mail {
        Mail {
            id: MailId::default(),
            recipient: "ada@example.com".to_owned(),
            kind,
            locale: locale.map(str::to_owned),
            data: json!({
                "token": "abc123",
                "role": "staff",
                "items": [{ "name": "<Pen>", "quantity": 2 }],
                "code": "SECRET7",
            }),
            state: MailState::Sending,
            tries: 1,
            due_at: None,
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn every_mail_is_written_in_both_languages_with_its_link_and_escaped() {
        let url = Some("https://shop.example/".to_owned());
        let config = shop(StoreSettings { storefront_url: url, ..StoreSettings::default() });
        for kind in MailKind::ALL {
            let [english, german] =
                [None, Some("de-AT")].map(|locale| write(&config, &mail(kind, locale)).expect("it"));
            assert_ne!(english.text, german.text, "{kind:?}");
            for letter in [english, german] {
                assert!(letter.text.contains("Tea & <Co>"), "{letter:?}");
                assert!(letter.html.contains("Tea &amp; &lt;Co&gt;"), "{letter:?}");
                assert!(!letter.subject.contains('\n') && !letter.text.contains("{{"), "{letter:?}");
            }
        }
        let letter = write(&config, &mail(MailKind::CartReminder2, None)).expect("a letter");
        assert!(letter.text.contains("\n2 × <Pen>\n") && letter.html.contains("2 × &lt;Pen&gt;"), "{letter:?}");
        assert!(letter.text.contains("SECRET7") && letter.html.contains("unsubscribe?token=abc123"), "{letter:?}");
        assert!(letter.text.contains("\nhttps://shop.example/cart/recover?token=abc123\n"), "{letter:?}");
        let click = letter.unsubscribe.expect("an address");
        assert_eq!(click, "https://shop.example/api/v1/recovery/abc123/unsubscribe");
        let letter = write(&config, &mail(MailKind::ResetPassword, None)).expect("a letter");
        assert!(letter.unsubscribe.is_none(), "this one everybody must get");
        assert!(letter.text.contains("\nhttps://shop.example/account/reset?token=abc123\n"), "{letter:?}");
        assert!(letter.html.contains("<a href="), "{letter:?}");
        let letter = write(&shop(StoreSettings::default()), &mail(MailKind::VerifyAccount, None)).expect("a letter");
        assert!(letter.text.contains("\nabc123\n"), "{letter:?}");
    }
}
