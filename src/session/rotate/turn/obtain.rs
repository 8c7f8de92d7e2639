//! The new session: a login or a refresh, saved before anything else is done with it.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use tokio::sync::SemaphorePermit;

use super::Turn;
use crate::{
    auth::{
        AuthError, Interaction, Progress, Prompt, TokenKind, TokenSet, Unasked,
        rotation::{Ending, Kinship, Way},
    },
    clock,
    secret::SecretString,
    session::{
        ExchangeKind, Session,
        flight::Flight,
        rotate::{
            event::{Event, Stage, Waiting},
            gate::{LONGEST, TRIES},
            plan::{Wanted, ending_by},
            running::Running,
            step::{Cancelled, New},
        },
    },
    store::vault::{Journal, Step},
};

/// What the journal of a turn says whose first login or refresh has brought the tokens that were there.
pub(super) const SAME: &str = "the same tokens came again";

impl Turn {
    /// Gets the new session. Where the new tokens are the old ones to the letter, once more in the next second.
    pub(super) async fn obtain(&mut self, way: Way) {
        self.stage(Stage::Obtaining);
        let same = self.old.as_ref().map(|old| clock::to_the_second(old.received_at));
        if self.rotation.same_second && same == Some(clock::to_the_second(self.time())) {
            self.next_second().await;
        }
        for attempt in 1.. {
            let begun = self.begun(way, move |journal| {
                (journal.way, journal.step) = (Some(way), Step::Obtaining);
                journal.attempts.obtain += 1;
                // What came before it is saved.
                journal.remarks.extend((attempt > 1).then(|| SAME.to_owned()));
            });
            match begun.await {
                Ok(kinship) => {
                    if kinship == Kinship::Identical && attempt == 1 {
                        match self.pastes(way) {
                            true => self.say("that is the old token: paste the new one"),
                            false => self.next_second().await,
                        }
                        continue;
                    }
                    self.now.renewed(kinship, self.obtained_at);
                    self.replaced(way);
                    self.tell(|profile| Event::Obtained { profile, way });
                }
                Err(error) => self.failed(way, &error),
            }
            return;
        }
    }

    /// Writes down that a login or refresh begins, and makes it. How what came is related to what was.
    async fn begun(
        &mut self,
        way: Way,
        mark: impl FnOnce(&mut Journal) + Send + 'static,
    ) -> Result<Kinship, AuthError> {
        let noted = self.note(|journal| {
            mark(journal);
            journal.clone()
        });
        let journal = noted.await?;
        self.exchange(way, journal).await?;
        Ok(self.kinship(way))
    }

    /// In which a server that counts in seconds makes other tokens.
    async fn next_second(&mut self) {
        let next = clock::to_the_second(self.time()) + TimeDelta::milliseconds(1_050);
        self.pause_until(next).await;
    }

    /// Whether a person pastes the new session.
    pub(super) fn pastes(&self, way: Way) -> bool {
        way == Way::Asked && self.rotation.login(&self.call.settings).is_some_and(|login| login.pasted.is_some())
    }

    /// Tells whoever is asked for this profile.
    fn say(&self, words: &str) {
        self.run.shell.user(&self.row.profile.name).report(Progress::Remark(words.to_owned()));
    }

    /// What a refresh ends by itself.
    pub(super) fn replaced(&mut self, way: Way) {
        if way != Way::Refresh {
            return;
        }
        let refresh = self.rotation.refresh(&self.call.settings);
        for token in &mut self.now.tokens {
            token.ending = ending_by(Some(way), refresh, token.subject.kind, token.ending);
            if token.ending == Ending::Replaced {
                token.subject.ended_at = self.obtained_at;
            }
        }
    }

    pub(super) async fn pause_until(&mut self, until: clock::Timestamp) {
        let pause = (until - self.time()).max(TimeDelta::zero());
        self.run.sleep(pause).await;
        self.shift = self.shift.max(until - clock::now());
    }

