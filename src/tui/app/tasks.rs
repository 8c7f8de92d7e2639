//! Tasks: all that goes on in the background, in one table. Each has its turn when nothing speaks against it:
//!
//! | what | waits for |
//! |---|---|
//! | login, refresh, revocation, probe | the vault, what else is done with the profile, and the bound |
//! | saving, removing a profile | what else is done with the profile |
//! | opening the vault, looking for keys, an import | nothing |
//!
//! What the user asked for goes first, and does not wait for what nobody asked for. Tasks that have one cause are a group: with
//! one progress, one cancel, one notice at the end. News of an unknown id is ignored: one that was cancelled may still talk.

mod exchange;
mod offer;
mod stop;
mod task;
mod told;
mod turn;

use std::{collections::HashMap, mem::discriminant};

use self::task::End;
pub(crate) use self::task::{Cause, Group, GroupId, State, Task};
pub(super) use self::{
    exchange::{hold, measure},
    offer::{give_up, obstacle, offer_cancel, offer_login, offer_probe, offer_refresh, offer_revoke, offer_test},
    stop::{cancel, drop_waiting, lock_out, stop_opening},
    turn::{last_changes, launch},
};
use super::{
    Model, form, known_keys,
    list::Watched,
    machine,
    message::{Effects, TaskEvent, TaskId, TaskOutcome, Unopened, What},
    mode,
    notices::Level,
    profiles, readonly, rotation, undo, vault,
};
use crate::{
    auth::{AuthError, key_source::KeySource},
    clock::{self, Timestamp},
    profile::ProfileName,
    text,
};

/// So many tasks at once talk to servers that the user asked for; and so many in all before one begins that nobody asked for.
/// One that waits for the user is not counted.
const AT_ONCE: usize = 8;

/// All tasks that have not ended, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    /// Their ids ascend.
    all: Watched<Vec<Task>>,
    /// Those of a profile, the oldest first. Some of them may have ended.
    of: HashMap<ProfileName, Vec<TaskId>>,
    groups: Vec<Group>,
    last: u64,
    last_group: u64,
}

impl Tasks {
    /// Another number: there may be others, or news of them.
    pub(super) fn revision(&self) -> u64 {
        self.all.revision()
    }

    /// What talks to the server of a profile, or is about to.
    pub(crate) fn of(&self, profile: &ProfileName) -> Option<&Task> {
        self.all_of(profile).find(|task| task.what.is_exchange())
    }

    fn all_of(&self, profile: &ProfileName) -> impl Iterator<Item = &Task> {
        self.of.get(profile).into_iter().flatten().filter_map(|id| self.by_id(*id))
    }

    /// The same, where it takes more than a moment.
    pub(crate) fn told_of(&self, profile: &ProfileName, now: Timestamp) -> Option<&Task> {
        self.of(profile).filter(|task| task.is_told(now))
    }

    /// All of them that take more than a moment.
    pub(crate) fn told(&self, now: Timestamp) -> impl DoubleEndedIterator<Item = &Task> {
        self.exchanges().filter(move |task| task.is_told(now))
    }

    /// When the next one takes more than a moment.
    pub(super) fn next_told(&self, now: Timestamp) -> Option<Timestamp> {
        self.exchanges().filter(|task| !task.is_told(now)).map(Task::told_from).min()
    }

    /// All that talk to servers, or are about to.
    pub(crate) fn exchanges(&self) -> impl DoubleEndedIterator<Item = &Task> {
        self.all.iter().filter(|task| task.what.is_exchange())
    }

