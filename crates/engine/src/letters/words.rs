//! What mails say where the store has no words of its own, in English and German.

use cartwright_domain::mail::MailKind;

/// Subject and text of a mail. `{{ link }}` is the address to follow, or the secret alone where the store names no storefront.
pub(super) struct Words {
    pub subject: &'static str,
    pub text: &'static str,
}

/// Reminders of all stages; the subject tells them apart, and the code of a cart that is worth one.
const REMINDER: &str = "You have left something in your cart at {{ store }}:\n\n\
{% for item in items %}{{ item.quantity }} × {{ item.name }}\n\n{% endfor %}\
{% if more %}and {{ more }} more\n\n{% endif %}\
{% if code %}With this code, for you alone and for one order, it costs less: {{ code }}\n\n{% endif %}\
Your cart is kept here:\n\n{{ link }}\n\nPrices and stock are those of the day you order.\n\n\
{% if unsubscribe_page %}No more of these mails:\n\n{{ unsubscribe_page }}{% endif %}";
const ERINNERUNG: &str = "Sie haben etwas in Ihrem Warenkorb bei {{ store }} gelassen:\n\n\
{% for item in items %}{{ item.quantity }} × {{ item.name }}\n\n{% endfor %}\
{% if more %}und {{ more }} weitere\n\n{% endif %}\
{% if code %}Mit diesem Code, nur für Sie und für eine Bestellung, wird es günstiger: {{ code }}\n\n{% endif %}\
Hier finden Sie Ihren Warenkorb:\n\n{{ link }}\n\nEs gelten Preise und Bestand am Tag der Bestellung.\n\n\
{% if unsubscribe_page %}Keine solchen Mails mehr:\n\n{{ unsubscribe_page }}{% endif %}";

/// Says nothing of the cart: whoever reads it need not be who filled it.
const CONFIRM: &str = "Somebody has left a cart at {{ store }} and wants to be reminded of it at this address.\n\n\
If that was you, say yes here:\n\n{{ link }}\n\nIf it was not, do nothing: there will be no reminders, and you are not asked again \
for a month.\n\n{% if unsubscribe_page %}No such mails ever:\n\n{{ unsubscribe_page }}{% endif %}";
const BESTAETIGUNG: &str = "Jemand hat bei {{ store }} einen Warenkorb zurückgelassen und möchte unter dieser Adresse daran erinnert \
werden.\n\nWaren Sie das, so bestätigen Sie es hier:\n\n{{ link }}\n\nWaren Sie es nicht, so tun Sie nichts: Es kommen keine \
Erinnerungen, und einen Monat lang fragen wir nicht wieder.\n\n\
{% if unsubscribe_page %}Nie mehr solche Mails:\n\n{{ unsubscribe_page }}{% endif %}";

pub(super) fn words(kind: MailKind, german: bool) -> Words {
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
            "Choose a new password for {{ store }} here; the link works for an hour at least:\n\n{{ link }}\n\nIf you did not ask for it, do nothing: the old one goes on to work.",
        ),
        (MailKind::ResetPassword, true) => (
            "Neues Passwort für {{ store }}",
            "Wählen Sie hier ein neues Passwort für {{ store }}; der Link gilt mindestens eine Stunde:\n\n{{ link }}\n\nHaben Sie nicht darum gebeten, so tun Sie nichts: Das alte gilt weiter.",
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
            "You may now work for {{ store }} ({{ role }}).\n\nConfirm your address and choose a password here, within three days:\n\n{{ link }}",
        ),
        (MailKind::OperatorInvited, true) => (
            "Sie dürfen bei {{ store }} mitarbeiten",
            "Sie dürfen nun für {{ store }} arbeiten ({{ role }}).\n\nBestätigen Sie hier innerhalb von drei Tagen Ihre Adresse und wählen Sie ein Passwort:\n\n{{ link }}",
        ),
        (MailKind::ConfirmReminders, false) => ("Reminders of your cart at {{ store }}?", CONFIRM),
        (MailKind::ConfirmReminders, true) => ("Erinnerungen an Ihren Warenkorb bei {{ store }}?", BESTAETIGUNG),
        (MailKind::CartReminder1, false) => ("Your cart at {{ store }} is waiting", REMINDER),
        (MailKind::CartReminder1, true) => ("Ihr Warenkorb bei {{ store }} wartet", ERINNERUNG),
        (MailKind::CartReminder2, false) => ("Still thinking about it? Your cart at {{ store }}", REMINDER),
        (MailKind::CartReminder2, true) => ("Überlegen Sie noch? Ihr Warenkorb bei {{ store }}", ERINNERUNG),
        (MailKind::CartReminder3, false) => ("A last word about your cart at {{ store }}", REMINDER),
        (MailKind::CartReminder3, true) => ("Ein letztes Wort zu Ihrem Warenkorb bei {{ store }}", ERINNERUNG),
    };
    Words { subject, text }
}
