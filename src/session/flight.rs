//! An exchange under way: a task of its own, which whoever waits for it may leave and cannot stop once something was sent.
//!
//! Two ways out: *let go*, which is dropping the caller's future or [`Interaction::given_up`] and is done at once; and
//! *stop*, which that asks for, and which happens only where nothing was sent ([`Sent`]). What was sent is answered, or its
//! time is over, and what came is saved before the task ends.

use std::{
    fmt,
    panic::resume_unwind,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Caller, Session};
use crate::{
    auth::{AuthError, Interaction, Progress, Prompt},
    http::Sent,
    profile::{Profile, ProfileName},
    secret::SecretString,
};

/// What an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeKind {
    /// A first token set.
    Login,
    /// A new one from the old one.
    Refresh,
    /// The end of one.
    Revocation,
}

impl fmt::Display for ExchangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Revocation => "revocation",
        })
    }
}

/// An exchange whose answer is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Whose.
    pub profile: ProfileName,
    /// What for.
    pub purpose: ExchangeKind,
    /// Who was contacted last, in words: foreign text.
    pub whom: Option<String>,
    /// How long a request of its may take.
    pub limit: Duration,
}

/// `the refresh of lms (token endpoint of lms.example.org), 20 s at most`.
impl fmt::Display for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} of {}", self.purpose, self.profile)?;
        self.whom.iter().try_for_each(|whom| write!(f, " ({whom})"))?;
        write!(f, ", at most {} s", self.limit.as_secs())
    }
}

/// The exchanges of a process.
#[derive(Debug, Default)]
pub(super) struct Flights(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    all: Vec<Arc<Flight>>,
    /// The program is on its way out: none begins any more.
    leaving: bool,
}

/// One exchange, as its task sees it: the user, and whether they have left.
#[derive(Debug)]
pub(super) struct Flight {
    told: Mutex<UnderWay>,
    pub(super) sent: Arc<Sent>,
    attended: bool,
    by_hand: bool,
    news: mpsc::UnboundedSender<News>,
}

/// What a task has to say to whoever waits for it.
#[derive(Debug)]
enum News {
    Step(Progress),
    Question(Prompt, oneshot::Sender<Result<SecretString, AuthError>>),
}

impl Session {
    /// What was sent and is not answered yet.
    pub fn under_way(&self) -> Vec<UnderWay> {
        self.flights.0.borrow().all.iter().filter(|flight| flight.sent.is_sent()).map(|flight| flight.told()).collect()
    }

    /// The program wants to end: stops what was not sent, and lets nothing begin. What is left has to be waited for.
    pub fn leave(&self) -> Vec<UnderWay> {
        self.flights.0.send_modify(|state| state.leaving = true);
        let all = self.flights.0.borrow().all.clone();
        all.iter().filter(|flight| !flight.sent.stop()).map(|flight| flight.told()).collect()
    }

    /// Whether the program is on its way out.
    pub(super) fn is_leaving(&self) -> bool {
        self.flights.0.borrow().leaving
    }

    /// Returns when no exchange is under way any more: what came is saved, and what was stopped has cleared up.
    pub async fn finished(&self) {
        let _ = self.flights.0.subscribe().wait_for(|state| state.all.is_empty()).await;
    }

    /// Does work in a task of its own and waits for it. The work has a client that tells what was sent, and a user whose
    /// answers come from `interaction`; without one any more, nothing is asked.
    pub(super) async fn fly<T, F>(
        &self,
        profile: &Profile,
        purpose: ExchangeKind,
        call: Caller,
        interaction: &dyn Interaction,
        work: impl FnOnce(Self, Caller, Arc<Flight>) -> F,
    ) -> Result<T, AuthError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AuthError>> + Send + 'static,
    {
        let (news, mut heard) = mpsc::unbounded_channel();
        let limit = call.http.policy().timeout;
        let told = UnderWay { profile: profile.name.clone(), purpose, whom: None, limit };
        let sent = Arc::<Sent>::default();
        let (attended, by_hand) = (interaction.is_attended(), interaction.is_by_hand());
        let flight = Arc::new(Flight { told: Mutex::new(told), sent: Arc::clone(&sent), attended, by_hand, news });
        let call = Caller { http: Arc::new(call.http.telling(Arc::clone(&sent))), ..call };
        let landing = self.take_off(&flight);
        let (session, name) = (self.clone(), profile.name.clone());
        let work = work(self.clone(), call, flight);
        let mut task = tokio::spawn(async move {
            let _landing = landing;
            let ended = work.await;
            session.follow(&name);
            ended
        });
        let waiting = Waiting(sent);
        let mut given_up = false;
        let ended = loop {
            tokio::select! { biased;
                Some(news) = heard.recv() => news.told(interaction).await,
                () = interaction.given_up(), if !given_up => {
                    given_up = true;
                    if !waiting.0.stop() {
                        interaction.report(Progress::Finishing);
                    }
                }
                ended = &mut task => break ended,
            }
        };
        while let Ok(News::Step(step)) = heard.try_recv() {
            interaction.report(step);
        }
        match ended {
            Ok(result) => result,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            // The runtime is gone, and we with it.
            Err(_) => Err(AuthError::Cancelled),
        }
    }

    fn take_off(&self, flight: &Arc<Flight>) -> Landing {
        self.flights.0.send_modify(|state| {
            state.all.push(Arc::clone(flight));
            if state.leaving {
                flight.sent.stop();
            }
        });
        Landing { flights: Arc::clone(&self.flights), flight: Arc::clone(flight) }
    }
}

impl Flight {
    /// Works as long as this may be stopped; [`AuthError::Cancelled`] where it was.
    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        tokio::select! { biased;
            () = self.sent.stopped() => Err(AuthError::Cancelled),
            // Whatever kept it from sending, that it was stopped came first.
            done = work => done.map_err(|error| if self.sent.is_stopped() { AuthError::Cancelled } else { error }),
        }
    }

    /// What came is on its way into the vault: from here on nothing stops it.
    pub(super) fn arrived(&self) -> Result<(), AuthError> {
        if self.sent.begin() { Ok(()) } else { Err(AuthError::Cancelled) }
    }

    fn told(&self) -> UnderWay {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Interaction for Flight {
    fn report(&self, step: Progress) {
        if let Progress::Contacting(whom) = &step {
            self.lock().whom = Some(whom.clone());
        }
        // The caller may be gone.
        let _ = self.news.send(News::Step(step));
    }

    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        let (answer, answered) = oneshot::channel();
        let _ = self.news.send(News::Question(prompt, answer));
        self.sent.pause(answered).await.unwrap_or(Err(AuthError::Cancelled))
    }

    fn is_attended(&self) -> bool {
        self.attended
    }

    fn is_by_hand(&self) -> bool {
        self.by_hand
    }
}

impl News {
    async fn told(self, interaction: &dyn Interaction) {
        match self {
            Self::Step(step) => interaction.report(step),
            Self::Question(prompt, mut answer) => {
                let given = tokio::select! { biased;
                    () = answer.closed() => return,
                    () = interaction.given_up() => Err(AuthError::Cancelled),
                    given = interaction.ask(prompt) => given,
                };
                let _ = answer.send(given);
            }
        }
    }
}

/// Whoever waits for an exchange: going away asks for its stop.
struct Waiting(Arc<Sent>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// The end of an exchange's task, however it comes.
struct Landing {
    flights: Arc<Flights>,
    flight: Arc<Flight>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flights.0.send_modify(|state| state.all.retain(|flight| !Arc::ptr_eq(flight, &self.flight)));
    }
}
