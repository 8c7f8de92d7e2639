//! The user, as a job sees them: news go to the screen, questions come back answered.

use std::sync::{Arc, Mutex, PoisonError, mpsc::Sender};

use async_trait::async_trait;
use tokio::sync::{oneshot, watch};

use crate::{
    auth::{AuthError, Interaction, Prompt, Step},
    secret::SecretString,
    tui::{
        app::{
            Message,
            message::{JobEvent, JobId},
        },
        runtime::Event,
    },
};

/// Where the answer to a job's open question goes.
#[derive(Default)]
pub(super) struct Answer(Mutex<Option<oneshot::Sender<SecretString>>>);

pub(super) fn tell(events: &Sender<Event>, id: JobId, event: JobEvent) {
    // Nobody listens any more: the program is on its way out.
    let _ = events.send(Event::Message(Message::Job(id, event)));
}

/// The user, as a job sees them.
pub(super) struct User {
    pub(super) id: JobId,
    pub(super) events: Sender<Event>,
    pub(super) answer: Arc<Answer>,
    /// Somebody asked for the job, and can be asked.
    pub(super) is_there: bool,
    /// Whether they have given it up.
    pub(super) given_up: watch::Receiver<bool>,
}

#[async_trait]
impl Interaction for User {
    fn report(&self, step: Step) {
        tell(&self.events, self.id, JobEvent::Stepped(step));
    }

    fn is_attended(&self) -> bool {
        self.is_there
    }

    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        let (sender, receiver) = oneshot::channel();
        *self.answer.lock() = Some(sender);
        tell(&self.events, self.id, JobEvent::Asked(prompt));
        receiver.await.map_err(|_| AuthError::Cancelled)
    }

    async fn given_up(&self) {
        if self.given_up.clone().wait_for(|given_up| *given_up).await.is_err() {
            // The jobs are gone: the program is on its way out, and sees to it itself.
            std::future::pending::<()>().await;
        }
    }
}

impl Answer {
    pub(super) fn lock(&self) -> std::sync::MutexGuard<'_, Option<oneshot::Sender<SecretString>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
