//! Background jobs: login, refresh, revoke, probe as tokio tasks that report as events.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::{Future, poll_fn},
    io,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    path::Path,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, mpsc::Sender},
    task::Poll,
};

use async_trait::async_trait;
use tokio::{runtime::Runtime, sync::oneshot, task::AbortHandle};

use super::Event;
use crate::{
    auth::{AuthError, Interaction, NoInteraction, Prompt, Step, keys::KeySource},
    profile::{Profile, ProfileName},
    secret::{Fingerprint, SecretString, Zeroizing},
    session::Session,
    store::files,
    token::sign::SigningKeys,
    tui::app::{
        Message,
        message::{JobEvent, JobId, JobKind, Outcome},
    },
};

/// The threads of the tokio runtime have this name.
const THREAD: &str = "job";

thread_local! {
    /// Where the job that this thread is working on has panicked.
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// For the panic hook: whether the panic is a job's, which [`Jobs`] reports. The message is kept out, because it
/// may quote what the job was working on.
pub(super) fn note_panic(panic: &PanicHookInfo<'_>) -> bool {
    let is_job = std::thread::current().name() == Some(THREAD);
    if is_job {
        PANICKED_AT.set(panic.location().map(ToString::to_string));
    }
    is_job
}

/// The running jobs.
pub(super) struct Jobs {
    session: Arc<Session>,
    events: Sender<Event>,
    running: HashMap<JobId, Job>,
    searches: HashMap<JobId, AbortHandle>,
    runtime: Option<Runtime>,
}

struct Job {
    task: AbortHandle,
    answer: Arc<Answer>,
    profile: ProfileName,
}

/// Where the answer to a job's open question goes.
#[derive(Default)]
struct Answer(Mutex<Option<oneshot::Sender<SecretString>>>);

impl Jobs {
    /// No jobs, and no tokio runtime before there is one.
    pub(super) fn new(session: Arc<Session>, events: Sender<Event>) -> Self {
        Self { session, events, running: HashMap::new(), searches: HashMap::new(), runtime: None }
    }

    /// The tokio runtime, started when it is needed for the first time.
    pub(super) fn runtime(&mut self) -> io::Result<&Runtime> {
        if self.runtime.is_none() {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            self.runtime = Some(builder.worker_threads(2).thread_name(THREAD).enable_all().build()?);
        }
        Ok(self.runtime.as_ref().expect("made above"))
    }

    /// Starts a job; everything that it has to say, that it could not start included, comes as an event.
    /// `unasked` is the generation that a refresh is to replace which nobody has asked for.
    pub(super) fn start(&mut self, id: JobId, kind: JobKind, profile: Profile, unasked: Option<Fingerprint>) {
        self.running.retain(|_, job| !job.task.is_finished());
        let (session, events, answer) = (Arc::clone(&self.session), self.events.clone(), Arc::<Answer>::default());
        let user = User { id, events: events.clone(), answer: Arc::clone(&answer), is_there: unasked.is_none() };
        let name = profile.name.clone();
        let ended = move |result| tell(&events, id, JobEvent::Ended(result));
        let wire = self.events.clone();
        let task = match self.runtime() {
            Ok(runtime) => runtime.spawn(async move {
                let result = survive(work(&session, kind, &profile, unasked, &user)).await;
                // First what went over the wire: it has the server's time, by which the tokens are measured.
                tell_exchange(&wire, &session, &profile.name);
                ended(result);
            }),
            Err(error) => return ended(Err(no_runtime(&error))),
        };
        self.running.insert(id, Job { task: task.abort_handle(), answer, profile: name });
    }

    /// Looks for keys to verify with. Nothing is asked: what needs the user, the app asks itself.
    pub(super) fn find_keys(&mut self, id: JobId, source: KeySource, profile: Option<Profile>) {
        self.searches.retain(|_, task| !task.is_finished());
        let (session, events) = (Arc::clone(&self.session), self.events.clone());
        let found = move |result| {
            let _ = events.send(Event::Message(Message::KeysFound(id, result)));
        };
        let wire = self.events.clone();
        let task = match self.runtime() {
            Ok(runtime) => runtime.spawn(async move {
                let result = survive(session.keys(&source, profile.as_ref(), &NoInteraction)).await;
                if let Some(profile) = profile.filter(|_| source.is_online()) {
                    tell_exchange(&wire, &session, &profile.name);
                }
                found(result);
            }),
            Err(error) => return found(Err(no_runtime(&error))),
        };
        self.searches.insert(id, task.abort_handle());
    }

    /// Reads keys to sign with, off the main thread: the file may be a pipe whose other end takes its time.
    pub(super) fn read_signing_keys(&mut self, path: String) {
        let events = self.events.clone();
        let read = move |path, result| {
            let _ = events.send(Event::Message(Message::SigningKeysRead(path, result)));
        };
        match self.runtime() {
            Ok(runtime) => {
                _ = runtime.spawn_blocking(move || {
                    let keys = signing_keys(&path);
                    read(path, keys);
                });
            }
            Err(error) => read(path, Err(no_runtime(&error).to_string())),
        }
    }

    /// Drops a job's future at once.
    pub(super) fn cancel(&mut self, id: JobId) {
        if let Some(task) = self.searches.remove(&id) {
            task.abort();
        }
        if let Some(job) = self.running.remove(&id) {
            job.task.abort();
            tell_exchange(&self.events, &self.session, &job.profile);
        }
    }

    /// Answers the open question of a job.
    pub(super) fn answer(&self, id: JobId, answer: SecretString) {
        let waiting = self.running.get(&id).and_then(|job| job.answer.lock().take());
        if let Some(waiting) = waiting {
            let _ = waiting.send(answer);
        }
    }
}

impl Drop for Jobs {
    /// Nothing may hold up the exit, not even a lookup or a keyring that never answers.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn work(
    session: &Session,
    kind: JobKind,
    profile: &Profile,
    unasked: Option<Fingerprint>,
    user: &User,
) -> Result<Outcome, AuthError> {
    match kind {
        JobKind::Login => session.login(profile, user).await.map(Outcome::TokenSet),
        JobKind::Refresh => session.refresh(profile, unasked, user).await.map(Outcome::TokenSet),
        JobKind::Revoke => session.revoke(profile, user).await.map(Outcome::Revoked),
        JobKind::Probe => session.probe(profile, user).await.map(Outcome::Probed),
    }
}

/// Runs a job to its end; a panic is one.
async fn survive<T>(work: impl Future<Output = Result<T, AuthError>>) -> Result<T, AuthError> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))).unwrap_or_else(|_| Poll::Ready(Err(panicked())))
    })
    .await
}

