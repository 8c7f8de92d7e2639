//! The user, as a task sees them: news go to the screen, questions come back answered.

use std::sync::{Arc, Mutex, PoisonError, mpsc::Sender};

use async_trait::async_trait;
use tokio::sync::{oneshot, watch};

use crate::{
    auth::{AuthError, Interaction, Progress, Prompt},
    secret::SecretString,
    tui::{
        app::{
            Message,
            message::{TaskEvent, TaskId},
        },
        runtime::Event,
    },
};

/// Where the answer to a task's open question goes.
#[derive(Default)]
pub(super) struct Answer(Mutex<Option<oneshot::Sender<SecretString>>>);

pub(super) fn tell(events: &Sender<Event>, id: TaskId, event: TaskEvent) {
    // Nobody listens any more: the program is on its way out.
    let _ = events.send(Event::Message(Message::Task(id, event)));
}

/// The user, as a task sees them.
pub(super) struct User {
    pub(super) id: TaskId,
    pub(super) events: Sender<Event>,
    pub(super) answer: Arc<Answer>,
    /// Somebody asked for the task, and can be asked.
    pub(super) is_there: bool,
    /// Whether they have given it up.
    pub(super) given_up: watch::Receiver<bool>,
}

#[async_trait]
impl Interaction for User {
    fn report(&self, step: Progress) {
        tell(&self.events, self.id, TaskEvent::Stepped(step));
    }

    fn is_attended(&self) -> bool {
        self.is_there
    }

    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        let (sender, receiver) = oneshot::channel();
        *self.answer.lock() = Some(sender);
        tell(&self.events, self.id, TaskEvent::Asked(prompt));
        receiver.await.map_err(|_| AuthError::Cancelled)
    }

    async fn given_up(&self) {
        if self.given_up.clone().wait_for(|given_up| *given_up).await.is_err() {
            // The tasks are gone: the program is on its way out, and sees to it itself.
            std::future::pending::<()>().await;
        }
    }
}

impl Answer {
    pub(super) fn lock(&self) -> std::sync::MutexGuard<'_, Option<oneshot::Sender<SecretString>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
