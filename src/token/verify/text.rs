//! The text as a server would get it: what was taken off to read the token, and what a server would not take off.

use super::StepOutcome;
use crate::{
    secret::ExposeSecret as _,
    text,
    token::{DefectCode, Form, Token, candidate::is_blank},
};

/// What is said of a text of which nothing was taken off: where the whole text is known, and where only the token is.
pub const UNTOUCHED: [&str; 2] = ["as received", "in one piece"];

/// What the token alone tells.
pub(super) fn of_token(token: &Token) -> StepOutcome {
    let has = |code| token.defects().iter().any(|defect| defect.code == code);
    if has(DefectCode::Whitespace) {
        return broken();
    }
    if has(DefectCode::SurroundingText) {
        return StepOutcome::Passed("extracted from a longer text".to_owned());
    }
    StepOutcome::Passed(UNTOUCHED[1].to_owned())
}

/// What stands around the token in the text in which it came. A server takes off the scheme and the blanks of the header
/// field (RFC 9110 §11.4, §5.5), and nothing else.
pub fn as_it_came(token: &Token, text: &str) -> StepOutcome {
    let raw = token.raw().expose_secret();
    let Some(at) = text.find(raw) else {
        let joined: String = text.split(is_blank).collect();
        return if joined.contains(raw) {
            broken()
        } else {
            StepOutcome::Passed("decoded from the text around it".to_owned())
        };
    };
    let (before, behind) = (&text[..at], &text[at + raw.len()..]);
    let (before, behind) = (Margin::of(before), Margin::of(behind));
    let touching = before.text.chars().next_back().filter(|&c| is_part(c) && !matches!(c, '=' | '/' | '+'));
    let touching = touching.map(|c| (c, "in front of")).or(behind
        .text
        .chars()
        .next()
        .filter(|&c| is_part(c))
        .map(|c| (c, "behind")));
    let hidden = before.hidden().map(|c| (c, "in front of")).or(behind.hidden().map(|c| (c, "behind")));
    if let Some((c, place)) = touching.or(hidden) {
        return StepOutcome::Failed {
            why: format!("{} stands {place} the token", name(c)),
            fix: "send the token without it: a server rejects it as received".to_owned(),
        };
    }
    let mut taken: Vec<_> = before.taken().into_iter().chain(behind.taken()).collect();
    taken.dedup();
    StepOutcome::Passed(match taken.as_slice() {
        [] => UNTOUCHED[0].to_owned(),
        taken => format!("removed to read it: {}", taken.join(", ")),
    })
}

/// The token with what follows it behind blanks, where that may have been its end.
pub fn joined(token: &Token, text: &str) -> Option<Token> {
    let raw = token.raw().expose_secret();
    let rest = text[text.find(raw)? + raw.len()..].trim_end();
    let whole: String = [raw, rest].concat().split(is_blank).collect();
    let is_more = whole.len() > raw.len() && rest.starts_with(is_blank);
    is_more.then(|| Token::inspect(&whole)).filter(|joined| joined.raw_len() == whole.len())
}

fn broken() -> StepOutcome {
    StepOutcome::Failed {
        why: "the token contains whitespace or line breaks, which were removed to read it".to_owned(),
        fix: "send it in one piece: a server rejects it as received".to_owned(),
    }
}

/// Whether a server would take the character for a part of the token that it stands beside.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '=' | '/' | '+') || is_hidden(c)
}

/// Blanks that are not those of a header field, and what looks like nothing.
fn is_hidden(c: char) -> bool {
    !matches!(c, ' ' | '\t' | '\r' | '\n') && (is_blank(c) || text::hidden(c))
}

fn name(c: char) -> String {
    match c {
        '.' => "a dot".to_owned(),
        '\u{feff}' => "a byte order mark (U+FEFF)".to_owned(),
        c if is_hidden(c) => format!("an invisible character (U+{:04X})", u32::from(c)),
        c => format!("the character {c}"),
    }
}

/// What stands on one side of the token.
struct Margin<'a> {
    text: &'a str,
    /// Without blanks and quotes, in small letters.
    words: String,
}

impl<'a> Margin<'a> {
    fn of(text: &'a str) -> Self {
        let plain = |c: &char| !is_blank(*c) && !is_quote(*c);
        Self { text, words: text.chars().filter(plain).collect::<String>().to_ascii_lowercase() }
    }

    /// The words that belong to a token on its way, if there is nothing else.
    fn known(&self) -> Option<Vec<&'static str>> {
        const SCHEMES: [&str; 5] = ["Bearer", "JWT", "DPoP", "Token", "FlyV1"];
        let field = self.words.strip_prefix("authorization:");
        let rest = field.unwrap_or(&self.words);
        let scheme = SCHEMES.into_iter().find(|scheme| rest.eq_ignore_ascii_case(scheme));
        let comma = matches!(rest, "," | ";").then_some("a comma or semicolon");
        (rest.is_empty() || scheme.or(comma).is_some())
            .then(|| field.map(|_| "Authorization:").into_iter().chain(scheme).chain(comma).collect())
    }

    /// An invisible character between the words: in a longer text it belongs to that text.
    fn hidden(&self) -> Option<char> {
        self.known()?;
        self.text.chars().find(|&c| is_hidden(c))
    }

    fn taken(&self) -> Vec<&'static str> {
        let quotes = self.text.contains(is_quote).then_some("quotes");
        match self.known() {
            Some(known) => known.into_iter().chain(quotes).collect(),
            None => vec!["the text around it"],
        }
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’')
}

/// Whether each segment that is padded with `=` is padded as base64 wants it (RFC 4648 §4).
pub(super) fn is_padded_rightly(token: &Token) -> bool {
    let Form::Jws(jws) = token.form() else { return false };
    let raw = token.raw().expose_secret();
    jws.segments.iter().all(|segment| {
        let text = &raw[segment.clone()];
        let pads = text.len() - text.trim_end_matches('=').len();
        pads == 0 || pads <= 2 && text.len() % 4 == 0
    })
}
