//! A run under way: its events as lines on standard error, the user who is asked, and Ctrl-C.

use std::{
    collections::HashSet,
    pin::pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::watch;

use super::{
    Opened, Rotate, receipts,
    written::{Line, words},
};
use crate::{
    auth::{AuthError, Interaction, Progress, Prompt},
    cli::{
        Exit, Failure, GlobalOptions,
        interaction::Terminal,
        invocation::Invocation,
        json,
        output::{say, tell},
        signals::{self, waiting},
    },
    profile::ProfileName,
    secret::SecretString,
    session::rotate::{Event, Shell, receipt::Receipt, step::Cancelled},
    store::runs::RunId,
};

/// The shell of a run.
pub(super) struct Live {
    json: bool,
    input: bool,
    cancelled: watch::Receiver<Cancelled>,
    run: OnceLock<RunId>,
    /// What was said: a token is tried again and again, and the same answer is no news.
    said: Mutex<HashSet<String>>,
}

impl Live {
    fn is_news(&self, words: &str) -> bool {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(words.to_owned())
    }
}

impl Shell for Live {
    fn tell(&self, event: Event) {
        if let Event::Planned { run, .. } = &event {
            // There is one run in a process.
            let _ = self.run.set(run.clone());
        }
        match self.json {
            true => json::line(&Line::of(&event)).iter().for_each(|line| say(line)),
            false => words(&event).into_iter().filter(|words| self.is_news(words)).for_each(|words| tell(&words)),
        }
    }

    fn user(&self, profile: &ProfileName) -> Arc<dyn Interaction> {
        Arc::new(Named { profile: profile.clone(), json: self.json, terminal: Terminal::new(self.input) })
    }

    fn cancelled(&self) -> watch::Receiver<Cancelled> {
        self.cancelled.clone()
    }
}

/// The user, who is told for which profile something is asked.
struct Named {
    profile: ProfileName,
    json: bool,
    terminal: Terminal,
}

#[async_trait]
impl Interaction for Named {
    fn report(&self, step: Progress) {
        match step {
            // The events say how far it is.
            Progress::Contacting(_) | Progress::Pausing { .. } | Progress::Finishing => {}
            Progress::Remark(_) if self.json => {}
            Progress::Remark(remark) => tell(&format!("{}: {remark}", self.profile)),
            Progress::OpenPage { .. } | Progress::DeviceCode { .. } => {
                say(&format!("{}: log in", self.profile));
                self.terminal.report(step);
            }
        }
    }

    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        let label = format!("{} of {}", prompt.label, self.profile).into();
        self.terminal.ask(Prompt { label, ..prompt }).await
    }

    fn is_by_hand(&self) -> bool {
        self.terminal.is_by_hand()
    }

    fn is_attended(&self) -> bool {
        self.terminal.is_attended()
    }
}

/// Runs what may be left at once: nothing was begun.
pub(super) fn until_signal<T>(work: impl Future<Output = Result<T, AuthError>>) -> Result<T, Failure> {
    signals::run(async { work.await.map_err(Failure::of_auth) })
}

/// Performs a run to its end, or as far as the signals let it, and delivers its receipt.
pub(super) fn perform(
    rotate: &Rotate,
    opened: &Opened,
    place: &GlobalOptions,
    work: impl AsyncFnOnce(Arc<Live>) -> Result<Receipt, AuthError>,
) -> Result<Exit, Failure> {
    let (cancel, cancelled) = watch::channel(Cancelled::No);
    let live = Arc::new(Live {
        json: rotate.json,
        input: !rotate.no_input,
        cancelled,
        run: OnceLock::new(),
        said: Mutex::default(),
    });
    let shell = Arc::clone(&live);
    let (receipt, signal) = waiting(async |mut ends| {
        let mut work = pin!(work(shell));
        let signal = tokio::select! { biased;
            done = &mut work => return Ok((done.map_err(Failure::of_auth)?, None)),
            signal = ends.first() => signal,
        };
        opened.holder.iter().for_each(|holder| holder.finishing());
        cancel.send_replace(Cancelled::Begin);
        // Programs learn it from the receipt.
        let tell = |words: &str| {
            if !rotate.json {
                tell(words);
            }
        };
        tell("stopping: nothing new starts, what was begun is finished safely; press Ctrl-C again to stop testing");
        tokio::select! { biased;
            done = &mut work => return Ok((done.map_err(Failure::of_auth)?, Some(signal))),
            () = ends.words(2) => {}
        }
        cancel.send_replace(Cancelled::Prove);
        tell("testing stops; press Ctrl-C again to end at once");
        tokio::select! { biased;
            done = &mut work => Ok((done.map_err(Failure::of_auth)?, Some(signal))),
            () = ends.words(3) => Err(killed(signal, &live)),
        }
    })?;
    let verdict = receipts::deliver(rotate, &opened.session, &receipt)?;
    settle(rotate, opened, place, &receipt)?;
    match signal {
        None => Ok(verdict),
        Some(signal) => {
            let failure = Failure::interrupted(signal, "interrupted; what was begun was finished");
            Err(failure.hint("the receipt says what was not started: rotate those profiles again"))
        }
    }
}

/// Sees to it that each new session is in the vault before the process ends.
fn settle(rotate: &Rotate, opened: &Opened, place: &GlobalOptions, receipt: &Receipt) -> Result<(), Failure> {
    let concerned = |name: &str| receipt.profiles.iter().any(|profile| profile.name == name);
    for profile in opened.profiles.iter().filter(|profile| concerned(profile.name.as_str())) {
        if opened.session.unsaved(&profile.name).is_some() {
            let holder = opened.holder.clone();
            Invocation::over(profile, &opened.session, holder, !rotate.no_input, place)?.settle(false)?;
        }
    }
    Ok(())
}

fn killed(signal: i32, live: &Live) -> Failure {
    let run = live.run.get().map(|run| format!(" {run}")).unwrap_or_default();
    Failure::interrupted(signal, "interrupted before the rotation was finished")
        .hint(format!("`tokscope rotate --resume{run}` goes on"))
}
