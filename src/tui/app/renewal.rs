//! Refreshing without being asked: for whom, when, and what becomes of it.
//!
//! | what | how |
//! |---|---|
//! | when | as soon as less life is left than [`Demand::ahead`] asks for, and up to half of that earlier (jitter) |
//! | at most | one refresh in 30 s for a profile; as many at once as [`tasks`] has room for |
//! | after a failure | 30 s, 1 min, 2 min … 15 min, or what the server asked for |
//! | stops | when the server says that the refresh token is dead, or when only the user can help |
//!
//! All is a function of the model: nothing is armed, so a clock that jumps or a machine that slept can neither lose a
//! refresh nor pile some up. The first look afterwards starts what is due, once for each profile.

pub(crate) mod agenda;

use chrono::TimeDelta;

use super::{
    Model,
    keymap::Action,
    message::{Effects, What},
    notices::Level,
    profiles::{Holding, ProfileRow},
    schedule::Wait,
    target,
    tasks::{self, Cause, Task},
};
use crate::{
    auth::AuthError,
    clock::{self, Timestamp},
    profile::ProfileName,
    session::{Demand, UNATTENDED_ATTEMPTS},
    store::vault::Condition,
    text,
    token::lifetime::Lifetime,
};

const APART: TimeDelta = TimeDelta::seconds(30);
const FIRST_BACK_OFF: TimeDelta = TimeDelta::seconds(30);
const LONGEST_BACK_OFF: TimeDelta = TimeDelta::minutes(15);

/// What is known of a profile's refreshes.
#[derive(Debug, Default)]
pub(crate) struct Renewal {
    /// What the user said by key; it counts until the program ends.
    chosen: Option<bool>,
    /// Refreshes in a row that brought no token that lives.
    pub(crate) failures: u32,
    /// No refresh before that is over.
    pause: Option<Wait>,
    stopped: Option<Stop>,
    /// How the last refresh ended, and when.
    pub(crate) last: Option<(Timestamp, Result<(), String>)>,
}

/// Why nothing is refreshed any more until the user has done something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The server said that the refresh token is dead, or a question came up.
    SignIn,
    /// A setting or secret cannot be used, or nobody knows what became of the refresh token.
    Trouble,
    /// The ID token that came with the tokens is not valid: it is for the user to say whether the session goes on.
    IdToken,
    /// A rotation of the tokens is not finished: only that changes them.
    Rotation,
}

/// What will happen to a profile's tokens without anybody's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Its system cannot renew tokens.
    Impossible,
    /// Nobody wants it.
    Off,
    /// Nothing is sent for the profile.
    ReadOnly,
    /// The vault is locked, and its key cannot be had without the user.
    Locked,
    /// There is nothing to renew.
    NoTokens,
    /// Nobody said when the access token ends.
    NoEnd,
    /// Nothing, until the user has done something.
    Stopped(Stop),
    /// A refresh at this time.
    At(Timestamp),
}

impl Renewal {
    /// The profile was changed: what was learned of the old one counts no more.
    pub(super) fn forget(&mut self) {
        *self = Self { chosen: self.chosen, pause: self.pause.map(|pause| pause.at_most(APART)), ..Self::default() };
    }

    /// The clock was set back to `now`.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.pause.iter_mut().for_each(|pause| pause.set_back(now));
    }
}

/// What will happen to a profile's tokens.
pub(crate) fn plan(model: &Model, row: &ProfileRow) -> Plan {
    if !row.descriptor.is_some_and(|descriptor| descriptor.capabilities.refresh) {
        return Plan::Impossible;
    }
    if !is_on(model, row) {
        return Plan::Off;
    }
    if model.readonly.refusal(&row.profile).is_some() {
        return Plan::ReadOnly;
    }
    if model.vault.is_locked() && !model.vault.renews() {
        return Plan::Locked;
    }
    // Without a generation it could not be told from a refresh that somebody asked for.
    let can = |holding: &&Holding| !holding.revoked && holding.generation.is_some();
    let Some(holding) = row.holding.as_ref().filter(can) else { return Plan::NoTokens };
    if row.facts.condition.rotating.is_some() || model.rotation.covers(&row.profile.name) {
        return Plan::Stopped(Stop::Rotation);
    }
    if let Some(stop) = row.renewal.stopped {
        return Plan::Stopped(stop);
    }
    let demand = Demand::ahead(&row.profile, &holding.lifetime);
    let ends = holding.lifetime.expires_at.zip(demand.until(&holding.lifetime));
    let Some((end, until)) = ends else { return Plan::NoEnd };
    let early = part(demand.min_ttl / 2, fraction(model.seed, &row.profile.name, end.timestamp()));
    let at = until.checked_sub_signed(early).unwrap_or(until);
    Plan::At(row.renewal.pause.map_or(at, |pause| at.max(pause.until())))
}

