//! The vault as the screen knows it: opening, what came out of it, locking it again.
//!
//! | state | what is in the lists | how it goes on |
//! |---|---|---|
//! | `State::Own` | the demo's tokens | it stays |
//! | `State::Fresh` | nothing was ever kept | opened by the first login, or at the start where there are profiles |
//! | `State::Locked` | pasted tokens, and when the others end | a key, or the next login or refresh, opens it |
//! | `State::Open` | everything | a key, the time-out or `tokscope lock` locks it |

mod choice;
mod idle;
mod kept;
mod lock;

use self::idle::Idle;
pub(super) use self::{
    choice::{choices, in_memory},
    idle::{active, is_counting, keep_open, offer_keep_open},
    kept::{read, saved},
    lock::{lock, lock_asked, offer_lock},
};
use super::{
    Model, jobs,
    keymap::Action,
    message::{Effect, Effects, JobId, JobKind, Opened, Unopened},
    mode::{self, Choice, Mode, Question},
    notices::Severity,
    page::Tone,
    renewal,
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
    /// Since when nobody has pressed a key, and what follows from it.
    idle: Idle,
    /// What was said of the lock, while it lasts.
    said: Option<String>,
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
    /// Its key is not here; where it is kept, once it was.
    Locked(Option<Home>),
}

/// An opening that is under way.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) id: JobId,
    /// It waits for the passphrase.
    pub(crate) prompt: Option<Prompt>,
    /// The key is there: the vault is being read.
    has_key: bool,
    /// What was renewed behind the lock meanwhile: whether that was read in time is not known.
    renewed: Vec<ProfileName>,
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
            AtStart::Locked => (State::Locked(None), true),
        };
        Self {
            state,
            opening: None,
            unchosen: None,
            after: None,
            by_itself,
            idle: Idle::new(now),
            said: None,
            retry: None,
        }
    }

    /// Tokens can be read and kept.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Own | State::Open(_))
    }

    /// There may be tokens in it that are not on screen.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self.state, State::Locked(_))
    }

    /// Tokens are renewed although it is locked: the key can be had for that, without the user.
    pub(super) fn renews(&self) -> bool {
        matches!(self.state, State::Locked(Some(home)) if is_unattended(home))
    }

    /// What is kept of a profile can be renamed or removed with it.
    pub(super) fn follows(&self) -> bool {
        self.opening.is_none() && !self.is_locked()
    }

    /// The clock was set back to `now`.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.idle.set_back(now);
        self.retry.iter_mut().for_each(|(wait, _)| wait.set_back(now));
    }
}

impl Model {
    /// Whether this opening of the vault is still wanted.
    pub fn is_opening(&self, id: JobId) -> bool {
        self.vault.opening.as_ref().is_some_and(|opening| opening.id == id)
    }

    /// Whether `tokscope lock` must reach this process: it has the key of a vault or is about to, or a copied secret.
    pub fn holds(&self) -> bool {
        let open = matches!(self.vault.state, State::Open(home) if home != Home::Memory);
        open || self.vault.opening.is_some() || self.lends()
    }

    /// Whether a copied secret is on the clipboard, or may be.
    pub fn lends(&self) -> bool {
        self.copies.is_out()
    }
}

/// Whether a key that is kept there can be had without the user.
fn is_unattended(home: Home) -> bool {
    matches!(home, Home::Keyring | Home::Plain)
}

