//! Token sets on their way from command to command, and for people to read.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Failure,
    style::{Role, Style},
};
use crate::{
    auth::{
        IssuedToken, Scheme, TokenKind, TokenSet,
        answer::{self, Answer, written},
    },
    clock::{
        self, Timestamp, Zone,
        read::{self, Ends},
    },
    http::Reading,
    profile::{Profile, ProfileName},
    secret::{ExposeSecret as _, SecretString},
    text::visible,
    token::{
        Form, Token,
        lifetime::{Lifetime, TimeState},
    },
};

/// What `--help` says about `--json`.
pub(super) const JSON_HELP: &str = "\
--json prints one object with the tokens. These keys are always present, null
if unknown:
  profile, provider         whose tokens they are
  access_token, token_type  the token, and the scheme that sends it to the API
  expires_at                its expiry, RFC 3339
  refresh_token, refresh_token_expires_at, id_token
  scope, account            what was granted, and to whom
  received_at               when the response arrived, RFC 3339
  remarks                   a list of remarks on the response";

/// What `--help` says about the tokens that a command takes in.
pub(super) const INPUT_HELP: &str = "\
Without @FILE and piped input, the saved tokens are used. If standard input
belongs to something else, such as a loop that reads a file or a cron job, add
</dev/null to the command. A pipe or file holds the output of `login --json`
or `refresh --json`, or any token response (RFC 6749 section 5.1) with
access_token, refresh_token, id_token; tokens that result from it are not
saved.";

/// The kinds of tokens that go from command to command, each with its key and what names its end.
const KEYS: [(TokenKind, &str, Ends); 3] = [
    (TokenKind::Access, "access_token", read::ACCESS),
    (TokenKind::Refresh, "refresh_token", read::REFRESH),
    (TokenKind::Id, "id_token", read::ID),
];

/// What `--show` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs, reason = "the words of the arguments")]
pub enum Show {
    Access,
    Refresh,
    Id,
    Header,
}

/// What `--json` prints, for the other commands. Secrets: it has no `Debug`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tokens<'a> {
    profile: &'a str,
    provider: &'a str,
    access_token: Option<&'a str>,
    token_type: Option<&'a str>,
    expires_at: Option<String>,
    refresh_token: Option<&'a str>,
    refresh_token_expires_at: Option<String>,
    id_token: Option<&'a str>,
    scope: Option<&'a str>,
    account: Option<&'a str>,
    received_at: String,
    remarks: &'a [String],
}

impl<'a> Tokens<'a> {
    /// The tokens of a profile.
    pub(super) fn of(token_set: &'a TokenSet, profile: &'a Profile) -> Self {
        let [access, refresh, id] = KEYS.map(|(kind, ..)| token_set.token(kind));
        let raw = |token: &'a IssuedToken| token.raw.expose_secret();
        let end = |token| token_set.lifetime(token).expires_at.map(clock::utc);
        Self {
            profile: profile.name.as_str(),
            provider: &profile.provider,
            access_token: access.map(raw),
            token_type: access.map(|token| token.scheme.as_str()),
            expires_at: access.and_then(end),
            refresh_token: refresh.map(raw),
            refresh_token_expires_at: refresh.and_then(end),
            id_token: id.map(raw),
            scope: token_set.scope.as_deref(),
            account: token_set.account.as_deref(),
            received_at: clock::utc(token_set.received_at),
            remarks: &token_set.remarks,
        }
    }
}

/// What `--show` prints.
pub(super) fn shown(show: Show, token_set: &TokenSet) -> Result<String, Failure> {
    let kind = match show {
        Show::Access | Show::Header => TokenKind::Access,
        Show::Refresh => TokenKind::Refresh,
        Show::Id => TokenKind::Id,
    };
    let token = printable(kind, token_set)?;
    let raw = token.raw.expose_secret();
    Ok(match show {
        Show::Header => format!("Authorization: {} {raw}\n", token.scheme.as_str()),
        _ => format!("{raw}\n"),
    })
}

/// The token of a kind, as it may be printed. A pasted token of an unknown kind goes to the API.
pub(super) fn printable(kind: TokenKind, token_set: &TokenSet) -> Result<&IssuedToken, Failure> {
    let pasted = || token_set.token(TokenKind::Unknown).filter(|_| kind == TokenKind::Access);
    let token = token_set.token(kind).or_else(pasted).ok_or_else(|| {
        let given: Vec<_> = token_set.tokens.iter().map(|token| token.kind.to_string()).collect();
        Failure::new(format!("the server gave no {kind} token")).hint(format!("it gave {}", given.join(", ")))
    })?;
    // RFC 6749 appendix A.12: a token is printable ASCII. Anything else must not reach a terminal or a header.
    match token.raw.expose_secret().bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        true => Ok(token),
        false => Err(Failure::new(format!("the {kind} token contains characters that are not allowed in tokens"))
            .hint("--json prints them escaped")),
    }
}

