//! A token for people to read.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::{
    decryption,
    style::{Role, Style},
};
use crate::{
    clock::{self, Timestamp, Zone},
    text::visible,
    token::{
        Form, Format, Payload, Token,
        detect::Found,
        findings::{Severity, findings},
        json::Json,
        jwe::{Content, DEEPEST, Decryption, DecryptionKeys, DecryptionVerdict, decrypt, inner, parameters::Parameter},
        lifetime::{Lifetime, NumericDates, TimeState},
    },
};

/// The claims that are dates.
const DATES: [&str; 3] = ["nbf", "iat", "exp"];
/// Names are aligned up to this width; longer ones push their value out.
const NAME_WIDTH: usize = 24;
/// A list or object goes on one line up to this length.
const ONE_LINE: usize = 70;

/// Writes about a token.
pub(super) struct Report<'a> {
    /// What an encrypted token is decrypted with.
    pub(super) keys: &'a DecryptionKeys,
    pub(super) now: Timestamp,
    pub(super) zone: Zone,
    pub(super) style: Style,
}

impl Report<'_> {
    /// Several tokens, one after another, each under the place where it was found.
    pub(super) fn of_all(&self, tokens: &[(Found, Token)]) -> String {
        let one = |(number, (found, token)): (usize, &(Found, Token))| {
            let place = visible(found.place.as_deref().unwrap_or("text")).into_owned();
            let title = format_args!("{} of {}  {place}", number + 1, tokens.len());
            let title = self.style.paint(Role::Title, title);
            let mut out = title + "\n";
            self.write(token, &found.lifetime(token), 0, &mut out);
            out
        };
        tokens.iter().enumerate().map(one).collect::<Vec<_>>().join("\n")
    }

    /// All that a token says, and what is inside of it; where it was, if it was in another text.
    pub(super) fn of(&self, found: &Found, token: &Token) -> String {
        let mut out = String::new();
        if let Some(place) = &found.place {
            let _ = writeln!(out, "{}", self.style.paint(Role::Title, visible(place)));
        }
        self.write(token, &found.lifetime(token), 0, &mut out);
        out
    }

    fn write(&self, token: &Token, lifetime: &Lifetime, depth: usize, out: &mut String) {
        let decryption = matches!(token.form(), Form::Jwe(_)).then(|| decrypt(token, self.keys));
        self.title(token, lifetime, decryption.as_ref(), out);
        if let Some(header) = token.header() {
            self.section("header", header, None, decryption.is_some(), out);
        }
        if let Some(claims) = token.claims() {
            self.section("claims", claims, token.dates(), false, out);
        }
        let nested = inner(token);
        if let Some(plaintext) = decryption.as_ref().and_then(|decryption| decryption.plaintext.as_ref()) {
            match &plaintext.content {
                Content::Json(json) => self.section("plaintext", json, Some(&plaintext.dates), false, out),
                Content::Text(text) => self.text("plaintext", text.as_bytes(), out),
                Content::Bytes => self.text("plaintext", plaintext.bytes(), out),
                Content::Token(_) => {}
            }
        } else if nested.is_some() {
            // It is shown below, as the token that it is.
        } else if let Form::Jws(jws) = token.form()
            && let Payload::Bytes(bytes) = &jws.payload
            && !bytes.is_empty()
        {
            self.text("payload", bytes, out);
        }
        if let Some(content) = token.content() {
            if let Some(claims) = &content.claims {
                self.section("claims", claims, Some(&content.dates), false, out);
            }
            if let Some((name, json)) = &content.beside {
                self.section(name, json, None, false, out);
            }
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
        match decryption.as_ref().and_then(Decryption::nested).or(nested.as_ref()) {
            Some(_) if depth + 1 >= DEEPEST => {
                let _ = writeln!(out, "\ncontains another token; only {DEEPEST} levels are shown");
            }
            Some(nested) => {
                let _ = write!(out, "\n{}  ", self.style.paint(Role::Title, "inside"));
                self.write(nested, &nested.lifetime(), depth + 1, out);
            }
            None => {}
        }
    }

    /// Bytes that are no JSON.
    fn text(&self, title: &str, bytes: &[u8], out: &mut String) {
        let _ = writeln!(out, "\n{}", self.style.paint(Role::Title, title));
        let _ = match str::from_utf8(bytes) {
            Ok(text) => writeln!(out, "  {}", visible(text)),
            Err(_) => writeln!(out, "  {} bytes that are not text", bytes.len()),
        };
    }

    fn title(&self, token: &Token, lifetime: &Lifetime, decryption: Option<&Decryption>, out: &mut String) {
        let opened = decryption.is_some_and(|decryption| decryption.verdict == DecryptionVerdict::Decrypted);
        let what = match token.form() {
            _ if token.format().is_some() => token.format().map_or("", Format::as_str).to_owned(),
            Form::Jws(_) if let Some(found) = token.media_type() => format!("{} (JWT)", found.name),
            Form::Jws(_) if token.claims().is_some() => "JWT".to_owned(),
            Form::Jws(_) => "JWS".to_owned(),
            Form::Jwe(_) if opened => "JWE".to_owned(),
            Form::Jwe(_) => "JWE, encrypted: only its header can be read".to_owned(),
            Form::Opaque => "opaque token: only its issuer can interpret it".to_owned(),
        };
        let fingerprint = self.style.paint(Role::Quiet, format_args!("fingerprint {}", token.fingerprint()));
        let _ = writeln!(out, "{}  {fingerprint}", self.style.paint(Role::Title, what));
        if let Form::Jws(jws) = token.form() {
            let alg = token.alg().map_or_else(|| "no alg".to_owned(), |alg| visible(&alg).into_owned());
            let _ = writeln!(out, "signature  {alg}, {} bytes: decoded, not verified", jws.signature.len());
        }
        if token.content().is_some_and(|content| content.claims.is_some()) {
            out.push_str("signature  decoded, not verified\n");
        }
        if let Some(decryption) = decryption {
            out.push_str(&decryption::line(decryption, self.style));
            out.push_str(&decryption::cautions(decryption, self.style));
        }
        let claims = decryption.and_then(|decryption| decryption.plaintext.as_ref()).map(|plaintext| &plaintext.dates);
        if decryption.is_some() && claims.is_none_or(|dates| *dates == NumericDates::default()) {
            // What an encrypted token says of its time is inside, if anything is.
            return;
        }
        let (role, words) = self.state(&claims.map_or(*lifetime, |dates| Lifetime::new(Some(dates), None, None)));
        let _ = writeln!(out, "state      {}", self.style.paint(role, words));
    }

    fn state(&self, lifetime: &Lifetime) -> (Role, String) {
        let relative = |time: Option<Timestamp>| time.map_or_else(String::new, |time| clock::relative(time, self.now));
        match lifetime.state(self.now) {
            TimeState::ValidByTime => {
                let left = lifetime.expires_at.map(|end| format!(": {} left", clock::span(end - self.now)));
                (Role::Good, format!("active{}", left.unwrap_or_default()))
            }
            TimeState::Expired => (Role::Bad, format!("expired {}", relative(lifetime.expires_at))),
            TimeState::NotYetValid => {
                (Role::Warning, format!("not yet valid, starts {}", relative(lifetime.not_before)))
            }
            TimeState::Unknown if lifetime.unreadable => {
                (Role::Warning, "unknown: cannot read a date of the token".to_owned())
            }
            TimeState::Unknown => (Role::Quiet, "unknown: the token has no expiry".to_owned()),
        }
    }

    /// The members of an object, a line each; with dates, or explained.
    fn section(&self, title: &str, json: &Json, dates: Option<&NumericDates>, explained: bool, out: &mut String) {
        let dates = dates.map(|dates| [&dates.nbf, &dates.iat, &dates.exp]);
        let _ = writeln!(out, "\n{}", self.style.paint(Role::Title, title));
        let rows: Vec<_> = json
            .children(0)
            .map(|(index, node)| {
                let name = json.key(node).unwrap_or_default();
                // The dates of the token are those of the last member of a name.
                let date = DATES.iter().position(|date| name == *date && json.member(date) == Some(node));
                let meaning = Parameter::named(&name).filter(|_| explained).map(|parameter| parameter.meaning);
                (index, visible(&name).into_owned(), date.and_then(|date| dates?[date].as_ref()), meaning)
            })
            .collect();
        let width = rows.iter().map(|(_, name, ..)| name.width()).max().unwrap_or(0).min(NAME_WIDTH);
        for (index, name, date, meaning) in rows {
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
            if let Some(meaning) = meaning {
                let _ = write!(out, "  {}", self.style.paint(Role::Quiet, meaning));
            }
            out.push('\n');
        }
        if json.children(0).next().is_none() {
            let _ = writeln!(out, "  {}", json.compact(0));
        }
    }
}