/// How many profiles have their tokens renewed without anybody's doing.
pub(super) fn count(model: &Model) -> usize {
    agenda::of(model).renewing
}

/// How many profiles would be renewed if only the vault were open.
pub(super) fn waiting_for_key(model: &Model) -> usize {
    model.profiles.rows.iter().filter(|row| plan(model, row) == Plan::Locked).count()
}

/// When a refresh comes that nothing speaks against: until then nobody has to be warned.
pub(crate) fn expected(model: &Model, row: &ProfileRow) -> Option<Timestamp> {
    match plan(model, row) {
        Plan::At(at) if row.renewal.failures == 0 => Some(at),
        _ => None,
    }
}

fn is_on(model: &Model, row: &ProfileRow) -> bool {
    let setting = match row.profile.settings.get("auto_refresh").map(|value| value.trim()) {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    row.renewal.chosen.or(setting).unwrap_or(model.config.refresh.automatic)
}

/// When the first refresh is due; a time that is past means now.
pub(super) fn next(model: &Model) -> Option<Timestamp> {
    agenda::of(model).renewals.first().map(|(at, _)| *at)
}

/// Queues what is due, and begins all tasks that can.
pub(super) fn launch(model: &mut Model) -> Effects {
    agenda::settle(model);
    let due = model.agenda.renewals.iter().take_while(|(at, _)| *at <= model.now);
    let due = due.map(|(_, place)| (What::Refresh, model.profiles.rows[*place].profile.name.clone())).collect();
    tasks::start_group(model, Cause::Renewal, due);
    tasks::launch(model)
}

/// Whether its time has come.
pub(super) fn is_due(model: &Model, row: &ProfileRow) -> bool {
    matches!(plan(model, row), Plan::At(at) if at <= model.now)
}

/// A login or refresh starts, whoever wanted it.
pub(super) fn started(model: &mut Model, profile: &ProfileName) {
    pause(model, profile, APART);
}

/// A login or refresh has brought a token.
pub(super) fn succeeded(model: &mut Model, task: &Task, profile: &ProfileName, lifetime: &Lifetime) {
    let now = model.now;
    // A token that is over when it comes would have the next refresh follow at once.
    let useless = lifetime.expires_at.is_some_and(|end| end <= now);
    let Some(row) = model.profiles.row_mut(profile) else { return };
    row.renewal.stopped = None;
    row.renewal.failures = if useless { row.renewal.failures + 1 } else { 0 };
    if task.what == What::Refresh {
        row.renewal.last = Some((now, Ok(())));
    }
    if useless {
        back_off(model, profile, None);
    }
}

/// A refresh has failed.
pub(super) fn failed(model: &mut Model, profile: &ProfileName, error: &AuthError) {
    let now = model.now;
    let Some(row) = model.profiles.row_mut(profile) else { return };
    row.renewal.failures += 1;
    row.renewal.last = Some((now, Err(text::visible(&error.to_string()).into_owned())));
    row.renewal.stopped = match error {
        AuthError::Refused { credential_dead: true, .. }
        | AuthError::NeedsInteraction { .. }
        | AuthError::Retired { .. } => Some(Stop::SignIn),
        AuthError::Setting(_) | AuthError::Unsupported(_) | AuthError::Unsettled { .. } => Some(Stop::Trouble),
        _ => None,
    };
    let asked = error.pause().and_then(|wait| TimeDelta::from_std(wait).ok());
    back_off(model, profile, asked);
}

/// The vault remembers how the last refresh ended, whoever sent it.
pub(super) fn learned(row: &mut ProfileRow, condition: &Condition) {
    match condition {
        Condition { retired: Some(_), .. } => row.renewal.stopped = Some(Stop::SignIn),
        Condition { doubt: Some(_), .. } => row.renewal.stopped = Some(Stop::IdToken),
        Condition { in_flight: Some(mark), .. } if mark.attempts >= UNATTENDED_ATTEMPTS => {
            row.renewal.stopped = Some(Stop::Trouble);
        }
        _ => {}
    }
}

/// The lock came before anything was sent.
pub(super) fn locked_out(model: &mut Model, profile: &ProfileName) {
    model.profiles.row_mut(profile).into_iter().for_each(|row| row.renewal.pause = None);
}

/// The user did not want this one.
pub(super) fn cancelled(model: &mut Model, profile: &ProfileName) {
    if let Some(row) = model.profiles.row_mut(profile) {
        row.renewal.failures += 1;
        back_off(model, profile, None);
    }
}

/// Waits longer after each failure, up to a limit; as long as the server asked for, if that is longer. A little is
/// added by chance, so that profiles that failed together do not come back together.
fn back_off(model: &mut Model, profile: &ProfileName, asked: Option<TimeDelta>) {
    let failures = model.profiles.row(profile).map_or(0, |row| row.renewal.failures);
    let doubled = FIRST_BACK_OFF * (1 << failures.saturating_sub(1).min(5));
    let own = doubled.min(LONGEST_BACK_OFF);
    let chance = part(own / 4, fraction(model.seed, profile, i64::from(failures)));
    let span = asked.unwrap_or_default().max(own).checked_add(&chance).unwrap_or(TimeDelta::MAX);
    pause(model, profile, span);
}

fn pause(model: &mut Model, profile: &ProfileName, span: TimeDelta) {
    let wait = Wait::new(model.now, span);
    if let Some(row) = model.profiles.row_mut(profile) {
        row.renewal.pause = Some(wait);
    }
}

/// A part of a span, in 1024ths.
fn part(span: TimeDelta, fraction: i32) -> TimeDelta {
    span / 1_024 * fraction
}

/// A number from 0 to 1023, always the same for the same seed, profile and occasion (FNV-1a, then the finalizer of
/// SplitMix64).
fn fraction(seed: u64, profile: &ProfileName, occasion: i64) -> i32 {
    let bytes = seed.to_le_bytes().into_iter().chain(occasion.to_le_bytes()).chain(profile.as_str().bytes());
    let mut hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    i32::try_from((hash ^ (hash >> 31)) % 1_024).expect("it is below 1024")
}

pub(super) fn offer_toggle(model: &Model) -> Option<Action> {
    let row = target::profile(model).ok()?;
    let can = row.descriptor?.capabilities.refresh;
    can.then(|| Action::RefreshByItself(row.profile.name.clone(), !is_on(model, row)))
}

pub(super) fn toggle(model: &mut Model, profile: &ProfileName, on: bool) {
    let Some(row) = model.profiles.row_mut(profile) else { return };
    row.renewal.chosen = Some(on);
    if on {
        row.renewal.forget();
    }
    let words = model.profiles.row(profile).map_or_else(String::new, |row| lasting_words(model, row));
    model.tell_about(Some(profile), Level::Info, &format!("Auto-refresh {words}."), None);
}

/// `on, in 3m 12s`: what will happen, in words that are written anew with every tick.
pub(crate) fn words(model: &Model, row: &ProfileRow) -> String {
    told(model, row, |at| clock::relative(at, model.now))
}

/// `on, at 22:35:38`: the same for a notice, which stays as it is.
pub(super) fn lasting_words(model: &Model, row: &ProfileRow) -> String {
    told(model, row, |at| format!("at {}", clock::of_day(at, model.now, model.zone)))
}

fn told(model: &Model, row: &ProfileRow, when: impl Fn(Timestamp) -> String) -> String {
    match plan(model, row) {
        Plan::Impossible => "is not available: this system cannot renew tokens".to_owned(),
        Plan::Off => {
            let words = "off; {key:auto-renew} turns it on until you quit, auto_refresh in the profile permanently";
            model.hint(words).into_owned()
        }
        Plan::Locked => {
            let unlocks = model.hint_that_works(": {key:unlock} unlocks it").unwrap_or_default();
            format!("on, but paused while the vault is locked{unlocks}")
        }
        Plan::ReadOnly => "on, but not used: the profile is read-only".to_owned(),
        Plan::NoTokens => "on; nothing to refresh yet: log in".to_owned(),
        Plan::NoEnd => model.hint("on, but the access token has no expiry: {key:refresh} refreshes it").into_owned(),
        Plan::Stopped(Stop::SignIn) => "stopped: it needs you; log in again".to_owned(),
        Plan::Stopped(Stop::Rotation) => "paused: the tokens are being rotated".to_owned(),
        Plan::Stopped(Stop::IdToken) => {
            model.hint("waits for you: the ID token is not valid; {key:refresh} refreshes anyway").into_owned()
        }
        Plan::Stopped(Stop::Trouble) => model.hint("stopped: it needs you; {key:refresh} tries again").into_owned(),
        Plan::At(_) if model.tasks.told_of(&row.profile.name, model.now).is_some() => {
            "on; another operation is running".to_owned()
        }
        Plan::At(at) => {
            let when = if at > model.now { when(at) } else { "when its turn comes".to_owned() };
            match row.renewal.failures {
                0 => format!("on, {when}"),
                1 => format!("on; failed, next try {when}"),
                failures => format!("on; failed {failures} times, next try {when}"),
            }
        }
    }
}
