//! What the user was told: the log, newest first. What of it is on the screen right now is in [`line`].

pub(crate) mod line;

use std::{borrow::Cow, collections::VecDeque};

use chrono::TimeDelta;

use super::{Model, badge::Badge, keymap};
use crate::{clock::Timestamp, profile::ProfileName, text, trouble::Trouble};

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
    /// A problem: it is counted wherever it stands, and comes back to the line.
    pub(crate) fn is_problem(self) -> bool {
        self >= Self::Warning
    }
}

/// Identifies a notice for the life of the process: a repeated one keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct NoticeId(u64);

/// Something that the user was told.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) id: NoticeId,
    /// When it was said for the first time …
    pub(crate) first: Timestamp,
    /// … and for the last …
    pub(crate) at: Timestamp,
    /// … of so many.
    pub(crate) times: usize,
    pub(crate) severity: Level,
    /// What happened, in sentences; sanitized. Whom it is about stands in `about`.
    pub(crate) text: String,
    /// What that means; sanitized.
    pub(crate) means: Option<String>,
    /// What to do.
    hint: Option<Hint>,
    pub(crate) about: Option<ProfileName>,
    /// Of the environment that it is about, as it was then: the profile may be gone.
    pub(crate) badge: Option<Badge>,
    /// It tells whose account it is about, and goes when the vault is locked.
    private: bool,
    /// How it stands with the notice line.
    showing: Showing,
}

/// How a notice stands with the line.
#[derive(Debug, Clone, Copy, Default)]
struct Showing {
    /// It waits for the line, or is on it.
    open: bool,
    /// It was on it.
    begun: bool,
    /// For so long.
    seen: TimeDelta,
    /// A key was pressed meanwhile.
    pressed: bool,
}

/// What to do about it.
#[derive(Debug, Clone)]
enum Hint {
    /// In words of the program's own, in which commands are named: their keys are filled in where they are read.
    Ours(&'static str),
    /// In words that may be foreign; sanitized.
    Said(String),
}

impl Notice {
    /// What to do, for whoever reads it now: what cannot be done, or not from there, is not said. Sanitized.
    pub(crate) fn hint(&self, model: &Model) -> Option<Cow<'_, str>> {
        match self.hint.as_ref()? {
            Hint::Ours(words) => model.hint_that_works(words).filter(|_| self.is_for_target(model, words)),
            Hint::Said(words) => Some(Cow::Borrowed(words.as_str())),
        }
    }

    /// The same, to be drawn at once.
    pub(crate) fn keyed(&self, model: &Model) -> Option<Cow<'_, str>> {
        match self.hint.as_ref()? {
            Hint::Ours(words) => model.keyed_that_works(words).filter(|_| self.is_for_target(model, words)),
            Hint::Said(words) => Some(Cow::Borrowed(words.as_str())),
        }
    }

    /// What to do where the log is closed; called while nothing stands over the panes. The way to the log is no use in it.
    pub(crate) fn in_panes(&self, model: &Model) -> Option<String> {
        let leads_here = matches!(self.hint, Some(Hint::Ours(words)) if words.contains("{key:log}"));
        self.hint(model).filter(|_| !leads_here).map(Cow::into_owned)
    }

    /// A command for a profile would act on the one under the cursor: it is named only where that is the notice's.
    fn is_for_target(&self, model: &Model, words: &str) -> bool {
        let target = model.target().map(|row| &row.profile.name);
        self.about.is_none() || self.about.as_ref() == target || !keymap::is_for_profile(words)
    }

    /// `edx-demo: refreshed`: whom it is about, and what happened; sanitized.
    pub(crate) fn words(&self) -> Cow<'_, str> {
        match &self.about {
            Some(profile) => format!("{profile}: {}", self.text).into(),
            None => Cow::Borrowed(&self.text),
        }
    }

    /// ` ×3`: how often it was said, where that is more than once.
    pub(crate) fn repeats(&self) -> String {
        if self.times > 1 { format!(" ×{}", self.times) } else { String::new() }
    }

    fn says_the_same(&self, other: &Self) -> bool {
        (self.severity, &self.about, &self.text) == (other.severity, &other.about, &other.text)
    }
}

/// The notices, newest first.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    all: VecDeque<Notice>,
    last: u64,
    /// Advice that was given: once is enough.
    advised: Vec<&'static str>,
}

