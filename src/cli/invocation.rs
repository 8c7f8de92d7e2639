//! A use case, called for one profile from the command line.

use std::{cell::Cell, path::PathBuf, pin::pin, rc::Rc, time::Duration};

use super::{
    Exit, Failure, GlobalOptions,
    input::Source,
    interaction::Terminal,
    named::{Target, find},
    opening,
    output::{say, tell},
    signals::waiting,
    token_set,
};
use crate::{
    auth::{AuthError, Descriptor, TokenKind},
    clock,
    profile::Profile,
    session::Session,
    store::{holders::Holder, identity::Home},
};

/// All that a call needs.
pub(super) struct Invocation {
    /// The configuration folder.
    pub(super) dir: PathBuf,
    pub(super) profile: Profile,
    /// What the profile's auth system is like.
    pub(super) descriptor: &'static Descriptor,
    pub(super) terminal: Terminal,
    pub(super) session: Session,
    /// Where the tokens are saved, in words: `in … (key: keyring)`. None: only in memory.
    pub(super) saved: Option<String>,
    /// While the vault is open, `tokscope lock` reaches this process.
    holder: Option<Rc<Holder>>,
    /// The signal that came while an answer was waited for.
    signal: Cell<Option<i32>>,
}

impl Invocation {
    /// Finds the profile, for tokens that are kept only in memory.
    pub(super) fn in_memory(target: &Target, place: &GlobalOptions) -> Result<Self, Failure> {
        let dir = place.dir()?;
        let profile = find(&dir, &target.profile)?;
        let session = opening::session();
        place.restrict(&session)?;
        let descriptor = session.provider(&profile).map_err(Failure::of_auth)?.descriptor();
        let terminal = Terminal::new(!target.no_input);
        let signal = Cell::default();
        Ok(Self { dir, profile, descriptor, terminal, session, saved: None, holder: None, signal })
    }

    /// For one of many profiles, over a vault that is open.
    pub(super) fn over(
        profile: &Profile,
        session: &Session,
        holder: Option<Rc<Holder>>,
        input: bool,
        place: &GlobalOptions,
    ) -> Result<Self, Failure> {
        Ok(Self {
            dir: place.dir()?,
            profile: profile.clone(),
            descriptor: session.provider(profile).map_err(Failure::of_auth)?.descriptor(),
            terminal: Terminal::new(input),
            session: session.clone(),
            saved: None,
            holder,
            signal: Cell::default(),
        })
    }

    /// Finds the profile and opens the vault.
    pub(super) fn in_vault(target: &Target, place: &GlobalOptions) -> Result<Self, Failure> {
        let mut call = Self::in_memory(target, place)?;
        let folder = place.folder()?;
        let home;
        let holder;
        (call.session, home, holder) = opening::open(&call.session, &folder, &call.terminal)?;
        call.holder = holder.map(Rc::new);
        if home != Home::Memory {
            call.saved = Some(format!("in {} (key: {home})", folder.vault().display()));
        }
        Ok(call)
    }

    /// A call that is about tokens: those of a file or a pipe, which are not saved, or else the saved ones. `bare` is what
    /// a token without any JSON around it must be.
    pub(super) fn with_tokens(
        target: &Target,
        place: &GlobalOptions,
        source: Option<&Source>,
        bare: Option<TokenKind>,
    ) -> Result<Self, Failure> {
        let source = match source {
            Some(Source::Argument(_)) => {
                return Err(Failure::usage("tokens are not accepted as arguments, which every user can see in `ps`")
                    .hint("give a file as @FILE, or pipe them in"));
            }
            Some(source) => Some(source.clone()),
            None => Source::if_piped(),
        };
        let Some(source) = source else { return Self::with_saved(target, place) };
        let call = Self::in_memory(target, place)?;
        let bytes = source.bytes()?;
        let text = source.text(opening::unsealed(place, &source, bytes, &call.terminal)?)?;
        let token_set = token_set::read(&text, Some(&target.profile), bare, clock::now())?;
        call.session.adopt(&target.profile, token_set)?;
        Ok(call)
    }

