//! What stands over the panes: a stack of modes. The top has the keyboard; closing it returns to what was below, which is as
//! it was left.

mod ahead;
mod choose;
mod confirm;
pub(crate) mod count;
mod entries;
pub(crate) mod palette;
pub(super) mod pick;
pub(crate) mod prefix;
pub(crate) mod rebind;
mod revoke;
mod typing;

pub(super) use self::{
    ahead::{asked, expected},
    choose::{offer_choose, open as choose},
    confirm::{ask, offer_yes},
    count::go_to as go_to_row,
    entries::{extent, item_at, point_at, point_typed, put_cursor, scroll},
    palette::{complete, offer_close, offer_complete, offer_run, open as find, run},
    revoke::action as revocation,
    typing::{Taken, accept, offer_accept, offer_give_up, offer_show, open as type_line, show},
};
pub(crate) use self::{
    choose::{Choice, Choose, Item},
    confirm::Question,
    count::Count,
    palette::{Entry, Listing, Palette},
    prefix::Prefix,
    rebind::Rebind,
    typing::{Typing, Wanted},
};
use super::{
    Model,
    compare::Comparison,
    demand,
    edit::{self, Editor},
    form::ProfileForm,
    horizon::Horizon,
    input::{Edit, Input},
    keymap::Action,
    layout::{Area, lowered, overlay},
    list::Motion,
    log::Log,
    message::{Effects, TaskId},
    notices::Level,
    page::{self, Page, PageKind},
    rotation::RotationPage,
    tokens,
};
use crate::{clock::Timestamp, profile::ProfileName};

/// What stands over the panes, the lowest first.
#[derive(Debug, Default)]
pub(crate) struct Modes(Vec<Mode>);

/// Something over the panes. The state of a mode lives in the mode.
#[derive(Debug)]
pub(crate) enum Mode {
    /// A line is being typed.
    Typing(Typing),
    /// Yes or no.
    Confirm(Question),
    /// A list to choose from.
    Choose(Choose),
    /// A command is looked for.
    Palette(Palette),
    /// A key was pressed that another one follows.
    Prefix(Prefix),
    /// A command waits for its new key.
    Rebind(Rebind),
    /// Something to read.
    Page(Page),
    /// All that the user was told.
    Log(Log),
    /// Whether the first tokens are saved, and where the key is kept.
    Save,
    /// Two tokens side by side.
    Compare(Box<Comparison>),
    /// What ends when.
    Horizon(Horizon),
    /// A rotation: its plan, how it goes, its receipt.
    Rotation(RotationPage),
    /// A profile is being written.
    Form(Box<ProfileForm>),
    /// The claims and header of a token are being edited.
    Edit(Box<Editor>),
    /// The key file at this path is being read, to sign with it.
    Reading(String),
    /// A login waits for something that is done in a browser.
    Demand(TaskId),
}

impl Model {
    /// Where a dialog of at most this size stands: in the middle, but the rows of a rotation stay in sight.
    pub(crate) fn place_of_dialog(&self, width: u16, height: u16) -> Area {
        let area = overlay(self.size, width, height);
        match self.modes.beneath(self.now) {
            Some(Mode::Rotation(_)) => lowered(self.size, area),
            _ => area,
        }
    }
}

impl Mode {
    /// The profile whose page it is.
    pub(crate) fn profile(&self) -> Option<&ProfileName> {
        match self {
            Self::Page(Page { kind: PageKind::Profile(name) | PageKind::Exchange(name), .. }) => Some(name),
            _ => None,
        }
    }

    /// It covers what is below it.
    pub(crate) fn covers(&self) -> bool {
        let pages = matches!(self, Self::Page(_) | Self::Log(_) | Self::Compare(_) | Self::Horizon(_));
        pages || matches!(self, Self::Rotation(_) | Self::Form(_) | Self::Edit(_))
    }

    /// Whom the commands in it act on; `Some(None)`: on no profile, whatever the panes show.
    fn subject(&self) -> Option<Option<&ProfileName>> {
        match self {
            Self::Log(log) => Some(log.subject()),
            Self::Horizon(horizon) => Some(horizon.selected().and_then(|row| row.profile.as_ref())),
            Self::Rotation(page) => Some(page.selected.as_ref()),
            mode => mode.profile().map(Some),
        }
    }
}

impl Modes {
    /// What has the keyboard; `None`: the panes.
    pub(crate) fn top(&self) -> Option<&Mode> {
        self.0.last()
    }

    pub(super) fn top_mut(&mut self) -> Option<&mut Mode> {
        self.0.last_mut()
    }

    /// The panes have the keyboard.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, the top first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mode> {
        self.0.iter().rev()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Mode> {
        self.0.iter_mut().rev()
    }

