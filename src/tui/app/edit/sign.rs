//! How an edited token comes by its signature, and its way into the list.

use crate::{
    secret::ExposeSecret as _,
    text,
    token::{
        Form, Token,
        json::Json,
        sign::{self, SignError, SigningKeys},
        verify::policy::Policy,
    },
    trouble::Told as _,
    tui::app::{
        Model,
        input::Input,
        message::{Effect, Effects},
        mode::{self, Choice, Mode, Taken, Wanted},
        notices::Level,
    },
};

/// How the new token comes by its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignWith {
    /// HMAC, with a secret.
    Secret,
    /// With a private key from a file.
    KeyFile,
    /// None: `alg` none.
    Unsecured,
    /// The one of the token that was edited, which fits no longer.
    Kept,
}

/// Ways to sign: title, what it means, what it is.
pub(in crate::tui::app) const SIGNATURES: [(&str, &str, SignWith); 4] = [
    ("With a secret", "HS256, or HS384 or HS512 if the header names it", SignWith::Secret),
    ("With a private key", "a JWK, PEM or DER file; may change alg to fit it", SignWith::KeyFile),
    ("Without a signature", "alg becomes none: anyone could have created it", SignWith::Unsecured),
    ("With the old signature", "no longer matches: servers must reject the token", SignWith::Kept),
];

/// Asks how to sign; not while there is a mistake, where the cursor goes.
pub(in crate::tui::app) fn choose_signature(model: &mut Model) {
    let Some(editor) = model.modes.editor_mut() else { return };
    let wrong = editor.parts.iter().position(|part| part.mistake.is_some());
    let Some(at) = wrong else { return mode::choose(model, Choice::Signature) };
    editor.open = at;
    if let Some(SignError::Json { line, column, .. }) = editor.part().mistake {
        editor.part().buffer.move_to(line - 1, column - 1);
    }
    let mistake = editor.part().mistake.as_ref().map(SignError::line);
    editor.problem = mistake.map(|words| text::visible(&words).into_owned());
}

/// A way was chosen.
pub(in crate::tui::app) fn sign_by(model: &mut Model, how: SignWith) {
    let Some(editor) = model.modes.editor_mut() else { return };
    let [claims, header] = &editor.parts;
    let (claims, header) = (claims.result(), header.result());
    match how {
        SignWith::Secret => mode::type_line(model, Wanted::SigningSecret),
        SignWith::KeyFile => mode::type_line(model, Wanted::SigningKeyFile),
        SignWith::Unsecured => {
            let made = sign::unsecured(&with_alg(&header, "none"), &claims);
            finish(model, made.map(|token| (token, "alg none, no signature".to_owned(), None)));
        }
        SignWith::Kept => {
            let old = signature(&editor.original.token).to_owned();
            let made = sign::with_signature(&header, &claims, &old);
            finish(model, made.map(|token| (token, "the old signature, which no longer matches".to_owned(), None)));
        }
    }
}

/// The secret was typed.
pub(in crate::tui::app) fn sign_with_secret(model: &mut Model, _: &Wanted, input: &mut Input) -> Taken {
    let secret = input.take();
    sign_with(model, &SigningKeys::secret(secret.expose_secret().as_bytes(), "the secret"));
    Some(Effects::none())
}

/// The path of the key file was typed.
pub(in crate::tui::app) fn read_key_file(model: &mut Model, _: &Wanted, input: &mut Input) -> Taken {
    let path = input.text().to_owned();
    model.modes.editor_mut().into_iter().for_each(|editor| editor.path.clone_from(&path));
    model.modes.push(Mode::Reading(path.clone()));
    Some(Effect::ReadSigningKeys(path).into())
}

/// The key file was read, or was not. Whoever left meanwhile, or named another file, does not want it any more.
pub(in crate::tui::app) fn keys_read(model: &mut Model, path: &str, result: Result<SigningKeys, String>) {
    if model.modes.take(|mode| matches!(mode, Mode::Reading(read) if read == path)).is_none() {
        return;
    }
    match result {
        Ok(keys) => sign_with(model, &keys),
        Err(why) => {
            let why = text::visible(&why).into_owned();
            model.modes.editor_mut().into_iter().for_each(|editor| editor.problem = Some(why.clone()));
        }
    }
}

fn sign_with(model: &mut Model, keys: &SigningKeys) {
    let Some(editor) = model.modes.editor_mut() else { return };
    let [claims, header] = &editor.parts;
    let (claims, header) = (claims.result(), header.result());
    // A short secret is what many test servers have; the notice says so.
    let policy = Policy { allow_weak_key: true, ..Policy::default() };
    let alg = |header: &Json| header.member("alg").and_then(|node| header.string(node)).map(|alg| alg.into_owned());
    let json = Json::parse(header.as_str());
    let kid = json.member("kid").and_then(|node| json.string(node));
    let made = keys.choose(kid.as_deref()).and_then(|(_, key)| {
        let fits = alg(&json).is_some_and(|alg| key.fits(&alg));
        let header = if fits { header.clone() } else { with_alg(&header, sign::natural(key).name) };
        let signed = sign::sign(&header, &claims, keys, &policy)?;
        let name = alg(&Json::parse(header)).unwrap_or_default();
        Ok((signed.token, format!("signed with {}, {name}", signed.key), signed.waived.map(|reason| reason.why)))
    });
    finish(model, made);
}

/// A new row on top, or what is wrong.
fn finish(model: &mut Model, made: Result<(String, String, Option<String>), SignError>) {
    let Some(editor) = model.modes.editor_mut() else { return };
    match made {
        Ok((token, how, remark)) => {
            let original = editor.original.clone();
            let how = text::visible(&how).into_owned();
            model.modes.take(|mode| matches!(mode, Mode::Edit(_)));
            model.tokens.add_made(&original, &how, Token::inspect(&token));
            let remark = remark.map(|remark| format!("allowed for this token: {remark}"));
            let level = if remark.is_some() { Level::Warning } else { Level::Success };
            model.tell_about(None, level, &format!("Token made: {how}."), remark.as_deref());
        }
        Err(error) => {
            editor.problem = Some(text::visible(&error.line()).into_owned());
        }
    }
}

fn with_alg(header: &str, alg: &str) -> String {
    let alg = format!("\"{alg}\"");
    Json::parse(header).with_member("alg", &alg).expect("the header was checked to be an object before")
}

/// The signature as it stands in the token.
fn signature(token: &Token) -> &str {
    match token.form() {
        Form::Jws(jws) => &token.raw().expose_secret()[jws.segments[2].clone()],
        _ => "",
    }
}
