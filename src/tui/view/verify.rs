//! The Verify tab, what the list and the summary say of a signature.

use super::{
    canvas::{Canvas, Span},
    theme::Theme,
};
use crate::{
    text,
    token::{
        Form, jwe,
        verify::{Step, StepOutcome, Verdict, Verification},
    },
    tui::app::{Model, inspector::Tab, layout::Area, page::Tone, tokens::Row, verify::tone},
};

/// `2 to fix`: how many steps of the checklist a resource server would refuse.
pub(super) fn heading<'a>(model: &Model, theme: Theme) -> Vec<Span<'a>> {
    let verification = model.tokens.selected().and_then(|row| model.verification(row));
    let failed = |step: &&Step| matches!(step.outcome, StepOutcome::Failed { .. });
    match verification.map_or(0, |verification| verification.steps.iter().filter(failed).count()) {
        0 => Vec::new(),
        count => vec![(format!("{count} to fix").into(), theme.tone(Tone::Warn))],
    }
}

/// Draws the checklist.
pub(super) fn draw(model: &Model, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let lines = model.verdicts.sheet.lines.iter().skip(model.inspector.place(Tab::Verify).offset);
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
            ("✗ invalid signature", tone(verdict), algorithm())
        }
        (Form::Jws(_), _) if is_unsigned(row) => ("▲ not signed", Tone::Warn, "alg none".to_owned()),
        (Form::Jws(jws), _) if jws.signature.is_empty() => ("▲ the signature is missing", Tone::Warn, algorithm()),
        (Form::Jws(_), Some(verdict @ Verdict::Malformed(_))) => ("▲ malformed", tone(verdict), algorithm()),
        (Form::Jws(_), Some(Verdict::CannotVerify(reason))) => {
            ("▲ cannot verify", Tone::Warn, format!("{} · {}", algorithm(), text::visible(&reason.why)))
        }
        (Form::Jws(_), _) => ("decoded, not verified", Tone::Plain, algorithm()),
        (Form::Jwe(_), _) if let Some(decryption) = model.decryption(row) => match &decryption.verdict {
            jwe::DecryptionVerdict::Decrypted => {
                let key = text::visible(decryption.key.as_deref().unwrap_or_default());
                ("✔ decrypted", Tone::Good, format!("with {key} · {}", algorithm()))
            }
            verdict => ("▲ not decrypted", Tone::Warn, format!("{} · {}", verdict.as_str(), algorithm())),
        },
        (Form::Jwe(_), _) => ("encrypted, only the header can be read", Tone::Plain, algorithm()),
        (Form::Opaque, _) if row.old.is_some_and(|old| !old.whole) => {
            ("only fingerprint, kind and expiry are kept", Tone::Plain, row.fingerprint.to_string())
        }
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