    /// What stands over the panes: the top, or what is below it where that has a place in the panes or in what is below.
    pub(crate) fn seen(&self, now: Timestamp) -> Option<&Mode> {
        let hidden = |mode: &&Mode| match mode {
            Mode::Typing(Typing {
                wanted: Wanted::Search | Wanted::PageSearch | Wanted::Log | Wanted::Filter, ..
            })
            | Mode::Reading(_) => true,
            // It shows itself with the first key.
            Mode::Typing(Typing { wanted: Wanted::Coming(_), input, .. }) => input.text().is_empty(),
            // Its list comes a moment later.
            Mode::Prefix(prefix) => !prefix.is_listed(now),
            _ => false,
        };
        self.iter().find(|mode| !hidden(mode))
    }

    /// The page that what is seen stands over.
    pub(crate) fn beneath(&self, now: Timestamp) -> Option<&Mode> {
        let seen = self.seen(now)?;
        let below = self.iter().skip_while(|mode| !std::ptr::eq(*mode, seen)).skip(1);
        below.take_while(|_| !seen.covers()).find(|mode| mode.covers())
    }

    /// Opens something over what there is.
    pub(super) fn push(&mut self, mode: Mode) {
        self.0.push(mode);
    }

    /// Closes what is on top.
    pub(super) fn close(&mut self) -> Option<Mode> {
        self.0.pop()
    }

    /// Closes the topmost one of these, whatever stands over it.
    pub(super) fn take(&mut self, is_it: impl Fn(&Mode) -> bool) -> Option<Mode> {
        let at = self.0.iter().rposition(is_it)?;
        Some(self.0.remove(at))
    }

    /// Closes all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The vault is locked: what is left tells of no secret, or is about to be wiped.
    pub(super) fn lock(&mut self) {
        self.0.retain(|mode| match mode {
            Mode::Palette(palette) => palette.listing == Listing::Keys,
            Mode::Typing(typing) => matches!(typing.wanted, Wanted::Answer(_)),
            _ => false,
        });
    }

    /// What nobody has pressed a key for may open now: nothing that takes text or an answer has the keyboard, so that no
    /// key is taken that was meant for it. It opens where tasks are started from: over the panes and the pages with their
    /// commands. Elsewhere it waits until the user is back there.
    pub(super) fn yields(&self) -> bool {
        match self.top() {
            None => true,
            Some(Mode::Log(_)) => true,
            Some(Mode::Page(page)) => matches!(page.kind, PageKind::Profile(_)),
            // Its questions come over it.
            Some(Mode::Rotation(page)) => !page.is_draft,
            _ => false,
        }
    }

    /// The line that is typed for this, also where something stands over it.
    pub(crate) fn line(&self, wanted: &Wanted) -> Option<&Input> {
        self.iter().find_map(|mode| match mode {
            Mode::Typing(typing) if typing.wanted == *wanted => Some(&typing.input),
            _ => None,
        })
    }

    /// The profile that the commands act on of what has the keyboard.
    pub(crate) fn profile(&self) -> Option<&ProfileName> {
        self.subject().flatten()
    }

    /// Whom the commands act on of what has the keyboard; `None`: whom the panes say, `Some(None)`: no profile.
    pub(crate) fn subject(&self) -> Option<Option<&ProfileName>> {
        self.top()?.subject()
    }

    /// The form that is open.
    pub(crate) fn form(&self) -> Option<&ProfileForm> {
        self.iter().find_map(|mode| if let Mode::Form(form) = mode { Some(&**form) } else { None })
    }

    pub(super) fn form_mut(&mut self) -> Option<&mut ProfileForm> {
        self.iter_mut().find_map(|mode| if let Mode::Form(form) = mode { Some(&mut **form) } else { None })
    }

    /// The editor that is open.
    pub(crate) fn editor(&self) -> Option<&Editor> {
        self.iter().find_map(|mode| if let Mode::Edit(editor) = mode { Some(&**editor) } else { None })
    }

    pub(super) fn editor_mut(&mut self) -> Option<&mut Editor> {
        self.iter_mut().find_map(|mode| if let Mode::Edit(editor) = mode { Some(&mut **editor) } else { None })
    }
}

