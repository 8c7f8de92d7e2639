//! What the list of commands names besides commands, and what each acts on.

use crate::{
    profile::ProfileName,
    tui::app::{
        Model, api,
        keymap::Action,
        look,
        mode::{Choice, PageKind, Question},
        rotation::Step,
        scope::{Scope, TreeLine},
        target,
        tokens::{Owner, Row},
    },
};

/// What else can be called by a name, besides commands: a table to which every part that has names adds a row.
pub(super) const MORE: &[fn(&Model) -> Vec<Named>] = &[calls, profiles, scopes, themes];

/// Something that is called by its name.
pub(super) struct Named {
    /// `go to edx-demo`.
    pub(super) name: String,
    /// What it is about.
    pub(super) subject: Subject,
    /// What it does.
    pub(super) help: &'static str,
    pub(super) action: Action,
    /// Why it cannot be done now.
    pub(super) why_not: Option<String>,
}

/// What a command would act on; sanitized.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) environment: Option<String>,
    pub(crate) name: String,
}

/// A request: Tab writes its beginning, behind which the rest is typed.
fn calls(model: &Model) -> Vec<Named> {
    let caller = api::whose(model);
    vec![Named {
        name: CALL.to_owned(),
        subject: caller.as_ref().map(|name| of_profile(model, name)).unwrap_or_default(),
        help: "send a request under the profile's access token: call METHOD PATH",
        action: Action::Complete,
        why_not: caller.err(),
    }]
}

/// How a request begins: the path is typed behind it.
const CALL: &str = "call GET /";

/// A theme is taken by its name.
fn themes(_: &Model) -> Vec<Named> {
    let take = |name: &'static str| Named {
        name: format!("theme {name}"),
        subject: Subject::default(),
        help: "take this theme until the program ends",
        action: Action::TakeTheme(name),
        why_not: None,
    };
    look::NAMES.map(take).into()
}

/// A profile is found by its name, too.
fn profiles(model: &Model) -> Vec<Named> {
    let go_to = |name: &ProfileName| Named {
        name: format!("go to {name}"),
        subject: Subject { name: String::new(), ..of_profile(model, name) },
        help: "go to this profile",
        action: Action::GoToProfile(name.clone()),
        why_not: None,
    };
    model.profiles.rows.iter().map(|row| go_to(&row.profile.name)).collect()
}

/// All, what wants attention, the environments, what was pasted, and the views.
fn scopes(model: &Model) -> Vec<Named> {
    let is_view = |line: &TreeLine| matches!(line.scope, Scope::View(_));
    let lines = model.tree.lines.iter().filter(|line| line.depth == 0 || is_view(line));
    let go_to = |line: &TreeLine| Named {
        name: format!("go to {}", line.label),
        subject: Subject::default(),
        help: "show the tokens of this scope",
        action: Action::GoToScope(line.scope.clone()),
        why_not: None,
    };
    lines.map(go_to).collect()
}

/// What an action acts on, as the list names it.
pub(super) fn subject(model: &Model, action: &Action) -> Subject {
    use Action::{
        Cancel, Compare, Copy, Delete, Duplicate, EditProfile, EditToken, Fold, Forget, Inspect, Jump, Mark,
        OpenNested, RefreshByItself, Remove, Reveal, Search, Show, Start, Verify,
    };
    match action {
        Start(_, name)
        | Action::Call(name, _)
        | RefreshByItself(name, _)
        | EditProfile(name)
        | Duplicate(name)
        | Remove(name)
        | Forget(name, _) => of_profile(model, name),
        Action::Ask(Question::Revoke(name, _)) | Action::Open(PageKind::Profile(name) | PageKind::Exchange(name)) => {
            of_profile(model, name)
        }
        Action::ShowExchange | Action::Choose(Choice::Generation) => {
            model.target().map_or_else(Subject::default, |row| of_profile(model, &row.profile.name))
        }
        Cancel(task) => {
            let whose = model.tasks.by_id(*task).and_then(|task| task.whose.as_ref());
            whose.map(|name| of_profile(model, name)).unwrap_or_default()
        }
        Copy(_)
        | EditToken
        | Compare(_)
        | Mark(_)
        | Verify
        | Inspect
        | Delete(_)
        | Show(_)
        | Reveal(_)
        | Fold(_)
        | Search
        | Jump(_)
        | OpenNested
        | Action::Choose(Choice::Key)
        | Action::Open(PageKind::Value) => model.tokens.selected().map(|row| of_token(model, row)).unwrap_or_default(),
        Action::Rotate(Step::Plan { .. }) => match target::profiles(model).as_deref() {
            Ok([one]) => of_profile(model, &model.profiles.rows[*one].profile.name),
            Ok(many) => Subject { environment: None, name: format!("{} profiles", many.len()) },
            Err(_) => Subject::default(),
        },
        _ => Subject::default(),
    }
}

pub(super) fn of_profile(model: &Model, name: &ProfileName) -> Subject {
    let environment = model.profiles.row(name).and_then(|row| row.environment.clone());
    Subject { environment, name: name.to_string() }
}

fn of_token(model: &Model, row: &Row) -> Subject {
    let of = match &row.owner {
        Owner::Profile(name) => of_profile(model, name),
        Owner::Source(_) | Owner::Program(_) => Subject { environment: None, name: row.owner.name().to_owned() },
    };
    Subject { name: format!("{} {}", of.name, row.kind), ..of }
}
