//! Whether an ending of the old session can reach the new one.

use super::{Kinship, LoginWay, Way};
use crate::auth::{TokenKind, TokenSet};

impl Kinship {
    /// Of what a way has brought, by the login's row and by the tokens. What a refresh carries over by design (a refresh token that
    /// does not rotate, an ID token) makes nothing identical.
    pub fn between(way: Way, login: Option<&LoginWay>, old: &TokenSet, new: &TokenSet) -> Self {
        let refreshed = way == Way::Refresh;
        let carried = |kind| refreshed && matches!(kind, TokenKind::Refresh | TokenKind::Id);
        let mut fresh = new.tokens.iter().filter(|token| !carried(token.kind));
        if fresh.any(|token| old.tokens.iter().any(|before| before.is_same(token))) {
            return Self::Identical;
        }
        if refreshed {
            return Self::Same;
        }
        match (session(old), session(new)) {
            (Some(before), Some(after)) if before == after => Self::Shared,
            _ => login.map_or(Self::Maybe, |login| login.kinship),
        }
    }
}

/// The server's session that a set belongs to (OpenID Connect Front-Channel Logout §3): issuer and `sid` of its ID token.
fn session(set: &TokenSet) -> Option<(Option<String>, String)> {
    let id_token = set.token(TokenKind::Id)?;
    Some((id_token.claim("iss"), id_token.claim("sid")?))
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;
    use crate::{
        auth::{IssuedToken, Scheme},
        clock,
    };

    fn set(tokens: &[(TokenKind, &str)]) -> TokenSet {
        let token = |(kind, raw): &(TokenKind, &str)| IssuedToken {
            kind: *kind,
            raw: (*raw).into(),
            expires_at: None,
            scheme: Scheme::BEARER,
        };
        let tokens = tokens.iter().map(token).collect();
        let received_at = clock::parse("0").unwrap();
        TokenSet { tokens, scope: None, account: None, received_at, remarks: Vec::new() }
    }

    fn id_token(iss: &str, sid: &str, jti: u8) -> String {
        let claims = format!(r#"{{"iss":"{iss}","sid":"{sid}","jti":"{jti}"}}"#);
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn the_tokens_tell_more_than_the_row() {
        use Kinship::{Identical, Maybe, Same, Separate, Shared};
        use TokenKind::{Access, Id, Refresh};
        let [first, same, other, elsewhere] =
            [("i", "s", 1), ("i", "s", 2), ("i", "t", 3), ("j", "s", 4)].map(|(iss, sid, jti)| id_token(iss, sid, jti));
        let old = set(&[(Access, "a"), (Refresh, "r"), (Id, &first)]);
        type Tokens<'a> = &'a [(TokenKind, &'a str)];
        let cases: [(Way, Kinship, Tokens<'_>, Kinship); 12] = [
            (Way::Login, Separate, &[(Access, "b"), (Refresh, "s")], Separate),
            (Way::Login, Maybe, &[(Access, "b")], Maybe),
            (Way::Login, Separate, &[(Access, "a"), (Refresh, "s")], Identical),
            (Way::Login, Separate, &[(Access, "b"), (Refresh, "r")], Identical),
            (Way::Asked, Maybe, &[(Access, "b"), (Id, &first)], Identical),
            (Way::Asked, Maybe, &[(Access, "b"), (Id, &same)], Shared),
            (Way::Asked, Maybe, &[(Access, "b"), (Id, &other)], Maybe),
            (Way::Asked, Maybe, &[(Access, "b"), (Id, &elsewhere)], Maybe),
            (Way::Login, Separate, &[(Access, "b"), (Id, &same)], Shared),
            (Way::Refresh, Separate, &[(Access, "b"), (Refresh, "s")], Same),
            (Way::Refresh, Separate, &[(Access, "b"), (Refresh, "r"), (Id, &first)], Same),
            (Way::Refresh, Separate, &[(Access, "a"), (Refresh, "s")], Identical),
        ];
        for (way, kinship, tokens, expected) in cases {
            let login = LoginWay { when: None, secrets: &[], pasted: None, person: false, kinship };
            assert_eq!(Kinship::between(way, Some(&login), &old, &set(tokens)), expected, "{way:?} {tokens:?}");
        }
        assert_eq!(Kinship::between(Way::Login, None, &old, &set(&[(Access, "b")])), Maybe, "no row, nothing is known");
    }
}