    /// How what came is related to what was.
    pub(super) fn kinship(&self, way: Way) -> Kinship {
        let login = self.rotation.login(&self.call.settings);
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => Kinship::between(way, login, old, new),
            _ => login.filter(|_| way != Way::Refresh).map_or(Kinship::Same, |login| login.kinship),
        }
    }

    /// The login or refresh, in a task of its own that saves what comes. The new set is read from where it was saved.
    async fn exchange(&mut self, way: Way, journal: Journal) -> Result<(), AuthError> {
        let user = self.run.shell.user(&self.row.profile.name);
        let run = Arc::clone(&self.run);
        for attempt in 1.. {
            let _person = match way {
                Way::Asked => Some(self.person(&run).await?),
                Way::Login | Way::Refresh => None,
            };
            let pass = match way {
                // A person takes their time.
                Way::Asked => None,
                Way::Login | Way::Refresh => {
                    let pass = run.gates.enter(&self.origin, |pause| self.limited(pause));
                    Some(self.unless(Cancelled::Begin, pass).await.ok_or(AuthError::Cancelled)?)
                }
            };
            let answer = match way {
                Way::Asked => self.fly(way, journal.clone(), &Leaving { user: &*user, turn: self }).await,
                Way::Login | Way::Refresh => self.fly(way, journal.clone(), &Unasked(&*user)).await,
            };
            drop(pass);
            match answer {
                Err(limited @ AuthError::RateLimited { .. }) => {
                    run.gates.close(&self.origin, limited.pause().map(|pause| pause.min(LONGEST)));
                    let patient = limited.pause().is_none_or(|pause| pause <= LONGEST);
                    if attempt == TRIES || !patient || self.now.cancelled != Cancelled::No {
                        return Err(limited);
                    }
                }
                Err(error) => return Err(error),
                Ok(_) => {
                    run.gates.open(&self.origin);
                    break;
                }
            }
        }
        self.obtained_at = Some(self.time());
        let name = &self.row.profile.name;
        self.new = self.session().vault.token_set(name)?;
        if self.session().vault.unsaved(name).is_some() && self.session().vault.rescued(name).is_none() {
            // Only in memory: a crash would cost it, so the old one stays.
            self.now.revoke = false;
            self.alarms.push("the new tokens are only in memory, so nothing was revoked".to_owned());
        }
        Ok(())
    }

    /// The right to ask.
    async fn person<'r>(&self, run: &'r Running) -> Result<SemaphorePermit<'r>, AuthError> {
        let person = match run.persons.try_acquire() {
            Ok(person) => person,
            Err(_) => {
                self.wait_for(Waiting::Person, None);
                let person = self.unless(Cancelled::Begin, run.persons.acquire()).await;
                person.and_then(Result::ok).ok_or(AuthError::Cancelled)?
            }
        };
        self.tell(|profile| Event::Asked { profile });
        Ok(person)
    }

    async fn fly(&self, way: Way, journal: Journal, user: &dyn Interaction) -> Result<TokenSet, AuthError> {
        let session = self.session();
        let (profile, mut call) = (self.row.profile.clone(), session.call(&self.row.profile)?);
        if let (Way::Asked, Some(login)) = (way, self.rotation.login(&call.settings)) {
            // What stands in the profile is the old one.
            call.settings.ask_for(login.pasted.unwrap_or_default());
        }
        match way {
            Way::Login | Way::Asked => {
                let work = move |session: Session, call, flight: Arc<Flight>| async move {
                    session.enter(&profile, call, Some(journal), &flight).await
                };
                session.fly(&self.row.profile, ExchangeKind::Login, call, user, work).await
            }
            Way::Refresh => {
                let seen = session.saved(&profile)?.generation();
                let work = move |session: Session, call, flight: Arc<Flight>| async move {
                    session.renew(&profile, call, seen, Some(journal.run), &flight).await
                };
                session.fly(&self.row.profile, ExchangeKind::Refresh, call, user, work).await
            }
        }
    }

    /// No new session came that way: perhaps by another.
    fn failed(&mut self, way: Way, error: &AuthError) {
        let user = self.run.shell.user(&self.row.profile.name);
        match error {
            // A key may be encrypted, and a server may want a code.
            AuthError::NeedsInteraction(_) if way == Way::Login && user.is_attended() && !self.now.panic => {
                self.now.way = Some(Way::Asked);
                return;
            }
            AuthError::NeedsInteraction(_) | AuthError::Cancelled if self.may_refresh(way) => {
                self.now.way = Some(Way::Refresh);
                return;
            }
            // Nothing was sent.
            AuthError::Cancelled if self.run.is_cancelled() => return,
            AuthError::Cancelled if way == Way::Asked => self.reason = Some("the login was skipped".to_owned()),
            error => self.reason = Some(error.to_string()),
        }
        if let (Way::Refresh, AuthError::Refused { credential_dead: true, .. }) = (way, error) {
            self.alarms.push("the refresh token was revoked, or another party has used it".to_owned());
            let token = self.old.as_ref().and_then(|old| old.token(TokenKind::Refresh));
            let search = token.map(|token| format!("search the server's log for {}", token.fingerprint()));
            self.left_to_do.extend(search);
        }
        self.left_to_do.push("log in by hand".to_owned());
        self.now.new = New::Failed;
    }

    fn may_refresh(&self, instead_of: Way) -> bool {
        if instead_of == Way::Refresh || self.run.is_cancelled() {
            return false;
        }
        let is_way = self.rotation.ways(&self.call.settings, |_| false).contains(&Way::Refresh);
        let has_token = self.old.as_ref().is_some_and(|old| old.token(TokenKind::Refresh).is_some());
        is_way && has_token && !self.now.panic && self.run.options.way == Wanted::Auto
    }

    /// The endings had reached the new session, and another login has brought this one.
    pub(super) fn has_logged_in_again(&mut self) {
        self.has_recovered = true;
        self.alarm("the revocation also ended the new session; tokscope logged in again");
    }

    /// Logs in again: the endings have reached the new session.
    pub(super) async fn recover(&mut self) {
        self.stage(Stage::Recovering);
        let way = self.now.way.unwrap_or(Way::Login);
        let begun = self.begun(way, |journal| {
            journal.step = Step::Recovering;
            journal.attempts.recover += 1;
        });
        match begun.await {
            Ok(kinship) => {
                let was_same = self.now.new == New::Here(Kinship::Identical);
                self.now.recovered(New::Here(kinship));
                if !was_same {
                    self.has_logged_in_again();
                }
            }
            Err(error) => {
                self.reason =
                    Some(format!("the revocation also ended the new session, and the next login failed: {error}"));
                self.left_to_do.push("log in by hand".to_owned());
                self.now.recovered(New::Failed);
            }
        }
    }
}

/// The user of a login, who may want no more of the run.
struct Leaving<'a> {
    user: &'a dyn Interaction,
    turn: &'a Turn,
}

#[async_trait]
impl Interaction for Leaving<'_> {
    fn report(&self, step: Progress) {
        self.user.report(step);
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        self.user.ask(prompt).await
    }
    fn is_attended(&self) -> bool {
        self.user.is_attended()
    }
    fn is_by_hand(&self) -> bool {
        self.user.is_by_hand()
    }
    async fn given_up(&self) {
        let _ = self.turn.unless(Cancelled::Begin, self.user.given_up()).await;
    }
}
