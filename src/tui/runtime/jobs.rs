//! Background jobs: login, refresh, revoke, probe as tokio tasks that report as events.

mod locked;
mod profiles;
mod user;

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

use tokio::{runtime::Runtime, sync::watch, task::AbortHandle, time::timeout};

pub(super) use self::{
    locked::Way,
    profiles::{settings, words},
};
use self::{
    profiles::Changes,
    user::{Answer, User, tell},
};
use super::{
    Event,
    door::{Key, unopened},
};
use crate::{
    auth::{AuthError, Interaction as _, IssuedToken, NoInteraction, TokenKind, TokenSet, keys::KeySource},
    profile::{Profile, ProfileName},
    secret::{Fingerprint, SecretString, Zeroizing},
    session::{Folder, Session},
    store::{
        files,
        holders::Holder,
        identity::Home,
        vault::{Contents, Record},
    },
    token::sign::SigningKeys,
    trouble::{Told as _, Trouble},
    tui::app::{
        Message,
        message::{Facts, JobEvent, JobId, JobKind, Kept, Loose, Opened, Outcome, Unopened},
    },
};

/// The threads of the tokio runtime have this name.
const THREAD: &str = "job";

/// Where a job has panicked: its exchange may be another thread's.
static PANICKED_AT: Mutex<Option<String>> = Mutex::new(None);

/// How long the exit waits for exchanges that were stopped before they sent anything: they take back their marks.
const CLEARING: Duration = Duration::from_millis(500);

/// For the panic hook: whether the panic is a job's, which [`Jobs`] reports. The message is kept out, because it
/// may quote what the job was working on.
pub(super) fn note_panic(panic: &PanicHookInfo<'_>) -> bool {
    let is_job = std::thread::current().name() == Some(THREAD);
    if is_job {
        *panicked_at() = panic.location().map(ToString::to_string);
    }
    is_job
}

fn panicked_at() -> std::sync::MutexGuard<'static, Option<String>> {
    PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The running jobs.
pub(super) struct Jobs {
    pub(super) session: Arc<Session>,
    /// While the vault is open. Jobs that are let go on after it was locked have it, too, until they end.
    pub(super) holder: Option<Arc<Holder>>,
    events: Sender<Event>,
    running: HashMap<JobId, Job>,
    searches: HashMap<JobId, AbortHandle>,
    changes: Changes,
    runtime: Option<Runtime>,
}

struct Job {
    task: AbortHandle,
    answer: Arc<Answer>,
    /// None: for the vault. Then it holds nothing that could be lost.
    given_up: Option<watch::Sender<bool>>,
}

impl Jobs {
    /// No jobs, and no tokio runtime before there is one.
    pub(super) fn new(session: Arc<Session>, events: Sender<Event>) -> Self {
        Self {
            session,
            holder: None,
            events,
            running: HashMap::new(),
            searches: HashMap::new(),
            changes: Changes::default(),
            runtime: None,
        }
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
        let (give_up, given_up) = watch::channel(false);
        let (is_there, holder) = (unasked.is_none(), self.holder.clone());
        let user = User { id, events: events.clone(), answer: Arc::clone(&answer), is_there, given_up };
        let ended = move |result| tell(&events, id, JobEvent::Ended(result));
        let (wire, forgotten) = (self.events.clone(), self.changes.forgotten(&profile.name));
        let task = match self.runtime() {
            Ok(runtime) => runtime.spawn(async move {
                forgotten.await;
                let result = survive(work(&session, kind, &profile, unasked, &user)).await;
                // First what went over the wire: it has the server's time, by which the tokens are measured.
                tell_exchange(&wire, &session, &profile.name);
                ended(result);
                tell_kept(&wire, &session, kind, &profile.name);
                drop(holder);
            }),
            Err(error) => return ended(Err(no_runtime(&error))),
        };
        self.running.insert(id, Job { task: task.abort_handle(), answer, given_up: Some(give_up) });
    }

    /// Looks for the key of the vault; it comes as [`Event::KeyFound`]. `chosen` is the home that the user has chosen just now.
    pub(super) fn find_key(&mut self, id: JobId, folder: Folder, chosen: Option<Home>, prompt: bool) {
        let (events, answer) = (self.events.clone(), Arc::<Answer>::default());
        // A search for the key is dropped, not given up.
        let given_up = watch::channel(false).1;
        let user = User { id, events: events.clone(), answer: Arc::clone(&answer), is_there: true, given_up };
        let holder = self.holder.clone();
        let task = match self.runtime() {
            Ok(runtime) => runtime.spawn(async move {
                let key = folder.key(chosen, prompt, &user).await;
                let key = key.map(|opened| Key { opened, holder }).map_err(unopened);
                let _ = events.send(Event::KeyFound(id, key));
            }),
            Err(error) => {
                let unopened = Unopened { why: no_runtime(&error).into(), unchosen: None };
                return self.tell(Event::KeyFound(id, Err(unopened)));
            }
        };
        self.running.insert(id, Job { task: task.abort_handle(), answer, given_up: None });
    }