    /// A call that is about the saved tokens.
    pub(super) fn with_saved(target: &Target, place: &GlobalOptions) -> Result<Self, Failure> {
        // A vault in which nothing was ever saved is not begun by a question for it.
        match place.folder()?.is_new()? {
            true => Self::in_memory(target, place),
            false => Self::in_vault(target, place),
        }
    }

    /// Runs the call until it is done. A signal ends it at once where nothing was sent; what was sent is finished, and then
    /// [`Self::end`] tells of the signal.
    pub(super) fn run<T>(&self, work: impl Future<Output = Result<T, AuthError>>) -> Result<T, Failure> {
        waiting(async |mut ends| {
            let mut work = pin!(work);
            let signal = tokio::select! { biased;
                done = &mut work => return done.map_err(Failure::of_auth),
                signal = ends.first() => signal,
            };
            let awaited = self.session.leave();
            if awaited.is_empty() {
                // What was stopped takes its mark back.
                let _ = tokio::time::timeout(CLEARING, self.session.finished()).await;
                return Err(Failure::interrupted(signal, "interrupted; nothing was consumed at the server"));
            }
            self.holder.iter().for_each(|holder| holder.finishing());
            for exchange in awaited {
                tell(&format!("waiting for the response to {exchange}; press Ctrl-C again to abandon it"));
            }
            tokio::select! { biased;
                done = work => {
                    self.signal.set(Some(signal));
                    done.map_err(|error| match error {
                        AuthError::Cancelled => Failure::interrupted(signal, "interrupted; the response held no token"),
                        error => Failure::of_auth(error),
                    })
                }
                () = ends.second() => Err(self.abandoned(signal)),
            }
        })
    }

    /// How a command ends that did its work: by the signal that came meanwhile, if one did.
    pub(super) fn end(&self, verdict: Exit) -> Result<Exit, Failure> {
        match self.signal.get() {
            Some(signal) => Err(Failure::interrupted(signal, "interrupted, after the response was received and saved")),
            None => Ok(verdict),
        }
    }

    /// What it means to go without the answer.
    fn abandoned(&self, signal: i32) -> Failure {
        let name = &self.profile.name;
        let failure = Failure::interrupted(signal, "interrupted before the response arrived");
        let marked = self.session.condition(name).is_ok_and(|condition| condition.in_flight.is_some());
        failure.hint(match (&self.saved, marked) {
            (Some(_), true) => format!(
                "the refresh token was sent, so its state is unknown; this is recorded: \
                 `tokscope refresh {name}` tries it again; if it is refused, use `tokscope login {name}`"
            ),
            (None, true) => "the refresh token was sent: the server may have used it up".to_owned(),
            _ => "the request was sent: the server may have acted on it".to_owned(),
        })
    }

    /// Sees to it that what came is in the vault before the process ends, which is all that knows it: tries once more, asks
    /// whether to try again where a user is there, and else says where the tokens are. `printed`: on standard output.
    pub(super) fn settle(&self, printed: bool) -> Result<(), Failure> {
        let (session, name) = (&self.session, &self.profile.name);
        loop {
            session.retry();
            let Some(reason) = session.unsaved(name) else { return Ok(()) };
            if let Some(path) = session.rescued(name) {
                let failure = Failure::new(format!("the new tokens of {name} are not in the vault: {reason}"));
                return Err(failure.hint(format!(
                    "they are encrypted in {}; the next tokscope that can write the vault moves them there",
                    path.display()
                )));
            }
            let failure = Failure::new(format!("the new tokens of {name} are NOT SAVED anywhere: {reason}"));
            if printed {
                return Err(failure.hint("they exist only in standard output: keep it"));
            }
            say(&failure.to_string());
            if !self.terminal.confirm("Try again? If not, they are lost.").unwrap_or(false) {
                return Err(Failure::new(format!("the new tokens of {name} were NOT SAVED")).hint(format!(
                    "make the vault's folder writable, then `tokscope login {name}`; --json prints the new tokens"
                )));
            }
        }
    }
}

/// How long a signal's end waits for exchanges that were stopped before they sent anything.
const CLEARING: Duration = Duration::from_millis(500);
