//! The name in front of a value, and what it says.

use std::borrow::Cow;

use super::Purpose;
use crate::clock::Timestamp;

/// How far in front of a value its name is looked for, in bytes.
const REACH: usize = 256;

/// The name of a value, and what stands beside it.
#[derive(Debug, Clone)]
pub(super) struct Name<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) style: Style,
    /// Of a member: whose it is, where the object around it has the name of a host or an account.
    pub(super) of: Option<Cow<'a, str>>,
    /// What it is for, where another member says so.
    pub(super) kind: Option<Purpose>,
    /// When it ends, where another member says so.
    pub(super) ends: Option<Timestamp>,
}

/// What kind of name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Member,
    Header,
    Cookie,
    Query,
    Fragment,
    Parameter,
    Value,
    /// What was encoded so: `base64`. The text is the place of that, or empty.
    Inside(&'static str),
}

/// What stands in front of a value.
#[derive(Debug, Default)]
pub(super) struct Lead<'a> {
    /// An authentication scheme: `Bearer`.
    pub(super) scheme: bool,
    /// The scheme `Basic`: what stands behind it is not a token, but one may be inside.
    pub(super) basic: bool,
    pub(super) name: Option<Name<'a>>,
}

impl<'a> Name<'a> {
    /// A name that says nothing more.
    pub(super) fn new(text: impl Into<Cow<'a, str>>, style: Style) -> Self {
        Self { text: text.into(), style, of: None, kind: None, ends: None }
    }

    /// Where a value of this name is.
    pub(super) fn place(&self) -> String {
        let name = &self.text;
        match self.style {
            Style::Inside(encoding) if name.is_empty() => encoding.to_owned(),
            Style::Inside(encoding) => format!("{encoding} in {name}"),
            _ if name.eq_ignore_ascii_case("authorization") => "Authorization header".to_owned(),
            Style::Member => match &self.of {
                Some(of) => format!("member {name} of {of}"),
                None => format!("member {name}"),
            },
            Style::Header => format!("{name} header"),
            Style::Cookie => format!("cookie {name}"),
            Style::Query => format!("query parameter {name}"),
            Style::Fragment => format!("fragment parameter {name}"),
            Style::Parameter => format!("parameter {name}"),
            Style::Value => format!("value of {name}"),
        }
    }

    /// What a token of this name is for.
    pub(super) fn purpose(&self) -> Option<Purpose> {
        let name = self.letters();
        match () {
            () if self.kind.is_some() => self.kind,
            () if name.contains("refresh") => Some(Purpose::Refresh),
            () if name.contains("idtoken") => Some(Purpose::Id),
            () if name.contains("accesstoken") || name.ends_with("authorization") => Some(Purpose::Access),
            () => None,
        }
    }

    /// Whether even an opaque value of this name is a token. Those against request forgery are none; nor is any part of
    /// what was decoded, unless it has a name of its own.
    pub(super) fn means_token(&self) -> bool {
        !matches!(self.style, Style::Inside(_)) && (self.kind.is_some() || self.names_token())
    }

    /// Whether the name is that of a token.
    pub(super) fn names_token(&self) -> bool {
        const ENDS: [&str; 7] = ["token", "jwt", "authorization", "samlresponse", "samlrequest", "macaroon", "bearer"];
        let name = self.letters();
        ENDS.iter().any(|end| name.ends_with(end)) && !["csrf", "xsrf", "forgery"].iter().any(|no| name.contains(no))
    }

    /// The end of the name in small letters, without `_` and `-`.
    fn letters(&self) -> String {
        let end = &self.text[self.text.ceil_char_boundary(self.text.len().saturating_sub(64))..];
        end.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    }
}

/// What separates a name from its value, beside the separator.
fn is_around(c: char) -> bool {
    matches!(c, ' ' | '\t' | '"' | '\'' | '`' | '\\')
}

fn is_inside(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Reads backwards from a value. `part` is what of a URL or header line the value stands in.
pub(super) fn in_front(text: &str, part: Option<Style>) -> Lead<'_> {
    let text = &text[text.ceil_char_boundary(text.len().saturating_sub(REACH))..];
    let mut rest = text.trim_end_matches(is_around);
    let mut lead = Lead::default();
    if rest.len() < text.len()
        && let Some(before) =
            ["bearer", "jwt", "token", "dpop", "flyv1"].iter().find_map(|scheme| without_word(rest, scheme))
    {
        lead.scheme = true;
        rest = before.trim_end_matches(is_around);
    } else if let Some(before) = without_word(rest, "basic").filter(|_| rest.len() < text.len()) {
        lead.basic = true;
        rest = before.trim_end_matches(is_around);
    } else if rest.ends_with('\n') {
        // A YAML value that begins on the next line.
        rest = rest.trim_end().trim_end_matches(['|', '>', '-', '+']).trim_end_matches(' ');
        if !rest.ends_with(':') {
            return lead;
        }
    }
    lead.name = name(rest, part);
    lead
}

fn name(text: &str, part: Option<Style>) -> Option<Name<'_>> {
    let (rest, equals) = match (text.strip_suffix("=>"), text.strip_suffix('='), text.strip_suffix(':')) {
        (Some(rest), ..) => (rest, false),
        (_, Some(rest), _) => (rest, true),
        (.., Some(rest)) => (rest, false),
        _ => return None,
    };
    let bare = rest.trim_end_matches(is_around);
    let quoted = rest[bare.len()..].contains(['"', '\'']);
    let before = bare.trim_end_matches(is_inside);
    let name = &bare[before.len()..];
    if name.is_empty() {
        return None;
    }
    if matches!(name, "value" | "content") && equals {
        return attribute(before);
    }
    let style = match part {
        Some(style) if equals => style,
        _ if equals && before.ends_with('&') => Style::Parameter,
        _ if equals => Style::Value,
        _ if quoted => Style::Member,
        _ if name.contains('-') => Style::Header,
        _ => Style::Value,
    };
    Some(Name::new(name, style))
}

/// The `name` of an HTML element whose `value` it is.
fn attribute(element: &str) -> Option<Name<'_>> {
    let element = &element[element.rfind('<')?..];
    let (_, behind) = element.rsplit_once("name=")?;
    let behind = behind.trim_start_matches(is_around);
    let name = &behind[..behind.find(|c| !is_inside(c)).unwrap_or(behind.len())];
    (!name.is_empty()).then(|| Name::new(name, Style::Value))
}

/// What stands in front of a word of any case at the end.
fn without_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (rest, end) = text.split_at_checked(text.len().checked_sub(word.len())?)?;
    (end.eq_ignore_ascii_case(word) && !rest.ends_with(is_inside)).then_some(rest)
}
