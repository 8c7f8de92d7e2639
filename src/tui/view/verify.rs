//! The Verify tab, what the list and the summary say of a signature, and the question before going online.

use super::{
    canvas::{Canvas, Span},
    dialog,
    theme::Theme,
};
use crate::{
    auth::keys::KeySource,
    oauth::metadata,
    text,
    token::{
        Form, jwe,
        verify::{Verdict, Verification, keys::SecretEncoding},
    },
    tui::app::{
        Model,
        keyring::Whose,
        layout::{Area, centred},
        mode::Wanted,
        page::{Tone, write::wrap},
        tokens::Row,
        verify::tone,
    },
};

/// Draws the checklist.
pub(super) fn draw(model: &Model, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let lines = model.verdicts.sheet.lines.iter().skip(model.inspector.cursor.offset);
    for (row, line) in lines.take(usize::from(area.height)).enumerate() {
        let spans = line.iter().map(|(text, tone)| (text.as_str().into(), theme.tone(*tone)));
        canvas.write(area.below(row as u16), spans);
    }
}

/// What is known of a signature, in words: only a key that the user gave makes it "verified".
pub(super) fn signature<'a>(model: &Model, row: &'a Row, theme: Theme) -> Vec<Span<'a>> {
    let algorithm = || row.algorithm.clone().unwrap_or_else(|| "no alg".to_owned());
    let verification = model.verification(row);
    let verdict = verification.map(|verification| &verification.verdict);
    let key = verification.and_then(|verification| verification.key.as_deref()).unwrap_or_default();
    let (words, tone, detail) = match (row.token.form(), verdict) {
        (Form::Jws(_), Some(Verdict::Valid)) if let Some(step) = verification.and_then(Verification::refused) => {
            ("▲ not accepted", Tone::Warn, format!("{} · the signature is valid, the {step} check failed", algorithm()))
        }
        (Form::Jws(_), Some(Verdict::Valid)) => {
            ("✔ verified", Tone::Good, format!("{} · by {}", algorithm(), text::visible(key)))
        }
        (Form::Jws(_), Some(verdict @ Verdict::InvalidSignature)) => {
            ("✖ invalid signature", tone(verdict), algorithm())
        }
        (Form::Jws(_), _) if is_unsigned(row) => ("▲ not signed", Tone::Warn, "alg none".to_owned()),
        (Form::Jws(jws), _) if jws.signature.is_empty() => ("▲ the signature is missing", Tone::Warn, algorithm()),
        (Form::Jws(_), Some(verdict @ Verdict::Malformed(_))) => ("▲ malformed", tone(verdict), algorithm()),
        (Form::Jws(_), Some(Verdict::CannotVerify(reason))) => {
            ("▲ cannot verify", Tone::Warn, format!("{} · {}", algorithm(), text::visible(&reason.why)))
        }
        (Form::Jws(_), _) => ("decoded, not verified", Tone::Plain, algorithm()),
        (Form::Jwe(_), _) if let Some(decryption) = model.decryption(row) => match &decryption.verdict {
            jwe::Verdict::Decrypted => {
                let key = text::visible(decryption.key.as_deref().unwrap_or_default());
                ("✔ decrypted", Tone::Good, format!("with {key} · {}", algorithm()))
            }
            verdict => ("▲ not decrypted", Tone::Warn, format!("{} · {}", verdict.as_str(), algorithm())),
        },
        (Form::Jwe(_), _) => ("encrypted, only the header can be read", Tone::Plain, algorithm()),
        (Form::Opaque, _) => ("opaque, nothing to decode", Tone::Plain, format!("{} bytes", row.token.raw_len())),
    };
    vec![(words.into(), theme.tone(tone)), (format!(" · {detail}").into(), theme.muted())]
}

fn is_unsigned(row: &Row) -> bool {
    row.algorithm.as_ref().is_some_and(|alg| alg.eq_ignore_ascii_case("none"))
}