    /// Those that may wait for something that is done in a browser.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Task> {
        self.all.iter().filter(|task| task.what.is_exchange() || task.what.is_rotation())
    }

    /// Nothing is done with the profile, or is about to be.
    pub(super) fn is_idle(&self, profile: &ProfileName) -> bool {
        !self.all_of(profile).any(|task| task.what.is_exclusive())
    }

    /// The opening of the vault.
    pub(crate) fn opening(&self) -> Option<&Task> {
        self.all.iter().find(|task| matches!(task.what, What::OpenVault { .. }))
    }

    /// The searches for keys, with their sources.
    pub(crate) fn searches(&self) -> impl DoubleEndedIterator<Item = (TaskId, &KeySource)> {
        self.all.iter().filter_map(|task| match &task.what {
            What::FindKeys(source, _) => Some((task.id, source)),
            _ => None,
        })
    }

    /// Whether the same is done already.
    pub(super) fn has(&self, what: &What) -> bool {
        self.all.iter().any(|task| task.what == *what)
    }

    pub(crate) fn by_id(&self, id: TaskId) -> Option<&Task> {
        self.all.get(self.place(id)?)
    }

    fn place(&self, id: TaskId) -> Option<usize> {
        self.all.binary_search_by_key(&id, |task| task.id).ok()
    }

    pub(super) fn by_id_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        let place = self.place(id)?;
        self.all.get_mut(place)
    }

    pub(super) fn group_mut(&mut self, task: &Task) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| Some(group.id) == task.group && group.is_many())
    }

    /// The others with the same cause, where there are others.
    pub(crate) fn group(&self, task: &Task) -> Option<&Group> {
        self.groups.iter().find(|group| Some(group.id) == task.group && group.is_many())
    }

    /// A profile has another name.
    pub(super) fn rename(&mut self, old: &ProfileName, new: &ProfileName) {
        let of_old = self.all.iter_mut().filter(|task| task.whose.as_ref() == Some(old));
        of_old.for_each(|task| task.whose = Some(new.clone()));
        let moved = self.of.remove(old);
        moved.into_iter().for_each(|ids| self.of.entry(new.clone()).or_default().extend(ids));
    }

    /// A task that waits for its turn.
    fn queue(&mut self, now: Timestamp, what: What, whose: Option<ProfileName>) -> &mut Task {
        self.last += 1;
        let id = TaskId(self.last);
        if let Some(name) = &whose {
            let ids = self.all_of(name).map(|task| task.id).chain([id]).collect();
            self.of.insert(name.clone(), ids);
        }
        self.all.push(Task {
            id,
            what,
            whose,
            group: None,
            state: State::Queued,
            wanted: now,
            since: now,
            unasked: false,
            asker: None,
            step: None,
            prompt: None,
            answered: Vec::new(),
            demand: None,
            locked_out: false,
        });
        self.all.last_mut().expect("it was pushed above")
    }

    fn new_group(&mut self, cause: Cause) -> GroupId {
        self.last_group += 1;
        let id = GroupId(self.last_group);
        self.groups.push(Group::new(id, cause));
        id
    }

    fn take(&mut self, id: TaskId) -> Option<Task> {
        let at = self.place(id)?;
        Some(self.all.remove(at))
    }

    fn join(&mut self, id: TaskId, group: GroupId) {
        self.by_id_mut(id).into_iter().for_each(|task| task.group = Some(group));
        self.groups.iter_mut().filter(|known| known.id == group).for_each(|known| known.total += 1);
    }
}

/// Something without a profile, or that needs no turn of it: it begins at once.
pub(super) fn begin(model: &mut Model, what: What, whose: Option<ProfileName>) {
    model.tasks.queue(model.now, what, whose);
}

/// Something of many profiles, that needs the vault.
pub(super) fn queue(model: &mut Model, what: What) -> TaskId {
    model.tasks.queue(model.now, what, None).id
}

