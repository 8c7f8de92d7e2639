//! Where a key works, and where the user is.

use crate::tui::app::{
    Model, Pane,
    mode::{Mode, Typing, Wanted},
    page::PageKind,
    welcome,
};

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// The first start, while there is nothing at all.
    Welcome,
    /// Two tokens side by side.
    Compare,
    /// What ends when.
    Horizon,
    /// The plan of a rotation, before it is confirmed.
    RotationPlan,
    /// A rotation that runs, or its receipt.
    Rotation,
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
    /// After the key that begins a copy in another form.
    CopyAs,
    /// After the key that begins to sort.
    Sort,
    /// A command waits for its new key.
    Rebind,
    Everywhere,
}

/// All places in the order of the help page: what the name of a command begins with, and the heading of its keys.
const TABLE: [(Place, &str, &str); 26] = [
    (Place::Panes, "panes", "All panes"),
    (Place::Profiles, "profiles", "Profiles"),
    (Place::Tokens, "tokens", "Tokens"),
    (Place::Inspector, "inspector", "Inspector"),
    (Place::Page, "page", "Pages"),
    (Place::ProfilePage, "profile-page", "Profile page"),
    (Place::ValuePage, "value-page", "Value page"),
    (Place::Log, "log", "Log"),
    (Place::Save, "save", "Saving the first tokens"),
    (Place::Welcome, "welcome", "First start"),
    (Place::Compare, "compare", "Comparison"),
    (Place::Horizon, "horizon", "Horizon"),
    (Place::RotationPlan, "rotation-plan", "Rotation plan"),
    (Place::Rotation, "rotation", "Rotation"),
    (Place::Menu, "menu", "Choosing"),
    (Place::Palette, "palette", "Commands and keys"),
    (Place::Filter, "filter", "Typing a filter"),
    (Place::Input, "text", "Typing"),
    (Place::Form, "form", "Profile form"),
    (Place::Editor, "editor", "Token editor"),
    (Place::Demand, "browser", "Waiting for the browser"),
    (Place::Confirm, "confirm", "Confirmation"),
    (Place::CopyAs, "copy-as", "Copy as"),
    (Place::Sort, "sort", "Sort"),
    (Place::Rebind, "rebind", "Choosing a key"),
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

/// The commands that begin with a further key: the place of the keys that may follow, and the command that waits for them.
const PREFIXES: [(Place, &str); 2] = [(Place::CopyAs, "copy-as"), (Place::Sort, "sort")];

impl Place {
    /// The places whose keys work where this one is the nearest.
    pub(super) const fn within(self) -> &'static [Self] {
        use Place::{
            Compare, Confirm, CopyAs, Demand, Editor, Everywhere, Filter, Form, Horizon, Input, Inspector, Log, Menu,
            Page, Palette, Panes, ProfilePage, Profiles, Rebind, Rotation, RotationPlan, Save, Sort, Tokens, ValuePage,
            Welcome,
        };
        match self {
            Panes => &[Panes, Everywhere],
            Profiles => &[Profiles, Panes, Everywhere],
            Tokens => &[Tokens, Panes, Everywhere],
            Inspector => &[Inspector, Panes, Everywhere],
            Page => &[Page, Everywhere],
            ProfilePage => &[ProfilePage, Page, Everywhere],
            ValuePage => &[ValuePage, Page, Everywhere],
            Log => &[Log, Page, Everywhere],
            Save => &[Save, Everywhere],
            Welcome => &[Welcome, Panes, Everywhere],
            Compare => &[Compare, Page, Everywhere],
            Horizon => &[Horizon, Page, Everywhere],
            // What has to be typed takes every character.
            RotationPlan => &[RotationPlan, Everywhere],
            Rotation => &[Rotation, Page, Everywhere],
            Menu => &[Menu, Everywhere],
            // What is typed is edited as any other line.
            Palette => &[Palette, Input, Everywhere],
            Filter => &[Filter, Input, Everywhere],
            Input => &[Input, Everywhere],
            Form => &[Form, Everywhere],
            Editor => &[Editor, Everywhere],
            Demand => &[Demand, Everywhere],
            Confirm => &[Confirm, Everywhere],
            CopyAs => &[CopyAs, Everywhere],
            Sort => &[Sort, Everywhere],
            Rebind => &[Rebind, Everywhere],
            Everywhere => &[Everywhere],
        }
    }

    /// Whether a key can mean something in both at once.
    pub(super) fn meets(self, other: Self) -> bool {
        Self::all().any(|place| place.within().contains(&self) && place.within().contains(&other))
    }

    /// Whether its keys stay as they are: where text is typed, a key that is bound anew could swallow a character.
    pub(crate) const fn is_fixed(self) -> bool {
        matches!(
            self,
            Self::Palette | Self::Filter | Self::Input | Self::Form | Self::Editor | Self::RotationPlan | Self::Rebind
        )
    }

    /// The command that goes to the pane of this place, and from where it is not needed.
    pub(super) fn pane(self) -> Option<(&'static str, &'static [Self])> {
        match self {
            Self::Profiles => Some(("go-to-profiles", &[Self::Profiles])),
            Self::Tokens => Some(("go-to-tokens", &[Self::Tokens])),
            Self::Inspector => Some(("go-to-inspector", &[Self::Inspector])),
            Self::CopyAs => Some(("go-to-tokens", &[Self::Tokens, Self::Inspector, Self::CopyAs])),
            Self::Sort => Some(("go-to-tokens", &[Self::Tokens, Self::Sort])),
            _ => None,
        }
    }

    /// The command whose key comes before the keys of this place.
    pub(super) fn prefix(self) -> Option<&'static str> {
        PREFIXES.into_iter().find(|(place, _)| *place == self).map(|(_, id)| id)
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
    let nearest = match mode {
        Mode::Typing(Typing { wanted: Wanted::Filter, .. }) => Place::Filter,
        Mode::Typing(_) => Place::Input,
        Mode::Confirm(_) => Place::Confirm,
        // A key file that is being read can be left to itself.
        Mode::Choose(_) | Mode::Reading(_) => Place::Menu,
        Mode::Palette(_) => Place::Palette,
        Mode::Form(_) => Place::Form,
        Mode::Edit(_) => Place::Editor,
        Mode::Demand(_) => Place::Demand,
        Mode::Compare(_) => Place::Compare,
        Mode::Horizon(_) => Place::Horizon,
        Mode::Rotation(page) if page.is_draft => Place::RotationPlan,
        Mode::Rotation(_) => Place::Rotation,
        Mode::Prefix(prefix) => prefix.place,
        Mode::Rebind(_) => Place::Rebind,
        Mode::Log(_) => Place::Log,
        Mode::Save => Place::Save,
        Mode::Page(page) => match page.kind {
            PageKind::Profile(_) => Place::ProfilePage,
            PageKind::Value => Place::ValuePage,
            PageKind::Exchange(_) | PageKind::Report => Place::Page,
        },
    };
    nearest.within()
}

/// Where the user is when nothing stands over the panes.
pub(super) fn beneath(model: &Model) -> &'static [Place] {
    match model.focus {
        _ if welcome::is_shown(model) => Place::Welcome.within(),
        Pane::Profiles => Place::Profiles.within(),
        Pane::Tokens => Place::Tokens.within(),
        Pane::Inspector => Place::Inspector.within(),
    }
}
