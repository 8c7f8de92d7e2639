//! Secrets by the names in front of them, in any text: JSON, YAML, TOML, INI, `.env`, netrc, URLs with a password, the
//! pages of a database. What [`detect`](crate::token::detect) finds by itself is not looked for here.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::programs::PREFIXES;

/// A shorter text is no secret that anybody was given.
const SHORTEST: usize = 8;

/// A secret in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    /// Its name, or the prefix that tells it.
    pub(super) name: &'a str,
    /// What it belongs to: the host or section that stands before it. Foreign text.
    pub(super) of: Option<&'a str>,
    pub(super) value: Cow<'a, str>,
}

/// The values whose names end in one of these words, those with a telling prefix, and passwords in URLs.
pub(super) fn secrets<'a>(text: &'a str, names: &[&'static str]) -> Vec<Named<'a>> {
    let mut found = Vec::new();
    let words = words(text);
    for (index, &(at, word)) in words.iter().enumerate() {
        let named = names.iter().any(|name| ends_in(word, name));
        if named && let Some(value) = value_of(text, at + word.len(), words.get(index + 1)) {
            let value = if ends_in(word, "auth") { password(value) } else { Some(value.into()) };
            found.extend(value.map(|value| Named { name: word, of: owner(text, at), value }));
        } else if let Some(prefix) = PREFIXES.iter().find(|prefix| word.starts_with(**prefix))
            && word.len() >= prefix.len() + SHORTEST
        {
            let rest = &text[at..];
            let end = rest.find(|c: char| !is_of_token(c)).unwrap_or(rest.len());
            found.push(Named { name: prefix, of: owner(text, at), value: rest[..end].into() });
        }
    }
    found.extend(urls(text));
    found.retain(|named| is_secret(&named.value));
    found
}

/// The words of a text, as names are written, each with where it begins.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut begin = None;
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        let inside = c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~');
        match begin {
            None if inside => begin = Some(at),
            // `1//0…` is how refresh tokens of Google begin.
            Some(from) if !(inside || c == '/' && text[from..].starts_with("1//0")) => {
                words.push((from, &text[from..at]));
                begin = None;
            }
            _ => {}
        }
    }
    words
}

/// Whether a name is this one, or ends in it: `OPENAI_API_KEY`, `live_mode_api_key`.
fn ends_in(word: &str, name: &str) -> bool {
    let Some(front) = word.len().checked_sub(name.len()) else { return false };
    word.is_char_boundary(front)
        && word[front..].eq_ignore_ascii_case(name)
        && word[..front].chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric())
}

/// What stands behind a name: `: "value"`, `= value`, ` value`, on the same line.
fn value_of<'a>(text: &'a str, end: usize, next: Option<&(usize, &'a str)>) -> Option<&'a str> {
    let rest = &text[end..];
    let between = rest.trim_start_matches(['"', '\'', '\\']);
    let value = between.trim_start_matches([' ', '\t']).strip_prefix([':', '=']).or_else(|| {
        // Of netrc only blanks are between.
        between.starts_with([' ', '\t']).then_some(between)
    })?;
    let value = value.trim_start_matches([' ', '\t']);
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split([quote, '\n', '\r']).next()?,
        '\\' => value.trim_start_matches(['\\', '"']).split(['\\', '"', '\n', '\r']).next()?,
        _ => value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '}' | ']')).next()?,
    };
    let value = value.split_once(' ').map_or(value, |(scheme, rest)| {
        if matches!(scheme.to_ascii_lowercase().as_str(), "bearer" | "basic" | "token") { rest } else { value }
    });
    // The value must not begin beyond the next word: an empty one has none.
    (next.is_some() && !value.is_empty()).then_some(value)
}

/// The password of `base64(user:password)`, as registries want it.
fn password(value: &str) -> Option<Cow<'static, str>> {
    let pair = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    Some(password.to_owned().into())
}

/// Passwords of URLs: `https://user:password@host`.
fn urls(text: &str) -> impl Iterator<Item = Named<'_>> {
    text.match_indices("://").filter_map(move |(at, mark)| {
        let rest = &text[at + mark.len()..];
        let authority = rest.split(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '?' | '#')).next()?;
        let (user, host) = authority.rsplit_once('@')?;
        let (_, password) = user.split_once(':')?;
        let value = percent(password);
        Some(Named { name: "URL", of: Some(host), value })
    })
}

