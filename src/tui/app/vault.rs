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
mod save;

pub(super) use self::{
    choice::{choices, in_memory},
    idle::{active, is_counting, keep_open, offer_keep_open},
    kept::{changed, put_back, read, saved},
    lock::{lock, lock_asked, offer_lock},
    save::{came, checked, keep_first, offer_keyring, offer_memory, offer_passphrase},
};
use self::{idle::Idle, save::Saving};
use super::{
    Model,
    keymap::Action,
    message::{Effect, Effects, OpenedVault, TaskId, Unopened, What},
    mode::{self, Choice, Mode, Question},
    notices::Level,
    page::Tone,
    profiles::ProfileRow,
    renewal,
    schedule::Wait,
    tasks::{self, GroupId, State as TaskState, Task},
};
use crate::{clock::Timestamp, profile::ProfileName, store::identity::Home, text};

/// What is known of the vault.
#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) state: State,
    /// What was renewed behind the lock while it is being opened: whether that was read in time is not known.
    pub(super) renewed: Vec<ProfileName>,
    /// Nobody has said where its key is to be kept, and the keyring does not help: why not; sanitized.
    pub(super) unchosen: Option<String>,
    /// The tasks that wait for it.
    pub(super) after: Option<GroupId>,
    /// It opens without being asked to, as soon as the first frame is there.
    by_itself: bool,
    /// Since when nobody has pressed a key, and what follows from it.
    idle: Idle,
    /// What was said of the lock, while it lasts.
    said: Option<String>,
    /// When what could not be saved is tried again, and how often it was.
    retry: Option<(Wait, u32)>,
    /// The question after the first login.
    saving: Saving,
    /// Tokens are in memory, and nobody has settled that they stay there.
    for_now: bool,
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

/// How the vault is found at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtStart {
    /// In memory, and open: the demo's.
    InMemory,
    /// Closed; nothing was ever kept in it.
    Fresh,
    /// The same, and nobody has said where its key is to be kept.
    Undecided,
    /// Closed.
    Locked,
}

impl Vault {
    pub(super) fn new(at_start: AtStart, has_profiles: bool, now: Timestamp) -> Self {
        let (state, by_itself) = match at_start {
            AtStart::InMemory => (State::Own, false),
            AtStart::Fresh => (State::Fresh, has_profiles),
            AtStart::Undecided => (State::Fresh, false),
            AtStart::Locked => (State::Locked(None), true),
        };
        Self {
            state,
            renewed: Vec::new(),
            unchosen: None,
            after: None,
            by_itself,
            idle: Idle::new(now),
            said: None,
            retry: None,
            saving: Saving { undecided: at_start == AtStart::Undecided, ..Saving::default() },
            for_now: false,
        }
    }

    /// Tokens can be read and kept.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Own | State::Open(_))
    }

    /// Tokens stay in memory until somebody says where else.
    fn hold_for_now(&mut self) {
        (self.state, self.for_now) = (State::Open(Home::Memory), true);
    }

    /// There may be tokens in it that are not on screen.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self.state, State::Locked(_))
    }

    /// Tokens are renewed although it is locked: the key can be had for that, without the user.
    pub(super) fn renews(&self) -> bool {
        matches!(self.state, State::Locked(Some(home)) if is_unattended(home))
    }

    /// The clock was set back to `now`.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.idle.set_back(now);
        self.retry.iter_mut().for_each(|(wait, _)| wait.set_back(now));
    }
}

impl Model {
    /// Whether this opening of the vault is still wanted.
    pub fn is_opening(&self, id: TaskId) -> bool {
        self.tasks.opening().is_some_and(|opening| opening.id == id)
    }

    /// Whether `tokscope lock` must reach this process: it has the key of a vault or is about to, or a copied secret.
    pub fn holds(&self) -> bool {
        let open = matches!(self.vault.state, State::Open(home) if home != Home::Memory);
        open || self.tasks.opening().is_some() || self.lends()
    }

    /// Whether a copied secret is on the clipboard, or may be.
    pub fn lends(&self) -> bool {
        self.copies.is_out()
    }
}

/// What is kept of a profile can be renamed or removed with it.
pub(super) fn follows(model: &Model) -> bool {
    model.tasks.opening().is_none() && !model.vault.is_locked()
}