/// The mark of the list: what the keys said of the signature; a sign where there is no room for the words.
pub(super) fn mark(model: &Model, row: &Row, columns: usize) -> Option<(&'static str, Tone)> {
    let verification = model.verification(row)?;
    let (sign, words, tone) = match &verification.verdict {
        Verdict::Valid if verification.refused().is_some() => ("▲", "▲ not accepted", Tone::Warn),
        verdict @ Verdict::Valid => ("✔", "✔ verified", tone(verdict)),
        verdict @ Verdict::InvalidSignature => ("✘", "✘ invalid signature", tone(verdict)),
        _ => return None,
    };
    Some((if columns >= 2 * words.chars().count() { words } else { sign }, tone))
}

/// What is asked for in a line: title, help, and whether what is typed is a secret.
pub(super) fn wanted(wanted: Wanted) -> (&'static str, &'static str, bool) {
    match wanted {
        Wanted::Secret(SecretEncoding::Text) => ("Secret", "The secret that the token was signed with, as text.", true),
        Wanted::Secret(SecretEncoding::Hex) => ("Secret in hex", "Two hexadecimal digits per byte.", true),
        Wanted::Secret(SecretEncoding::Base64) => ("Secret in base64", "With + and /, padding or none.", true),
        Wanted::Secret(SecretEncoding::Base64url) => ("Secret in base64url", "With - and _, padding or none.", true),
        Wanted::KeyFile => ("Key file", "Its path: PEM, DER, JWK, JWK set or certificate.", false),
        Wanted::KeyText => ("Key, pasted", "PEM, JWK or JWK set; can span several lines.", true),
        Wanted::JwkSet => ("JWK set URL", "It is contacted only after confirmation.", false),
        Wanted::Time => ("Time travel", "+2h, -1d12h, 2026-11-21T21:35:38Z, or Unix seconds.", false),
    }
}

/// The question before going online, with the whole URL.
pub(super) fn fetch(model: &Model, source: &KeySource, whose: &Whose, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (columns, rows) = model.size;
    let width = columns.min(84);
    let room = usize::from(width.saturating_sub(4)).max(1);
    let url = match source {
        KeySource::Issuer(issuer) => metadata::configuration_url(issuer).map_or_else(|| issuer.clone(), String::from),
        source => source.to_string(),
    };
    let mut lines: Vec<(String, Tone)> = Vec::new();
    let mut put = |text: &str, tone| lines.extend(wrap(text, room).into_iter().map(|line| (line.to_owned(), tone)));
    put("Go online and fetch this?", Tone::Heading);
    put(&text::visible(&url), Tone::Accent);
    if matches!(source, KeySource::Issuer(_)) {
        put("Its JWK set is fetched too; on another host, only after you agree.", Tone::Muted);
    }
    if let (KeySource::JwkSet(_), Whose::Issuer(issuer)) = (source, whose) {
        put(&text::visible(&format!("{issuer} names this address for its keys.")), Tone::Muted);
    }
    put("", Tone::Plain);
    put(
        match whose {
            Whose::Given(..) => {
                "Its keys count for this token, for others of its issuer and for those that name one of them by its kid, \
                 until the program ends."
            }
            Whose::Issuer(_) => {
                "The token itself names this issuer: continue only if you trust it. Its keys count only for tokens of \
                 this issuer. The token is not sent."
            }
            Whose::Profile(_) => "The profile remembers it. The token is not sent.",
        },
        Tone::Muted,
    );
    put("", Tone::Plain);
    let height = u16::try_from(lines.len() + 3).unwrap_or(u16::MAX);
    let area = centred((columns, rows.saturating_sub(u16::from(rows > height))), width, height);
    let inner = dialog::frame(area, "Verification keys", canvas);
    for (row, (line, tone)) in lines.iter().take(usize::from(inner.height.saturating_sub(1))).enumerate() {
        canvas.write(inner.below(row as u16), [(line.as_str().into(), theme.tone(*tone))]);
    }
    dialog::yes_or_no(model, inner.below(inner.height.saturating_sub(1)), canvas);
}