fn percent(text: &str) -> Cow<'_, str> {
    // In a form `+` would be a blank.
    let pair = format!("x={}", text.replace('+', "%2B"));
    let value = url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
    value.map_or(text.into(), Cow::from)
}

/// What a secret belongs to: the `[section]`, the `machine`, the key with a dot or the `host:` that stands nearest before it.
pub(super) fn owner(text: &str, at: usize) -> Option<&str> {
    let before = &text[..at];
    let line = before.lines().rev().find_map(|line| {
        let line = line.trim();
        let section = || line.strip_prefix('[')?.split(']').next();
        let machine = || line.rsplit_once("machine ")?.1.split_whitespace().next();
        let host = || {
            let name = line.rsplit_once([':', '=']).map_or(line, |(name, _)| name);
            let name = name.trim_matches(|c: char| matches!(c, '"' | '\'' | '{' | ',' | ' ' | '/' | ':'));
            (name.contains('.') && !name.contains([' ', '{']) && name.len() <= 120).then_some(name)
        };
        section().or_else(machine).or_else(host)
    });
    line.map(|line| line.trim_matches(|c| matches!(c, '"' | '\''))).filter(|line| !line.is_empty())
}

fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '+' | '/' | '=')
}

/// Whether a value can be a secret, and is not the name of one, a placeholder, or a path.
fn is_secret(value: &str) -> bool {
    let some = |kind: fn(&u8) -> bool| value.bytes().any(|byte| kind(&byte));
    value.len() >= SHORTEST
        && !value.starts_with(['$', '<', '%', '~', '/'])
        && !value.contains(['{', '}', '*', '\u{fffd}'])
        && !value.contains(char::is_whitespace)
        && some(u8::is_ascii_alphanumeric)
        && !["changeme", "password", "undefined", "your-", "your_", "xxxx"].iter().any(|word| value.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, names: &[&'static str], expected: &[(&str, Option<&str>, &str)]) {
        let found = secrets(text, names);
        let found: Vec<_> = found.iter().map(|named| (named.name, named.of, &*named.value)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_value_is_known_by_its_name_in_every_format() {
        let value = "s3cr3t-0123456789";
        for (text, of) in [
            (r#"{"api.example.org":{"api_key":"s3cr3t-0123456789"}}"#, Some("api.example.org")),
            ("\"api.example.org\": {\n  \"api_key\": \"s3cr3t-0123456789\"\n", Some("api.example.org")),
            ("[work]\nlive_mode_api_key = 's3cr3t-0123456789'\n", Some("work")),
            ("hosts:\n  api.example.org:\n    api_key: s3cr3t-0123456789\n", Some("api.example.org")),
            ("machine h.example login me\n  api_key s3cr3t-0123456789", Some("h.example")),
            ("X_API_KEY=s3cr3t-0123456789 # for the API", None),
        ] {
            let found = secrets(text, &["api_key"]);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!((found[0].of, &*found[0].value), (of, value), "{text}");
        }
    }

    #[test]
    fn of_what_is_no_secret_nothing_is_found() {
        for text in [
            "password = ",
            "password =\nnext = value-of-another",
            "password = ${PASSWORD}",
            "password = changeme-please",
            "password: <your password>",
            "password_file = /run/secrets/password",
            "my-password-policy: required-by-all",
            "password = short",
            "token: ghp_short",
            "https://example.org/user:password@host",
        ] {
            check(text, &["password"], &[]);
        }
    }

    #[test]
    fn pairs_of_registries_and_passwords_of_urls_are_taken_apart() {
        let auth = "dXNlcjpkY2tyX3BhdF8wMTIzNDU2Nzg5";
        check(
            &format!("{{\"auths\":{{\n\"r.example\":{{\"auth\":\"{auth}\"}}}}}}"),
            &["auth"],
            &[("auth", Some("r.example"), "dckr_pat_0123456789")],
        );
        let url = "https://me:p%40ss-w0rd-0123@git.example.org\n";
        check(url, &[], &[("URL", Some("git.example.org"), "p@ss-w0rd-0123")]);
    }

    #[test]
    fn a_telling_prefix_needs_no_name() {
        check(
            "{\"github-oauth\":{\"github.com\":\"ghp_0123456789abcdef\"}}",
            &[],
            &[("ghp_", None, "ghp_0123456789abcdef")],
        );
        check("…\u{0}{\"x\": \"1//0abc-DEF_0123456789\"}", &[], &[("1//0", None, "1//0abc-DEF_0123456789")]);
    }
}
