//! The vault as the screen knows it: opening, what came out of it, locking it again.
//!
//! | state | what is in the lists | how it goes on |
//! |---|---|---|
//! | `State::Own` | the demo's tokens | it stays |
//! | `State::Fresh` | nothing was ever kept | opened by the first login, or at the start where there are profiles |
//! | `State::Locked` | pasted tokens only | a key, or the next login or refresh, opens it |
//! | `State::Open` | everything | a key, the time-out or `tokscope lock` locks it |

mod choice;
mod kept;
mod lock;

use chrono::TimeDelta;

pub(super) use self::{
    choice::{choose, in_memory},
    kept::{read, saved},
    lock::{lock, offer_lock},
};
use super::{
    Model,
    jobs::{self, Job},
    keymap::Action,
    message::{Effect, Effects, JobId, JobKind, Opened, Unopened},
    mode::{Mode, Question},
    notices::Severity,
    page::Tone,
    schedule::Wait,
};
use crate::{auth::Prompt, clock::Timestamp, profile::ProfileName, store::identity::Home, text};

/// What is known of the vault.
#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) state: State,
    /// It is being opened.
    pub(crate) opening: Option<Opening>,
    /// Nobody has said where its key is to be kept, and the keyring does not help: why not; sanitized.
    pub(super) unchosen: Option<String>,
    /// What the user wanted that needs it open.
    after: Option<(JobKind, ProfileName)>,
    /// It opens without being asked to, as soon as the first frame is there.
    by_itself: bool,
    /// When a key was pressed or something pasted for the last time.
    active_at: Timestamp,
    /// When what could not be saved is tried again, and how often it was.
    retry: Option<(Wait, u32)>,
}

/// What can be done with the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// One in memory that nobody has to know of: the demo's.
    Own,
    /// Nothing was ever kept in it.
    Fresh,
    /// Its key is here; where it is kept.
    Open(Home),
    /// Its key is not here.
    Locked,
}

/// An opening that is under way.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) id: JobId,
    /// It waits for the passphrase.
    pub(crate) prompt: Option<Prompt>,
    /// The key is there: the vault is being read.
    has_key: bool,
}

/// How the vault is found at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtStart {
    /// In memory, and open: the demo's.
    InMemory,
    /// Closed; nothing was ever kept in it.
    Fresh,
    /// Closed.
    Locked,
}

impl Vault {
    pub(super) fn new(at_start: AtStart, has_profiles: bool, now: Timestamp) -> Self {
        let (state, by_itself) = match at_start {
            AtStart::InMemory => (State::Own, false),
            AtStart::Fresh => (State::Fresh, has_profiles),
            AtStart::Locked => (State::Locked, true),
        };
        Self { state, opening: None, unchosen: None, after: None, by_itself, active_at: now, retry: None }
    }

    /// Tokens can be read and kept.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Own | State::Open(_))
    }

    /// There may be tokens in it that are not on screen.
    pub(crate) fn is_locked(&self) -> bool {
        self.state == State::Locked
    }

    /// What is kept of a profile can be renamed or removed with it.
    pub(super) fn follows(&self) -> bool {
        self.opening.is_none() && !self.is_locked()
    }

    /// The user is there.
    pub(super) fn active(&mut self, now: Timestamp) {
        self.active_at = now;
    }

    /// The clock was set back to `now`.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.active_at = self.active_at.min(now);
        self.retry.iter_mut().for_each(|(wait, _)| wait.set_back(now));
    }
}

impl Model {
    /// Whether this opening of the vault is still wanted.
    pub fn is_opening(&self, id: JobId) -> bool {
        self.vault.opening.as_ref().is_some_and(|opening| opening.id == id)
    }
}