/// Reads a key file. The path is the user's: `~` is their home.
fn signing_keys(path: &str) -> Result<SigningKeys, String> {
    let path = files::expanded(Path::new(path.trim()));
    let bytes = files::read(&path).map_err(|error| format!("{error}; {}", error.hint()))?;
    let bytes = Zeroizing::new(bytes);
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    SigningKeys::read(&bytes, &name).map_err(|error| format!("{error}; {}", error.hint()))
}

fn panicked() -> AuthError {
    let place = PANICKED_AT.take().unwrap_or_else(|| "an unknown place".to_owned());
    AuthError::Unsupported {
        what: format!("tokscope made a mistake at {place}"),
        hint: "this is a bug: please report it with the place".to_owned(),
    }
}

fn no_runtime(error: &io::Error) -> AuthError {
    AuthError::Unsupported {
        what: format!("the system gives no threads for background work: {error}"),
        hint: "check the limits of processes and memory (ulimit -a)".to_owned(),
    }
}

fn tell_exchange(events: &Sender<Event>, session: &Session, profile: &ProfileName) {
    if let Some(exchange) = session.exchange(profile) {
        let _ = events.send(Event::Message(Message::Exchanged(profile.clone(), Box::new(exchange))));
    }
}

fn tell(events: &Sender<Event>, id: JobId, event: JobEvent) {
    // Nobody listens any more: the program is on its way out.
    let _ = events.send(Event::Message(Message::Job(id, event)));
}

/// The user, as a job sees them.
struct User {
    id: JobId,
    events: Sender<Event>,
    answer: Arc<Answer>,
    is_there: bool,
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
}

impl Answer {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<oneshot::Sender<SecretString>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
