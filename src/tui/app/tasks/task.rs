//! What is known of a task, and of many that have one cause.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::{
    auth::Prompt,
    clock::Timestamp,
    profile::ProfileName,
    text,
    tui::app::{
        demand::Demand,
        message::{TaskId, What},
    },
};

/// What is over sooner is not told of: nothing flickers.
const MOMENT: TimeDelta = TimeDelta::milliseconds(200);

/// Something that is to be done, or is being done, in the background.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) what: What,
    /// The profile that it is for, where there is one.
    pub(crate) whose: Option<ProfileName>,
    /// The others with the same cause.
    pub(crate) group: Option<GroupId>,
    pub(crate) state: State,
    /// When it was wanted.
    pub(super) wanted: Timestamp,
    /// From when it runs, or waits for its turn.
    pub(crate) since: Timestamp,
    /// Nobody asked for it: a refresh before the end.
    pub(crate) unasked: bool,
    /// Of many profiles, the one that asks.
    pub(super) asker: Option<ProfileName>,
    /// How far it has come; sanitized.
    pub(crate) step: Option<String>,
    /// It waits for an answer.
    pub(crate) prompt: Option<Prompt>,
    /// What was answered so far.
    pub(crate) answered: Vec<&'static str>,
    /// It waits for the user to do something in a browser.
    pub(crate) demand: Option<Demand>,
    /// It was given up because the vault was locked.
    pub(super) locked_out: bool,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It waits for its turn.
    Queued,
    Running,
    /// The user has given it up: how it ends, only the task itself knows.
    Cancelling,
    /// What it has done cannot be taken back: something was sent, or the key of the vault is there.
    Finishing,
}

impl What {
    /// It talks to a server of a profile: login, refresh, revocation, probe, call.
    pub(super) fn is_exchange(&self) -> bool {
        matches!(self, Self::Login | Self::Refresh | Self::Revoke(_) | Self::Probe(_) | Self::Call(_))
    }

    /// It goes through many profiles, and needs the vault.
    pub(super) fn is_rotation(&self) -> bool {
        self.performs() || matches!(self, Self::PlanRotation { .. })
    }

    /// It performs a rotation that there is.
    fn performs(&self) -> bool {
        let again = matches!(self, Self::ResumeRotation(_) | Self::RecheckRotation(_) | Self::AbandonRotation(_));
        again || matches!(self, Self::Rotate(_))
    }

    /// Nothing else may be done with the profile meanwhile.
    pub(super) fn is_exclusive(&self) -> bool {
        self.is_exchange() || self.is_change()
    }

    /// It writes the profiles file.
    pub(super) fn is_change(&self) -> bool {
        matches!(self, Self::Save { .. } | Self::Remove(_) | Self::PutBack(_))
    }

    /// What a dialog of it is headed with.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Login => "Log in".to_owned(),
            Self::OpenVault { .. } => "Unlock the vault".to_owned(),
            Self::FindKeys(..) => "Verify".to_owned(),
            what if what.performs() => "Rotate".to_owned(),
            other => text::capitalized(other.noun()),
        }
    }

    /// What it is called.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Revoke(_) => "revocation",
            Self::Probe(_) => "probe",
            Self::Call(_) => "call",
            Self::OpenVault { .. } => "unlocking",
            Self::FindKeys(..) | Self::FindKeptKeys(..) => "search for keys",
            Self::Save { .. } => "saving",
            Self::Remove(_) => "removal",
            Self::PutBack(_) => "undo",
            Self::Import { .. } => "import",
            Self::Scan => "scan",
            Self::PlanRotation { .. } => "rotation plan",
            Self::Rotate(_) | Self::ResumeRotation(_) => "rotation",
            Self::RecheckRotation(_) => "recheck",
            Self::AbandonRotation(_) => "end of the rotation",
        }
    }
}

impl Task {
    /// The profile that it is for, or that asks right now.
    pub(crate) fn who(&self) -> Option<&ProfileName> {
        self.asker.as_ref().or(self.whose.as_ref())
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.state == State::Queued
    }

    /// The user does not want it any more, and it has not ended yet.
    pub(crate) fn is_given_up(&self) -> bool {
        matches!(self.state, State::Cancelling | State::Finishing)
    }

    /// From when on it is told of.
    pub(super) fn told_from(&self) -> Timestamp {
        self.wanted.checked_add_signed(MOMENT).unwrap_or(self.wanted)
    }

    /// It takes more than a moment. A clock that was set back does not hide it.
    pub(crate) fn is_told(&self, now: Timestamp) -> bool {
        now >= self.told_from() || now < self.wanted
    }

    /// It waits for the user.
    pub(crate) fn waits(&self) -> bool {
        self.prompt.is_some() || self.demand.is_some()
    }

