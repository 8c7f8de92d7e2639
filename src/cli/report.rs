//! A token for people to read.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::style::{Role, Style};
use crate::{
    clock::{self, Timestamp, Zone},
    text::visible,
    token::{
        Form, Format, Payload, Token,
        detect::Found,
        findings::{Severity, findings},
        json::Json,
        lifetime::{Lifetime, NumericDate, TimeState},
    },
};

/// The claims that are dates.
const DATES: [&str; 3] = ["nbf", "iat", "exp"];
/// Names are aligned up to this width; longer ones push their value out.
const NAME_WIDTH: usize = 24;
/// A list or object goes on one line up to this length.
const ONE_LINE: usize = 70;

/// Writes about a token.
pub(super) struct Report {
    pub(super) now: Timestamp,
    pub(super) zone: Zone,
    pub(super) style: Style,
}

impl Report {
    /// Several tokens, one after another, each under the place where it was found.
    pub(super) fn of_all(&self, tokens: &[(&Found, Token)]) -> String {
        let one = |(number, (found, token)): (usize, &(&Found, Token))| {
            let place = visible(found.place.as_deref().unwrap_or("text")).into_owned();
            let title = self.style.paint(Role::Title, format_args!("{} of {}  {place}", number + 1, tokens.len()));
            format!("{title}\n{}", self.of(token))
        };
        tokens.iter().enumerate().map(one).collect::<Vec<_>>().join("\n")
    }

    /// All that a token says.
    pub(super) fn of(&self, token: &Token) -> String {
        let mut out = String::new();
        self.title(token, &mut out);
        if let Some(header) = token.header() {
            self.section("header", header, None, &mut out);
        }
        if let Some(claims) = token.claims() {
            self.section("claims", claims, token.dates().map(|dates| [&dates.nbf, &dates.iat, &dates.exp]), &mut out);
        }
        if let Form::Jws(jws) = token.form()
            && let Payload::Bytes(bytes) = &jws.payload
            && !bytes.is_empty()
        {
            let _ = writeln!(out, "\n{}", self.style.paint(Role::Title, "payload"));
            let _ = match str::from_utf8(bytes) {
                Ok(text) => writeln!(out, "  {}", visible(text)),
                Err(_) => writeln!(out, "  {} bytes that are no text", bytes.len()),
            };
        }
        if let Some(payload) = token.paseto_payload() {
            self.section("payload", &payload, None, &mut out);
        }
        let disclosures = token.disclosures();
        if !disclosures.is_empty() {
            let _ = writeln!(out, "\n{}", self.style.paint(Role::Title, "disclosures"));
        }
        for shown in disclosures {
            let name = shown.name.unwrap_or_else(|| "(element)".to_owned());
            let _ = writeln!(out, "  {}  {}", self.style.paint(Role::Name, visible(&name)), shown.value);
        }
        if !token.defects().is_empty() {
            let _ = writeln!(out, "\n{}", self.style.paint(Role::Title, "defects"));
        }
        for defect in token.defects() {
            let code = self.style.paint(Role::Warning, defect.code);
            let byte = defect.bytes.as_ref().map_or_else(String::new, |bytes| format!(" (byte {})", bytes.start));
            let _ = writeln!(out, "  {code} in {}{byte}: {}", visible(&defect.place), visible(&defect.text));
        }
        let findings = findings(token, self.now);
        if !findings.is_empty() {
            let _ = writeln!(out, "\n{}", self.style.paint(Role::Title, "findings"));
        }
        for finding in findings {
            let role = match finding.severity {
                Severity::Danger => Role::Bad,
                Severity::Warning => Role::Warning,
                Severity::Info => Role::Quiet,
            };
            let code = self.style.paint(role, finding.code);
            let (place, text) = (visible(&finding.place), visible(&finding.text));
            let _ = writeln!(out, "  {code} in {place}: {text} ({})", finding.source);
        }
        out
    }

    fn title(&self, token: &Token, out: &mut String) {
        let what = match token.form() {
            _ if token.format().is_some() => token.format().map_or("", Format::as_str).to_owned(),
            Form::Jws(_) if token.claims().is_some() => "JWT".to_owned(),
            Form::Jws(_) => "JWS".to_owned(),
            Form::Jwe(_) => "JWE, encrypted: only its header can be read".to_owned(),
            Form::Opaque => "opaque token: only its issuer can tell what it means".to_owned(),
        };
        let fingerprint = self.style.paint(Role::Quiet, format_args!("fingerprint {}", token.fingerprint()));
        let _ = writeln!(out, "{}  {fingerprint}", self.style.paint(Role::Title, what));
        if let Form::Jws(jws) = token.form() {
            let alg = token.alg().map_or_else(|| "no alg".to_owned(), |alg| visible(&alg).into_owned());
            let _ = writeln!(out, "signature  {alg}, {} bytes: decoded, not verified", jws.signature.len());
        }
        let (role, words) = self.state(&token.lifetime());
        let _ = writeln!(out, "state      {}", self.style.paint(role, words));
    }

    fn state(&self, lifetime: &Lifetime) -> (Role, String) {
        let relative = |time: Option<Timestamp>| time.map_or_else(String::new, |time| clock::relative(time, self.now));
        match lifetime.state(self.now) {
            TimeState::ValidByTime => (Role::Good, format!("valid by time, expires {}", relative(lifetime.expires_at))),
            TimeState::Expired => (Role::Bad, format!("expired {}", relative(lifetime.expires_at))),
            TimeState::NotYetValid => {
                (Role::Warning, format!("not yet valid, starts {}", relative(lifetime.not_before)))
            }
            TimeState::Unknown if lifetime.unreadable => {
                (Role::Warning, "unknown: a date of the token cannot be read".to_owned())
            }
            TimeState::Unknown => (Role::Quiet, "unknown: the token does not say when it expires".to_owned()),
        }
    }

    fn section(&self, title: &str, json: &Json, dates: Option<[&Option<NumericDate>; 3]>, out: &mut String) {
        let _ = writeln!(out, "\n{}", self.style.paint(Role::Title, title));
        let rows: Vec<_> = json
            .children(0)
            .map(|(index, node)| {
                let name = json.key(node).unwrap_or_default();
                // The dates of the token are those of the last member of a name.
                let date = DATES.iter().position(|date| name == *date && json.member(date) == Some(node));
                (index, visible(&name).into_owned(), date.and_then(|date| dates?[date].as_ref()))
            })
            .collect();
        let width = rows.iter().map(|(_, name, _)| name.width()).max().unwrap_or(0).min(NAME_WIDTH);
        for (index, name, date) in rows {
            let pad = " ".repeat(width.saturating_sub(name.width()));
            let mut value = json.compact(index);
            if value.width() > ONE_LINE && json.nodes()[index].next as usize > index + 1 {
                value.clear();
                json.write_pretty(index, &mut value, 2);
            }
            let _ = write!(out, "  {}{pad}  {value}", self.style.paint(Role::Name, name));
            if let Some(time) = date.and_then(|date| date.time) {
                let (local, utc) = (clock::local(time, self.zone), clock::utc(time));
                let words = format!("{local} · {utc} · {}", clock::relative(time, self.now));
                let _ = write!(out, "  {}", self.style.paint(Role::Quiet, words));
            }
            out.push('\n');
        }
        if json.children(0).next().is_none() {
            let _ = writeln!(out, "  {}", json.compact(0));
        }
    }
}
