//! A server with grants, which tells the truth or not, and stops at a call where it is told to.

use std::collections::BTreeMap;

use super::*;
use crate::auth::rotation::{Ending, EndingOf, Kinship, LoginWay, RefreshOf, RefreshWay, Replay, Rotation, Tried};

/// What it does differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Honest,
    /// Says yes to a revocation, and does nothing.
    Noop,
    /// Revokes nothing where it is told the kind.
    HintBroken,
    /// A revocation ends every session.
    TooMuch,
    /// Accepts no token at its API.
    Blind,
    /// Accepts every text at its API.
    Open,
    /// Gives the same tokens to everyone.
    SameToken,
    /// Gives the same tokens as long as they live.
    SameWhileLive,
    /// A refresh leaves the refresh token as it is.
    KeepsRefresh,
    /// Refuses every login after the first.
    RefusesLogin,
    /// Refuses new tokens at its API, and accepts the first ones.
    RefusesNew,
}

/// Where it stops for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop {
    /// At this call, counted from 0.
    pub(super) call: usize,
    /// The call has done its work, and the answer is lost.
    pub(super) acted: bool,
}

pub(super) struct Server {
    pub(super) mode: Mode,
    descriptor: &'static Descriptor,
    state: Mutex<State>,
    pub(super) stop: Mutex<Option<Stop>>,
    pub(super) stopped: Notify,
}

#[derive(Default)]
struct State {
    /// The live tokens with their grants.
    live: BTreeMap<String, usize>,
    grants: usize,
    sets: usize,
    /// The number of the last set, and its grant.
    last: (usize, usize),
    calls: usize,
    log: Vec<String>,
}

pub(super) const ROTATION: Rotation = Rotation {
    logins: &[LoginWay { when: None, secrets: &["password"], pasted: None, person: false, kinship: Kinship::Separate }],
    refreshes: &[RefreshOf { when: None, way: RefreshWay::Rotates }],
    endings: &[
        EndingOf { kind: TokenKind::Refresh, opaque_only: false, by: Ending::Revocation },
        EndingOf { kind: TokenKind::Access, opaque_only: false, by: Ending::Revocation },
    ],
    replay: Replay::AfterLogin,
    tried: Tried::OwnApi,
    ..Rotation::UNKNOWN
};

impl Server {
    pub(super) fn new(mode: Mode, rotation: Rotation) -> &'static Self {
        let descriptor = Descriptor { id: "server", title: "Server", rotation, ..DESCRIPTOR };
        Box::leak(Box::new(Self {
            mode,
            descriptor: Box::leak(Box::new(descriptor)),
            state: Mutex::default(),
            stop: Mutex::default(),
            stopped: Notify::new(),
        }))
    }

    /// What it was asked for, in order.
    pub(super) fn log(&self) -> Vec<String> {
        self.state.lock().unwrap().log.clone()
    }

    pub(super) fn count(&self, call: &str) -> usize {
        self.log().iter().filter(|line| line.starts_with(call)).count()
    }

    /// Whether a token is dead, by its fingerprint: the truth.
    pub(super) fn is_dead(&self, fingerprint: &str) -> bool {
        let state = self.state.lock().unwrap();
        !state.live.keys().any(|raw| crate::secret::Fingerprint::of(raw).to_string() == fingerprint)
    }

    /// Ends a grant.
    pub(super) fn kill(&self, grant: usize) {
        self.state.lock().unwrap().live.retain(|_, of| *of != grant);
    }

    /// Does its work, or stops before or after it.
    async fn answer<T>(&self, line: String, work: impl FnOnce(&mut State) -> T) -> T {
        let (done, stops) = {
            let mut state = self.state.lock().unwrap();
            let call = state.calls;
            state.calls += 1;
            let stop = self.stop.lock().unwrap().filter(|stop| stop.call == call);
            if stop.is_some_and(|stop| !stop.acted) {
                (None, true)
            } else {
                state.log.push(line);
                (Some(work(&mut state)), stop.is_some())
            }
        };
        if stops {
            self.stopped.notify_one();
            pending::<()>().await;
        }
        done.expect("it does not stop")
    }

    fn issue(&self, state: &mut State, grant: usize) -> TokenSet {
        let lives = state.live.contains_key(&format!("marker-access-{}-of-{}", state.last.0, state.last.1));
        if self.mode != Mode::SameWhileLive || !lives {
            state.sets += 1;
            state.last = (if self.mode == Mode::SameToken { 1 } else { state.sets }, grant);
        }
        let (number, grant) = state.last;
        let token = |kind: TokenKind| IssuedToken {
            kind,
            raw: format!("marker-{kind}-{number}-of-{grant}").into(),
            expires_at: (kind == TokenKind::Access).then(|| clock::now() + chrono::TimeDelta::hours(1)),
            scheme: Scheme::BEARER,
        };
        let tokens = vec![token(TokenKind::Access), token(TokenKind::Refresh)];
        let live = tokens.iter().map(|token| (token.raw.expose_secret().to_owned(), grant));
        state.live.extend(live);
        TokenSet {
            tokens,
            scope: None,
            account: Some("ada".to_owned()),
            received_at: clock::now(),
            remarks: Vec::new(),
        }
    }
}