/// Where the key is, for the title: `vault: keyring`. Nothing where nobody has to know.
pub(crate) fn words(model: &Model) -> Option<(String, Tone)> {
    let unsaved = model.profiles.rows.iter().filter(|row| row.unsaved().is_some()).count();
    let (words, tone) = match (&model.vault.opening, model.vault.state) {
        (Some(Opening { prompt: Some(_), .. }), _) => ("vault: waits for you".to_owned(), Tone::Muted),
        (Some(_), _) => ("opening the vault …".to_owned(), Tone::Muted),
        (None, State::Own) => return None,
        (None, State::Fresh) => ("vault: none yet".to_owned(), Tone::Muted),
        (None, State::Locked) => ("vault: locked".to_owned(), Tone::Warn),
        (None, State::Open(Home::Plain)) => ("vault: plain!".to_owned(), Tone::Warn),
        (None, State::Open(Home::Memory)) => ("memory: nothing is saved".to_owned(), Tone::Warn),
        (None, State::Open(home)) => (format!("vault: {home}"), Tone::Muted),
    };
    Some(match unsaved {
        0 => (words, tone),
        count => (format!("{words} · {count} NOT SAVED"), Tone::Bad),
    })
}

/// Where the tokens of a profile are kept, for its page.
pub(super) fn home_words(model: &Model) -> Option<(String, Tone)> {
    Some(match model.vault.state {
        State::Own | State::Fresh => return None,
        State::Locked => {
            (model.hint("in the vault, which is locked: {key:unlock} unlocks it").into_owned(), Tone::Muted)
        }
        State::Open(Home::Memory) => ("in memory: gone when tokscope ends".to_owned(), Tone::Warn),
        State::Open(home) => {
            let tone = if home == Home::Plain { Tone::Warn } else { Tone::Plain };
            (format!("in the vault; its key is kept {} ({home})", home.meaning()), tone)
        }
    })
}

/// When the vault wants to do something without being asked.
pub(super) fn next(model: &Model) -> Option<Timestamp> {
    let at_start = model.vault.by_itself.then_some(model.now);
    let retry = model.vault.retry.map(|(wait, _)| wait.until());
    [at_start, lock::due(model), retry].into_iter().flatten().min()
}

/// Does what is due.
pub(super) fn due(model: &mut Model) -> Effects {
    if std::mem::take(&mut model.vault.by_itself) {
        return open(model, None, false);
    }
    if lock::due(model).is_some_and(|at| at <= model.now) {
        let minutes = model.config.vault.lock_after_minutes;
        return lock(model, &format!("the vault was locked: no key was pressed for {minutes} min"));
    }
    kept::retry(model)
}

/// `after` counts only while somebody is about to open the vault.
pub(super) fn settle(model: &mut Model) {
    if model.vault.opening.is_none() && !choice::is_open(model) {
        model.vault.after = None;
    }
}

pub(super) fn offer_unlock(model: &Model) -> Option<Action> {
    let vault = &model.vault;
    if vault.opening.is_some() {
        return None;
    }
    match vault.state {
        State::Own => None,
        // Tokens that are in memory alone can still be given a home.
        State::Open(home) => (home == Home::Memory && model.jobs.running.is_empty()).then_some(Action::ChooseHome),
        State::Fresh | State::Locked if vault.unchosen.is_some() => Some(Action::ChooseHome),
        State::Fresh | State::Locked => Some(Action::OpenVault(None)),
    }
}

/// Enter: only where there is something to be unlocked.
pub(super) fn offer_unlock_at_once(model: &Model) -> Option<Action> {
    model.vault.is_locked().then(|| offer_unlock(model)).flatten()
}

/// Esc while it is being opened.
pub(super) fn offer_stop(model: &Model) -> Option<Action> {
    let opening = model.vault.opening.as_ref().filter(|opening| !opening.has_key)?;
    Some(Action::Cancel(opening.id))
}

/// Begins to open it, with the key in this home, or in that of the settings. `asked`: the user wants it right now, so the
/// keyring's own dialog may come up.
pub(super) fn open(model: &mut Model, home: Option<Home>, asked: bool) -> Effects {
    model.vault.by_itself = false;
    if matches!(model.mode, Mode::Menu(_)) {
        model.mode = Mode::Panes;
    }
    if model.vault.opening.is_some() {
        return Effects::none();
    }
    let id = model.jobs.fresh_id();
    model.vault.opening = Some(Opening { id, prompt: None, has_key: false });
    Effect::OpenVault { id, home, asked }.into()
}

