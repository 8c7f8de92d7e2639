//! What old tokens are still good for, each answer with its control.

use super::{
    Turn, access,
    call::{Call, Said},
};
use crate::{
    auth::{
        AuthError, IssuedToken, TokenKind,
        rotation::{Observed, Tried, made_up},
    },
    session::rotate::{
        event::Stage,
        evidence::{Answer, By, Control, ControlKind, Observation},
        receipt::shown,
        running::Place,
        step::{AT_MOST, Check},
    },
};

impl Turn {
    /// Whether the new session is accepted.
    pub(super) async fn control(&mut self) {
        self.stage(Stage::Checking);
        let mut check = match access(self.new.as_ref()).cloned() {
            Some(token) => self.check(&token, self.control_by).await,
            None => Check::Mute,
        };
        if check == Check::Passed && self.refresh_is_lost().await {
            check = Check::Refused;
        }
        if check == Check::Passed {
            self.lend();
        }
        self.now.checked(check);
    }

    /// Where others of the same client find a token of this kind; nowhere without a client. Issuers may share an origin.
    fn said(&self, kind: TokenKind) -> Option<Place> {
        let settings = &self.call.settings;
        let addresses = settings.urls().filter(|(key, _)| *key != "probe_url").map(|(key, url)| format!("{key} {url}"));
        let client = format!("client_id {}", settings.lookup("client_id")?);
        Some(Place::Said(kind, addresses.chain([client]).collect()))
    }

    /// The new session is accepted: its tokens are a control for others.
    fn lend(&self) {
        let kinds = [TokenKind::Access, TokenKind::Refresh].into_iter();
        for token in kinds.filter_map(|kind| self.new.as_ref()?.token(kind)) {
            self.said(token.kind).into_iter().for_each(|place| self.run.accepted(place, token));
        }
    }

    /// A signed access token is accepted although its grant was ended. Then the server may tell it of the refresh token: one that it
    /// called active before.
    async fn refresh_is_lost(&mut self) -> bool {
        let new = self.new.as_ref();
        let signed = access(new).is_some_and(IssuedToken::is_signed);
        let token = new.and_then(|new| new.token(TokenKind::Refresh)).cloned();
        let Some(token) = token.filter(|_| signed && self.rotation.tried == Tried::Userinfo) else { return false };
        if self.now.passed && !self.refresh_is_active {
            return false;
        }
        match self.ask(By::Introspect, &token).await {
            Some((Answer::Accepted, _)) if !self.refresh_is_active => {
                let made_up = self.negative(By::Introspect, &token).await;
                self.refresh_is_active = made_up.result == Answer::Refused;
                false
            }
            Some((Answer::Refused, _)) => self.refresh_is_active,
            _ => false,
        }
    }

    /// By the strongest call that can tell.
    async fn check(&mut self, token: &IssuedToken, from: By) -> Check {
        for by in [By::Use, By::Introspect].into_iter().filter(|by| *by >= from) {
            let Some((answer, said)) = self.ask(by, token).await else { continue };
            match answer {
                Answer::Accepted if self.negative(by, token).await.result == Answer::Refused => {
                    let call = self.named(by, &said);
                    let seen = self.now.tokens.iter_mut().flat_map(|token| &mut token.seen);
                    seen.for_each(|one| _ = one.confirm(by, &call, said.at));
                    self.run.accepted(Place::Call(call), token);
                    self.control_by = by;
                    return Check::Passed;
                }
                Answer::Refused if by == By::Use => return Check::Refused,
                Answer::Refused if self.now.passed => return Check::Refused,
                _ => {}
            }
        }
        Check::Mute
    }

    /// The new token is refused: so may be every other.
    pub(super) async fn try_old(&mut self) {
        let now = self.now.clock.now;
        let lives = |end: Option<_>| end.is_none_or(|end| end > now);
        let old = access(self.old.as_ref()).cloned();
        let old = old.filter(|token| {
            let place = self.tokens.iter().position(|one| one.is_same(token));
            place.is_some_and(|place| {
                let known = &self.now.tokens[place];
                lives(known.subject.expires_at) && known.tests.contains(&By::Use)
            })
        });
        let Some(token) = old else { return self.now.compared(None) };
        let works = match self.ask(By::Use, &token).await {
            Some((Answer::Accepted, _)) => {
                (self.negative(By::Use, &token).await.result == Answer::Refused).then_some(true)
            }
            Some((Answer::Refused, _)) => Some(false),
            Some((Answer::Unclear, _)) | None => None,
        };
        let new = access(self.new.as_ref()).cloned();
        // That call refuses everything. Another may tell.
        if let (Some(false), Some(new)) = (works, new)
            && self.check(&new, By::Introspect).await == Check::Passed
        {
            return self.now.checked(Check::Passed);
        }
        self.now.compared(works);
    }

    /// Tries old tokens before anything is sent. What accepts the new session at once is the control of a refusal.
    pub(super) async fn observe(&mut self, all: Vec<(usize, By)>) {
        self.now.observed = true;
        for (place, by) in all {
            self.show(place, by).await;
        }
    }

    /// Tries an old token.
    pub(super) async fn prove(&mut self, place: usize, by: By) {
        match by {
            By::Replay => self.replay(place).await,
            by => self.show(place, by).await,
        }
        self.judged(&self.tokens[place], &self.now.tokens[place].judged(self.now.clock));
    }

