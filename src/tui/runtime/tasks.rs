//! The background: tasks of the app as tokio tasks that report as events. One table, one way to begin, to report, to give up.

mod forgotten;
mod locked;
mod profiles;
mod rotation;
mod user;
mod vault;

use std::{
    collections::HashMap,
    future::{Future, poll_fn},
    io,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    path::Path,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, mpsc::Sender},
    task::Poll,
    time::Duration,
};

use chrono::TimeDelta;
use tokio::{runtime::Runtime, sync::watch, task::AbortHandle, time::timeout};

pub(super) use self::profiles::{settings, words};
pub(super) use self::vault::records;
use self::{
    forgotten::Forgotten,
    profiles::Changes,
    rotation::Reins,
    user::{Answer, User, tell},
};
use super::Event;
use crate::{
    auth::{AuthError, Interaction as _, NoInteraction, key_source::KeySource},
    clock,
    host::process,
    http::Raw,
    profile::{Profile, ProfileName, Protected},
    secret::{Fingerprint, SecretString, Zeroizing},
    session::{ApiCall, Session},
    store::{files, holders::Holder, vault::Record},
    token::sign::SigningKeys,
    trouble::Told as _,
    tui::app::{
        Message,
        message::{Facts, Kept, TaskEvent, TaskId, TaskOutcome, What},
    },
};

/// The threads of the tokio runtime have this name.
const THREAD: &str = "task";

/// Where a task has panicked: its exchange may be another thread's.
static PANICKED_AT: Mutex<Option<String>> = Mutex::new(None);

/// A token with less time left is renewed before an API is asked: as `tokscope call` has it.
const CALL_MIN_TTL: TimeDelta = TimeDelta::seconds(30);

/// How long the exit waits for exchanges that were stopped before they sent anything: they take back their marks.
const CLEARING: Duration = Duration::from_millis(500);

/// For the panic hook: whether the panic is a task's, which [`Tasks`] reports. The message is kept out, because it
/// may quote what the task was working on.
pub(super) fn note_panic(panic: &PanicHookInfo<'_>) -> bool {
    let is_task = std::thread::current().name() == Some(THREAD);
    if is_task {
        *panicked_at() = panic.location().map(ToString::to_string);
    }
    is_task
}

fn panicked_at() -> std::sync::MutexGuard<'static, Option<String>> {
    PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The running tasks.
pub(super) struct Tasks {
    pub(super) session: Arc<Session>,
    /// While the vault is open. Tasks that are let go on after it was locked have it, too, until they end.
    pub(super) holder: Option<Arc<Holder>>,
    events: Sender<Event>,
    running: HashMap<TaskId, Running>,
    changes: Changes,
    /// What was forgotten and can be put back.
    forgotten: Forgotten,
    runtime: Option<Runtime>,
}

struct Running {
    task: AbortHandle,
    answer: Arc<Answer>,
    /// What it has sent is finished, and it takes back its marks where it has sent nothing.
    exchanges: bool,
    given_up: watch::Sender<bool>,
    /// Of a rotation.
    reins: Option<Reins>,
}

impl Tasks {
    /// No tasks, and no tokio runtime before there is one.
    pub(super) fn new(session: Arc<Session>, events: Sender<Event>) -> Self {
        let (running, changes, forgotten) = (HashMap::new(), Changes::default(), Forgotten::default());
        Self { session, holder: None, events, running, changes, forgotten, runtime: None }
    }

    /// The tokio runtime, started when it is needed for the first time.
    pub(super) fn runtime(&mut self) -> io::Result<&Runtime> {
        if self.runtime.is_none() {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            // Who uses the screen is answered first.
            builder.worker_threads(2).thread_name(THREAD).on_thread_start(process::give_way);
            self.runtime = Some(builder.enable_all().build()?);
        }
        Ok(self.runtime.as_ref().expect("made above"))
    }

    /// Begins a task; everything that it has to say, that it could not start included, comes as an event.
    fn begin<F>(&mut self, id: TaskId, exchanges: bool, is_there: bool, work: impl FnOnce(User) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.running.retain(|_, running| !running.task.is_finished());
        let (given_up, watched) = watch::channel(false);
        let (events, answer) = (self.events.clone(), Arc::<Answer>::default());
        let user = User { id, events: events.clone(), answer: Arc::clone(&answer), is_there, given_up: watched };
        match self.runtime().map(|runtime| runtime.spawn(work(user)).abort_handle()) {
            Ok(task) => _ = self.running.insert(id, Running { task, answer, exchanges, given_up, reins: None }),
            Err(error) => tell(&events, id, TaskEvent::Ended(Err(no_runtime(&error)))),
        }
    }