/// Closes what has lost its reason, opens what asks for the user, wraps pages anew.
pub(super) fn settle(model: &mut Model) {
    let mut modes = std::mem::take(&mut model.modes);
    for mode in modes.iter_mut() {
        match mode {
            Mode::Horizon(page) => page.settle(model),
            _ => typing::settle(model, mode),
        }
        mode.settle(model.size);
    }
    let form = modes.form().is_some();
    let mut in_vain = false;
    modes.0.retain(|mode| match mode {
        Mode::Typing(Typing { wanted: Wanted::Answer(job), .. }) => model.prompt(*job).is_some(),
        Mode::Typing(Typing { wanted: Wanted::Coming(job), input, .. }) => {
            let comes = model.tasks.by_id(*job).is_some_and(|task| expected(model, task).is_some());
            in_vain |= !comes && !input.text().is_empty();
            comes
        }
        Mode::Demand(job) => demand::of(model, *job).is_some(),
        Mode::Confirm(Question::LeaveForm) => form,
        _ => true,
    });
    model.modes = modes;
    if in_vain {
        model.tell(Level::Info, "What was typed ahead went nowhere: the question did not come.");
    }
    let on_demand = matches!(model.modes.top(), Some(Mode::Demand(_)));
    if model.modes.yields() || on_demand {
        if let Some(job) = model.asking() {
            type_line(model, Wanted::Answer(job));
        } else if let Some(job) = ahead::coming(model) {
            type_line(model, Wanted::Coming(job));
        } else if let Some(job) = demand::waiting(model).filter(|_| !on_demand) {
            model.modes.push(Mode::Demand(job));
        }
    }
    page::settle(model);
}

/// Changes the text that is being typed; in a list to choose from, a letter finds what begins with it.
pub(super) fn edit(model: &mut Model, edit: Edit) {
    match model.modes.top_mut() {
        Some(Mode::Choose(choose)) => choose.find(edit),
        Some(Mode::Typing(typing)) => typing.edit(edit),
        Some(Mode::Palette(palette)) => palette.edit(edit),
        Some(Mode::Form(form)) => form.edit(edit),
        Some(Mode::Edit(editor)) => editor.edit(edit),
        Some(Mode::Rotation(page)) => page.edit(edit),
        _ => {}
    }
}

/// Only where there is something to clear.
pub(super) fn offer_clear(model: &Model) -> Option<Action> {
    let empty = match model.modes.top()? {
        Mode::Typing(typing) => typing.input.text().is_empty(),
        Mode::Palette(palette) => palette.input.text().is_empty(),
        Mode::Form(form) => form.focused().is_none_or(|entry| entry.input.text().is_empty()),
        Mode::Rotation(page) => page.input.text().is_empty(),
        _ => false,
    };
    (!empty).then_some(Action::Edit(Edit::Clear))
}

/// Only where there is something to undo, or to do again.
pub(super) fn offer_undo(model: &Model, edit: Edit) -> Option<Action> {
    let can = match model.modes.top()? {
        Mode::Typing(typing) => typing.input.can(edit),
        Mode::Palette(palette) => palette.input.can(edit),
        Mode::Form(form) => form.focused().is_some_and(|entry| entry.input.can(edit)),
        Mode::Edit(editor) => editor.can(edit),
        _ => false,
    };
    can.then_some(Action::Edit(edit))
}

/// A paste goes where the user types: what takes no text makes way for it. In the panes it becomes a token.
pub(super) fn pasted(model: &mut Model, text: &str) -> Effects {
    while let Some(mode) = model.modes.top_mut() {
        match mode {
            Mode::Typing(_) => return typing::pasted(model, text),
            Mode::Form(form) => form.paste(text),
            Mode::Edit(editor) => editor.paste(text),
            // What is pasted confirms nothing.
            Mode::Rotation(page) if page.is_draft => {}
            Mode::Demand(_) => {
                demand::aside(model);
                continue;
            }
            Mode::Confirm(_)
            | Mode::Choose(_)
            | Mode::Palette(_)
            | Mode::Prefix(_)
            | Mode::Rebind(_)
            | Mode::Page(_)
            | Mode::Log(_)
            | Mode::Save
            | Mode::Compare(_)
            | Mode::Horizon(_)
            | Mode::Rotation(_)
            | Mode::Reading(_) => {
                model.modes.close();
                continue;
            }
        }
        return Effects::none();
    }
    tokens::paste(model, text);
    Effects::none()
}

/// Moves in what has the keyboard; whether the panes have it.
pub(super) fn go(model: &mut Model, motion: Motion) -> bool {
    let height = page::area(model.size).1;
    let (editor_height, size) = (edit::page_height(model.size), model.size);
    page::search::moved(model);
    let Some(mode) = model.modes.top_mut() else { return true };
    if let Some(entries) = mode.entries(size) {
        mode.point(|cursor| cursor.go(motion, entries.len, entries.page()));
        return false;
    }
    match mode {
        Mode::Page(page) => page.cursor.scroll(motion, page.lines.len(), height),
        Mode::Form(form) => form.go(motion),
        Mode::Edit(editor) => editor.go(motion, editor_height),
        _ => {}
    }
    false
}