fn raw(token: &IssuedToken) -> String {
    token.raw.expose_secret().to_owned()
}

#[async_trait]
impl Provider for Server {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    async fn login(&self, _: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        cx.begin()?;
        self.answer("login".to_owned(), |state| {
            state.grants += 1;
            let refused = self.mode == Mode::RefusesLogin && state.grants > 1;
            let grant = if self.mode == Mode::SameToken { 1 } else { state.grants };
            if refused { Err(refusal(401, "invalid_client")) } else { Ok(self.issue(state, grant)) }
        })
        .await
    }

    async fn refresh(&self, _: &Settings, old: &TokenSet, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        cx.begin()?;
        let token = raw(old.token(TokenKind::Refresh).unwrap());
        self.answer(format!("refresh {token}"), |state| match state.live.remove(&token) {
            Some(grant) => {
                let mut set = self.issue(state, grant);
                if self.mode == Mode::KeepsRefresh {
                    state.live.insert(token.clone(), grant);
                    set.tokens[1].raw = token.as_str().into();
                }
                Ok(set)
            }
            None => Err(refusal(400, "invalid_grant")),
        })
        .await
    }

    async fn end(&self, _: &Settings, token: &IssuedToken, hinted: bool, _: &Context<'_>) -> Result<Fate, AuthError> {
        let token = raw(token);
        let hint = if hinted { "" } else { " without a hint" };
        self.answer(format!("end {token}{hint}"), |state| {
            let grant = state.live.get(&token).copied();
            match self.mode {
                Mode::Noop => {}
                Mode::HintBroken if hinted => {}
                Mode::TooMuch => state.live.clear(),
                _ if token.contains("refresh") => state.live.retain(|_, of| Some(*of) != grant),
                _ => _ = state.live.remove(&token),
            }
            Ok(Fate::Asked(200))
        })
        .await
    }

    async fn introspect(&self, _: &Settings, token: &IssuedToken, _: &Context<'_>) -> Result<ProbeVerdict, AuthError> {
        if self.descriptor.rotation.tried != Tried::Userinfo {
            return Err(AuthError::unsupported("it says nothing of tokens", "try them"));
        }
        let token = raw(token);
        self.answer(format!("introspect {token}"), |state| {
            let acceptance = if state.live.contains_key(&token) { Acceptance::Accepted } else { Acceptance::Rejected };
            Ok(ProbeVerdict { acceptance, status: 200, account: None, detail: String::new() })
        })
        .await
    }

    async fn present(&self, _: &Settings, token: &IssuedToken, _: &Context<'_>) -> Result<ProbeVerdict, AuthError> {
        let token = raw(token);
        self.answer(format!("present {token}"), |state| {
            let live = state.live.get(&token);
            let accepted = match self.mode {
                Mode::Blind => false,
                Mode::Open => true,
                Mode::RefusesNew => live == Some(&1),
                _ => live.is_some(),
            };
            let (acceptance, status) = if accepted { (Acceptance::Accepted, 200) } else { (Acceptance::Rejected, 401) };
            Ok(ProbeVerdict { acceptance, status, account: None, detail: String::new() })
        })
        .await
    }
}

fn refusal(status: u16, code: &str) -> AuthError {
    let credential_dead = code == "invalid_grant";
    AuthError::Refused { status, code: Some(code.to_owned()), message: None, hint: None, credential_dead }
}

/// Whether it is this event.
pub(super) type When = fn(&Event) -> bool;
/// What is done about each event.
pub(super) type Does = Box<dyn Fn(&Event) + Send + Sync>;

/// A shell that hears everything.
pub(super) struct Ear {
    pub(super) heard: Mutex<Vec<Event>>,
    pub(super) cancelled: watch::Sender<Cancelled>,
    /// Cancels when this happens.
    pub(super) cancels: Option<(When, Cancelled)>,
    /// What is done about each event.
    pub(super) does: Option<Does>,
    pub(super) user: Arc<dyn Interaction>,
}

impl Ear {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            heard: Mutex::default(),
            cancelled: watch::Sender::new(Cancelled::No),
            cancels: None,
            does: None,
            user: Arc::new(NoInteraction),
        })
    }
}

impl Shell for Ear {
    fn tell(&self, event: Event) {
        if let Some((_, level)) = self.cancels.filter(|(when, _)| when(&event)) {
            self.cancelled.send_replace(level);
        }
        self.does.iter().for_each(|does| does(&event));
        self.heard.lock().unwrap().push(event);
    }
    fn user(&self, _: &ProfileName) -> Arc<dyn Interaction> {
        Arc::clone(&self.user)
    }
    fn cancelled(&self) -> watch::Receiver<Cancelled> {
        self.cancelled.subscribe()
    }
}