/// Where the key is, for the title: `vault: keyring`. Nothing where nobody has to know.
pub(crate) fn words(model: &Model) -> Option<(String, Tone)> {
    let unsaved = model.profiles.rows.iter().filter(|row| row.unsaved().is_some()).count();
    let (words, tone) = match (&model.vault.opening, model.vault.state) {
        (Some(Opening { prompt: Some(_), .. }), _) => ("vault: waiting for you".to_owned(), Tone::Muted),
        (Some(_), _) => ("unlocking the vault …".to_owned(), Tone::Muted),
        (None, State::Own) => return None,
        (None, State::Fresh) => ("vault: none yet".to_owned(), Tone::Muted),
        (None, State::Locked(_)) => ("vault: locked".to_owned(), Tone::Warn),
        (None, State::Open(Home::Plain)) => ("vault: plain!".to_owned(), Tone::Warn),
        (None, State::Open(Home::Memory)) => ("memory: nothing is saved".to_owned(), Tone::Warn),
        (None, State::Open(home)) => (format!("vault: {home}"), Tone::Muted),
    };
    let (words, tone) = match idle::words(model) {
        Some((more, urgent)) => (format!("{words} · {more}"), urgent.unwrap_or(tone)),
        None => (words, tone),
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
        State::Locked(_) => {
            (model.hint("in the vault, which is locked: {key:unlock} unlocks it").into_owned(), Tone::Muted)
        }
        State::Open(Home::Memory) => ("in memory: lost when tokscope ends".to_owned(), Tone::Warn),
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
    [at_start, idle::next(model), retry].into_iter().flatten().min()
}

/// Does what is due.
pub(super) fn due(model: &mut Model) -> Effects {
    if std::mem::take(&mut model.vault.by_itself) {
        return open(model, None, false);
    }
    let effects = idle::due(model);
    if effects.0.is_empty() { kept::retry(model) } else { effects }
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
        // Tokens that are only in memory can still be given a home.
        State::Open(home) => {
            (home == Home::Memory && model.jobs.running.is_empty()).then_some(Action::Choose(Choice::Home))
        }
        State::Fresh | State::Locked(_) if vault.unchosen.is_some() => Some(Action::Choose(Choice::Home)),
        State::Fresh | State::Locked(_) => Some(Action::OpenVault(None)),
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
    if model.vault.opening.is_some() {
        return Effects::none();
    }
    let id = model.jobs.fresh_id();
    model.vault.opening = Some(Opening { id, prompt: None, has_key: false, renewed: Vec::new() });
    Effect::OpenVault { id, home, asked }.into()
}

/// What needs the vault begins as soon as it is open. Whether it has to wait for that, and what is to be done.
pub(super) fn first(model: &mut Model, kind: JobKind, profile: &ProfileName) -> Option<Effects> {
    if model.vault.is_open() && model.vault.opening.is_none() {
        return None;
    }
    model.vault.after = Some((kind, profile.clone()));
    if model.vault.unchosen.is_some() && model.vault.opening.is_none() {
        mode::choose(model, Choice::Home);
        return Some(Effects::none());
    }
    let words = format!("the {} will start once the vault is unlocked", jobs::noun(kind));
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
    let stops = stopped_words(model);
    let words = format!("the vault stays locked{stops}");
    model.advise(None, Severity::Info, &words, "{key:unlock} unlocks it; pasted tokens need no vault");
    Some(Effect::CancelJob(id).into())
}

/// `; automatic refresh of 3 profiles waits for it`, where the vault is locked and its key needs the user.
fn stopped_words(model: &Model) -> String {
    match renewal::waiting_for_key(model) {
        0 => String::new(),
        count => format!("; automatic refresh of {} waits for it", lock::renewals(count)),
    }
}

/// It was opened, or was not.
pub(super) fn opened(model: &mut Model, id: JobId, result: Result<Opened, Unopened>) -> Effects {
    let Some(opening) = model.vault.opening.take_if(|opening| opening.id == id) else { return Effects::none() };
    match result {
        Ok(opened) => {
            model.vault.state = State::Open(opened.home);
            model.vault.unchosen = None;
            model.vault.idle = Idle::new(model.now);
            model.vault.said.take().into_iter().for_each(|words| model.notices.withdraw(&words));
            kept::show(model, opened);
            let read = opening.renewed.into_iter().map(Effect::ReadRecord);
            return Effects(read.chain(next_of(model).0).collect());
        }
        Err(Unopened { why, unchosen }) => {
            let asks = unchosen.is_some();
            if let Some(keyring) = unchosen {
                model.vault.unchosen = Some(text::visible(&keyring).into_owned());
            }
            if asks && model.vault.after.is_some() && model.modes.yields() {
                mode::choose(model, Choice::Home);
                return Effects::none();
            }
            model.vault.after = None;
            let words = format!("{}{}", why.what, stopped_words(model));
            match asks {
                true => {
                    let hint = "{key:unlock} chooses one; pasted tokens need none";
                    model.advise(None, Severity::Info, &words, hint);
                }
                false => model.tell_about(None, Severity::Error, &words, why.hint.as_deref()),
            }
            if opening.has_key && !model.vault.is_open() {
                return Effect::LockVault(Vec::new()).into();
            }
        }
    }
    next_of(model)
}

/// What was to begin as soon as the vault is open.
fn next_of(model: &mut Model) -> Effects {
    match model.vault.after.take() {
        Some((kind, profile)) if model.profiles.row(&profile).is_some() => jobs::start(model, kind, profile),
        _ => Effects::none(),
    }
}

/// Tokens of a profile were renewed behind the lock: they are shown, if it is or will be open.
pub(super) fn bring_up(model: &mut Model, profile: &ProfileName) -> Effects {
    if model.vault.is_open() {
        return Effect::ReadRecord(profile.clone()).into();
    }
    model.vault.opening.iter_mut().for_each(|opening| opening.renewed.push(profile.clone()));
    Effects::none()
}

/// Leaving: tokens that are only in memory are gone then.
pub(super) fn keeps(model: &Model) -> bool {
    let asked = matches!(model.modes.top(), Some(Mode::Confirm(Question::Quit)));
    !asked && model.profiles.rows.iter().any(|row| row.unsaved().is_some())
}

/// Tries once more to save, and asks whether to leave all the same.
pub(super) fn ask_to_quit(model: &mut Model) -> Effects {
    model.modes.push(Mode::Confirm(Question::Quit));
    kept::save(model)
}
