//! A token that no server issued: the negative control. A call that accepts it judges nothing.

use crate::{
    auth::IssuedToken,
    secret::{ExposeSecret as _, SecretString},
};

/// The alphabet of base64url, in which a signature is written.
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A shorter signature is none.
const SIGNATURE: usize = 16;

/// A prefix such as `ghp_` is not longer.
const PREFIX: usize = 12;

/// A token of the same kind and shape: of a signed one the signature is altered in its middle, an opaque one has the same length
/// and alphabet.
pub fn made_up(token: &IssuedToken) -> IssuedToken {
    let text = token.raw.expose_secret();
    let mut random = vec![0; text.len().max(1)];
    aws_lc_rs::rand::fill(&mut random).expect("the system has random bytes");
    IssuedToken { raw: altered(text, token.is_signed(), &random), ..token.clone() }
}

fn altered(text: &str, signed: bool, random: &[u8]) -> SecretString {
    let mut random = random.iter().copied().cycle();
    let mut next = || usize::from(random.next().unwrap_or_default());
    if let Some((before, signature)) = text.rsplit_once('.').filter(|(_, last)| signed && last.len() >= SIGNATURE) {
        // The last character of base64url may have bits that no one reads.
        let middle = signature.len() / 4..signature.len() * 3 / 4;
        let changed =
            signature.char_indices().map(|(at, c)| if middle.contains(&at) { other(c, BASE64URL, next()) } else { c });
        return format!("{before}.{}", changed.collect::<String>()).into();
    }
    let kept = text
        .char_indices()
        .find(|(at, c)| *at < PREFIX && matches!(c, '_' | '-' | '.' | '|'))
        .map_or(0, |(at, _)| at + 1);
    let letters = text.chars().filter(char::is_ascii_alphabetic);
    let letters = if letters.clone().all(|c| c.is_ascii_hexdigit()) { 6 } else { 26 };
    let (head, rest) = text.split_at(kept);
    let class = |c: char| match c {
        '0'..='9' => &b"0123456789"[..],
        'a'..='z' => &b"abcdefghijklmnopqrstuvwxyz"[..letters],
        'A'..='Z' => &b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[..letters],
        _ => b"",
    };
    let made: String = head.chars().chain(rest.chars().map(|c| other(c, class(c), next()))).collect();
    if made == text { format!("{made}0").into() } else { made.into() }
}

/// Another character of the alphabet, the same one where it is not in it.
fn other(c: char, alphabet: &[u8], random: usize) -> char {
    let place = alphabet.iter().position(|known| char::from(*known) == c);
    place.map_or(c, |place| char::from(alphabet[(place + 1 + random % (alphabet.len() - 1)) % alphabet.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: [u8; 7] = [0, 3, 255, 17, 128, 9, 63];

    #[test]
    fn a_signature_is_altered_in_its_middle_and_nothing_else_is() {
        let (head, signature) = ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0", "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80");
        for random in [&RANDOM[..], &[0], &[62], &[63]] {
            let made = altered(&format!("{head}.{signature}"), true, random);
            let (before, after) = made.expose_secret().rsplit_once('.').unwrap();
            assert_eq!((before, after.len()), (head, signature.len()));
            let differs: Vec<_> =
                (0..after.len()).filter(|at| after.as_bytes()[*at] != signature.as_bytes()[*at]).collect();
            assert_eq!(differs, (10..32).collect::<Vec<_>>(), "{after}");
            assert!(after.bytes().all(|byte| BASE64URL.contains(&byte)));
        }
    }

    #[test]
    fn an_opaque_token_keeps_its_length_its_alphabet_and_its_prefix() {
        let shape = |text: &str| {
            text.chars()
                .map(|c| match c {
                    '0'..='9' => '0',
                    'a'..='z' => 'a',
                    'A'..='Z' => 'A',
                    c => c,
                })
                .collect::<String>()
        };
        for (text, kept) in [
            ("VLXK0n3wD4J6iM4m5Wdy", ""),
            ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_"),
            ("ya29.a0AfH6SMBx-_z", "ya29."),
            ("Rk9PQkFSRk9PQkFSRk9PQkFSRk9PQkFSRk9PQkFSRk8=", ""),
            ("x", ""),
        ] {
            let made = altered(text, false, &RANDOM);
            let made = made.expose_secret();
            assert_eq!(shape(made), shape(text));
            assert!(made != text && made.starts_with(kept), "{made}");
        }
        let hex = altered("9f86d081884c7d659a2feaa0c55ad015", false, &RANDOM);
        assert!(hex.expose_secret().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(altered("--", false, &RANDOM).expose_secret(), "--", "without letters it still differs");
        assert_ne!(altered("a.b.", true, &RANDOM).expose_secret(), "a.b.", "nor does an unsigned JWT stay");
    }
}
