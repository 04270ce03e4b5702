//! Templates that operators write. They may show and choose, no more: nothing here makes a value longer than those that the mail
//! brings. The language knows no assignment, no macro, no arithmetic that repeats or joins texts, no lists of its own and no
//! loops that call themselves, so no value inside can grow, whatever is nested; short tags keep the compiler's stack short; fuel ends
//! long loops, and a limit ends long mails.

use cartwright_domain::mail::MailTemplate;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, filters, tests};
use std::io::Write;

/// Steps of the template's machine.
const FUEL: u64 = 20_000;
/// Bytes of a part of a mail.
const LONGEST: usize = 200_000;
/// Characters of a subject.
const LONGEST_SUBJECT: usize = 200;
/// What may stand first in a tag.
const TAGS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];
/// Bytes of a tag. An expression is compiled by calls within calls, as deep as it has operators, so a long one ends the stack.
const LONGEST_TAG: usize = 400;
/// How many `elif` a part may have, each of which is compiled within the one before it.
const MOST_ELIF: usize = 50;
/// What makes new values of old ones, outside of quoted texts: each could be nested until memory ends.
const MAKERS: [char; 6] = ['*', '~', '+', '[', '{', ','];

/// What is wrong with a template, and in which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// `subject`, `text` or `html`.
    pub part: &'static str,
    /// In words, with the line.
    pub reason: String,
}

/// Subject, text and, if the template has one, HTML.
pub(super) type Parts = (String, String, Option<String>);

/// Fills all parts.
pub(super) fn fill(template: &MailTemplate, values: &Value) -> Result<Parts, TemplateError> {
    let subject = one_line(&part("subject", &template.subject, values)?);
    if subject.is_empty() {
        return Err(TemplateError { part: "subject", reason: "is empty once it is filled".to_owned() });
    }
    let text = part("text", &template.text, values)?;
    let html = template.html.as_ref().map(|html| part("html", html, values)).transpose()?;
    Ok((subject, text, html))
}

/// Fills one part. In `html` values are escaped.
pub(super) fn part(name: &'static str, source: &str, values: &Value) -> Result<String, TemplateError> {
    let wrong = |reason: String| TemplateError { part: name, reason };
    check_tags(source).map_err(wrong)?;
    render(name, source, values).map_err(|error| wrong(explained(&error)))
}

fn render(name: &'static str, source: &str, values: &Value) -> Result<String, Error> {
    let environment = environment();
    let template = environment.template_from_named_str(name, source)?;
    let mut written = Bounded(Vec::new());
    template.render_captured_to(values, &mut written)?;
    String::from_utf8(written.0).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|name| if name == "html" { AutoEscape::Html } else { AutoEscape::None });
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("length", filters::length);
    environment.add_filter("default", filters::default);
    environment.add_test("defined", tests::is_defined);
    environment
}

fn explained(error: &Error) -> String {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let what = match error.kind() {
        ErrorKind::WriteFailure => format!("becomes longer than {LONGEST} bytes"),
        ErrorKind::OutOfFuel => "takes too many steps".to_owned(),
        ErrorKind::UndefinedError => {
            format!("{what}: use a value that this kind of mail has, and `if` where it may be absent")
        }
        _ => what,
    };
    error.line().map_or(what.clone(), |line| format!("line {line}: {what}"))
}

/// What is written, up to [`LONGEST`] bytes.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST {
            return Err(std::io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Names the first tag that must not be there.
fn check_tags(source: &str) -> Result<(), String> {
    let mut rest = source;
    let mut elifs = 0;
    while let Some(start) = rest.find('{') {
        let line = || format!("line {}", source[..source.len() - rest.len() + start].matches('\n').count() + 1);
        let after = &rest[start + 1..];
        rest = match after.bytes().next() {
            Some(b'#') => after.find("#}").map_or("", |end| &after[end..]),
            Some(kind @ (b'{' | b'%')) => {
                let (inside, behind) = until_end(&after[1..], if kind == b'{' { "}}" } else { "%}" });
                if after.len() - behind.len() > LONGEST_TAG {
                    return Err(format!("{}: a tag is longer than {LONGEST_TAG} bytes", line()));
                }
                // At its ends they say what becomes of blanks around the tag.
                let inside = inside.trim_matches(['-', '+']).trim();
                if let Some(maker) = maker_in(inside) {
                    return Err(format!("{}: `{maker}` cannot be used", line()));
                }
                let word = inside.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next();
                if kind == b'%' && word.is_none_or(|word| !TAGS.contains(&word)) {
                    return Err(format!("{}: only `if` and `for` can be used, and what belongs to them", line()));
                }
                elifs += usize::from(word == Some("elif"));
                if elifs > MOST_ELIF {
                    return Err(format!("{}: more than {MOST_ELIF} `elif`", line()));
                }
                behind
            }
            _ => after,
        };
    }
    Ok(())
}

/// What a tag has of that which makes new values.
fn maker_in(inside: &str) -> Option<&str> {
    let letter = inside.char_indices().find(|(_, letter)| MAKERS.contains(letter));
    let letter = letter.map(|(at, letter)| &inside[at..at + letter.len_utf8()]);
    let is_part = |letter: char| !letter.is_alphanumeric() && letter != '_';
    letter.or_else(|| inside.split(is_part).find(|word| *word == "recursive"))
}

/// The inside of a tag without the texts quoted in it, and what comes behind.
fn until_end<'a>(text: &'a str, end: &str) -> (String, &'a str) {
    let mut inside = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if text[at..].starts_with(end) {
            return (inside, &text[at + end.len()..]);
        }
        inside.push(letter);
        if letter == '"' || letter == '\'' {
            while let Some((_, quoted)) = letters.next() {
                match quoted {
                    '\\' => drop(letters.next()),
                    _ if quoted == letter => break,
                    _ => {}
                }
            }
        }
    }
    (inside, "")
}

