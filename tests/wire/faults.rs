//! Every bad mode of the table, headless: a refresh and a login end in time, say what happened and what to do, show no secret, and
//! leave the session as it should be.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::{fmt::Write as _, time::Duration};

use async_trait::async_trait;
use tokscope::{
    auth::{AuthError, Interaction, Progress, Prompt, TokenSet},
    profile::Profile,
    providers,
    secret::{ExposeSecret as _, SecretString},
    session::Session,
};

use crate::support::{
    browser::Browser,
    faults::{self, Bad, Leaves, MARKER, Met, Mode, OLD},
};

/// Only passes where something hangs: a mode that waits has a time-out of two seconds.
const HANGS: Duration = Duration::from_secs(60);

/// A user who approves whatever page opens, and is asked nothing.
struct User;

#[async_trait]
impl Interaction for User {
    fn report(&self, step: Progress) {
        if let Progress::OpenPage { url } = step {
            tokio::spawn(async move { Browser::new("Approve").open(&url).await });
        }
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        Err(AuthError::NeedsInteraction(prompt.label.into_owned()))
    }
}

#[test]
fn the_table_has_every_mode_once() {
    let mut names: Vec<_> = faults::all().map(|mode| mode.name).collect();
    for (layer, modes) in faults::TABLE {
        assert!(modes.len() >= 20, "{layer}: {}", modes.len());
    }
    assert!(names.len() >= 60, "{}", names.len());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), faults::all().count(), "a name stands for one mode");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_mode_ends_in_time_is_named_and_leaves_the_session_as_it_should_be() {
    let mut wrong = String::new();
    // Those that end by the clock come by themselves: a busy machine makes them end elsewhere.
    for waits in [false, true] {
        let mut tasks = tokio::task::JoinSet::new();
        for mode in faults::all().filter(|mode| mode.waits() == waits) {
            for call in calls(mode) {
                tasks.spawn(async move {
                    match tokio::time::timeout(HANGS, driven(mode, *call)).await {
                        Ok(wrong) => wrong,
                        Err(_) => format!("{}, {call:?}: it hangs\n", mode.name),
                    }
                });
            }
        }
        wrong.extend(tasks.join_all().await);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn calls(mode: &Mode) -> &'static [Call] {
    match mode.met {
        Met::Token if !mode.is_tls() => &[Call::Refresh, Call::Login],
        Met::Token | Met::Issuer => &[Call::Refresh],
        Met::OpenId | Met::Device | Met::Browser => &[Call::Login],
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Refresh,
    Login,
}

/// What is wrong with what came of a call.
async fn driven(mode: &'static Mode, call: Call) -> String {
    let bad = Bad::start(mode).await;
    let profile = bad.profile("p");
    let session = Session::in_memory(providers::ALL);
    session.adopt(&profile.name, faults::old_set()).unwrap();
    let done = match call {
        Call::Refresh => session.refresh(&profile, None, &User).await,
        Call::Login => session.login(&profile, &User).await,
    };
    let mut wrong = Wrong { text: String::new(), of: format!("{}, {call:?}", mode.name) };
    let is_new = matches!(mode.leaves, Leaves::New(_));
    let (said, hint) = match &done {
        Ok(set) => (set.remarks.join("; "), String::new()),
        Err(error) => (error.to_string(), error.hint().unwrap_or_default()),
    };
    wrong.unless(done.is_ok() == is_new, &format!("came to {done:?}"));
    wrong.unless(said.contains(mode.says) && (!mode.says.is_empty() || said.is_empty()), &format!("said {said:?}"));
    // What is to be done after a login is told by what was shown to the server: its own tests hold that.
    let expected = if call == Call::Refresh || mode.met != Met::Token { mode.hint } else { "" };
    wrong.unless(hint.contains(expected) && hint.is_empty() == is_new, &format!("hint {hint:?}"));
    wrong.unless(said.chars().count() < 1_000, &format!("said {} characters", said.chars().count()));
    // A refresh token that was used up would be refused the second time.
    let sent = bad.received().iter().filter(|request| request.line.starts_with("POST")).count();
    wrong.unless(sent <= 1 || mode.met == Met::Device, &format!("sent {sent} times"));
    let record = session.exchange(&profile.name);
    for shown in [format!("{said} {hint}"), format!("{done:?}"), format!("{record:?}")] {
        wrong.unless(!shown.contains(MARKER), &format!("a secret is shown: {shown}"));
    }
    stands(&session, &profile, call, mode, &done, &mut wrong);
    wrong.text
}

/// Whether the vault has what it should have.
fn stands(
    session: &Session,
    profile: &Profile,
    call: Call,
    mode: &Mode,
    done: &Result<TokenSet, AuthError>,
    wrong: &mut Wrong,
) {
    let set = session.token_set(&profile.name).unwrap().unwrap();
    let saved: Vec<_> = set.tokens.iter().map(|token| token.raw.expose_secret()).collect();
    let condition = session.condition(&profile.name).unwrap();
    let old = OLD.map(|(_, raw)| raw);
    let expected = match mode.leaves {
        Leaves::New(tokens) => tokens,
        _ => &old[..],
    };
    // Nothing of an earlier login is kept beside what a login brings, and an ID token of the server is not in the table.
    let compared = match (call, mode.leaves) {
        (Call::Login, Leaves::New(_)) => expected.iter().take_while(|token| !old.contains(token)).count(),
        _ => expected.len(),
    };
    wrong.unless(saved.get(..compared) == Some(&expected[..compared]), &format!("saved {saved:?}"));
    // A login shows no refresh token, so it leaves no mark.
    let (unknown, retired) = match call {
        Call::Refresh => (mode.leaves == Leaves::Unknown, mode.leaves == Leaves::Retired),
        Call::Login => (false, false),
    };
    wrong.unless(condition.in_flight.is_some() == unknown, &format!("in flight {:?}", condition.in_flight));
    wrong.unless(condition.retired.is_some() == retired, &format!("retired {:?}", condition.retired));
    let words = condition.retired.map(|retired| retired.words).unwrap_or_default();
    wrong.unless(!words.contains(MARKER), &format!("a secret is kept: {words}"));
    let is_unknown = matches!(done, Err(AuthError::StateUnknown(_)));
    wrong.unless(is_unknown == unknown, &format!("came to {done:?}"));
}

/// What is wrong, line by line.
struct Wrong {
    of: String,
    text: String,
}

impl Wrong {
    fn unless(&mut self, right: bool, what: &str) {
        if !right {
            _ = writeln!(self.text, "{}: {what}", self.of);
        }
    }
}
