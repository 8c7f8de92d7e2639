//! What the header's `typ` says that a token is: one table, each row with its source.

use super::Token;

/// A type of token that is registered, or defined by a specification that people meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType {
    /// The value of `typ`, without `application/`.
    pub typ: &'static str,
    /// What such a token is.
    pub name: &'static str,
    /// Where that is written.
    pub source: &'static str,
    /// Its specification wants an `exp`, or leaves it to the rules for any JWT.
    pub expires: bool,
    /// Its specification wants an `aud`, or leaves it to the rules for any JWT.
    pub addressed: bool,
}

const fn row(typ: &'static str, name: &'static str, source: &'static str) -> MediaType {
    MediaType { typ, name, source, expires: true, addressed: true }
}

impl MediaType {
    /// A token that ends by other rules than an `exp`.
    const fn endless(self) -> Self {
        Self { expires: false, ..self }
    }

    /// A token for everybody, or for an audience that another claim names.
    const fn open(self) -> Self {
        Self { addressed: false, ..self }
    }
}

#[rustfmt::skip]
static TYPES: &[MediaType] = &[
    row("at+jwt", "JWT access token", "RFC 9068 §2.1"),
    row("dpop+jwt", "DPoP proof", "RFC 9449 §4.2").endless().open(),
    row("secevent+jwt", "security event token", "RFC 8417 §2.2").endless(),
    row("logout+jwt", "logout token", "OIDC Back-Channel Logout §2.4"),
    row("statuslist+jwt", "status list token", "Token Status List §5.1").endless().open(),
    row("token-introspection+jwt", "introspection response", "RFC 9701 §5").endless(),
    row("oauth-authz-req+jwt", "request object", "RFC 9101 §4"),
    row("client-authentication+jwt", "client assertion", "RFC 7523 §3"),
    row("kb+jwt", "SD-JWT key binding", "RFC 9901 §4.3").endless(),
    row("dc+sd-jwt", "SD-JWT credential", "SD-JWT VC").endless().open(),
    row("vc+sd-jwt", "SD-JWT credential", "SD-JWT VC").endless().open(),
    row("openid4vci-proof+jwt", "credential key proof", "OpenID4VCI appendix F.1").endless(),
    row("entity-statement+jwt", "entity statement", "OpenID Federation").open(),
    row("trust-mark+jwt", "trust mark", "OpenID Federation").endless().open(),
    row("resolve-response+jwt", "resolved entity", "OpenID Federation").open(),
    row("jwk-set+jwt", "signed key set", "OpenID Federation").endless().open(),
    row("passport", "PASSporT", "RFC 8225 §8.1").endless().open(),
];

impl Token {
    /// What its `typ` says that it is; `None` for a plain JWT and for an unknown type.
    pub fn media_type(&self) -> Option<&'static MediaType> {
        let typ = self.typ()?;
        let prefix = "application/";
        let bare = match typ.get(..prefix.len()) {
            Some(head) if head.eq_ignore_ascii_case(prefix) => &typ[prefix.len()..],
            _ => &typ,
        };
        TYPES.iter().find(|row| row.typ.eq_ignore_ascii_case(bare))
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

    use super::*;

    #[test]
    fn types_are_known_in_any_case_and_with_their_prefix() {
        let name = |typ: &str| {
            let header = BASE64.encode(format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#));
            Token::inspect(&format!("{header}.e30.c2ln")).media_type().map(|found| found.name)
        };
        assert_eq!(name("dpop+jwt"), Some("DPoP proof"));
        assert_eq!(name("application/DPoP+JWT"), Some("DPoP proof"));
        assert_eq!(name("secevent+jwt"), Some("security event token"));
        assert_eq!(name("JWT"), None);
        assert_eq!(name("ā"), None);
        let distinct: std::collections::HashSet<_> = TYPES.iter().map(|row| row.typ).collect();
        assert_eq!(distinct.len(), TYPES.len());
    }
}