/// For people: no token can be read from it.
pub(super) fn summary(title: &str, token_set: &TokenSet, remarks: &[&str]) -> String {
    let style = Style::stdout();
    let now = clock::now();
    let mut out = style.paint(Role::Title, visible(title)) + "\n";
    let mut row =
        |name: &str, text: &str| _ = writeln!(out, "{}  {text}", style.paint(Role::Name, format!("{name:<8}")));
    if let Some(account) = &token_set.account {
        row("account", &visible(account));
    }
    if let Some(scope) = &token_set.scope {
        row("scope", &visible(scope));
    }
    for token in &token_set.tokens {
        let inspected = Token::inspect(token.raw.expose_secret());
        let form = match inspected.form() {
            Form::Jws(_) if inspected.claims().is_some() => "JWT",
            Form::Jws(_) => "JWS",
            Form::Jwe(_) => "JWE",
            Form::Opaque => "opaque",
        };
        let (role, words) = ends(&token_set.lifetime(token), now);
        row(&token.kind.to_string(), &style.paint(role, words));
        let scheme = match token.kind {
            TokenKind::Access => format!(" · scheme {}", token.scheme.as_str()),
            _ => String::new(),
        };
        row("", &style.paint(Role::Quiet, format_args!("{form} · fingerprint {}{scheme}", token.fingerprint())));
    }
    remarks.iter().for_each(|remark| row("remark", &visible(remark)));
    out
}

fn ends(lifetime: &Lifetime, now: Timestamp) -> (Role, String) {
    let when = |time: Timestamp| {
        format!("{} · {} · {}", clock::relative(time, now), clock::local(time, Zone::System), clock::utc(time))
    };
    match (lifetime.state(now), lifetime.expires_at, lifetime.not_before) {
        (TimeState::Expired, Some(end), _) => (Role::Bad, format!("expired {}", when(end))),
        (TimeState::NotYetValid, _, Some(start)) => (Role::Warning, format!("starts {}", when(start))),
        (_, Some(end), _) => (Role::Good, format!("expires {}", when(end))),
        _ => (Role::Quiet, "no expiry given".to_owned()),
    }
}

/// Reads the tokens of a profile, or of any. `bare` is what a token without any JSON around it must be; where that cannot be told,
/// it is refused.
pub(super) fn read(
    text: &SecretString,
    profile: Option<&ProfileName>,
    bare: Option<TokenKind>,
    now: Timestamp,
) -> Result<TokenSet, Failure> {
    const HINT: &str = "pipe in what `tokscope login PROFILE --json` prints, or a token response with access_token";
    let text = text.expose_secret().trim();
    let set = |tokens, received_at| TokenSet { tokens, scope: None, account: None, received_at, remarks: Vec::new() };
    if !text.starts_with(['{', '[']) {
        let token = Token::inspect(text);
        let token = Some(token).filter(Token::is_plausible);
        let token = token.ok_or_else(|| Failure::usage("input is neither JSON nor a token").hint(HINT))?;
        let kind = bare.ok_or_else(|| {
            Failure::usage("cannot tell whether this is an access or a refresh token")
                .hint("name it: {\"refresh_token\": \"…\"} or {\"access_token\": \"…\"}")
        })?;
        return Ok(set(vec![issued(kind, token.raw().clone(), scheme_before(text))], now));
    }
    let reading = Reading::of(text.as_bytes());
    let Some(object) = reading.members().filter(|members| !members.is_empty()) else {
        return Err(Failure::usage("input is not a complete JSON object").hint(HINT));
    };
    let mut answer = Answer::with(object, &KEYS.map(|(_, key, _)| key));
    answer.remarks.extend(reading.remark("standard input"));
    let object = answer.members();
    let word = |key: &str| answer::text(object, key);
    if let (Some(other), Some(profile)) = (word("profile"), profile)
        && other != profile.as_str()
    {
        // The other name came in: it may be any text.
        let other = match ProfileName::new(other.to_owned()) {
            Ok(other) => format!("these are tokens of the profile {other}, not of {profile}"),
            Err(_) => format!("these are tokens of another profile, not of {profile}"),
        };
        return Err(Failure::usage(other).hint("a token is sent only to the server that issued it"));
    }
    let received_at = written(object.get("received_at")).and_then(|text| clock::parse(&text));
    let received_at = received_at.unwrap_or(now);
    let mut tokens = Vec::new();
    for (kind, key, ends) in KEYS {
        let Some(raw) = answer.token(kind, key) else { continue };
        let scheme = word("token_type").filter(|_| kind == TokenKind::Access).map_or(Scheme::BEARER, scheme);
        let end = ends.of_document(|name| written(object.get(name)), received_at);
        answer.remarks.extend(end.remark);
        tokens.push(IssuedToken { expires_at: end.at, ..issued(kind, raw, scheme) });
    }
    if tokens.is_empty() {
        return Err(Failure::usage("the JSON has no access_token, refresh_token or id_token").hint(HINT));
    }
    Ok(TokenSet {
        scope: word("scope").map(str::to_owned),
        account: word("account").map(str::to_owned),
        remarks: answer.remarks,
        ..set(tokens, received_at)
    })
}

