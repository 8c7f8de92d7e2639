//! Rotations: planned, performed and resumed as one task for many profiles; and the receipts of those that were run before.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    future::Future,
    mem, path,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::Sender},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::{oneshot, watch},
    time,
};

use super::{
    Tasks, kept, survive,
    user::{Answer, tell},
};
use crate::{
    auth::{AuthError, Interaction, Progress, Prompt},
    http::Exchange,
    profile::{Profile, ProfileName, Protected},
    secret::SecretString,
    session::{
        Session,
        rotate::{Event as News, Shell, plan::Options, receipt::Receipt, step::Cancelled},
    },
    store::runs::RunId,
    trouble::Told as _,
    tui::{
        app::{
            Message, Planned,
            message::{TaskEvent, TaskId, TaskOutcome},
        },
        runtime::Event,
    },
};

/// So long news are collected before they are told: for each time the whole screen is brought in line, and a key waits for that.
const NEWS: Duration = Duration::from_millis(100);
/// After so many times what the vault has is told, too: to show that writes the lists again.
const CHANGES: u32 = 20;

/// What the user can still do about a rotation that runs.
pub(super) struct Reins {
    cancelled: watch::Sender<Cancelled>,
    skips: Skips,
}

/// Who gets no answer any more.
#[derive(Clone, Default)]
struct Skips(Arc<Mutex<HashMap<ProfileName, watch::Sender<bool>>>>);

impl Skips {
    fn lock(&self) -> MutexGuard<'_, HashMap<ProfileName, watch::Sender<bool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, profile: &ProfileName) -> watch::Receiver<bool> {
        self.lock().entry(profile.clone()).or_default().subscribe()
    }
}

impl Reins {
    /// Nothing new begins; once more: no more proofs.
    pub(super) fn cancel(&self) {
        self.cancelled.send_modify(|cancelled| {
            *cancelled = if *cancelled == Cancelled::No { Cancelled::Begin } else { Cancelled::Prove };
        });
    }

    /// This profile gets no answer: the next way counts for it.
    pub(super) fn skip(&self, profile: &ProfileName) {
        self.skips.lock().entry(profile.clone()).or_default().send_replace(true);
    }
}

/// The screen, as a rotation sees it.
struct Front {
    post: Arc<Post>,
    answer: Arc<Answer>,
    cancelled: watch::Receiver<Cancelled>,
    skips: Skips,
    session: Arc<Session>,
}

/// The way to the screen.
struct Post {
    id: TaskId,
    events: Sender<Event>,
    untold: Mutex<Untold>,
}

/// What was not told of yet.
#[derive(Default)]
struct Untold {
    news: Vec<TaskEvent>,
    /// Whose tokens are others by now.
    changed: BTreeSet<ProfileName>,
    /// Those whose turn it is, or was until just now.
    turns: BTreeMap<ProfileName, Told>,
}

#[derive(Default)]
struct Told {
    /// The exchange that was told last.
    exchange: Option<Exchange>,
    is_over: bool,
}

impl Post {
    fn lock(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what has happened.
    fn tell_news(&self) {
        // Held until it is sent: who tells next tells what came later.
        let mut untold = self.lock();
        if !untold.news.is_empty() {
            tell(&self.events, self.id, TaskEvent::Several(mem::take(&mut untold.news)));
        }
    }
}

impl Front {
    /// Tells what has happened, what those have sent whose turn it is, and what the vault keeps of all that have changed.
    fn tell_all(&self) {
        let changed = {
            let mut untold = self.post.lock();
            let Untold { news, turns, changed } = &mut *untold;
            turns.retain(|profile, told| {
                let exchange = self.session.exchange_of_rotation(profile);
                if let Some(exchange) = exchange.filter(|exchange| told.exchange.as_ref() != Some(exchange)) {
                    told.exchange = Some(exchange.clone());
                    news.push(TaskEvent::ExchangedOf(profile.clone(), Box::new(exchange)));
                }
                !told.is_over
            });
            mem::take(changed)
        };
        self.post.tell_news();
        let read = |profile: ProfileName| {
            let record = self.session.record(&profile).ok()?.unwrap_or_default();
            let exchange = self.session.exchange(&profile).map(Box::new);
            let kept = kept(&self.session, &profile, record);
            Some((profile, exchange, Box::new(kept)))
        };
        let all: Vec<_> = changed.into_iter().filter_map(read).collect();
        if !all.is_empty() {
            let _ = self.post.events.send(Event::Message(Message::RecordsChanged(all)));
        }
    }
}

impl Shell for Front {
    fn tell(&self, news: News) {
        let mut untold = self.post.lock();
        match &news {
            News::Started { profile } => {
                let exchange = self.session.exchange_of_rotation(profile);
                untold.turns.insert(profile.clone(), Told { exchange, is_over: false });
            }
            News::Obtained { profile, .. } => _ = untold.changed.insert(profile.clone()),
            News::Settled { profile, .. } => {
                untold.turns.entry(profile.clone()).or_default().is_over = true;
                untold.changed.insert(profile.clone());
            }
            _ => {}
        }
        untold.news.push(TaskEvent::Rotation(news));
    }

    fn user(&self, profile: &ProfileName) -> Arc<dyn Interaction> {
        let (post, answer) = (Arc::clone(&self.post), Arc::clone(&self.answer));
        Arc::new(Person { post, profile: profile.clone(), answer, skipped: self.skips.of(profile) })
    }