    /// Login, refresh, revocation, probe, call. `unasked` is the generation that a refresh is to replace which nobody has asked for.
    pub(super) fn exchange(
        &mut self,
        id: TaskId,
        what: What,
        profile: Profile,
        unasked: Option<Fingerprint>,
        protected: Protected,
    ) {
        let (session, holder) = (Arc::clone(&self.session), self.holder.clone());
        let forgotten = self.changes.forgotten(&profile.name);
        self.begin(id, true, unasked.is_none(), |user| async move {
            forgotten.await;
            let result = survive(work(&session, &what, &profile, unasked, &protected, &user)).await;
            // First what went over the wire: it has the server's time, by which the tokens are measured.
            tell_exchange(&user.events, &session, &profile.name);
            tell(&user.events, id, TaskEvent::Ended(result));
            tell_kept(&user.events, &session, &profile.name);
            drop(holder);
        });
    }

    /// Looks for keys to verify with. Nothing is asked: what needs the user, the app asks itself.
    pub(super) fn find_keys(&mut self, id: TaskId, source: KeySource, profile: Option<Profile>) {
        let session = Arc::clone(&self.session);
        self.begin(id, false, false, |user| async move {
            let result = survive(session.keys(&source, profile.as_ref(), &NoInteraction)).await;
            if let Some(profile) = profile.filter(|_| source.is_online()) {
                tell_exchange(&user.events, &session, &profile.name);
            }
            tell(&user.events, id, TaskEvent::Ended(result.map(TaskOutcome::Keys)));
        });
    }

    /// Tells the loop what happened.
    fn teller(&self) -> impl Fn(Vec<Message>) + Send + use<> {
        let events = self.events.clone();
        move |messages| messages.into_iter().for_each(|message| _ = events.send(Event::Message(message)))
    }

    /// Files may be far away, and slow.
    fn in_background(&mut self, work: impl FnOnce() -> Vec<Message> + Send + 'static) {
        let (tell, holder) = (self.teller(), self.holder.clone());
        let work = move || {
            tell(work());
            // Until here it may have had the key, although the vault was locked meanwhile.
            drop(holder);
        };
        match self.runtime() {
            Ok(runtime) => _ = runtime.spawn_blocking(work),
            Err(_) => work(),
        }
    }

    /// An event for the loop, when the work that makes it is done.
    pub(super) fn tell_later(&mut self, work: impl FnOnce() -> Event + Send + 'static) {
        let events = self.events.clone();
        self.in_background(move || {
            let _ = events.send(work());
            Vec::new()
        });
    }

    /// The names in a folder.
    pub(super) fn list_folder(&mut self, folder: String) {
        self.in_background(move || {
            let names = files::names(Path::new(&folder)).map_err(|error| error.line());
            vec![Message::FolderListed(folder, names)]
        });
    }

