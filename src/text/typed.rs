//! What was typed or pasted, where an error would repeat it. A key, a password or a token ends up in every field once, so
//! only what is plainly something else is repeated: a path, a name in small words. All the rest is called what it should
//! have been.

/// From here on a word is long enough to be a token.
const LONG: usize = 16;

/// The endings of files that hold keys, secrets and tokens, and of those that people mean instead.
const ENDINGS: [&str; 27] = [
    "pem", "key", "json", "jwk", "jwks", "txt", "crt", "cer", "der", "pub", "p8", "p12", "pfx", "jwt", "toml", "env",
    "cfg", "conf", "ini", "yml", "yaml", "xml", "har", "log", "csv", "md", "age",
];

/// A text that is plainly a path: absolute below a folder of the usual kind, relative to the home folder or with a dot in
/// front, or made of words and with the ending of a file.
pub fn path(text: &str) -> Option<&str> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return None;
    }
    let is_root = |name: &str| (2..=12).contains(&name.len()) && are_words(name);
    let placed = ["~/", "./", "../"].iter().any(|start| text.starts_with(start));
    let absolute = text.strip_prefix('/').and_then(|rest| rest.split('/').next()).is_some_and(is_root);
    let ending = text.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    let components = || text.split(['/', '.']).filter(|component| !component.is_empty());
    let worded =
        || components().all(|component| component.len() <= 40 && component.split(['-', '_', ' ']).all(is_natural));
    (placed || absolute || (ending && worded())).then_some(text)
}

/// A name that was typed: of a profile, a variable, an auth system. Not what may be a token.
pub fn name(text: &str) -> Option<&str> {
    let quiet = |c: char| c.is_alphanumeric() || "-_.@+".contains(c);
    (text.len() <= 64 && text.chars().all(quiet) && !looks_like_token(text)).then_some(text)
}

/// A program that was typed and is not there: a path or a word.
pub fn program(text: &str) -> Option<&str> {
    path(text).or_else(|| word(text))
}

/// A word of small letters, as programs and auth systems are called.
pub fn word(text: &str) -> Option<&str> {
    let small = |c: char| c.is_ascii_lowercase() || "-_.".contains(c);
    name(text).filter(|name| name.chars().all(small))
}

/// The name of an environment variable, in capitals as by convention.
pub fn variable(text: &str) -> Option<&str> {
    let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name(text)
        .filter(|name| name.chars().all(capital) && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_'))
}

/// A JWT, or a long word that is not made of words and numbers as people write them. Paths and host names are.
pub fn looks_like_token(word: &str) -> bool {
    let mut pieces = word.split(|c: char| !c.is_ascii_alphanumeric());
    (word.starts_with("eyJ") && word.len() >= 10) || (word.len() >= LONG && !pieces.all(is_natural))
}

/// A word, several in one (`accessToken`), an abbreviation, each perhaps with a number behind, or a number.
fn is_natural(piece: &str) -> bool {
    let word = piece.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = piece.len() - word.len();
    if word.is_empty() {
        return digits <= 10;
    }
    let is_abbreviation = word.len() <= 10 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    digits <= 6 && (is_abbreviation || are_words(word))
}

/// Small letters, each word perhaps with a capital in front; none of one letter or longer than any word.
fn are_words(text: &str) -> bool {
    let starts = text.char_indices().skip(1).filter(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| at);
    let bounds: Vec<_> = std::iter::once(0).chain(starts).chain([text.len()]).collect();
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
        && bounds.windows(2).all(|pair| (2..=18).contains(&(pair[1] - pair[0])) || text.len() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_named_and_secrets_are_not() {
        for shown in [
            "/no/such/file",
            "/tmp/.tmpaB3dEf/key.pem",
            "~/keys/5f4dcc3b5aa765d61d8327deb882cf99",
            "./x",
            "keys.pem",
            "sub-folder/jwks.json",
            "no-such.key",
            "id_rsa.pub",
        ] {
            assert_eq!(path(shown), Some(shown));
        }
        for secret in [
            "",
            "hunter2",
            "hunter2.",
            "summer.2026",
            "correct horse battery staple",
            "abcdefghijklmnopqrstuv",
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
            "/9j/4AAQSkZJRgABAQ",
            "eyJhbGciOiJub25lIn0.e30.",
            "abcdefghijklmnopqrstuv.key",
            "{\"kty\":\"oct\",\"k\":\"x.json",
            "-----BEGIN PRIVATE KEY-----\nx.pem",
        ] {
            assert_eq!(path(secret), None, "{secret}");
        }
    }

    #[test]
    fn variables_and_words_have_their_own_letters() {
        assert_eq!(
            [variable("LMS_PASSWORD"), variable("hunter2"), variable("PA55")],
            [Some("LMS_PASSWORD"), None, Some("PA55")]
        );
        assert_eq!([word("gcloud"), word("hunter2"), program("./x")], [Some("gcloud"), None, Some("./x")]);
    }

    #[test]
    fn names_are_not_tokens() {
        for shown in ["prod", "edx-demo", "PASSWORK_REFRESH_TOKEN", "lms.example.org", "me@host.example", "Ü1"] {
            assert_eq!(name(shown), Some(shown));
        }
        for secret in
            ["abcdefghijklmnopqrstuv", "550e8400-e29b-41d4-a716-446655440000", "eyJhbGciOiJub25lIn0.e30.", "a b"]
        {
            assert_eq!(name(secret), None);
        }
    }
}
