//! What the user was told. The newest notice stays readable until it is replaced or dismissed, and a piece of news
//! never covers a problem that was not read.

use std::{borrow::Cow, collections::VecDeque};

use super::{Model, badge::Badge, keymap::Action};
use crate::{clock::Timestamp, profile::ProfileName, text};

/// How many notices are kept.
const KEPT: usize = 200;

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Info,
    Success,
    Warning,
    Error,
}

impl Level {
    /// Stays on screen until it was read.
    fn holds(self) -> bool {
        self >= Self::Warning
    }
}

/// Something that the user was told.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) at: Timestamp,
    pub(crate) severity: Level,
    /// What happened; sanitized.
    pub(crate) text: String,
    /// What to do.
    hint: Option<Hint>,
    about: Option<ProfileName>,
    /// Of the protected environment that it is about, as it was then: the profile may be gone.
    pub(crate) badge: Option<Badge>,
    unread: bool,
    /// It tells whose account it is about, and goes when the vault is locked.
    private: bool,
}

/// What to do about it.
#[derive(Debug)]
enum Hint {
    /// In words of the program's own, in which commands are named: their keys are filled in where they are read.
    Ours(&'static str),
    /// In words that may be foreign; sanitized.
    Said(String),
}

impl Notice {
    /// What to do, for whoever reads it now; sanitized.
    pub(crate) fn hint(&self, model: &Model) -> Option<Cow<'_, str>> {
        self.hint.as_ref().map(|hint| match hint {
            Hint::Ours(words) => model.hint(words),
            Hint::Said(words) => Cow::Borrowed(words.as_str()),
        })
    }
}

/// The notices, newest first.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    all: VecDeque<Notice>,
}

impl Notices {
    /// All of them, newest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Notice> {
        self.all.iter()
    }

    /// The ones that wait to be read: problems first, each group newest first.
    pub(crate) fn unread(&self) -> impl Iterator<Item = &Notice> {
        let group = |holds| self.all.iter().filter(move |notice| notice.unread && notice.severity.holds() == holds);
        group(true).chain(group(false))
    }

    /// The problems about a profile are settled: its user goes on to the next action.
    pub(crate) fn settle(&mut self, profile: &ProfileName) {
        self.all.iter_mut().filter(|notice| notice.about.as_ref() == Some(profile)).for_each(|n| n.unread = false);
    }

    /// The vault is locked.
    pub(super) fn lock(&mut self) {
        self.all.retain(|notice| !notice.private);
    }

    /// What was said last goes when the vault is locked.
    pub(super) fn last_is_private(&mut self) {
        self.all.front_mut().into_iter().for_each(|notice| notice.private = true);
    }

    /// What was said is over: it stays on the list alone.
    pub(super) fn withdraw(&mut self, text: &str) {
        self.all.iter_mut().filter(|notice| notice.text == text).for_each(|notice| notice.unread = false);
    }

    fn read_first(&mut self) {
        let problem = self.all.iter().any(|notice| notice.unread && notice.severity.holds());
        if let Some(notice) = self.all.iter_mut().find(|n| n.unread && n.severity.holds() == problem) {
            notice.unread = false;
        }
    }

    fn push(&mut self, notice: Notice) {
        if self.all.front().is_some_and(|last| (last.severity, &last.text) == (notice.severity, &notice.text)) {
            self.all.pop_front();
        }
        if !notice.severity.holds() && !self.all.iter().any(|old| old.unread && old.severity.holds()) {
            self.all.iter_mut().for_each(|old| old.unread = false);
        }
        self.keep(notice);
    }

    fn keep(&mut self, notice: Notice) {
        self.all.push_front(notice);
        self.all.truncate(KEPT);
    }
}

impl Model {
    /// Tells the user something; foreign text is welcome.
    pub(crate) fn tell(&mut self, severity: Level, text: &str) {
        self.tell_about(None, severity, text, None);
    }

    /// Tells the user something about a profile, and what to do.
    pub(crate) fn tell_about(&mut self, about: Option<&ProfileName>, severity: Level, text: &str, hint: Option<&str>) {
        let hint = hint.map(|hint| Hint::Said(text::visible(hint).into_owned()));
        let notice = self.notice(about, severity, text, hint);
        self.notices.push(notice);
    }

    /// Tells the user something, and what to do with which command: `{key:unlock} unlocks it` ([`Model::hint`]).
    pub(crate) fn advise(&mut self, about: Option<&ProfileName>, severity: Level, text: &str, hint: &'static str) {
        let notice = self.notice(about, severity, text, Some(Hint::Ours(hint)));
        self.notices.push(notice);
    }

    /// Puts something about a profile on the list of all notices, and nowhere else.
    pub(crate) fn note(&mut self, about: &ProfileName, severity: Level, text: &str) {
        let notice = Notice { unread: false, ..self.notice(Some(about), severity, text, None) };
        self.notices.keep(notice);
    }

    fn notice(&self, about: Option<&ProfileName>, severity: Level, text: &str, hint: Option<Hint>) -> Notice {
        let text = match about {
            Some(profile) => text::visible(&format!("{profile}: {text}")).into_owned(),
            None => text::visible(text).into_owned(),
        };
        let badge = about.and_then(|profile| self.guard(profile));
        Notice { at: self.now, severity, text, hint, about: about.cloned(), badge, unread: true, private: false }
    }
}

pub(super) fn offer_dismiss(model: &Model) -> Option<Action> {
    model.notices.unread().next().map(|_| Action::Dismiss)
}

pub(super) fn offer_list(model: &Model) -> Option<Action> {
    (!model.notices.all.is_empty()).then_some(Action::ListNotices)
}

pub(super) fn dismiss(model: &mut Model) {
    model.notices.read_first();
}

pub(super) fn read_all(model: &mut Model) {
    model.notices.all.iter_mut().for_each(|notice| notice.unread = false);
}
