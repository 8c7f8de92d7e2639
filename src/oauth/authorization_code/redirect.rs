//! The redirect URI of a native app, and what a browser brings back to it.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use url::{Host, Url};

use crate::{
    auth::AuthError,
    oauth::{
        metadata,
        refusal::{self, Presented},
    },
    secret::SecretString,
};

/// A redirect URI on loopback (RFC 8252 §7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri(Url);

impl RedirectUri {
    /// Takes an http URL of this machine: `127.0.0.1`, `[::1]` or `localhost`. Without a port any free one is used.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && loopback(url).is_some());
        url.map(Self).ok_or_else(|| {
            AuthError::setting(
                "the redirect URI is not an http:// address of this machine",
                "write http://127.0.0.1/callback, with a port where the server wants a fixed one",
            )
        })
    }

    /// What to listen at; port 0 where none is named.
    pub(super) fn address(&self) -> SocketAddr {
        let address = loopback(&self.0).expect("RedirectUri::parse takes loopback addresses only");
        SocketAddr::new(address, self.0.port().unwrap_or(0))
    }

    /// The same with the port that is really listened at.
    pub(super) fn at_port(&self, port: u16) -> Self {
        let mut url = self.0.clone();
        url.set_port(Some(port)).expect("an http URL with a host has a port");
        Self(url)
    }

    /// The path where the answer arrives.
    pub(super) fn path(&self) -> &str {
        self.0.path()
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

fn loopback(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) if address.is_loopback() => Some(address.into()),
        Host::Ipv6(address) if address.is_loopback() => Some(address.into()),
        Host::Domain("localhost") => Some(Ipv4Addr::LOCALHOST.into()),
        _ => None,
    }
}

/// What the answer has to repeat.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) state: String,
    pub(super) issuer: Option<String>,
    pub(super) names_issuer: bool,
}