impl Notices {
    /// All of them, newest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Notice> {
        self.all.iter()
    }

    /// The one with this id.
    pub(crate) fn by_id(&self, id: NoticeId) -> Option<&Notice> {
        self.all.iter().find(|notice| notice.id == id)
    }

    /// How many errors are not settled.
    pub(crate) fn errors(&self) -> usize {
        self.all.iter().filter(|notice| notice.showing.open && notice.severity == Level::Error).count()
    }

    /// The problems about a profile are settled: something has worked.
    pub(crate) fn settle(&mut self, profile: &ProfileName) {
        let about = |notice: &&mut Notice| notice.about.as_ref() == Some(profile) && notice.severity.is_problem();
        self.all.iter_mut().filter(about).for_each(|notice| notice.showing.open = false);
    }

    /// The vault is locked.
    pub(super) fn lock(&mut self) {
        self.all.retain(|notice| !notice.private);
    }

    /// What was said last goes when the vault is locked.
    pub(super) fn last_is_private(&mut self) {
        self.all.front_mut().into_iter().for_each(|notice| notice.private = true);
    }

    /// What was said is over: it stays in the log alone.
    pub(super) fn withdraw(&mut self, text: &str) {
        let text = text::sentence(text);
        self.all.iter_mut().filter(|notice| notice.text == text).for_each(|notice| notice.showing.open = false);
    }

    /// Everything was read, in the log.
    pub(super) fn read_all(&mut self) {
        self.all.iter_mut().for_each(|notice| notice.showing.open = false);
    }

    /// Takes all out; [`Self::restore`] brings them back.
    pub(super) fn take(&mut self) -> VecDeque<Notice> {
        std::mem::take(&mut self.all)
    }

    /// Puts back what was taken out, below what came since.
    pub(super) fn restore(&mut self, taken: VecDeque<Notice>) {
        self.all.extend(taken);
        self.all.truncate(KEPT);
    }

    /// Whether this advice is given for the first time.
    pub(super) fn is_new_advice(&mut self, topic: &'static str) -> bool {
        let new = !self.advised.contains(&topic);
        if new {
            self.advised.push(topic);
        }
        new
    }

    /// A problem that was told before is counted, and comes to the top, and so is what is only noted; anything else only where
    /// nothing came between.
    fn push(&mut self, mut notice: Notice) {
        let counts = notice.severity.is_problem() || !notice.showing.open;
        let before = |(at, old): &(usize, &Notice)| (*at == 0 || counts) && old.says_the_same(&notice);
        if let Some((at, _)) = self.all.iter().enumerate().find(before) {
            let old = self.all.remove(at).expect("it was found above");
            (notice.id, notice.first, notice.times) = (old.id, old.first, old.times + 1);
        } else {
            self.last += 1;
            notice.id = NoticeId(self.last);
        }
        self.all.push_front(notice);
        self.all.truncate(KEPT);
    }
}

impl Model {
    /// What the user was told, newest first.
    pub fn told(&self) -> impl Iterator<Item = &str> {
        self.notices.all().map(|notice| notice.text.as_str())
    }

    /// Tells the user something; foreign text is welcome.
    pub(crate) fn tell(&mut self, severity: Level, text: &str) {
        self.tell_about(None, severity, text, None);
    }

    /// Tells the user something about a profile, and what to do. A success settles the profile's problems.
    pub(crate) fn tell_about(&mut self, about: Option<&ProfileName>, severity: Level, text: &str, hint: Option<&str>) {
        let hint = hint.map(|hint| Hint::Said(text::visible(hint).into_owned()));
        let notice = self.notice(about, severity, text, hint);
        self.push(notice);
    }

    /// Tells of a success that says nothing about the problems of its profile: a copy.
    pub(crate) fn tell_unsettling(&mut self, about: Option<&ProfileName>, severity: Level, text: &str) {
        let notice = self.notice(about, severity, text, None);
        self.notices.push(notice);
    }

    /// Tells the user something, and what to do with which command: `{key:unlock} unlocks it` ([`Model::hint`]).
    pub(crate) fn advise(&mut self, about: Option<&ProfileName>, severity: Level, text: &str, hint: &'static str) {
        let notice = self.notice(about, severity, text, Some(Hint::Ours(hint)));
        self.push(notice);
    }

    /// Tells what did not work: what happened, what it means, and what to do.
    pub(crate) fn complain(&mut self, about: Option<&ProfileName>, severity: Level, trouble: &Trouble) {
        let notice = self.notice_of(about, severity, trouble);
        self.push(notice);
    }

    /// The same, for the log alone.
    pub(crate) fn note_trouble(&mut self, about: &ProfileName, severity: Level, trouble: &Trouble) {
        let notice = Notice { showing: Showing::default(), ..self.notice_of(Some(about), severity, trouble) };
        self.push(notice);
    }

    fn notice_of(&self, about: Option<&ProfileName>, severity: Level, trouble: &Trouble) -> Notice {
        let hint = trouble.to_do().map(|hint| Hint::Said(text::visible(hint).into_owned()));
        let means = trouble.means.as_deref().map(|means| text::sentence(&text::visible(means)));
        Notice { means, ..self.notice(about, severity, &trouble.what, hint) }
    }

    /// Puts something about a profile into the log, and nowhere else.
    pub(crate) fn note<'a>(&mut self, about: impl Into<Option<&'a ProfileName>>, severity: Level, text: &str) {
        let notice = Notice { showing: Showing::default(), ..self.notice(about.into(), severity, text, None) };
        self.push(notice);
    }

    fn push(&mut self, notice: Notice) {
        if let (Level::Success, Some(profile)) = (notice.severity, &notice.about) {
            self.notices.settle(profile);
        }
        self.notices.push(notice);
    }

    fn notice(&self, about: Option<&ProfileName>, severity: Level, text: &str, hint: Option<Hint>) -> Notice {
        Notice {
            id: NoticeId::default(),
            first: self.now,
            at: self.now,
            times: 1,
            severity,
            text: text::sentence(&text::visible(text)),
            means: None,
            hint,
            about: about.cloned(),
            badge: about.and_then(|profile| self.badge(profile)),
            private: false,
            showing: Showing { open: true, ..Showing::default() },
        }
    }
}