    fn cancelled(&self) -> watch::Receiver<Cancelled> {
        self.cancelled.clone()
    }
}

/// The user, as one profile of a rotation sees them.
struct Person {
    post: Arc<Post>,
    profile: ProfileName,
    answer: Arc<Answer>,
    skipped: watch::Receiver<bool>,
}

#[async_trait]
impl Interaction for Person {
    fn report(&self, step: Progress) {
        self.post.lock().news.push(TaskEvent::SteppedOf(self.profile.clone(), step));
    }

    fn is_attended(&self) -> bool {
        true
    }

    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        let (sender, receiver) = oneshot::channel();
        *self.answer.lock() = Some(sender);
        self.post.lock().news.push(TaskEvent::AskedOf(self.profile.clone(), prompt));
        self.post.tell_news();
        receiver.await.map_err(|_| AuthError::Cancelled)
    }

    async fn given_up(&self) {
        if self.skipped.clone().wait_for(|skipped| *skipped).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Tasks {
    /// Plans a rotation of these profiles.
    pub(in crate::tui::runtime) fn plan_rotation(
        &mut self,
        id: TaskId,
        profiles: Vec<Profile>,
        panic: bool,
        protected: Protected,
    ) {
        let session = Arc::clone(&self.session);
        self.begin(id, false, true, |user| async move {
            let options = Options { panic, ..Options::default() };
            let plan = survive(session.plan_rotation(&profiles, options, true, &protected)).await;
            let plan = plan.map(|plan| TaskOutcome::Planned(Planned(Arc::new(plan))));
            tell(&user.events, id, TaskEvent::Ended(plan));
        });
    }

    /// Rotates as planned: a person has confirmed it, a second login included.
    pub(in crate::tui::runtime) fn rotate(&mut self, id: TaskId, planned: &Planned) {
        let plan = planned.0.as_ref().clone();
        self.perform(id, |session, front| async move { session.rotate(plan, true, front).await });
    }

    /// Finishes a rotation that was cut off.
    pub(in crate::tui::runtime) fn resume_rotation(&mut self, id: TaskId, run: RunId, profiles: Vec<Profile>) {
        self.perform(id, |session, front| async move { session.resume_rotation(Some(run), &profiles, front).await });
    }

    /// Tries again what was not dead at its end.
    pub(in crate::tui::runtime) fn recheck_rotation(&mut self, id: TaskId, run: RunId, profiles: Vec<Profile>) {
        self.perform(id, |session, front| async move { session.recheck_rotation(run, &profiles, front).await });
    }

    /// Gives up a rotation that was cut off: its profiles can be used again.
    pub(in crate::tui::runtime) fn abandon_rotation(&mut self, id: TaskId, run: RunId, profiles: Vec<Profile>) {
        self.perform(id, |session, _| async move { session.abandon_rotation(&run, &profiles).await });
    }

    fn perform<F>(&mut self, id: TaskId, work: impl FnOnce(Arc<Session>, Arc<dyn Shell>) -> F)
    where
        F: Future<Output = Result<Receipt, AuthError>> + Send + 'static,
    {
        let (session, holder) = (Arc::clone(&self.session), self.holder.clone());
        let (cancelled, watched) = watch::channel(Cancelled::No);
        let skips = Skips::default();
        let reins = Reins { cancelled, skips: skips.clone() };
        let pending = self.changes.begin("the rotation".to_owned());
        self.begin(id, true, true, |user| {
            let (events, answer) = (user.events.clone(), Arc::clone(&user.answer));
            let post = Arc::new(Post { id, events, untold: Mutex::default() });
            let front = Arc::new(Front { post, answer, cancelled: watched, skips, session: Arc::clone(&session) });
            let work = work(session, Arc::clone(&front) as Arc<dyn Shell>);
            async move {
                let mut work = pin!(survive(work));
                let mut turn = 0_u32;
                let ended = loop {
                    tokio::select! { biased;
                        ended = &mut work => break ended,
                        () = time::sleep(NEWS) => turn = turn.wrapping_add(1),
                    }
                    if turn.is_multiple_of(CHANGES) { front.tell_all() } else { front.post.tell_news() }
                };
                front.tell_all();
                tell(&user.events, id, TaskEvent::Ended(ended.map(|receipt| TaskOutcome::Rotated(receipt.into()))));
                drop((pending, holder));
            }
        });
        if let Some(running) = self.running.get_mut(&id) {
            running.reins = Some(reins);
        }
    }

    /// A profile of a rotation that asks gets no answer.
    pub(in crate::tui::runtime) fn skip(&self, id: TaskId, profile: &ProfileName) {
        let Some(running) = self.running.get(&id) else { return };
        running.answer.lock().take();
        running.reins.iter().for_each(|reins| reins.skip(profile));
    }

    /// Which rotations were run before.
    pub(in crate::tui::runtime) fn find_rotations(&mut self) {
        let session = Arc::clone(&self.session);
        self.in_background(move || match session.rotations() {
            Ok(runs) if !runs.is_empty() => vec![Message::RunsFound(runs)],
            _ => Vec::new(),
        });
    }

    /// The receipt of one of them.
    pub(in crate::tui::runtime) fn read_receipt(&mut self, run: RunId) {
        let session = Arc::clone(&self.session);
        self.in_background(move || {
            let receipt = session.rotation_receipt(&run).map_err(|error| error.line());
            vec![Message::ReceiptRead(run, receipt)]
        });
    }

    /// Writes a receipt into the folder that the program was started in.
    pub(in crate::tui::runtime) fn write_receipt(&mut self, name: String, text: String) {
        let session = Arc::clone(&self.session);
        self.in_background(move || {
            let path = path::absolute(&name).unwrap_or_else(|_| name.into());
            let written = session.write_report(&path, &text);
            let written = written.map(|()| path.display().to_string()).map_err(|error| error.line());
            vec![Message::ReceiptWritten(written)]
        });
    }
}
