//! What mails say in a store's own words: tried before they are kept, sent in the language that fits, and harmless.

use crate::harness::{Server, SmtpCatcher};
use crate::recovery::{left_cart, let_time_pass, start};
use serde_json::{Value, json};

const PLACE: &str = "/admin/mail-templates/cart_reminder_1/fr";

fn words(subject: &str, text: &str) -> Value {
    json!({"subject": subject, "text": text})
}

/// The fields at fault.
fn at_fault(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().expect("errors").iter().filter_map(|error| error["field"].as_str()).collect()
}

#[tokio::test]
async fn words_of_ones_own_are_tried_before_they_are_kept_and_errors_name_the_field() {
    let server = Server::start();
    let shop = server.shop();
    let put = async |body: Value| shop.put(PLACE, &body).send().await;
    let refused = put(words("Votre panier {{ nothing }}", "Ici : {{ link }}")).await.problem(409, "definition_refused");
    assert_eq!(at_fault(&refused), ["subject"], "{refused}");
    let refused = put(words("Votre panier", "Ici :\n{% if %}")).await.problem(409, "definition_refused");
    assert_eq!(at_fault(&refused), ["text"], "{refused}");
    assert!(refused["errors"][0]["detail"].as_str().is_some_and(|detail| detail.starts_with("line 2: ")), "{refused}");
    let html = json!({"subject": "{% include 'x' %}", "text": "sans adresse", "html": "{{ store|safe }} {{ link }}"});
    let refused = put(html).await.problem(409, "definition_refused");
    assert_eq!(at_fault(&refused), ["subject", "text", "html"], "{refused}");
    let endless = "{{ link }}{% for a in items %}{% for b in items %}{{ a * 99999999 }}{% endfor %}{% endfor %}";
    put(words("x", endless)).await.problem(409, "definition_refused");
    put(words("", "x")).await.problem(422, "invalid_request");
    put(json!({"subject": "x", "text": "x", "body": "x"})).await.problem(422, "invalid_request");
    shop.get(PLACE).send().await.problem(404, "mail_template_not_found");
    shop.put("/admin/mail-templates/love_letter/fr", &words("x", "x"))
        .send()
        .await
        .problem(404, "mail_template_not_found");
    shop.put("/admin/mail-templates/no_account/FR!", &words("x", "x"))
        .send()
        .await
        .problem(404, "mail_template_not_found");

    let good = words("Votre panier chez {{ store }}", "Ici : {{ link }}{% if more %} et {{ more }} autres{% endif %}");
    let draft = shop.post(&format!("{PLACE}/preview"), &good).send().await.expect(200);
    assert_eq!((&draft["subject"], &draft["own"]), (&json!("Votre panier chez Default store"), &json!(true)));
    assert_eq!(shop.get("/admin/mail-templates").send().await.expect(200)["own"], json!([]), "a draft is not kept");
    let kept = put(good.clone()).await.expect(200);
    let read = shop.get(PLACE).send().await.expect(200);
    for name in ["subject", "text"] {
        assert_eq!((&read[name], &kept[name]), (&good[name], &good[name]));
    }
    let all = shop.get("/admin/mail-templates").send().await.expect(200);
    assert_eq!((&all["own"][0]["kind"], &all["own"][0]["locale"]), (&json!("cart_reminder_1"), &json!("fr")));
    let preview = shop.get(&format!("{PLACE}-CA/preview")).send().await.expect(200);
    assert_eq!(preview["text"].as_str().map(|text| text.ends_with(" et 3 autres")), Some(true), "{preview}");
    put(words("Autre", "{{ link }}")).await.expect(200);
    assert_eq!(shop.get(PLACE).send().await.expect(200)["subject"], "Autre");
    shop.delete(PLACE).send().await.expect(204);
    shop.delete(PLACE).send().await.problem(404, "mail_template_not_found");
    let preview = shop.get(&format!("{PLACE}/preview")).send().await.expect(200);
    assert_eq!((&preview["own"], &preview["locale"]), (&json!(false), &json!("en")));

    server.guest().get("/admin/mail-templates").send().await.problem(401, "unauthorized");
    let staff = shop.with_key(&server.create_key(&["--role", "staff"]));
    staff.put(PLACE, &good).send().await.problem(403, "not_allowed");
    staff.get(&format!("{PLACE}/preview")).send().await.expect(200);
    let audit = shop.get("/admin/audit").send().await.expect(200);
    let done: Vec<&str> =
        audit["items"].as_array().expect("entries").iter().filter_map(|entry| entry["operation"].as_str()).collect();
    assert!(done.contains(&"put_mail_template") && done.contains(&"delete_mail_template"), "{audit}");
}