/// What needs the vault begins as soon as it is open. Whether it has to wait for that, and what is to be done.
pub(super) fn first(model: &mut Model, kind: JobKind, profile: &ProfileName) -> Option<Effects> {
    if model.vault.is_open() && model.vault.opening.is_none() {
        return None;
    }
    model.vault.after = Some((kind, profile.clone()));
    if model.vault.unchosen.is_some() && model.vault.opening.is_none() {
        choose(model);
        return Some(Effects::none());
    }
    let words = format!("the {} comes as soon as the vault is open", jobs::noun(kind));
    model.tell_about(Some(profile), Severity::Info, &words, None);
    Some(open(model, None, true))
}

/// It asks for the passphrase.
pub(super) fn asked(model: &mut Model, id: JobId, prompt: Prompt) {
    if let Some(opening) = model.vault.opening.as_mut().filter(|opening| opening.id == id) {
        opening.prompt = Some(prompt);
    }
}

/// The key was found and taken in.
pub(super) fn key_taken(model: &mut Model, id: JobId) {
    let opening = model.vault.opening.iter_mut().find(|opening| opening.id == id);
    opening.into_iter().for_each(|opening| opening.has_key = true);
}

/// The user does not want it any more; whether that was the opening.
pub(super) fn stop(model: &mut Model, id: JobId) -> Option<Effects> {
    model.vault.opening.take_if(|opening| opening.id == id)?;
    model.advise(None, Severity::Info, "the vault stays closed", "{key:unlock} opens it; pasted tokens need no vault");
    Some(Effect::CancelJob(id).into())
}

/// It was opened, or was not.
pub(super) fn opened(model: &mut Model, id: JobId, result: Result<Opened, Unopened>) -> Effects {
    let Some(opening) = model.vault.opening.take_if(|opening| opening.id == id) else { return Effects::none() };
    match result {
        Ok(opened) => {
            model.vault.state = State::Open(opened.home);
            model.vault.unchosen = None;
            model.vault.active(model.now);
            kept::show(model, opened);
        }
        Err(Unopened { why, unchosen }) => {
            let asks = unchosen.is_some();
            if let Some(keyring) = unchosen {
                model.vault.unchosen = Some(text::visible(&keyring).into_owned());
            }
            if asks && model.vault.after.is_some() && matches!(model.mode, Mode::Panes) {
                choose(model);
                return Effects::none();
            }
            model.vault.after = None;
            match asks {
                true => {
                    let hint = "{key:unlock} chooses one; pasted tokens need none";
                    model.advise(None, Severity::Info, &why.what, hint);
                }
                false => model.tell_about(None, Severity::Error, &why.what, Some(&why.hint)),
            }
            if opening.has_key && !model.vault.is_open() {
                return Effect::LockVault(Vec::new()).into();
            }
        }
    }
    match model.vault.after.take() {
        Some((kind, profile)) if model.profiles.row(&profile).is_some() => jobs::start(model, kind, profile),
        _ => Effects::none(),
    }
}

/// Leaving: tokens that are in memory alone are gone then.
pub(super) fn keeps(model: &Model) -> bool {
    let asked = matches!(model.mode, Mode::Confirm(Question::Quit));
    !asked && model.profiles.rows.iter().any(|row| row.unsaved().is_some())
}

/// Tries once more to save, and asks whether to leave all the same.
pub(super) fn ask_to_quit(model: &mut Model) -> Effects {
    model.mode = Mode::Confirm(Question::Quit);
    kept::save(model)
}

/// A job whose end the vault waits for: what its server answers exists nowhere else.
fn must_end(job: &Job) -> bool {
    matches!(job.kind, JobKind::Refresh | JobKind::Revoke)
}

/// The span after which the vault is locked; `None`: never.
fn patience(model: &Model) -> Option<TimeDelta> {
    let minutes = model.config.vault.lock_after_minutes;
    (minutes > 0).then(|| TimeDelta::minutes(minutes.into()))
}
