//! What is said of a task, and what it asks.

use chrono::TimeDelta;

use super::Task;
use crate::{
    auth::Prompt,
    clock,
    profile::ProfileName,
    tui::app::{Model, message::TaskId},
};

impl Model {
    /// The open question of a task, and who asks.
    pub(crate) fn prompt(&self, id: TaskId) -> Option<(&str, &Prompt)> {
        let task = self.tasks.by_id(id)?;
        Some((task.who().map_or("vault", ProfileName::as_str), task.prompt.as_ref()?))
    }

    /// The first one that waits for an answer; the vault before all others.
    pub(in crate::tui::app) fn asking(&self) -> Option<TaskId> {
        let asking = self.tasks.opening().into_iter().chain(self.tasks.all.iter()).find(|task| task.prompt.is_some());
        asking.map(|task| task.id)
    }

    /// What is said of a task: `refreshing`.
    pub(crate) fn task_words(&self, task: &Task) -> &'static str {
        let closed = !task.unasked && !self.vault.is_open() || self.tasks.opening().is_some();
        if task.is_queued() && closed { "waiting for the vault" } else { task.words() }
    }

    /// `refreshing, asking the server, 3s`, or without its step `refreshing 3s`: the seconds are all that moves. Sanitized.
    pub(crate) fn task_told(&self, task: &Task, with_step: bool) -> String {
        let words = self.task_words(task);
        let elapsed = || clock::span((self.now - task.since).max(TimeDelta::zero()));
        match &task.step {
            _ if !task.works() => words.to_owned(),
            Some(step) if with_step => format!("{words}, {step}, {}", elapsed()),
            _ => format!("{words} {}", elapsed()),
        }
    }

    pub(in crate::tui::app) fn answered(&mut self, id: TaskId) {
        if let Some(task) = self.tasks.by_id_mut(id) {
            task.answered.extend(task.prompt.take().map(|prompt| prompt.key));
        }
    }
}
