//! Commands by their names: what each would do from where the user is, without its key.

use super::{Action, Binding, Place, by_place, place, table};
use crate::tui::app::{Model, Pane, filter::narrow::Step, message::Effects, mode::Mode};

/// A command, and what it would do now.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) binding: &'static Binding,
    /// The place whose command it is.
    pub(crate) place: Place,
    /// What it would do; `None`: it is impossible now.
    pub(crate) action: Option<Action>,
}

/// How a command of a place is reached.
enum Way {
    /// As things stand.
    Here,
    /// From this pane, with nothing over it.
    Through(Pane),
}

/// What can be called of everything that acts on what is on screen, each command once: first what is possible.
pub(crate) fn callable(model: &mut Model) -> Vec<Call> {
    let mut found: Vec<Call> = Vec::new();
    let mut impossible = Vec::new();
    let mut places = place::of(model).to_vec();
    places.extend([Place::Panes, Place::Profiles, Place::Tokens, Place::Inspector, Place::CopyAs, Place::Sort]);
    for (at, place) in places.iter().enumerate().filter(|(at, place)| !places[..*at].contains(place)) {
        for binding in table().filter(|binding| binding.works_in(*place)) {
            let earlier = |other: &Place| places[..at].contains(other);
            let call = call(model, binding, *place);
            match &call.action {
                Some(action) if !is_called(action) || found.iter().any(|other| other.does(action)) => {}
                Some(_) => found.push(call),
                None if binding.places.iter().any(earlier) => {}
                None => impossible.push(call),
            }
        }
    }
    impossible.retain(|call| !found.iter().any(|other| other.binding.id == call.binding.id));
    found.extend(impossible);
    found
}

/// All keys by place, first where the user is: what the help shows.
pub(crate) fn everything(model: &mut Model) -> Vec<Call> {
    let sections = by_place(place::of(model)[0]);
    let all = sections.into_iter().flat_map(|(place, bindings)| bindings.into_iter().map(move |it| (place, it)));
    all.map(|(place, binding)| call(model, binding, place)).collect()
}

/// Does what the command was shown to do. `None`: it would be something else by now, or nothing, and is not done.
pub(crate) fn run(model: &mut Model, shown: &Call) -> Option<Effects> {
    let now = call(model, shown.binding, shown.place);
    let action = now.action.filter(|action| shown.does(action))?;
    if let Some(Way::Through(pane)) = way(model, shown.place) {
        model.modes.clear();
        model.focus = pane;
    }
    Some(super::act(model, action))
}

impl Call {
    /// Its name in words: `copy header`, `copy as curl`.
    pub(crate) fn name(&self) -> String {
        let id = self.binding.id.replace('-', " ");
        match self.place.prefix() {
            Some(prefix) => format!("{} {id}", prefix.replace('-', " ")),
            None => id,
        }
    }

    /// Why it cannot be called.
    pub(crate) fn why_not(&self, model: &Model) -> String {
        let on_token = [Place::Tokens, Place::Inspector].contains(&self.place);
        let nothing = if on_token && model.tokens.selected().is_none() {
            Some("no token is there")
        } else if self.place == Place::Profiles && model.profiles.rows.is_empty() {
            Some("no profile is there")
        } else {
            self.binding.why_not
        };
        match nothing {
            _ if way(model, self.place).is_none() => format!("not here: {}", self.place.title()),
            Some(why_not) => {
                let (reason, hint) = why_not.split_once("; ").unwrap_or((why_not, ""));
                let hint = model.hint_that_works(hint).filter(|hint| !hint.is_empty());
                format!("not now: {reason}{}", hint.map(|hint| format!("; {hint}")).unwrap_or_default())
            }
            None => "not now".to_owned(),
        }
    }

    fn does(&self, action: &Action) -> bool {
        self.action.as_ref() == Some(action)
    }
}

fn call(model: &mut Model, binding: &'static Binding, place: Place) -> Call {
    let action = match way(model, place) {
        None => None,
        Some(Way::Here) => (binding.offer)(model),
        Some(Way::Through(pane)) => {
            let modes = std::mem::take(&mut model.modes);
            let focus = std::mem::replace(&mut model.focus, pane);
            let action = (binding.offer)(model);
            (model.modes, model.focus) = (modes, focus);
            action
        }
    };
    Call { binding, place, action }
}

/// A page or a list makes way for what is called in the panes; a form, an editor or a line that is typed does not.
fn way(model: &Model, place: Place) -> Option<Way> {
    if place::of(model).contains(&place) {
        return Some(Way::Here);
    }
    let pane = match place {
        Place::Panes => model.focus,
        Place::Profiles => Pane::Profiles,
        Place::Tokens => Pane::Tokens,
        Place::Inspector => Pane::Inspector,
        // The key that comes before works in the tokens and in what shows one.
        Place::CopyAs if model.focus == Pane::Inspector => Pane::Inspector,
        Place::CopyAs | Place::Sort => Pane::Tokens,
        _ => return None,
    };
    makes_way(model).then_some(Way::Through(pane))
}

/// Whether nothing stands over the panes but what can be closed without a loss.
pub(crate) fn makes_way(model: &Model) -> bool {
    let closes = |mode: &Mode| match mode {
        Mode::Page(_) | Mode::Log(_) | Mode::Choose(_) | Mode::Prefix(_) => true,
        Mode::Rotation(page) => !page.is_draft,
        _ => false,
    };
    model.modes.iter().all(closes)
}

/// Whether anybody would call it: nobody moves a cursor by writing where to.
fn is_called(action: &Action) -> bool {
    let moves = matches!(action, Action::Move(_) | Action::Next(_) | Action::Edit(_));
    let answers = matches!(action, Action::Answer(_) | Action::Accept | Action::Close | Action::Decline)
        || *action == Action::Filter(Step::Keep);
    !moves && !answers && !matches!(action, Action::FindCommand(_) | Action::Await(_))
}
