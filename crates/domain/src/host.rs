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

/// The one form of a web page's origin, as browsers write it (RFC 6454): scheme, host and port, the port only where it is not the
/// scheme's own. `None` where it is none.
pub fn plain_origin(written: &str) -> Option<String> {
    let (scheme, rest) = written.trim().split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let host = plain_host(rest)?;
    let behind = rest.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.is_empty() && is_number(port));
    let port: Option<u16> = behind.map(str::parse).transpose().ok()?;
    let usual = match scheme.as_str() {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    };
    let port = port.filter(|port| Some(*port) != usual).map(|port| format!(":{port}")).unwrap_or_default();
    (is_scheme && scheme.len() <= 40).then(|| format!("{scheme}://{host}{port}"))
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{plain_host, plain_origin};

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (written, plain) in [
            ("https://shop.example", "https://shop.example"),
            (" HTTPS://Shop.Example:443/", "https://shop.example"),
            ("http://shop.example:80", "http://shop.example"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("https://m\u{fc}ller.example:8443", "https://xn--mller-kva.example:8443"),
            ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(plain_origin(written).as_deref(), Some(plain), "{written}");
            assert_eq!(plain_origin(plain).as_deref(), Some(plain));
        }
        for wrong in [
            "",
            "null",
            "*",
            "shop.example",
            "https://",
            "https://*.shop.example",
            "https://shop.example/cart",
            "https://shop.example?x",
            "https://ada@shop.example",
            "https://shop.example:0x50",
            "https://shop.example:99999",
            "://shop.example",
            "ht tp://shop.example",
        ] {
            assert_eq!(plain_origin(wrong), None, "{wrong}");
        }
    }

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