    /// It works: something turns on screen.
    pub(crate) fn works(&self) -> bool {
        self.what.is_exchange() && !self.is_queued() && self.prompt.is_none()
    }

    pub(super) fn give_up(&mut self) {
        if self.state != State::Finishing {
            self.state = State::Cancelling;
        }
        (self.prompt, self.demand, self.step) = (None, None, None);
    }

    /// `refreshing`.
    pub(crate) fn words(&self) -> &'static str {
        match (self.state, &self.what) {
            (State::Queued, _) => "queued",
            (State::Finishing, _) => "finishing",
            (State::Cancelling, _) => "cancelling",
            _ if self.waits() => "waiting for you",
            (_, What::Login) => "logging in",
            (_, What::Refresh) => "refreshing",
            (_, What::Revoke(_)) => "revoking",
            (_, What::Probe(_)) => "probing",
            (_, What::Call(_)) => "calling",
            (_, other) => other.noun(),
        }
    }
}

/// Identifies a group for the life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupId(pub(super) u64);

/// Why many begin together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Their tokens are about to end.
    Renewal,
    /// The vault was unlocked that they have waited for.
    Unlocking,
    /// The user wants this of several: `refresh`.
    Bulk(&'static str),
    /// What was forgotten comes back.
    Undo,
}

impl Cause {
    /// Nobody asked for it.
    pub(super) fn is_unasked(self) -> bool {
        self == Self::Renewal
    }

    fn words(self) -> &'static str {
        match self {
            Self::Renewal => "auto-refresh",
            Self::Unlocking => "after unlocking",
            Self::Bulk(verb) => verb,
            Self::Undo => "undo",
        }
    }
}

/// Tasks that have one cause: they are counted, cancelled and told of together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(super) id: GroupId,
    pub(super) cause: Cause,
    /// What it is about, where that is not the number of its tasks: `4 token sets`; sanitized.
    pub(super) of: String,
    pub(super) total: usize,
    pub(super) succeeded: usize,
    pub(super) failed: usize,
    pub(super) cancelled: usize,
    /// So many servers were asked to revoke something.
    pub(super) asked: usize,
    /// Whose tokens are accepted although that was to end, and until when.
    pub(super) survivors: BTreeMap<ProfileName, Timestamp>,
}

/// How a task of a group has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Succeeded,
    Failed,
    Cancelled,
}

impl Group {
    pub(super) fn new(id: GroupId, cause: Cause) -> Self {
        let (total, succeeded, failed, cancelled, asked) = (0, 0, 0, 0, 0);
        Self { id, cause, of: String::new(), total, succeeded, failed, cancelled, asked, survivors: BTreeMap::new() }
    }

    /// One alone is told of as if there were no group.
    pub(super) fn is_many(&self) -> bool {
        self.total > 1
    }

    pub(super) fn ended(&self) -> usize {
        self.succeeded + self.failed + self.cancelled
    }

    pub(super) fn count(&mut self, end: End) {
        *match end {
            End::Succeeded => &mut self.succeeded,
            End::Failed => &mut self.failed,
            End::Cancelled => &mut self.cancelled,
        } += 1;
    }

    /// How many have ended, and how many there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.ended(), self.total)
    }

    /// What its tasks wanted is only asked for.
    pub(super) fn asks(&self) -> bool {
        self.cause == Cause::Bulk("revoke")
    }

    /// `auto-refresh: 8 of 10 succeeded, 1 failed, 1 cancelled`; `Restored 4 token sets.`;
    /// `revoke: asked for 2 of 2; lms-prod is still accepted until 19:11:13`.
    pub(super) fn summary(&self, day: impl Fn(Timestamp) -> String) -> String {
        let more = [(self.failed, "failed"), (self.cancelled, "cancelled")].into_iter();
        let more = more.filter(|(count, _)| *count > 0).map(|(count, how)| format!(", {count} {how}"));
        let (verb, more) = (self.cause.words(), more.collect::<String>());
        if self.cause == Cause::Undo && self.succeeded == self.total {
            return format!("Restored {}.", self.of);
        }
        if !self.asks() {
            return format!("{verb}: {} of {} succeeded{more}", self.succeeded, self.total);
        }
        // That a server said yes proves nothing.
        let latest = self.survivors.iter().max_by_key(|(_, end)| **end);
        let alive = match (latest, self.survivors.len()) {
            (None, _) => String::new(),
            (Some((name, end)), 1) => format!("; {name} may be accepted until {}", day(*end)),
            (Some((_, end)), many) => format!("; {many} may still be accepted, the last until {}", day(*end)),
        };
        format!("{verb}: asked for {} of {}{more}{alive}", self.asked, self.total)
    }
}