/// Each of them stopped a server once, or kept it busy for seconds with gigabytes.
#[tokio::test]
async fn no_template_takes_the_servers_memory_stack_or_time() {
    let server = Server::start();
    let reader = server.shop().with_key(&server.create_key(&["--role", "read_only"]));
    let doubled =
        (0..27).map(|level| format!("{{% for a{} in [a{level} ~ a{level}] %}}", level + 1)).collect::<String>();
    let lists =
        (0..27).map(|level| format!("{{% for a{} in [[a{level}, a{level}]] %}}", level + 1)).collect::<String>();
    let attacks = [
        format!("{{% for a0 in ['0123456789'] %}}{doubled}{}{{% endfor %}}", "{% endfor %}".repeat(27)),
        format!("{{% for a0 in ['0123456789'] %}}{lists}{}{{% endfor %}}", "{% endfor %}".repeat(27)),
        "{% for a in items recursive %}{{ loop([a, a]) }}{% endfor %}".to_owned(),
        format!("{{{{ store{} }}}}", "|upper".repeat(3_000)),
        format!("{{{{ store{} }}}}", " - 1".repeat(4_000)),
        format!("{{% for {}a in items %}}{{% endfor %}}", "(".repeat(19_000)),
        format!("{{% if store == '' %}}{}{{% endif %}}", "{% elif store == '' %}".repeat(800)),
        format!("{}{}", "{% for a in items %}".repeat(30), "{% endfor %}".repeat(30)),
    ];
    for attack in attacks {
        let draft = words("x", &format!("{{{{ link }}}}{attack}"));
        let refused = reader.post(&format!("{PLACE}/preview"), &draft).send().await.problem(409, "definition_refused");
        assert_eq!(at_fault(&refused), ["text"], "{refused}");
    }
    assert!(server.peak_memory_kib() < 200 * 1024, "{} KiB", server.peak_memory_kib());
    server.verify();
}

#[tokio::test]
async fn mails_go_out_in_the_stores_words_as_valid_mime_and_no_value_becomes_a_header_or_markup() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 1).await;
    let name = "Thé & <b>Co</b>\r\nBcc: eve@example.com";
    let settings = json!({"storefront_url": "https://shop.example", "locale": "fr-FR", "recovery": {"enabled": true, "guest_consent": "trusted"}});
    let store = json!({"handle": "default", "name": name, "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await.expect(200);
    let own = json!({
        "subject": "Votre panier chez {{ store }}",
        "text": "{% for item in items %}{{ item.quantity }} × {{ item.name }}\n{% endfor %}\n{{ link }}",
        "html": "<p>{{ store }}</p><a href=\"{{ link }}\">ici</a>",
    });
    shop.put(PLACE, &own).send().await.expect(200);
    left_cart(&shop, "ada@example.com").await;
    let_time_pass(&mut server);
    let mail = smtp.wait_for("ada@example.com", 1).await.remove(0);
    assert_eq!(mail["defects"], json!([]), "{mail:#}");
    assert_eq!(mail["headers"]["subject"], "Votre panier chez Thé & <b>Co</b> Bcc: eve@example.com");
    assert_eq!(mail["headers"].get("bcc"), None, "{mail:#}");
    assert_eq!(mail["to"], json!(["ada@example.com"]), "nobody else gets it");
    assert!(mail["text"].as_str().is_some_and(|text| text.contains("2 × PEN")), "{mail:#}");
    let html = mail["html"].as_str().expect("HTML");
    assert!(html.contains("&lt;b&gt;Co&lt;") && !html.contains("<b>"), "{html}");

    // Words that fitted once and no longer do, as after an update of the server, give way to built-in ones.
    server.kill();
    assert_eq!(server.execute("UPDATE mail_templates SET text = '{{ gone }}', locale = 'fr'"), 1);
    server.restart();
    left_cart(&server.shop(), "bob@example.com").await;
    let_time_pass(&mut server);
    let mail = smtp.wait_for("bob@example.com", 1).await.remove(0);
    assert!(mail["text"].as_str().is_some_and(|text| text.contains("You have left something")), "{mail:#}");
    assert!(server.log().contains("it is sent in built-in words"));
}

#[tokio::test]
async fn the_command_line_previews_puts_lists_and_removes_them() {
    let server = Server::start();
    let run = |arguments: &[&str]| server.client(arguments);
    let preview = run(&["mails", "preview", "cart_reminder_2", "--locale", "de"]).good();
    assert!(preview.starts_with("Subject: Überlegen Sie noch?") && preview.contains("WELCOMEBACK"), "{preview}");
    let html = run(&["mails", "preview", "cart_reminder_2", "--html"]).good();
    assert!(html.starts_with("<!doctype html>") && html.contains("Paper &amp; &lt;Ink&gt;"), "{html}");
    let file = |name: &str, text: &str| {
        let path = server.folder().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let (good, wrong) = (file("good.txt", "Ici : {{ link }}\n"), file("wrong.txt", "Ici : {{ lien }}\n"));
    let put = |text: &str| {
        run(&["mails", "put", "reset_password", "--locale", "fr", "--subject", "Mot de passe", "--text", text])
    };
    let refused = put(&wrong);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("text: line 1: "), "{refused:?}");
    put("/nowhere").one_clear_line(2);
    put(&good).good();
    let listed = run(&["mails", "list", "--json"]).json(0);
    assert_eq!(listed["own"][0]["kind"], "reset_password");
    assert!(run(&["mails", "show", "reset_password", "--locale", "fr"]).good().contains("Ici : {{ link }}"));
    let shown = run(&["mails", "preview", "reset_password", "--locale", "fr", "--json"]).json(0);
    assert_eq!((&shown["subject"], &shown["own"]), (&json!("Mot de passe"), &json!(true)));
    let draft = ["mails", "preview", "no_account", "--subject", "Hello", "--text-file", &good, "--text"];
    assert_eq!(run(&draft).good().trim(), "Ici :");
    run(&["mails", "remove", "reset_password", "--locale", "fr"]).good();
    assert_eq!(run(&["mails", "show", "reset_password", "--locale", "fr"]).code, Some(1));
}