/// The user wants this for a profile. On a locked vault it waits, with all others that do, until that is open.
pub(super) fn start(model: &mut Model, what: What, profile: ProfileName) {
    let running =
        model.tasks.of(&profile).map(|task| (discriminant(&task.what) == discriminant(&what), task.what.noun()));
    let (noun, whose) = (what.noun(), profile.clone());
    let Some(id) = ask(model, what, profile) else {
        // A key that is pressed twice says it once.
        if let Some((false, other)) = running {
            let words = format!("{} not started: the {other} is still running.", text::capitalized(noun));
            model.advise(Some(&whose), Level::Info, &words, "{key:cancel} cancels it");
        }
        return;
    };
    if vault::is_waited_for(model, &[id]) {
        let group = model.vault.after.unwrap_or_else(|| model.tasks.new_group(Cause::Unlocking));
        model.vault.after = Some(group);
        model.tasks.join(id, group);
    }
}

/// The same for several, which are told of together as these words say.
pub(super) fn begin_group(model: &mut Model, cause: Cause, of: &str, all: Vec<(What, ProfileName)>) {
    let group = model.tasks.new_group(cause);
    model.tasks.groups.iter_mut().filter(|known| known.id == group).for_each(|known| known.of = of.to_owned());
    for (what, whose) in all {
        let id = model.tasks.queue(model.now, what, Some(whose)).id;
        model.tasks.join(id, group);
    }
}

/// Starts many that have one cause. Profiles that are busy are left out.
pub(super) fn start_group(model: &mut Model, cause: Cause, wanted: Vec<(What, ProfileName)>) {
    let mut begun: HashMap<ProfileName, bool> = HashMap::new();
    let mut ids = Vec::new();
    for (what, profile) in wanted {
        let id = match begun.get(&profile) {
            // What is done with one profile is done one after another.
            Some(true) => Some(model.tasks.queue(model.now, what, Some(profile)).id),
            Some(false) => None,
            None => {
                let id = ask(model, what, profile.clone());
                begun.insert(profile, id.is_some());
                id
            }
        };
        ids.extend(id);
    }
    if ids.is_empty() {
        return;
    }
    let group = model.tasks.new_group(cause);
    for id in &ids {
        model.tasks.join(*id, group);
        model.tasks.by_id_mut(*id).into_iter().for_each(|task| task.unasked = cause.is_unasked());
    }
    if !cause.is_unasked() {
        vault::is_waited_for(model, &ids);
    }
}

/// Queues what the user wants, unless something like it is under way. It takes the place of what nobody asked for.
fn ask(model: &mut Model, what: What, profile: ProfileName) -> Option<TaskId> {
    if what.is_exchange() && readonly::refused(model, &profile) {
        return None;
    }
    if let Some(task) = model.tasks.of(&profile).filter(|_| what.is_exchange()) {
        if !(task.unasked && task.is_queued()) {
            return None;
        }
        end(model, task.id, End::Cancelled);
    }
    Some(model.tasks.queue(model.now, what, Some(profile)).id)
}

/// Takes a task off the table; whether it was one of many, which are told of together.
fn end(model: &mut Model, id: TaskId, end: End) -> bool {
    let group = model.tasks.take(id).and_then(|task| task.group);
    count(model, group, end)
}

fn count(model: &mut Model, group: Option<GroupId>, end: End) -> bool {
    let Some(at) = model.tasks.groups.iter().position(|known| Some(known.id) == group) else { return false };
    let group = &mut model.tasks.groups[at];
    group.count(end);
    let is_many = group.is_many();
    if group.ended() < group.total {
        return is_many;
    }
    let group = model.tasks.groups.remove(at);
    let clean = group.failed == 0 && group.survivors.is_empty();
    let severity = if clean { Level::Success } else { Level::Warning };
    // What nobody asked for is silent where it succeeds.
    if is_many && (group.failed > 0 || !group.cause.is_unasked()) {
        let words = group.summary(|at| clock::of_day(at, model.now, model.zone));
        match (group.cause, group.asks()) {
            (Cause::Undo, _) if clean => model.tell(severity, &words),
            (_, true) => {
                let hint = "Attention has what is still accepted, and until when; {key:log} lists the notices";
                model.advise(None, severity, &words, hint);
            }
            (_, false) => model.advise(None, severity, &words, "{key:log} lists the notices"),
        }
    }
    is_many
}

