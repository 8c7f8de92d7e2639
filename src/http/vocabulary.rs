//! Words that are known to be no secret. Names of members and titles of pages are made of them; a token never is, however
//! few characters it has.

/// Whether a name or title is made only of known words and short numbers: `accessTokenExpiredAt`, `502 Bad Gateway`.
pub(super) fn is_plain(text: &str) -> bool {
    let mut pieces = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|piece| !piece.is_empty());
    let quiet = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "_-.,:;!?()|/@#'".contains(c);
    text.len() <= 80
        && text.chars().all(quiet)
        && text.contains(|c: char| c.is_ascii_alphabetic())
        && pieces.all(is_known)
}

/// Whether a piece is a known word, several of them in one (`refreshToken`), or a number of three digits at most.
fn is_known(piece: &str) -> bool {
    let number = |text: &str| text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |word: &str| WORDS.binary_search(&word.to_ascii_lowercase().as_str()).is_ok();
    if number(piece) || is_word(piece) {
        return true;
    }
    // Humps: a capital begins one.
    let starts = piece.char_indices().skip(1).filter(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| at);
    let ends = starts.clone().chain([piece.len()]);
    let mut humps = std::iter::once(0).chain(starts).zip(ends).map(|(start, end)| &piece[start..end]);
    humps.all(is_word)
}

/// In order.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "a", "about", "accepted", "access", "account", "accounts", "action", "active", "address", "admin", "after", "alg",
    "allowed", "amr", "an", "and", "answer", "apache", "api", "app", "application", "array", "assertion", "at",
    "attention", "aud", "audience", "auth", "authentication", "authorization", "authorize", "azp", "back", "bad",
    "balancer", "be", "bearer", "before", "blocked", "body", "browser", "by", "caa", "cache", "cannot", "captive",
    "cause", "causes", "certificate", "challenge", "check", "checking", "claims", "client", "closed", "cloudflare",
    "cluster", "code", "codes", "complete", "config", "configuration", "conflict", "connection", "consent", "content",
    "cookie", "cookies", "corporate", "correlation", "country", "created", "credential", "credentials", "csrf",
    "data", "date", "dead", "default", "denied", "description", "detail", "details", "detected", "developer",
    "device", "display", "document", "documentation", "domain", "down", "email", "enable", "enabled", "encoded",
    "end", "endpoint", "entity", "entry", "error", "errors", "event", "exceeded", "exception", "exp", "expiration",
    "expirationtimestamp", "expire", "expired", "expires", "expiry", "ext", "failed", "family", "fault",
    "faultstring", "fi", "field", "fields", "firewall", "first", "for", "forbidden", "form", "format", "found",
    "from", "full", "gateway", "given", "gone", "grant", "group", "groups", "guest", "header", "headers", "help",
    "hint", "hold", "home", "host", "hosts", "hotspot", "how", "html", "http", "iat", "id", "identity", "in",
    "incident", "info", "information", "input", "instance", "internal", "internet", "interval", "invalid", "is",
    "iss", "issued", "issuer", "it", "item", "items", "javascript", "json", "jti", "just", "jwks", "jwt", "key",
    "keycloak", "keys", "kid", "kind", "large", "last", "level", "lifetime", "limit", "link", "links", "load",
    "loading", "locale", "location", "log", "logged", "login", "logon", "logout", "long", "maintenance", "many",
    "message", "messages", "meta", "metadata", "method", "microsoft", "missing", "mode", "moment", "moved", "msg",
    "name", "nbf", "network", "new", "nginx", "no", "nonce", "not", "number", "oauth", "oauth2", "object", "of",
    "offline", "ok", "on", "one", "openid", "operation", "or", "organization", "origin", "original", "otp", "page",
    "parameter", "password", "path", "payload", "permanently", "permission", "permissions", "phone", "picture",
    "please", "policy", "portal", "preferred", "privacy", "problem", "profile", "provider", "proxy", "query", "realm",
    "reason", "received", "redirect", "redirecting", "refresh", "refused", "region", "remote", "report", "request",
    "requests", "required", "resource", "response", "result", "retry", "revoked", "role", "roles", "rsa", "saml",
    "scope", "scopes", "scripted", "secret", "secure", "security", "see", "server", "servers", "service", "session",
    "seta", "sid", "sign", "signature", "signed", "signin", "site", "slow", "something", "source", "sso", "stack",
    "start", "state", "status", "stopped", "string", "sub", "subject", "success", "successful", "summary", "support",
    "supported", "tenant", "terms", "text", "than", "the", "there", "this", "time", "timed", "timeout", "timestamp",
    "title", "to", "token", "tokens", "too", "trace", "try", "type", "types", "unauthorized", "unavailable",
    "unexpected", "unknown", "unsupported", "until", "up", "updated", "upstream", "uri", "url", "use", "user",
    "userid", "username", "users", "valid", "value", "values", "verification", "verified", "version", "waf", "wait",
    "warning", "was", "we", "web", "welcome", "went", "what", "wi", "wifi", "window", "with", "work", "world",
    "wrong", "x", "xml", "you", "your", "zone",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_in_order() {
        assert!(WORDS.is_sorted_by(|a, b| a < b), "{:?}", WORDS.windows(2).find(|pair| pair[0] >= pair[1]));
    }

    #[test]
    fn names_and_titles_are_plain_and_tokens_are_not() {
        for plain in [
            "access_token",
            "x_refresh_token_expires_in",
            "accessTokenExpiredAt",
            "502 Bad Gateway",
            "Sign in",
            "Too many requests",
            "Just a moment...",
            "Server Error (500)",
            "error_description",
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for odd in [
            "",
            "abcdefghijklmnopqrstuv",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "550e8400-e29b-41d4-a716-446655440000",
            "Success code=4/P7q7W91a-oMsCeLvIaQm6bTrgtp7",
            "hunter2",
            "eyJhbGciOiJub25lIn0",
            "123456",
            "502",
            "token\u{202e}",
        ] {
            assert!(!is_plain(odd), "{odd}");
        }
    }
}
