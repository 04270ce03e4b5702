//! Passwords that somebody who guesses tries first: the common ones, words and names with a number behind, rows of the keyboard, and
//! what is known of the person and the shop. Lists and rules are those of the crate `zxcvbn`.

use crate::problem::Problem;
use zxcvbn::{Score, zxcvbn};

/// Shorter parts of an address or a name are in too many good passwords.
const SHORTEST_PART: usize = 4;

/// What is known of the person and the shop to whoever guesses.
pub(crate) fn known_to_all(email: &str, shop: &str) -> Vec<String> {
    let parts = email.split(['@', '.', '+', '-', '_']).chain(shop.split_whitespace());
    let parts = parts.filter(|part| part.chars().count() >= SHORTEST_PART);
    let whole = [email, email.split('@').next().unwrap_or(email), shop];
    whole.into_iter().chain(parts).map(str::to_lowercase).collect()
}

/// Whether fewer than a million guesses find it. Takes up to some milliseconds.
pub(crate) fn is_weak(password: &str, known: &[String]) -> bool {
    let plain = password.trim().to_lowercase();
    if known.contains(&plain) {
        return true;
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    zxcvbn(password, &known).score() < Score::Two
}

/// What is answered to a weak password.
pub(crate) fn too_weak() -> Problem {
    let detail = "is too easy to guess: a common password, a simple row, or made of the address or the shop's name";
    Problem::invalid_field("password", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_refused_and_what_a_person_makes_up_is_not() {
        let known = known_to_all("ada.lovelace@example.com", "Pens & Paper");
        for weak in [
            "password",
            "Password1",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "P@ssw0rd",
            "aaaaaaaaaa",
            "letmein123",
            "ada.lovelace@example.com",
            "Ada.Lovelace",
            "lovelace1",
            "pens & paper",
            "abcdefgh",
            "football",
        ] {
            assert!(is_weak(weak, &known), "{weak}");
        }
        for good in ["correct horse battery", "another password", "long enough", "tr0ub4dor&3x", "öäü-7-zwerge"] {
            assert!(!is_weak(good, &known), "{good}");
        }
        assert!(!is_weak(&"long and unusual 7 ".repeat(10), &known));
    }
}