fn issued(kind: TokenKind, raw: SecretString, scheme: Scheme) -> IssuedToken {
    IssuedToken { kind, raw, expires_at: None, scheme }
}

/// The scheme of a `token_type`, which is to be read in any case (RFC 6749 §5.1).
fn scheme(token_type: &str) -> Scheme {
    match token_type {
        bearer if bearer.eq_ignore_ascii_case("bearer") => Scheme::BEARER,
        jwt if jwt.eq_ignore_ascii_case("jwt") => Scheme::JWT,
        other => Scheme::new(other).unwrap_or(Scheme::BEARER),
    }
}

/// The scheme that stands before a bare token, as in `Authorization: JWT eyJ…`.
fn scheme_before(text: &str) -> Scheme {
    let is_jwt = text.split_whitespace().rev().nth(1).is_some_and(|word| word.eq_ignore_ascii_case("jwt"));
    if is_jwt { Scheme::JWT } else { Scheme::BEARER }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str, bare: Option<TokenKind>) -> Result<TokenSet, String> {
        let now = clock::parse("1000").unwrap();
        read(&text.into(), Some(&ProfileName::new("a").unwrap()), bare, now).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_token_response_of_any_server_is_taken() {
        let text = r#"{"access_token":"A","token_type":"jwt","expires_in":"60","refresh_token":"R","scope":["x"],
            "id_token":"","expires_at":1795296938,"received_at":"1970-01-01T00:15:00Z"}"#;
        let set = taken(text, None).unwrap();
        let tokens: Vec<_> = set.tokens.iter().map(|token| (token.kind, token.raw.expose_secret())).collect();
        assert_eq!(tokens, [(TokenKind::Access, "A"), (TokenKind::Refresh, "R")]);
        assert_eq!(set.tokens[0].scheme, Scheme::JWT);
        assert_eq!(set.tokens[0].expires_at.map(|end| end.timestamp()), Some(1_795_296_938));
        assert_eq!((set.received_at.timestamp(), set.scope), (900, None));
    }

    #[test]
    fn a_bare_token_is_what_the_command_needs() {
        let bare = "opaque-opaque-opaque";
        let set = taken(&format!("{bare}\n"), Some(TokenKind::Refresh)).unwrap();
        assert_eq!((set.tokens[0].kind, set.tokens[0].raw.expose_secret()), (TokenKind::Refresh, bare));
        let set = taken("Authorization: JWT eyJhbGciOiJub25lIn0.e30.", Some(TokenKind::Access)).unwrap();
        assert_eq!(set.tokens[0].scheme, Scheme::JWT);
        assert!(taken(bare, None).unwrap_err().contains("access or a refresh token"));
    }

    #[test]
    fn what_is_something_else_is_named_and_never_repeated() {
        let cases = [
            ("hunter2", "neither JSON nor a token"),
            ("{\"access_token\": \"hunter2", "not a complete JSON object"),
            ("[\"hunter2\"]", "not a complete JSON object"),
            ("{\"password\": \"hunter2\"}", "has no access_token"),
            ("{\"profile\": \"b\", \"access_token\": \"hunter2\"}", "tokens of the profile b"),
        ];
        for (text, expected) in cases {
            let said = taken(text, Some(TokenKind::Access)).unwrap_err();
            assert!(said.contains(expected) && said.contains("hint:") && !said.contains("hunter2"), "{said}");
        }
    }
}