/// What a request to the redirect URI turned out to be.
#[derive(Debug)]
pub(super) enum Answer {
    /// It ends the wait.
    Final(Result<SecretString, AuthError>),
    /// It is not the answer to our request, and why; the wait goes on.
    Stray(&'static str),
}

impl Expected {
    /// Reads the query of a request to the redirect URI (RFC 6749 §4.1.2, RFC 9207 §2.4).
    pub(super) fn read(&self, query: &str) -> Answer {
        let fields: HashMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
        // Whoever does not know the state cannot end this login: neither with a code of theirs nor with an error.
        if field("state") != Some(self.state.as_str()) {
            return Answer::Stray("its state is not the one that was sent");
        }
        let issuer = field("iss");
        let fits = match (issuer, &self.issuer) {
            (Some(named), Some(expected)) => metadata::is_issuer(expected, named),
            (None, _) => !self.names_issuer,
            (Some(_), None) => true,
        };
        let unfinished = |what: String, hint: &str| Answer::Final(Err(AuthError::unfinished(what, hint)));
        if !fits {
            let what = match issuer {
                Some(issuer) => format!("the browser's response comes from another issuer: {issuer}"),
                None => "the browser's response does not name its issuer".to_owned(),
            };
            return unfinished(what, "this may be a mix-up attack (RFC 9207); check the issuer of the profile");
        }
        match (field("code"), field("error")) {
            (_, Some(code)) => Answer::Final(Err(AuthError::Refused {
                status: 302,
                code: Some(code.to_owned()),
                message: field("error_description").map(str::to_owned),
                hint: Some(hint(code).to_owned()),
                credential_dead: false,
            })),
            (Some(code), None) => Answer::Final(Ok(code.into())),
            (None, None) => unfinished(
                "the browser's response has neither a code nor an error".to_owned(),
                "ask the server's operator",
            ),
        }
    }
}

/// What the user can do about an error of the authorization endpoint (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
fn hint(code: &str) -> &'static str {
    match code {
        "unsupported_response_type" => "this client may not use the authorization code grant: choose another grant",
        "login_required" | "consent_required" | "interaction_required" | "account_selection_required" => {
            "log in again without prompt=none"
        }
        _ => refusal::hint(code, Presented::Client).unwrap_or("ask the server's operator"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ExposeSecret as _;

    fn expected(issuer: Option<&str>, names_issuer: bool) -> Expected {
        Expected { state: "st".to_owned(), issuer: issuer.map(str::to_owned), names_issuer }
    }

    #[test]
    fn redirect_uris_stay_on_this_machine() {
        let at = |text: &str| RedirectUri::parse(text).map(|uri| uri.address().to_string());
        assert_eq!(at("http://127.0.0.1/callback").unwrap(), "127.0.0.1:0");
        assert_eq!(at("http://localhost:8400/").unwrap(), "127.0.0.1:8400");
        assert_eq!(at("http://[::1]:9/x").unwrap(), "[::1]:9");
        for foreign in ["https://127.0.0.1/", "http://example.org/", "http://127.0.0.1.example.org/", "x"] {
            assert!(at(foreign).unwrap_err().hint().is_some(), "{foreign}");
        }
        let uri = RedirectUri::parse("http://127.0.0.1/callback").unwrap().at_port(4711);
        assert_eq!(uri.to_string(), "http://127.0.0.1:4711/callback");
    }

    #[test]
    fn only_an_answer_with_our_state_ends_the_wait() {
        let expected = expected(None, false);
        for stray in ["", "code=c", "code=c&state=other", "error=access_denied", "state=&code=c"] {
            assert!(matches!(expected.read(stray), Answer::Stray(_)), "{stray}");
        }
        let Answer::Final(Ok(code)) = expected.read("state=st&code=a%2Bb") else { panic!() };
        assert_eq!(code.expose_secret(), "a+b");
        let Answer::Final(Err(error)) = expected.read("state=st&error=access_denied&error_description=no+way") else {
            panic!()
        };
        assert_eq!(error.to_string(), "the server refused: access_denied: no way (HTTP 302)");
        assert_eq!(error.hint().as_deref(), Some("access was denied in the browser: log in again and approve"));
    }

    #[test]
    fn what_is_missing_is_not_put_into_the_servers_mouth() {
        for (query, word) in [("state=st", "neither a code"), ("state=st&code=c&iss=https%3A%2F%2Fb", "another issuer")]
        {
            let Answer::Final(Err(error)) = expected(Some("https://a"), false).read(query) else { panic!("{query}") };
            let words = error.to_string();
            assert!(words.contains(word) && !words.contains("the server") && error.hint().is_some(), "{words}");
        }
        let tenants = expected(Some("https://login.example/{tenantid}/v2.0"), true);
        let query = "state=st&code=c&iss=https%3A%2F%2Flogin.example%2F";
        assert!(matches!(tenants.read(&format!("{query}8eaef023%2Fv2.0")), Answer::Final(Ok(_))));
        assert!(matches!(tenants.read(&format!("{query}a%2Fb%2Fv2.0")), Answer::Final(Err(_))));
    }

    #[test]
    fn an_answer_of_another_issuer_is_refused() {
        let judge = |expected: &Expected, query: &str| match expected.read(query) {
            Answer::Final(answer) => answer.is_ok(),
            Answer::Stray(why) => panic!("{why}"),
        };
        let strict = expected(Some("https://a.example"), true);
        assert!(judge(&strict, "state=st&code=c&iss=https%3A%2F%2Fa.example"));
        assert!(!judge(&strict, "state=st&code=c&iss=https%3A%2F%2Fevil.example"));
        assert!(!judge(&strict, "state=st&code=c"), "a server that names its issuer always does");
        let lenient = expected(Some("https://a.example"), false);
        assert!(judge(&lenient, "state=st&code=c"));
        assert!(!judge(&lenient, "state=st&code=c&iss=https%3A%2F%2Fevil.example"));
    }
}
