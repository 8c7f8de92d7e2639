//! The badge of an environment: what each thing on screen is about, in one table. Protected ones never disappear.

use super::{
    Model, Pane,
    inspector::Tab,
    mode::{Choice, Mode, Question, Wanted},
    page::PageKind,
    rotation, target,
    tokens::Row,
};
use crate::profile::ProfileName;
pub(crate) use crate::profile::environment::Badge;

impl Model {
    /// The badge of a profile's environment.
    pub(crate) fn badge(&self, profile: &ProfileName) -> Option<Badge> {
        self.badge_of(self.profiles.row(profile)?.profile.environment.as_deref()?)
    }

    pub(crate) fn badge_of(&self, environment: &str) -> Option<Badge> {
        self.protected.badge(environment)
    }

    /// The badge of a profile whose environment is protected.
    pub(crate) fn guard(&self, profile: &ProfileName) -> Option<Badge> {
        let environment = self.profiles.row(profile)?.profile.environment.as_deref()?;
        self.protected.covers(environment.trim()).then(|| self.badge_of(environment))?
    }

    /// The same for what the keys of the panes act on.
    pub(crate) fn guard_of_target(&self) -> Option<Badge> {
        let shown = self.guard_of_inspector().filter(|_| self.focus == Pane::Inspector);
        shown.or_else(|| target::words(self).0)
    }

    /// The same for what the inspector shows.
    pub(crate) fn guard_of_inspector(&self) -> Option<Badge> {
        match self.inspector.tab {
            Tab::Exchange => self.guard(self.inspector.exchange.profile.as_ref()?),
            _ => self.guard_of_token(),
        }
    }

    fn guard_of_token(&self) -> Option<Badge> {
        self.guard(self.tokens.selected().and_then(Row::profile)?)
    }

    /// The same for what stands over the panes: what it is about.
    pub(crate) fn guard_of_mode(&self, mode: &Mode) -> Option<Badge> {
        let of_task = |id| self.guard(self.tasks.by_id(id)?.who()?);
        match mode {
            Mode::Typing(typing) => match &typing.wanted {
                Wanted::Answer(task) | Wanted::Coming(task) => of_task(*task),
                Wanted::Sure(question) => self.guard_of_question(question),
                Wanted::Nothing
                | Wanted::Token
                | Wanted::Address(_)
                | Wanted::Search
                | Wanted::PageSearch
                | Wanted::Log
                | Wanted::Filter
                | Wanted::Time => None,
                _ => self.guard_of_token(),
            },
            Mode::Confirm(question) => self.guard_of_question(question),
            Mode::Choose(choose) => match choose.choice {
                Choice::Key | Choice::Signature => self.guard_of_token(),
                Choice::Generation => self.guard_of_target(),
                Choice::Provider | Choice::Source | Choice::Home | Choice::File | Choice::Receipt => None,
            },
            Mode::Page(page) => match &page.kind {
                PageKind::Profile(name) | PageKind::Exchange(name) => self.guard(name),
                PageKind::Value => self.guard_of_token(),
                PageKind::Report => None,
            },
            Mode::Log(log) => self.guard(log.subject()?),
            Mode::Compare(page) => page.sides.iter().find_map(|side| self.guard(side.row.profile()?)),
            Mode::Horizon(page) => self.guard(page.selected()?.profile.as_ref()?),
            Mode::Rotation(_) => rotation::page::guarded(self),
            Mode::Form(form) => {
                // What is typed counts as much as what is in the file.
                let typed = self.badge_of(form.environment()).filter(|badge| badge.protected);
                typed.or_else(|| self.guard(form.old.as_ref()?))
            }
            Mode::Edit(editor) => self.guard(editor.original.profile()?),
            // Each of its lines names what it is about.
            Mode::Palette(_) => None,
            Mode::Prefix(_) => self.guard_of_target(),
            Mode::Reading(_) | Mode::Rebind(_) | Mode::Save => None,
            Mode::Demand(task) => of_task(*task),
        }
    }

    fn guard_of_question(&self, question: &Question) -> Option<Badge> {
        match question {
            Question::Revoke(name, _) | Question::Call(name, _) => self.guard(name),
            Question::Plan(plan) => self.guard(plan.guarded(self)?),
            Question::Rotate | Question::Abandon(_) => rotation::page::guarded(self),
            Question::Fetch(..) | Question::LeaveEditor => self.guard_of_token(),
            Question::LeaveForm => {
                let form = self.modes.iter().find(|mode| matches!(mode, Mode::Form(_)))?;
                self.guard_of_mode(form)
            }
            Question::Quit => None,
        }
    }
}