/// Whether a key that is kept there can be had without the user.
fn is_unattended(home: Home) -> bool {
    matches!(home, Home::Keyring | Home::Plain)
}

/// A profile has tokens.
pub(super) fn holds(model: &Model) -> bool {
    model.profiles.rows.iter().any(|row| row.holding.is_some())
}

/// Where the key is, for the title: `vault: keyring`. Nothing where nobody has to know.
pub(crate) fn words(model: &Model) -> Option<(String, Tone)> {
    let unsaved = model.profiles.rows.iter().filter(|row| row.unsaved().is_some()).count();
    let (words, tone) = match (model.tasks.opening(), model.vault.state) {
        (Some(opening), _) if opening.waits() => ("vault: waiting for you".to_owned(), Tone::Muted),
        (Some(_), _) => ("unlocking the vault …".to_owned(), Tone::Muted),
        (None, State::Own) => return None,
        (None, State::Fresh) => ("vault: none yet".to_owned(), Tone::Muted),
        (None, State::Locked(_)) => ("vault: locked".to_owned(), Tone::Warn),
        (None, State::Open(Home::Plain)) => ("vault: plain!".to_owned(), Tone::Warn),
        // Nobody was asked yet, or has answered.
        (None, State::Open(Home::Memory)) if save::is_unanswered(model) => ("vault: none yet".to_owned(), Tone::Muted),
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
            let unlocks = model.hint_that_works(": {key:unlock} unlocks it").unwrap_or_default();
            (format!("in the vault, which is locked{unlocks}"), Tone::Muted)
        }
        State::Open(Home::Memory) => ("in memory: lost when tokscope ends".to_owned(), Tone::Warn),
        State::Open(home) => {
            let tone = if home == Home::Plain { Tone::Warn } else { Tone::Plain };
            (format!("in the vault; its key is kept {} ({home})", home.meaning()), tone)
        }
    })
}

/// `3 profiles`.
fn of_profiles(count: usize) -> String {
    if count == 1 { "1 profile".to_owned() } else { format!("{count} profiles") }
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
        open(model, None, false);
        return Effects::none();
    }
    if let Some(why) = idle::over(model) {
        return lock(model, &why);
    }
    let steps = [save::due, idle::due, kept::retry];
    steps.into_iter().map(|step| step(model)).find(|effects| !effects.0.is_empty()).unwrap_or_default()
}

/// What waits for the vault does so only while somebody is about to open it.
pub(super) fn settle(model: &mut Model) {
    save::settle(model);
    if model.tasks.opening().is_none() && !choice::is_open(model) {
        model.vault.after = None;
        if !model.vault.is_open() {
            tasks::drop_waiting(model);
        }
    }
}