    /// Reads all that is in the vault, which is open.
    pub(super) fn read_vault(
        &mut self,
        id: JobId,
        home: Home,
        chosen: bool,
        loose: Vec<Loose>,
        mut unreadable: Vec<Trouble>,
    ) {
        let session = Arc::clone(&self.session);
        self.in_background(move || {
            let opened = session.records().map(|Contents { records, unreadable: damaged }| {
                unreadable.extend(damaged.into_iter().map(Trouble::from));
                let records = records.into_iter().map(|(name, record)| {
                    let kept = kept(&session, &name, record);
                    (name, kept)
                });
                Opened { home, chosen, records: records.collect(), unreadable, loose }
            });
            let opened = opened.map_err(|error| Unopened { why: error.into(), unchosen: None });
            vec![Message::VaultOpened(id, opened)]
        });
    }

    /// Reads the record of a profile again.
    pub(super) fn read_record(&mut self, profile: ProfileName) {
        let session = Arc::clone(&self.session);
        self.in_background(move || {
            let record = session.record(&profile).ok().flatten();
            let kept = record.map(|record| Box::new(kept(&session, &profile, record)));
            kept.into_iter().map(|kept| Message::RecordRead(profile.clone(), kept)).collect()
        });
    }

    /// Tries again to save what could not be saved.
    pub(super) fn save(&mut self, profiles: Vec<ProfileName>) {
        let session = Arc::clone(&self.session);
        self.in_background(move || {
            session.retry();
            let unsaved = profiles.into_iter().map(|profile| {
                let why = session.unsaved(&profile);
                (profile, why)
            });
            vec![Message::Saved(unsaved.collect())]
        });
    }

    /// Looks for the keys of an online source in the vault.
    pub(super) fn find_kept_keys(&mut self, id: JobId, source: KeySource, profile: Option<Profile>) {
        let session = Arc::clone(&self.session);
        self.in_background(move || {
            vec![Message::KeptKeys(id, profile.and_then(|profile| session.kept_keys(&source, &profile)))]
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

    /// An event for the loop.
    pub(super) fn tell(&self, event: Event) {
        let _ = self.events.send(event);
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

    /// Gives a job up, or drops a search. How the job ends comes as an event: what was sent is finished.
    pub(super) fn cancel(&mut self, id: JobId) {
        if let Some(task) = self.searches.remove(&id) {
            task.abort();
        }
        if let Some(job) = self.running.get(&id) {
            match &job.given_up {
                Some(given_up) => _ = given_up.send(true),
                None => job.task.abort(),
            }
        }
    }

    /// The program wants to end: gives up what was not sent. What has to be waited for, in words; [`Event::Finished`] tells
    /// the end of it.
    pub(super) fn leave(&mut self) -> Vec<String> {
        let Some(runtime) = &self.runtime else { return Vec::new() };
        let (session, events) = (Arc::clone(&self.session), self.events.clone());
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
        JobKind::Probe => tokio::select! {
            verdict = session.probe(profile, user) => verdict.map(Outcome::Probed),
            () = user.given_up() => Err(AuthError::Cancelled),
        },
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

/// All records: other processes change them, too.
fn records(session: &Session) -> Vec<Message> {
    let records = session.records().map(|contents| contents.records).unwrap_or_default().into_iter();
    let read = |(name, record)| {
        let kept = Box::new(kept(session, &name, record));
        Message::RecordRead(name, kept)
    };
    records.map(read).collect()
}

/// What the vault keeps of the profile after a job.
fn tell_kept(events: &Sender<Event>, session: &Session, kind: JobKind, profile: &ProfileName) {
    let Ok(record) = session.record(profile) else { return };
    let mut kept = kept(session, profile, record.unwrap_or_default());
    if kind == JobKind::Revoke {
        // What was revoked is gone from the vault, and stays on screen.
        kept.token_set = None;
    }
    let _ = events.send(Event::Message(Message::RecordRead(profile.clone(), Box::new(kept))));
}

fn kept(session: &Session, profile: &ProfileName, record: Record) -> Kept {
    let condition = session.condition_of(profile, &record);
    let access = |set: &TokenSet| set.token(TokenKind::Access).map(IssuedToken::fingerprint);
    let previous = record.previous.as_ref().map(|previous| (access(previous), previous.received_at));
    Kept { token_set: record.token_set, facts: Facts { condition, previous, history: record.history } }
}

#[cfg(test)]
mod tests;
