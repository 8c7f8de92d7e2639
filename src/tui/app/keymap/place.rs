//! Where a key works, and where the user is.

use crate::tui::app::{Model, Pane, edit::Stage, mode::Mode};

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Place {
    /// Any of the panes.
    Panes,
    Profiles,
    Tokens,
    Inspector,
    /// A page to read.
    Page,
    /// A list to choose from.
    Menu,
    /// A line is being typed.
    Input,
    /// A profile is being written.
    Form,
    /// A token is being edited.
    Editor,
    /// A login waits for the browser.
    Demand,
    /// Yes or no.
    Confirm,
    Everywhere,
}

impl Place {
    /// All, in the order of the help page.
    pub const ALL: [Self; 12] = [
        Self::Panes,
        Self::Profiles,
        Self::Tokens,
        Self::Inspector,
        Self::Page,
        Self::Menu,
        Self::Input,
        Self::Form,
        Self::Editor,
        Self::Demand,
        Self::Confirm,
        Self::Everywhere,
    ];

    /// What the name of a command begins with.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Panes => "panes",
            Self::Profiles => "profiles",
            Self::Tokens => "tokens",
            Self::Inspector => "inspector",
            Self::Page => "page",
            Self::Menu => "menu",
            Self::Input => "text",
            Self::Form => "form",
            Self::Editor => "editor",
            Self::Demand => "browser",
            Self::Confirm => "confirm",
            Self::Everywhere => "everywhere",
        }
    }

    /// The place of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.name() == name)
    }

    /// The heading of its keys.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Panes => "All panes",
            Self::Profiles => "Profiles",
            Self::Tokens => "Tokens",
            Self::Inspector => "Inspector",
            Self::Page => "Pages",
            Self::Menu => "Choosing",
            Self::Input => "Typing",
            Self::Form => "Profile form",
            Self::Editor => "Token editor",
            Self::Demand => "Waiting for the browser",
            Self::Confirm => "Confirmation",
            Self::Everywhere => "Everywhere",
        }
    }
}

/// Where the user is.
pub(super) fn of(model: &Model) -> &'static [Place] {
    use Place::{Confirm, Demand, Editor, Everywhere, Form, Input, Menu, Page};
    let Some(mode) = model.modes.top() else { return beneath(model) };
    match mode {
        Mode::Prompt { .. } | Mode::Paste(_) | Mode::Address { .. } | Mode::Search(_) | Mode::Typing { .. } => {
            &[Input, Everywhere]
        }
        Mode::Confirm(_) => &[Confirm, Everywhere],
        Mode::Form(form) if form.leaving => &[Confirm, Everywhere],
        Mode::Form(_) => &[Form, Everywhere],
        Mode::Menu(_) => &[Menu, Everywhere],
        Mode::Edit(editor) => match editor.stage {
            Stage::Writing => &[Editor, Everywhere],
            Stage::Leaving => &[Confirm, Everywhere],
            // A key file that is being read can be left to itself.
            Stage::Choosing(_) | Stage::Reading => &[Menu, Everywhere],
            Stage::Secret(_) | Stage::Path(_) => &[Input, Everywhere],
        },
        Mode::Demand(_) => &[Demand, Everywhere],
        Mode::Page(_) => &[Page, Everywhere],
    }
}

/// Where the user is as soon as what stands over the panes is closed.
pub(super) fn beneath(model: &Model) -> &'static [Place] {
    use Place::{Everywhere, Inspector, Panes, Profiles, Tokens};
    match model.focus {
        Pane::Profiles => &[Profiles, Panes, Everywhere],
        Pane::Tokens => &[Tokens, Panes, Everywhere],
        Pane::Inspector => &[Inspector, Panes, Everywhere],
    }
}