/// A header has one line, without control characters, and is not endless.
pub(super) fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_SUBJECT).collect()
}

#[cfg(test)]
mod tests_of_templates {
    use super::*;
    use minijinja::context;

    fn filled(name: &'static str, source: &str) -> Result<String, String> {
        let names: Vec<String> = (0..10).map(|number| format!("<{number}>")).collect();
        part(name, source, &context! { store => "Tea & Co", names }).map_err(|error| error.reason)
    }

    #[test]
    fn values_are_escaped_in_html_and_nowhere_else() {
        assert_eq!(filled("html", "<b>{{ store }}</b>"), Ok("<b>Tea &amp; Co</b>".to_owned()));
        assert_eq!(filled("text", "{% for n in names %}{{ n }}{% endfor %}").map(|text| text.len()), Ok(30));
        assert_eq!(
            filled("text", "{# a word #}{{ store|upper }}{% if code is defined %}!{% endif %}"),
            Ok("TEA & CO".to_owned())
        );
        for trick in ["{{ store|safe }}", "{% autoescape false %}{{ store }}{% endautoescape %}"] {
            assert!(filled("html", trick).is_err(), "{trick}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (wrong, said) in [
            ("a\n{{ nothing }}", "line 2: "),
            ("{% if store %}", "end"),
            ("\n\n{% set x = 1 %}", "line 3: only `if` and `for`"),
            ("{%- macro x() %}{% endmacro %}", "only `if` and `for`"),
            ("{% include 'secret' %}", "only `if` and `for`"),
            ("{{ store * 1000000000 }}", "`*` cannot be used"),
            ("{{ store ~ store }}", "`~` cannot be used"),
            ("{{ store + store }}", "`+` cannot be used"),
            ("{%+ if store + store +%}x{% endif %}", "`+` cannot be used"),
            ("{% for a in [store, store] %}{% endfor %}", "`[` cannot be used"),
            ("{% for a in (store, store) %}{% endfor %}", "`,` cannot be used"),
            ("{{ {'a': store} }}", "`{` cannot be used"),
            ("{% for a in names recursive %}{{ loop(names) }}{% endfor %}", "`recursive` cannot be used"),
            ("{{ '}}' - store * 1000000000 }}", "`*` cannot be used"),
            ("{{ '\\'}}' - store * 1000000000 }}", "`*` cannot be used"),
            ("{{ store.nothing.more }}", "undefined"),
            ("{{ range(9) }}", "unknown"),
        ] {
            let reason = filled("text", wrong).expect_err(wrong);
            assert!(reason.contains(said), "{wrong}: {reason}");
        }
    }

    #[test]
    fn neither_loops_nor_lengths_are_endless() {
        let loops = |depth: usize, inside: &str| {
            let begin: String = (0..depth).map(|number| format!("{{% for a{number} in names %}}")).collect();
            format!("{begin}{inside}{}", "{% endfor %}".repeat(depth))
        };
        assert!(filled("text", &loops(2, "x")).is_ok());
        assert_eq!(filled("text", &loops(9, "x")).expect_err("too many"), "line 1: takes too many steps");
        let long = loops(3, &"x".repeat(1_000));
        assert!(filled("text", &long).expect_err("too long").contains("longer than 200000 bytes"));
    }

    #[test]
    fn quoted_texts_and_blanks_around_tags_are_no_arithmetic() {
        let source =
            "{%- if store == '[a, b] ~ {c} + d * recursive' +%}x{%+ else -%}\n{{- store|default('a, b') -}}{% endif %}";
        assert_eq!(filled("text", source), Ok("Tea & Co".to_owned()));
    }

    /// What is parsed by a loop, or by calls within calls, is compiled and dropped by calls within calls.
    #[test]
    fn no_expression_is_nested_so_deep_that_the_stack_ends() {
        let deep = |inside: String| filled("html", &inside).expect_err("too deep");
        for link in ["|upper", ".a", " and store", " or store", " - 1", " == 1", " is defined"] {
            assert!(deep(format!("{{{{ store{} }}}}", link.repeat(100_000 / link.len()))).contains("longer than 400"));
            // The longest that may be does no harm either.
            let _ = filled("html", &format!("{{{{ store{} }}}}", link.repeat(390 / link.len())));
        }
        for open in ["not ", "-", "("] {
            deep(format!("{{{{ {}store{} }}}}", open.repeat(20_000), ")".repeat(20_000)));
            let _ = filled("html", &format!("{{{{ {}store }}}}", open.repeat(380 / open.len())));
        }
        deep(format!("{{% for {}a in names %}}x{{% endfor %}}", "(".repeat(20_000)));
        deep(format!("{{% if language %}}{}{{% endif %}}", "{% elif language %}".repeat(5_000)));
        deep("{% if store %}".repeat(5_000) + &"{% endif %}".repeat(5_000));
        let most = format!("{{% if store %}}{}{{% endif %}}", "{% elif store %}".repeat(50));
        assert_eq!(filled("html", &most), Ok(String::new()));
    }

    #[test]
    fn a_subject_has_one_line() {
        assert_eq!(one_line("Hello\r\nBcc: eve@example.com\u{0}"), "Hello Bcc: eve@example.com");
        assert_eq!(one_line(&"ä".repeat(500)).chars().count(), 200);
    }
}