/// Whether there is something that waits for the vault.
pub(super) fn wait_for_vault(model: &Model) -> bool {
    model.tasks.exchanges().any(|task| task.is_queued() && !task.unasked)
}

pub(super) fn event(model: &mut Model, id: TaskId, event: TaskEvent) -> Effects {
    let Some(task) = model.tasks.by_id_mut(id) else { return Effects::none() };
    match event {
        TaskEvent::Stepped(step) => return exchange::stepped(model, id, step),
        TaskEvent::Asked(_) if task.is_given_up() => {}
        TaskEvent::Asked(prompt) => return mode::asked(model, id, prompt),
        TaskEvent::SteppedOf(profile, step) => return exchange::stepped_of(model, id, &profile, step),
        TaskEvent::AskedOf(profile, prompt) => {
            if task.asker.as_ref() != Some(&profile) {
                task.answered.clear();
            }
            task.asker = Some(profile);
            return mode::asked(model, id, prompt);
        }
        TaskEvent::ExchangedOf(profile, exchange) => rotation::news::exchanged(model, id, &profile, *exchange),
        TaskEvent::Rotation(event) => rotation::news::event(model, id, event),
        TaskEvent::Several(all) => {
            return Effects(all.into_iter().flat_map(|event| self::event(model, id, event).0).collect());
        }
        TaskEvent::KeyTaken => task.state = State::Finishing,
        TaskEvent::Ended(result) => {
            let task = model.tasks.take(id).expect("it was found above");
            return ended(model, &task, result);
        }
    }
    Effects::none()
}

fn ended(model: &mut Model, task: &Task, result: Result<TaskOutcome, AuthError>) -> Effects {
    let put_back = match &result {
        Ok(TaskOutcome::PutBack(Ok(_))) => End::Succeeded,
        _ => End::Failed,
    };
    match (&task.what, result) {
        (What::OpenVault { .. }, Ok(TaskOutcome::Opened(opened))) => return vault::opened(model, opened),
        (What::OpenVault { .. }, Ok(TaskOutcome::Unopened(why))) => return vault::not_opened(model, task, why),
        (What::OpenVault { .. }, Err(error)) => {
            return vault::not_opened(model, task, Unopened { why: error.into(), unchosen: None });
        }
        (What::FindKeys(source, whose), Ok(TaskOutcome::Keys(keys))) => {
            known_keys::take(model, whose.clone(), Some(source.clone()), keys);
        }
        (What::FindKeys(source, whose), Err(error)) => known_keys::not_found(model, source, whose, error),
        (What::FindKeptKeys(source, whose), Ok(TaskOutcome::KeptKeys(Some(kept)))) => {
            known_keys::kept(model, source, whose, kept);
        }
        (What::Save { .. } | What::Remove(_), Ok(TaskOutcome::Changed(result))) => form::changed(model, task, result),
        (What::PutBack(_), Ok(TaskOutcome::PutBack(result))) => undo::came_back(model, task, result),
        (_, Ok(TaskOutcome::Planned(planned))) => rotation::news::planned(model, task.id, planned),
        (_, Ok(TaskOutcome::Rotated(receipt))) => rotation::news::ended(model, task.id, *receipt),
        (what, Err(error)) if what.is_rotation() => rotation::news::failed(model, task.id, error),
        (What::Scan, Ok(TaskOutcome::Scanned(inventory))) => machine::scanned(model, inventory),
        (What::Import { .. }, Ok(TaskOutcome::Imported(result))) => profiles::imported(model, result),
        (what, result) if what.is_exchange() => return exchange::ended(model, task, result),
        (_, Err(error)) => {
            model.complain(task.whose.as_ref(), Level::Error, &error.into());
        }
        _ => {}
    }
    if matches!(task.what, What::PutBack(_)) {
        count(model, task.group, put_back);
    }
    Effects::none()
}

#[cfg(test)]
mod tests;