    pub(super) fn look_at_file(&mut self, path: String) {
        self.in_background(move || {
            let seen = files::permissions(Path::new(&path)).map_err(|error| error.line());
            vec![Message::FileSeen(path, seen)]
        });
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

    /// Gives a task up. How an exchange ends comes as an event: what was sent is finished. All others are dropped.
    pub(super) fn cancel(&mut self, id: TaskId) {
        match self.running.get(&id) {
            Some(Running { reins: Some(reins), .. }) => reins.cancel(),
            Some(running) if running.exchanges => _ = running.given_up.send(true),
            Some(running) => running.task.abort(),
            None => {}
        }
    }

    /// The program wants to end: gives up what was not sent. What has to be waited for, in words; [`Event::Finished`] tells
    /// the end of it.
    pub(super) fn leave(&mut self) -> Vec<String> {
        let Some(runtime) = &self.runtime else { return Vec::new() };
        let (session, events) = (Arc::clone(&self.session), self.events.clone());
        self.running.values().filter_map(|running| running.reins.as_ref()).for_each(Reins::cancel);
        let awaited: Vec<_> = session.leave().iter().map(ToString::to_string).chain(self.changes.pending()).collect();
        if awaited.is_empty() {
            let _ = runtime.block_on(async { timeout(CLEARING, session.finished()).await });
        } else {
            let done = self.changes.done();
            runtime.spawn(async move {
                session.finished().await;
                done.await;
                let _ = events.send(Event::Finished);
            });
        }
        awaited
    }

    /// Answers the open question of a task.
    pub(super) fn answer(&self, id: TaskId, answer: SecretString) {
        let waiting = self.running.get(&id).and_then(|running| running.answer.lock().take());
        if let Some(waiting) = waiting {
            let _ = waiting.send(answer);
        }
    }
}

impl Drop for Tasks {
    /// Nothing may hold up the exit, not even a lookup or a keyring that never answers.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn work(
    session: &Session,
    what: &What,
    profile: &Profile,
    unasked: Option<Fingerprint>,
    protected: &Protected,
    user: &User,
) -> Result<TaskOutcome, AuthError> {
    match what {
        What::Login => session.login(profile, user).await.map(TaskOutcome::TokenSet),
        What::Refresh => session.refresh(profile, unasked, user).await.map(TaskOutcome::TokenSet),
        What::Revoke(wanted) => session.revoke(profile, *wanted, user).await.map(TaskOutcome::Revoked),
        What::Probe(token) => {
            let probe = async {
                match token {
                    Some(token) => session.probe_token(profile, *token, user).await,
                    None => session.probe(profile, user).await,
                }
            };
            tokio::select! {
                verdict = probe => verdict.map(TaskOutcome::Probed),
                () = user.given_up() => Err(AuthError::Cancelled),
            }
        }
        What::Call(request) => {
            let api = ApiCall {
                method: request.method.clone(),
                target: request.target.clone(),
                headers: Vec::new(),
                body: request.data.as_ref().map(|data| Raw(data.clone().into_bytes())),
                once: false,
                min_ttl: CALL_MIN_TTL,
                environment: request.environment.clone(),
            };
            // A refresh before it goes on by itself.
            tokio::select! {
                answer = session.request_whole(profile, &api, protected, user) => {
                    answer.map(|answer| TaskOutcome::Called(answer.status))
                }
                () = user.given_up() => Err(AuthError::Cancelled),
            }
        }
        other => unreachable!("{} talks to no server of a profile", other.noun()),
    }
}

/// Runs a task to its end; a panic is one.
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
    let bytes = files::read(&path).map_err(|error| error.line())?;
    let bytes = Zeroizing::new(bytes);
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    SigningKeys::read(&bytes, &name).map_err(|error| error.line())
}

fn panicked() -> AuthError {
    let place = panicked_at().take().unwrap_or_else(|| "an unknown place".to_owned());
    AuthError::unsupported(format!("internal error at {place}"), "this is a bug: please report it with the place")
}

fn no_runtime(error: &io::Error) -> AuthError {
    AuthError::unsupported(
        format!("cannot start a background thread: {error}"),
        "check the limits of processes and memory (ulimit -a)",
    )
}

fn tell_exchange(events: &Sender<Event>, session: &Session, profile: &ProfileName) {
    if let Some(exchange) = session.exchange(profile) {
        let _ = events.send(Event::Message(Message::Exchanged(profile.clone(), Box::new(exchange))));
    }
}

/// What the vault keeps of the profile after a task.
fn tell_kept(events: &Sender<Event>, session: &Session, profile: &ProfileName) {
    let Ok(record) = session.record(profile) else { return };
    let kept = kept(session, profile, record.unwrap_or_default());
    let _ = events.send(Event::Message(Message::RecordRead(profile.clone(), Box::new(kept))));
}

fn kept(session: &Session, profile: &ProfileName, record: Record) -> Kept {
    let condition = session.condition_of(profile, &record);
    let old = record.alive(clock::now()).cloned().collect();
    let Record { token_set, number, grant, evidence, history, .. } = record;
    Kept { token_set, old, facts: Facts { condition, number, grant, evidence, history } }
}

/// A task is over.
fn ended(id: TaskId, outcome: TaskOutcome) -> Message {
    Message::Task(id, TaskEvent::Ended(Ok(outcome)))
}

#[cfg(test)]
mod tests;
