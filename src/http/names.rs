//! What the name of a member, field or header says about its value: a secret, a token, an explanation, a fact.

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Whether a field or member of this name holds a token, and no other kind of secret.
pub(super) fn is_token_name(name: &str) -> bool {
    let name = letters(name);
    name.ends_with("token") || ["access", "refresh"].contains(&name.as_str())
}

/// Whether a field, member or header of this name holds a secret. In a refusal `code` is an error code.
pub(super) fn is_secret_name(name: &str, refused: bool) -> bool {
    const PARTS: [&str; 12] = [
        "token",
        "secret",
        "password",
        "passphrase",
        "assertion",
        "credential",
        "cookie",
        "otp",
        "jwt",
        "signature",
        "authorization",
        "masterkey",
    ];
    const WHOLE: [&str; 7] = ["access", "refresh", "session", "k", "d", "nonce", "state"];
    // `token_type`, `accessTokenExpiredAt`, `token_endpoint`: about a token, not the token.
    const ABOUT: [&str; 6] = ["type", "expire", "lifetime", "endpoint", "supported", "method"];
    let name = letters(name);
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let is_code = name.contains("code") && !refused && name != "errorcode";
    !has(&ABOUT) && (has(&PARTS) || WHOLE.contains(&name.as_str()) || name.ends_with("key") || is_code)
}

/// Whether a member says what is wrong: the standard's, and each system's own.
pub(super) fn is_explanation(name: &str, refused: bool) -> bool {
    const ALWAYS: [&str; 13] = [
        "error",
        "errordescription",
        "erroruri",
        "errorcode",
        "errormessage",
        "errorsummary",
        "developermessage",
        "detail",
        "message",
        "msg",
        "faultstring",
        "fault",
        "reason",
    ];
    let name = letters(name);
    ALWAYS.contains(&name.as_str()) || (refused && ["errors", "code", "title", "errorcauses"].contains(&name.as_str()))
}

/// Whether a member identifies a user, or says what a token is for.
pub(super) fn is_fact(name: &str) -> bool {
    const FACTS: [&str; 18] = [
        "tokentype",
        "scope",
        "scopes",
        "username",
        "preferredusername",
        "name",
        "email",
        "sub",
        "aud",
        "iss",
        "issuer",
        "clientid",
        "role",
        "roles",
        "groups",
        "regionname",
        "kid",
        "alg",
    ];
    let name = letters(name);
    FACTS.contains(&name.as_str()) || name.ends_with("supported")
}

/// Whether a number is a time or a span.
pub(super) fn is_count(name: &str) -> bool {
    const PARTS: [&str; 5] = ["expir", "time", "interval", "lifetime", "status"];
    let name = letters(name);
    PARTS.iter().any(|part| name.contains(part))
        || ["exp", "iat", "nbf", "issuedat", "createdat"].contains(&name.as_str())
}

/// Whether a member is an address.
pub(super) fn is_address(name: &str) -> bool {
    let name = letters(name);
    ["endpoint", "uri", "url"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_secrets_from_facts_about_them() {
        for secret in
            ["access_token", "refreshToken", "client_secret", "code", "user_code", "Set-Cookie", "refresh", "x-api-key"]
        {
            assert!(is_secret_name(secret, false), "{secret}");
        }
        for fact in ["token_type", "expires_in", "accessTokenExpiredAt", "scope", "error_code", "username"] {
            assert!(!is_secret_name(fact, false), "{fact}");
        }
        assert!(!is_secret_name("code", true), "an error code");
    }
}
