//! Names of hosts. A host has one name, so that nobody can claim another spelling of somebody else's.

/// The one form of a host's name, as a store lists it or as the header `Host` has it: lower case, an international name in its
/// ASCII form (RFC 5891), without a port and without the dot at the end. An address is written as RFC 5952 and RFC 3986 write
/// it: `192.0.2.1`, `[2001:db8::1]`. `None` where it is none.
pub fn plain_host(written: &str) -> Option<String> {
    let written = written.trim();
    if let Some(literal) = written.strip_prefix('[') {
        let (inside, behind) = literal.split_once(']')?;
        let address: core::net::Ipv6Addr = inside.parse().ok()?;
        return is_port(behind).then(|| format!("[{address}]"));
    }
    let name = match written.split_once(':') {
        Some((name, port)) if is_number(port) => name,
        Some(_) => return None,
        None => written,
    };
    let name = idna::domain_to_ascii(name.strip_suffix('.').unwrap_or(name)).ok()?;
    let is_label = |label: &str| {
        let plain =
            label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
        (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    (name.len() <= 253 && name.split('.').all(is_label)).then_some(name)
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::plain_host;

    #[test]
    fn a_host_has_one_name_however_it_is_written() {
        for written in
            ["shop.example", "SHOP.Example", "shop.example.", "shop.example:443", "shop.example.:8080", " shop.example"]
        {
            assert_eq!(plain_host(written).as_deref(), Some("shop.example"), "{written}");
        }
        for written in
            ["m\u{fc}ller.example", "MU\u{308}LLER.example:80", "xn--mller-kva.example", "m\u{fc}ller\u{3002}example"]
        {
            assert_eq!(plain_host(written).as_deref(), Some("xn--mller-kva.example"), "{written}");
        }
        for written in ["[2001:DB8::1]", "[2001:db8:0:0::1]:443"] {
            assert_eq!(plain_host(written).as_deref(), Some("[2001:db8::1]"), "{written}");
        }
        assert_eq!(plain_host("127.0.0.1:8080").as_deref(), Some("127.0.0.1"));
        assert_eq!(plain_host("localhost").as_deref(), Some("localhost"));
    }

    #[test]
    fn what_is_no_host_has_no_name() {
        let long = format!("{}.example", "a".repeat(64));
        for written in [
            "",
            ".",
            "..",
            "a..b",
            ":443",
            "shop.example:x",
            "a b.example",
            "a@b.example",
            "a/b",
            "::1",
            "[::1",
            "[::1]x",
            "-a.example",
            "*.example",
            &long,
        ] {
            assert_eq!(plain_host(written), None, "{written}");
        }
    }

    #[test]
    fn the_one_form_stays_as_it_is() {
        for written in ["shop.example", "xn--mller-kva.example", "[::1]", "192.0.2.1", "under_score.example"] {
            assert_eq!(plain_host(written).as_deref(), Some(written));
        }
    }
}