pub(super) fn offer_unlock(model: &Model) -> Option<Action> {
    let vault = &model.vault;
    if model.tasks.opening().is_some() {
        return None;
    }
    match vault.state {
        State::Own => None,
        // Tokens that are only in memory can still be given a home.
        State::Open(home) => {
            (home == Home::Memory && model.tasks.exchanges().next().is_none()).then_some(Action::Choose(Choice::Home))
        }
        State::Fresh if vault.saving.undecided => Some(Action::Choose(Choice::Home)),
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
    let opening = model.tasks.opening().filter(|opening| opening.state != TaskState::Finishing)?;
    Some(Action::Cancel(opening.id))
}

/// Begins to open it, with the key in this home, or in that of the settings. `asked`: the user wants it right now, so the
/// keyring's own dialog may come up.
pub(super) fn open(model: &mut Model, home: Option<Home>, asked: bool) {
    model.vault.by_itself = false;
    if model.tasks.opening().is_none() {
        tasks::begin(model, What::OpenVault { home, asked }, None);
    }
}

/// Whether these tasks have to wait for the vault: then it is opened.
pub(super) fn is_waited_for(model: &mut Model, ids: &[TaskId]) -> bool {
    let opens = model.tasks.opening().is_some();
    if model.vault.is_open() && !opens || save::begin_in_memory(model) {
        return false;
    }
    if model.vault.unchosen.is_some() && !opens {
        mode::choose(model, Choice::Home);
        return true;
    }
    let (about, what) = match ids {
        [id] => model.tasks.by_id(*id).map(|task| (task.whose.clone(), format!("the {}", task.what.noun()))),
        ids => Some((None, format!("{} tasks", ids.len()))),
    }
    .unwrap_or_default();
    let words = format!("{what} will start once the vault is unlocked.");
    model.tell_about(about.as_ref(), Level::Info, &words, None);
    open(model, None, true);
    true
}

/// The user does not want it any more.
pub(super) fn stopped(model: &mut Model) {
    let words = format!("Vault still locked{}.", stopped_words(model));
    model.advise(None, Level::Info, &words, "{key:unlock} unlocks it; pasted tokens work without");
}

/// `; the refresh of edx will not start`, of what has waited for the vault in vain.
fn dropped_words(model: &mut Model) -> String {
    match tasks::drop_waiting(model) {
        (1, Some(Task { what, whose: Some(whose), .. })) => format!("; the {} of {whose} will not start", what.noun()),
        (0, _) => String::new(),
        (count, _) => format!("; {count} tasks will not start"),
    }
}

/// `; the refresh of edx will not start; automatic refresh of 3 profiles waits for it`, where the vault is locked and its key needs the user.
fn stopped_words(model: &mut Model) -> String {
    let dropped = dropped_words(model);
    match renewal::waiting_for_key(model) {
        0 => dropped,
        count => format!("{dropped}; automatic refresh of {} waits for it", of_profiles(count)),
    }
}

/// It was opened.
pub(super) fn opened(model: &mut Model, opened: OpenedVault) -> Effects {
    (model.vault.state, model.vault.for_now) = (State::Open(opened.home), false);
    model.vault.unchosen = None;
    model.vault.idle = Idle::new(model.now);
    model.vault.said.take().into_iter().for_each(|words| model.notices.withdraw(&words));
    kept::show(model, opened);
    Effects(model.vault.renewed.drain(..).map(Effect::ReadRecord).collect())
}

/// It was not. What waits for it goes on waiting only if the user can still say where its key is kept.
pub(super) fn not_opened(model: &mut Model, opening: &Task, Unopened { why, unchosen }: Unopened) -> Effects {
    model.vault.renewed.clear();
    let asks = unchosen.is_some();
    if let Some(known_keys) = unchosen {
        model.vault.unchosen = Some(text::visible(&known_keys).into_owned());
    }
    if asks && tasks::wait_for_vault(model) && model.modes.yields() {
        mode::choose(model, Choice::Home);
        return Effects::none();
    }
    let words = if model.vault.is_open() { String::new() } else { stopped_words(model) };
    let words = format!("{}{words}", why.what);
    match asks {
        true => model.advise(None, Level::Info, &words, "{key:unlock} chooses one; pasted tokens work without"),
        false => model.tell_about(None, Level::Error, &words, why.hint.as_deref()),
    }
    if opening.state == TaskState::Finishing && !model.vault.is_open() {
        return Effect::LockVault(Vec::new()).into();
    }
    Effects::none()
}

/// Tokens of a profile were renewed behind the lock: they are shown, if it is or will be open.
pub(super) fn bring_up(model: &mut Model, profile: &ProfileName) -> Effects {
    if model.vault.is_open() {
        return Effect::ReadRecord(profile.clone()).into();
    }
    if model.tasks.opening().is_some() {
        model.vault.renewed.push(profile.clone());
    }
    Effects::none()
}

/// Leaving: tokens that are only in memory are gone then.
pub(super) fn keeps(model: &Model) -> bool {
    let asked = matches!(model.modes.top(), Some(Mode::Confirm(Question::Quit)));
    let held = |row: &ProfileRow| row.holding.as_ref().is_some_and(|holding| !holding.revoked);
    let for_now = model.vault.for_now && model.profiles.rows.iter().any(held);
    !asked && (for_now || fails_to_save(model))
}

/// Saving does not work, and is tried again and again.
pub(in crate::tui::app) fn fails_to_save(model: &Model) -> bool {
    model.profiles.rows.iter().any(|row| row.unsaved().is_some())
}

/// Asks whether to leave all the same, and tries once more to save what could not be.
pub(super) fn ask_to_quit(model: &mut Model) -> Effects {
    model.modes.push(Mode::Confirm(Question::Quit));
    if fails_to_save(model) { kept::save(model) } else { Effects::none() }
}
