//! `:call METHOD PATH`: a request to an API under the token of the profile in focus. What comes is that profile's last exchange.

use std::fmt;

use super::{
    Model,
    keymap::{self, Action},
    message::{Effects, What},
    mode::{self, Question},
    notices::Level,
    page::Tone,
    target, tasks,
};
use crate::{
    http::Method,
    profile::ProfileName,
    session::{is_reading, method},
    text,
};

/// What is asked of an API.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiRequest {
    /// GET, POST …
    pub method: Method,
    /// A path below the profile's `url`, or a whole URL.
    pub target: String,
    /// The body.
    pub data: Option<String>,
    /// The protected environment that the user has typed to confirm it.
    pub environment: Option<String>,
}

/// Neither the query nor the body: both may hold a secret.
impl fmt::Debug for ApiRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

impl ApiRequest {
    /// `GET /api/user/v1/me`, without the query; sanitized.
    pub(crate) fn words(&self) -> String {
        let path = self.target.split(['?', '#']).next().unwrap_or_default();
        format!("{} {}", self.method, text::visible(path))
    }

    /// It may change something at the server.
    pub(super) fn changes(&self) -> bool {
        !is_reading(&self.method)
    }
}

/// Reads `call [METHOD] PATH [DATA]`; `None`: it is something else. Without a method it is GET, or POST with data.
pub(super) fn read(typed: &str) -> Option<Result<ApiRequest, &'static str>> {
    let (command, rest) = typed.trim_start().split_once(' ')?;
    if !command.eq_ignore_ascii_case("call") {
        return None;
    }
    let is_target = |word: &str| word.starts_with('/') || word.contains("://");
    let (first, behind) = word(rest);
    let (named, (target, data)) = match is_target(first) {
        true => (None, (first, behind)),
        false => (Some(first), word(behind)),
    };
    let data = Some(data).filter(|data| !data.is_empty()).map(str::to_owned);
    let default = if data.is_some() { Method::POST } else { Method::GET };
    Some(match named.map_or(Ok(default), method) {
        Ok(method) if is_target(target) => {
            Ok(ApiRequest { method, target: target.to_owned(), data, environment: None })
        }
        Ok(_) => Err("write a path that begins with /, or a URL"),
        Err(why) => Err(why),
    })
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(' ').map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

/// The profile under whose token it would go, or why there is none.
pub(super) fn whose(model: &Model) -> Result<ProfileName, String> {
    let row = target::profile(model).map_err(|refusal| refusal.words().0)?;
    match &row.holding {
        None if !model.vault.is_locked() => Err(format!("{} has no tokens", row.profile.name)),
        _ => Ok(row.profile.name.clone()),
    }
}

/// Asks first where something may change in a protected environment.
pub(super) fn begin(model: &mut Model, profile: ProfileName, request: ApiRequest) -> Effects {
    match model.guard(&profile) {
        Some(_) if request.changes() => mode::ask(model, Question::Call(profile, request)),
        _ => tasks::start(model, What::Call(request), profile),
    }
    Effects::none()
}

/// The question before something may change.
pub(super) fn lines(model: &Model, profile: &ProfileName, request: &ApiRequest) -> Vec<(String, Tone)> {
    let environment = model.profiles.row(profile).and_then(|row| row.environment.as_deref()).unwrap_or_default();
    vec![
        (format!("Send {} under the token of {profile}?", request.words()), Tone::Heading),
        (format!("It may change something in {}.", text::visible(environment)), Tone::Warn),
    ]
}

/// What is done once it is confirmed.
pub(super) fn confirmed(model: &Model, profile: &ProfileName, request: &ApiRequest) -> Action {
    let environment = model.profiles.row(profile).and_then(|row| row.environment.clone());
    Action::Start(What::Call(ApiRequest { environment, ..request.clone() }), profile.clone())
}

/// The server has answered. Where the user is still on that profile, the answer comes up.
pub(super) fn answered(model: &mut Model, profile: &ProfileName, request: &ApiRequest, status: u16) -> Effects {
    let row = model.profiles.row(profile);
    let took = row.and_then(|row| super::exchange::took(row.exchange.as_ref()?)).map(|took| format!(" after {took}"));
    let words = format!("{}: {status}{}.", request.words(), took.unwrap_or_default());
    let level = if (200..300).contains(&status) { Level::Success } else { Level::Warning };
    let is_here = model.modes.is_empty() && model.target().is_some_and(|row| row.profile.name == *profile);
    if is_here {
        model.tell_about(Some(profile), level, &words, None);
        return keymap::act(model, Action::ShowExchange);
    }
    model.advise(Some(profile), level, &words, "{key:exchange} shows it");
    Effects::none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_request_or_says_what_is_missing() {
        for (typed, words, data) in [
            ("call /api", "GET /api", None),
            ("call  get   /api?key=s3cret ", "GET /api", None),
            ("CALL DELETE /api/7", "DELETE /api/7", None),
            ("call https://lms.example.org/x", "GET https://lms.example.org/x", None),
            (r#"call POST /corpus {"q": "a  b"}"#, "POST /corpus", Some(r#"{"q": "a  b"}"#)),
            ("call /corpus q=1", "POST /corpus", Some("q=1")),
        ] {
            let request = read(typed).unwrap().unwrap();
            assert_eq!((request.words().as_str(), request.data.as_deref()), (words, data), "{typed}");
            assert_eq!(format!("{request:?}"), words, "no secret in Debug");
        }
        for typed in ["call ", "call GET", "call GET api", "call CONNECT /x", "call TRACE /x", "call G3T /x"] {
            assert!(read(typed).unwrap().is_err(), "{typed}");
        }
        for typed in ["", "call", "callx /y", "copy header", "recall /x"] {
            assert!(read(typed).is_none(), "{typed}");
        }
    }
}