    /// Shows an old token to a call.
    async fn show(&mut self, place: usize, by: By) {
        let token = self.tokens[place].clone();
        if let Some((answer, said)) = self.ask(by, &token).await {
            let control = match answer {
                Answer::Accepted => Some(self.negative(by, &token).await),
                Answer::Refused => self.positive(by, token.kind, &self.named(by, &said)).await,
                Answer::Unclear => None,
            };
            self.saw(place, by, answer, &said, control);
        } else {
            self.now.tokens[place].tests.retain(|test| *test != by);
        }
    }

    /// Sends the old refresh token once more. What it brings is nobody's: it is ended, and never saved, shown or logged.
    async fn replay(&mut self, place: usize) {
        let of_successor = self.brought.is_some();
        let set = self.brought.take().or_else(|| self.old.clone());
        self.now.tokens[place].brought = false;
        let begun = self.note(|journal| {
            journal.attempts.replay += 1;
            journal.attempts.replay
        });
        let (Ok(times), Some(set)) = (begun.await, set) else {
            self.now.tokens[place].replays = AT_MOST;
            return;
        };
        let said = self.send(&Call::Refresh(set)).await;
        let refused = said.outcome.as_ref().is_err_and(|error| self.rotation.refuses_replay(error));
        let answer = Answer::of_replay(said.outcome.is_ok(), refused);
        let control = self.obtained_at.map(|at| Control { kind: ControlKind::Positive, result: Answer::Accepted, at });
        self.now.tokens[place].replays = times;
        self.saw(place, By::Replay, answer, &said, control.filter(|_| answer != Answer::Accepted));
        self.now.tokens[place].seen.last_mut().into_iter().for_each(|one| one.of_successor = of_successor);
        if let Ok(Said::Set(brought)) = said.outcome {
            let new: Vec<_> = self.new.iter().flat_map(|set| set.tokens.clone()).collect();
            let is_new = |token: &&IssuedToken| new.iter().any(|new| new.is_same(token));
            // Where one second makes one text, an access token tells nothing of its grant.
            let tells = |token: &&IssuedToken| token.kind == TokenKind::Refresh || !self.rotation.same_second;
            // The same grant: an ending of it would be one of the new session.
            if !brought.tokens.iter().filter(tells).any(|token| is_new(&token)) {
                let ends = |token: &&IssuedToken| token.kind != TokenKind::Id && !is_new(token);
                let tokens = brought.in_order_of_ending().into_iter().filter(ends).cloned().collect();
                self.end_all(tokens).await;
                self.now.tokens[place].brought = true;
                self.brought = Some(brought);
            }
        }
        self.now.sent();
    }

    fn saw(&mut self, place: usize, by: By, result: Answer, said: &Observed<Said>, control: Option<Control>) {
        let own = by == By::Use && self.is_own();
        let observation = Observation {
            at: said.at,
            by,
            call: self.named(by, said),
            own,
            of_successor: false,
            status: status(said),
            result,
            words: said.words.clone(),
            control,
        };
        self.now.tokens[place].seen.push(observation);
    }

    fn named(&self, by: By, said: &Observed<Said>) -> String {
        shown(&said.call.clone().unwrap_or_else(|| format!("{} of {}", by.as_str(), self.row.profile.provider)))
    }

    /// What a call says of a token; `None`: there is no such call.
    async fn ask(&mut self, by: By, token: &IssuedToken) -> Option<(Answer, Observed<Said>)> {
        let call = match by {
            By::Introspect => Call::Introspect(token.clone()),
            _ => Call::Use(token.clone()),
        };
        let said = self.send(&call).await;
        let answer = match &said.outcome {
            Ok(Said::Verdict(verdict)) if by == By::Introspect => Answer::of_introspection(verdict.acceptance),
            Ok(Said::Verdict(verdict)) => {
                let words = Some(said.words.as_str()).filter(|words| !words.is_empty());
                Answer::of_use(verdict.acceptance, verdict.status, words)
            }
            Err(AuthError::Unsupported(_)) if said.call.is_none() => return None,
            Err(AuthError::NeedsInteraction(_) | AuthError::Setting(_)) => return None,
            _ => Answer::Unclear,
        };
        Some((answer, said))
    }

    /// What the same call says to the new token of the same kind; without one, to a live one of another profile.
    async fn positive(&mut self, by: By, kind: TokenKind, call: &str) -> Option<Control> {
        let new = self.new.as_ref();
        let own = match kind {
            TokenKind::Refresh => new.and_then(|new| new.token(TokenKind::Refresh)),
            _ => access(new),
        };
        let other = match by {
            By::Introspect => self.said(kind),
            _ => Some(Place::Call(call.to_owned())),
        };
        let other = || other.and_then(|place| self.run.live(&place));
        let token = own.cloned().or_else(other)?;
        let (result, said) = self.ask(by, &token).await?;
        Some(Control { kind: ControlKind::Positive, result, at: said.at })
    }

    /// What the same call says to a token that no server issued: once for each call.
    async fn negative(&mut self, by: By, token: &IssuedToken) -> Control {
        if let Some(known) = self.made_up.get(&(by, token.kind)) {
            return *known;
        }
        let asked = self.ask(by, &made_up(token)).await;
        let (result, at) = asked.map_or((Answer::Unclear, self.time()), |(answer, said)| (answer, said.at));
        let control = Control { kind: ControlKind::Negative, result, at };
        if result != Answer::Unclear {
            self.made_up.insert((by, token.kind), control);
        }
        control
    }
}

fn status(said: &Observed<Said>) -> Option<u16> {
    match &said.outcome {
        Ok(Said::Verdict(verdict)) => Some(verdict.status),
        _ => said.status,
    }
}
