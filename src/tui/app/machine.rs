//! What other programs keep on this machine: read when it is asked for, shown like any other token, sent nowhere.

use std::sync::Arc;

use super::{
    Model,
    keymap::Action,
    message::What,
    notices::Level,
    scope::{self, Scope},
    tasks,
    tokens::Owner,
};
use crate::{
    session::{HeldToken, HeldTokens},
    text,
};

/// The program that keeps a token, and where; sanitized.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HeldBy {
    /// The word for the program: `gh`.
    pub(crate) id: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// The file with its permissions, or the variable.
    pub(crate) place: String,
    /// Whose it is, as the file says.
    pub(crate) account: Option<String>,
    /// What ends it at the server: a command, or a page.
    pub(crate) revoke: &'static str,
    /// The command that prints a fresh one.
    pub(crate) command: Option<&'static str>,
}

impl HeldBy {
    /// Who keeps this.
    pub(super) fn of(held: &HeldToken) -> Self {
        let &HeldToken { id, program: name, revoke, command, .. } = held;
        let account = held.of.as_ref().map(|of| text::visible(of).into_owned());
        Self { id, name, place: held.place.words(), account, revoke, command }
    }

    /// `~/.config/gh/hosts.yml 0600 · to revoke: gh auth logout`.
    pub(crate) fn words(&self) -> String {
        format!("{} · to revoke: {}", self.place, self.revoke)
    }
}

pub(super) fn offer_scan(model: &Model) -> Option<Action> {
    (!model.tasks.has(&What::Scan)).then_some(Action::Scan)
}

/// Looks for them; what was found before makes way.
pub(super) fn scan(model: &mut Model) {
    tasks::begin(model, What::Scan, None);
}

/// They were found.
pub(super) fn scanned(model: &mut Model, found: HeldTokens) {
    let HeldTokens { all: held, unread, remarks } = found;
    let count = held.len();
    model.tokens.keep_of_machine(held.iter().map(|held| (Arc::new(HeldBy::of(held)), held)));
    let mut programs: Vec<_> = held.iter().map(|held| held.id).collect();
    programs.dedup();
    remarks.iter().for_each(|remark| model.note(None, Level::Info, &text::visible(remark)));
    unread.iter().for_each(|unread| model.note(None, Level::Warning, &text::visible(unread)));
    let words = match (count, unread.len()) {
        (0, 0) => "No tokens of other programs were found on this machine.".to_owned(),
        (_, 0) => format!("This machine: {} of {}.", some(count, "token"), some(programs.len(), "program")),
        (_, left) => format!(
            "This machine: {} of {}; {} could not be read.",
            some(count, "token"),
            some(programs.len(), "program"),
            some(left, "file")
        ),
    };
    let level = if unread.is_empty() { Level::Success } else { Level::Warning };
    match count {
        0 => model.tell(level, &words),
        _ => {
            scope::go_to(model, Scope::Machine);
            model.advise(None, level, &words, "nothing was sent; {key:tokens.delete} takes one off the list");
        }
    }
}

fn some(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// The program whose tokens the user is at, where it has a command that prints a fresh one.
fn printing(model: &Model) -> Option<&HeldBy> {
    let held_by = match &model.tokens.selected()?.owner {
        Owner::Program(held_by) => held_by.as_ref(),
        Owner::Profile(_) | Owner::Source(_) => return None,
    };
    held_by.command.map(|_| held_by)
}

/// A profile over that program: it goes on holding its tokens, and is asked for them. Its refresh token is never copied: two
/// owners would end it.
pub(super) fn offer_profile(model: &Model) -> Option<Action> {
    let held_by = printing(model)?;
    Some(Action::ProfileOver(held_by.id, held_by.command?))
}
