//! Where a key works, and where the user is.

use crate::tui::app::{
    Model, Pane,
    mode::{Mode, Typing, Wanted},
    page::PageKind,
};

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
    /// The page of a profile.
    ProfilePage,
    /// The page of a value of a token.
    ValuePage,
    /// All that the user was told.
    Log,
    /// Whether the first tokens are saved.
    Save,
    /// A list to choose from.
    Menu,
    /// A command is looked for.
    Palette,
    /// The line of a filter is being typed.
    Filter,
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

/// All places in the order of the help page: what the name of a command begins with, and the heading of its keys.
const TABLE: [(Place, &str, &str); 18] = [
    (Place::Panes, "panes", "All panes"),
    (Place::Profiles, "profiles", "Profiles"),
    (Place::Tokens, "tokens", "Tokens"),
    (Place::Inspector, "inspector", "Inspector"),
    (Place::Page, "page", "Pages"),
    (Place::ProfilePage, "profile-page", "Profile page"),
    (Place::ValuePage, "value-page", "Value page"),
    (Place::Log, "log", "Log"),
    (Place::Save, "save", "Saving the first tokens"),
    (Place::Menu, "menu", "Choosing"),
    (Place::Palette, "palette", "Commands and keys"),
    (Place::Filter, "filter", "Typing a filter"),
    (Place::Input, "text", "Typing"),
    (Place::Form, "form", "Profile form"),
    (Place::Editor, "editor", "Token editor"),
    (Place::Demand, "browser", "Waiting for the browser"),
    (Place::Confirm, "confirm", "Confirmation"),
    (Place::Everywhere, "everywhere", "Everywhere"),
];

impl Place {
    /// All, in the order of the help page.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.into_iter().map(|(place, ..)| place)
    }

    /// What the name of a command begins with.
    pub const fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// The heading of its keys.
    pub const fn title(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// The place of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|place| place.name() == name)
    }
}

/// Where the user is.
pub(super) fn of(model: &Model) -> &'static [Place] {
    model.modes.top().map_or_else(|| beneath(model), of_mode)
}

/// All places, from the one where the user is down to the panes.
pub(super) fn all(model: &Model) -> impl Iterator<Item = Place> {
    model.modes.iter().flat_map(of_mode).chain(beneath(model)).copied()
}

fn of_mode(mode: &Mode) -> &'static [Place] {
    use Place::{
        Confirm, Demand, Editor, Everywhere, Filter, Form, Input, Log, Menu, Page, Palette, ProfilePage, Save,
        ValuePage,
    };
    match mode {
        Mode::Typing(Typing { wanted: Wanted::Filter(_), .. }) => &[Filter, Input, Everywhere],
        Mode::Typing(_) => &[Input, Everywhere],
        Mode::Confirm(_) => &[Confirm, Everywhere],
        // A key file that is being read can be left to itself.
        Mode::Choose(_) | Mode::Reading(_) => &[Menu, Everywhere],
        // What is typed is edited as any other line.
        Mode::Palette(_) => &[Palette, Input, Everywhere],
        Mode::Form(_) => &[Form, Everywhere],
        Mode::Edit(_) => &[Editor, Everywhere],
        Mode::Demand(_) => &[Demand, Everywhere],
        Mode::Log(_) => &[Log, Page, Everywhere],
        Mode::Save => &[Save, Everywhere],
        Mode::Page(page) => match page.kind {
            PageKind::Profile(_) => &[ProfilePage, Page, Everywhere],
            PageKind::Value => &[ValuePage, Page, Everywhere],
            PageKind::Report => &[Page, Everywhere],
        },
    }
}

/// Where the user is when nothing stands over the panes.
fn beneath(model: &Model) -> &'static [Place] {
    use Place::{Everywhere, Inspector, Panes, Profiles, Tokens};
    match model.focus {
        Pane::Profiles => &[Profiles, Panes, Everywhere],
        Pane::Tokens => &[Tokens, Panes, Everywhere],
        Pane::Inspector => &[Inspector, Panes, Everywhere],
    }
}
