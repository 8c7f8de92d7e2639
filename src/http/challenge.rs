//! `WWW-Authenticate` (RFC 9110 §11.6.1): why a server refuses, where it says so in a header.

use reqwest::header::WWW_AUTHENTICATE;

use super::Response;

/// One challenge: a scheme and its parameters. Foreign text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// `Bearer`, as it was sent.
    pub scheme: String,
    /// Names in lower case.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// All challenges of an answer, in order.
    pub fn all(response: &Response) -> Vec<Self> {
        let values = response.headers.get_all(WWW_AUTHENTICATE).iter();
        values.filter_map(|value| value.to_str().ok()).flat_map(parse).collect()
    }

    /// The error code that an answer names in a challenge, and its description (RFC 6750 §3).
    pub fn error(response: &Response) -> Option<(String, Option<String>)> {
        Self::all(response).iter().find_map(|challenge| {
            let description = challenge.parameter("error_description").map(|words| response.redacted(words));
            Some((response.redacted(challenge.parameter("error")?), description))
        })
    }

    /// Whether the challenge is of this scheme.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// A parameter that says something. Foreign text, and not redacted.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// `DPoP algs="ES256", Bearer error="invalid_token", error_description="…"`.
fn parse(text: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    for item in items(text) {
        let (before, value) = item.split_once('=').map_or((item, None), |(name, value)| (name, Some(value)));
        // A word before the parameter begins another challenge.
        let (scheme, name) = match (before.trim().split_once(char::is_whitespace), value) {
            (Some((scheme, name)), _) => (Some(scheme), name.trim()),
            (None, None) => (Some(before.trim()), ""),
            (None, Some(_)) => (None, before.trim()),
        };
        if let Some(scheme) = scheme.filter(|scheme| !scheme.is_empty()) {
            challenges.push(Challenge { scheme: scheme.to_owned(), parameters: Vec::new() });
        }
        if let (Some(challenge), Some(value)) = (challenges.last_mut(), value) {
            challenge.parameters.push((name.to_ascii_lowercase(), unquoted(value.trim())));
        }
    }
    challenges
}

/// The parts between commas that stand in no quotes.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        let inside = quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        c == ',' && !inside
    })
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut escaped = false;
    inner
        .chars()
        .filter(|c| {
            escaped = *c == '\\' && !escaped;
            !escaped
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_told_apart() {
        let shown = |text: &str| {
            let all = parse(text).into_iter().map(|challenge| {
                let parameters = challenge.parameters.iter().map(|(name, value)| format!(" {name}={value}"));
                format!("{}{}", challenge.scheme, parameters.collect::<String>())
            });
            all.collect::<Vec<_>>().join(" | ")
        };
        let cases = [
            (r#"Bearer error="invalid_token""#, "Bearer error=invalid_token"),
            (r#"Bearer realm="a, b=c", Error = x"#, "Bearer realm=a, b=c error=x"),
            (r#"DPoP algs="ES256 PS256", Bearer error="e""#, "DPoP algs=ES256 PS256 | Bearer error=e"),
            (r#"Negotiate, Basic realm="say \"x\"""#, r#"Negotiate | Basic realm=say "x""#),
            (r#"JWT realm="api"#, "JWT realm=api"),
            ("Negotiate YWJj==", "Negotiate ywjj=="),
            ("", ""),
            ("=,,=\"", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
