//! What the words beside an error code say more exactly than the code: one table.

use super::Presented;

/// A row: the grant that it is about, if it is about one; words of which each group has to have one; where it is met; what
/// it means and what to do.
type Row = (Option<Presented>, &'static [&'static [&'static str]], &'static str, &'static str);

const REFRESH: Option<Presented> = Some(Presented::RefreshToken);
const CODE: Option<Presented> = Some(Presented::Code);
/// About the client, or the request as a whole.
const ANY: Option<Presented> = None;

const USED: &[&str] = &["already used", "been used", "used before", "used once", "consumed", "reuse", "redeemed"];
const EXPIRED: &[&str] = &["expired", "not active", "inactivity", "lifetime"];

/// The table. A text that several rows have the words for says no more than the code.
const ROWS: &[Row] = &[
    (REFRESH, &[USED], "RFC 9700 §4.14.2", "the refresh token was used before; each works only once: log in again"),
    (REFRESH, &[EXPIRED], "RFC 6749 §5.2", "the refresh token has expired: log in again"),
    (REFRESH, &[&["revoked"]], "RFC 7009 §1", "the refresh token was revoked: log in again"),
    (
        REFRESH,
        &[&["not found", "unknown", "not exist"]],
        "RFC 6749 §5.2",
        "the server has no such refresh token, its session has ended: log in again",
    ),
    (CODE, &[USED], "RFC 6749 §4.1.2", "the code was used before; each works only once: log in again"),
    (CODE, &[EXPIRED], "RFC 6749 §4.1.2", "the code has expired: log in again"),
    (
        CODE,
        &[&["code_verifier", "code verifier", "code_challenge", "pkce"]],
        "RFC 7636 §4.6",
        "the PKCE code_verifier does not match the code_challenge of this login: log in again, in one browser",
    ),
    (
        CODE,
        &[&["redirect"]],
        "RFC 6749 §4.1.3",
        "the redirect URI is not the one of this login: check the one that is registered for the client",
    ),
    (
        ANY,
        &[&["secret"], &["expired"]],
        "Entra ID, AADSTS7000222",
        "the client secret has expired: create a new one at the server",
    ),
    (
        ANY,
        &[&["secret"], &["invalid", "wrong", "mismatch", "not match", "incorrect"]],
        "RFC 6749 §2.3.1",
        "the client secret is wrong: check that it is its value, and of this client",
    ),
    (
        ANY,
        &[&["timeframe", "time range", "clock", "in the future", "not yet valid"]],
        "RFC 7523 §3",
        "the clocks of this machine and the server differ: correct the clock",
    ),
];

/// What the server's words mean, where they name one cause. `grant`: what was shown, if the server refuses just that.
pub(super) fn hint(words: &str, grant: Option<Presented>) -> Option<&'static str> {
    const CHOICES: [&str; 6] = ["invalid or", "or invalid", "expired or", "or expired", "revoked or", "or revoked"];
    let words = words.to_lowercase();
    if CHOICES.iter().any(|choice| words.contains(choice)) {
        return None;
    }
    let says = |group: &&[&str]| group.iter().any(|word| words.contains(word));
    let fits = |(about, groups, ..): &&Row| (about.is_none() || *about == grant) && groups.iter().all(says);
    let mut fitting = ROWS.iter().filter(fits);
    let (.., hint) = fitting.next()?;
    fitting.next().is_none().then_some(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_more_than_a_code() {
        let (refresh, code) = (REFRESH, CODE);
        let cases = [
            ("Invalid Refresh Token: Already Used", refresh, Some("used before")),
            ("Token is not active", refresh, Some("has expired")),
            ("The refresh token has expired due to inactivity.", refresh, Some("has expired")),
            ("Your authorization for this user has been revoked.", refresh, Some("was revoked")),
            ("Refresh Token Not Found", refresh, Some("no such refresh token")),
            ("Token has been expired or revoked.", refresh, None),
            ("The refresh token is invalid or expired.", refresh, None),
            ("invalid, expired, revoked, does not match the redirection URI", refresh, None),
            ("OAuth2 Authorization code was already redeemed", code, Some("used before")),
            ("PKCE verification failed", code, Some("PKCE")),
            ("The provided client secret keys are expired.", None, Some("secret has expired")),
            ("Invalid client secret provided.", None, Some("secret is wrong")),
            ("Client assertion is not within its valid time range.", None, Some("clocks")),
            ("The client assertion has expired", None, None),
            ("Bad Request", refresh, None),
        ];
        for (words, grant, expected) in cases {
            let found = hint(words, grant);
            assert_eq!(found.is_some(), expected.is_some(), "{words}: {found:?}");
            assert!(found.zip(expected).is_none_or(|(found, expected)| found.contains(expected)), "{words}: {found:?}");
        }
    }
}
