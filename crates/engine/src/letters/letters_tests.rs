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
            [None, Some("de-AT")].map(|locale| write(&config, &mail(kind, locale), &[]).expect("it"));
        assert_ne!(english.text, german.text, "{kind:?}");
        for letter in [english, german] {
            assert!(letter.text.contains("Tea & <Co>"), "{letter:?}");
            assert!(letter.html.contains("Tea &amp; &lt;Co&gt;"), "{letter:?}");
            assert!(!letter.subject.contains('\n') && !letter.text.contains("{{"), "{letter:?}");
        }
    }
    let letter = write(&config, &mail(MailKind::CartReminder2, None), &[]).expect("a letter");
    assert!(letter.text.contains("\n2 × <Pen>\n") && letter.html.contains("2 × &lt;Pen&gt;"), "{letter:?}");
    assert!(letter.text.contains("SECRET7") && letter.html.contains("unsubscribe?token=abc123"), "{letter:?}");
    assert!(letter.text.contains("\nhttps://shop.example/cart/recover?token=abc123\n"), "{letter:?}");
    let click = letter.unsubscribe.expect("an address");
    assert_eq!(click, "https://shop.example/api/v1/recovery/abc123/unsubscribe");
    let letter = write(&config, &mail(MailKind::ResetPassword, None), &[]).expect("a letter");
    assert!(letter.unsubscribe.is_none(), "this one everybody must get");
    assert!(letter.text.contains("\nhttps://shop.example/account/reset?token=abc123\n"), "{letter:?}");
    assert!(letter.html.contains("<a href="), "{letter:?}");
    let letter = write(&shop(StoreSettings::default()), &mail(MailKind::VerifyAccount, None), &[]).expect("a letter");
    assert!(letter.text.contains("\nabc123\n"), "{letter:?}");
}

fn own(locale: &str, subject: &str) -> MailTemplate {
    MailTemplate {
        kind: MailKind::CartReminder2,
        locale: locale.to_owned(),
        subject: subject.to_owned(),
        text: "Look: {{ link }}\n\n{% for item in items %}{{ item.name }}{% endfor %}".to_owned(),
        html: None,
        updated_at: Timestamp(0),
    }
}

#[test]
fn the_stores_own_words_come_before_built_in_ones_in_the_language_that_fits_best() {
    let config = shop(StoreSettings { locale: Some("fr-FR".to_owned()), ..StoreSettings::default() });
    let templates = [own("fr", "FR"), own("de-AT", "AT"), own("pt-BR", "BR")];
    let subject =
        |locale| write(&config, &mail(MailKind::CartReminder2, locale), &templates).expect("a letter").subject;
    assert_eq!(subject(Some("de-AT")), "AT");
    assert!(subject(Some("de")).starts_with("Überlegen"), "built-in German is closer than the store's French");
    assert_eq!(subject(Some("pt-br")), "BR");
    assert_eq!([subject(Some("pt")), subject(None), subject(Some("it"))], ["FR", "FR", "FR"]);
    let letter = write(&config, &mail(MailKind::CartReminder2, None), &templates).expect("a letter");
    assert!(letter.own && letter.html.contains("lang=\"fr\"") && letter.html.contains("&lt;Pen&gt;"), "{letter:?}");
}

#[test]
fn words_that_cannot_be_filled_give_way_to_built_in_ones() {
    let config = shop(StoreSettings::default());
    let broken = [own("en", "{{ nothing }}")];
    let letter = write(&config, &mail(MailKind::CartReminder2, None), &broken).expect("a letter");
    assert!(!letter.own && letter.subject.starts_with("Still thinking"), "{letter:?}");
}

#[test]
fn a_template_is_tried_with_all_that_such_a_mail_has_and_with_the_least() {
    let config =
        shop(StoreSettings { storefront_url: Some("https://x.example".to_owned()), ..StoreSettings::default() });
    let wrong = |template: MailTemplate| -> Vec<&'static str> {
        let errors = check_template(&config, &template).err().unwrap_or_default();
        errors.into_iter().map(|error| error.part).collect()
    };
    assert!(wrong(own("en", "Hello {{ store }}")).is_empty());
    assert_eq!(wrong(own("en", "{{ code }}")), ["subject"], "not every reminder has a code");
    assert!(wrong(own("en", "{% if code %}{{ code }}{% else %}Hello{% endif %}")).is_empty());
    assert_eq!(wrong(own("en", "{% if code %}{{ code }}{% endif %}")), ["subject"], "it may be empty");
    let html = |html: &str| MailTemplate { html: Some(html.to_owned()), ..own("en", "Hello") };
    assert_eq!(wrong(html("<a href=\"https://elsewhere.example\">")), ["html"]);
    assert!(wrong(html("<a href=\"{{ link }}\">{{ store }}</a>")).is_empty());
    assert_eq!(wrong(MailTemplate { text: "{{ link".to_owned(), ..own("en", "") }), ["subject", "text"]);
}

#[test]
fn built_in_words_hold_what_is_asked_of_own_ones() {
    for settings in [
        StoreSettings::default(),
        StoreSettings { storefront_url: Some("https://x.example".to_owned()), ..StoreSettings::default() },
    ] {
        let config = shop(settings);
        for (kind, german) in MailKind::ALL.into_iter().flat_map(|kind| [(kind, false), (kind, true)]) {
            let words = words(kind, german);
            let (subject, text) = (words.subject.to_owned(), words.text.to_owned());
            let template = MailTemplate { kind, subject, text, ..own("en", "") };
            assert_eq!(check_template(&config, &template), Ok(()), "{kind:?}");
        }
    }
}
