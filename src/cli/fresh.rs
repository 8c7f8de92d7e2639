//! A fresh token of a profile for a command: the one way from the arguments to [`Session::fresh`].
//!
//! [`Session::fresh`]: crate::session::Session::fresh

use super::{
    Failure, GlobalOptions,
    interaction::Terminal,
    invocation::Invocation,
    named::{Target, find},
    opening,
};
use crate::{
    auth::{AuthError, TokenSet},
    profile::ProfileName,
    session::Demand,
    trouble::Code,
};

/// Opens the vault for a profile, whose tokens are there: none are a negative answer.
pub(super) fn open(target: &Target, place: &GlobalOptions) -> Result<Invocation, Failure> {
    let call = Invocation::with_saved(target, place)?;
    match call.session.token_set(&target.profile)? {
        Some(_) => Ok(call),
        None => {
            Err(login_again(Failure::new(format!("profile {} has no saved tokens", target.profile)), &target.profile))
        }
    }
}

/// The saved tokens, where they have what is asked for and the key of the vault is at hand. Whatever else there is to say,
/// [`open`] and [`tokens`] say.
pub(super) fn at_hand(target: &Target, place: &GlobalOptions, demand: &Demand) -> Option<TokenSet> {
    let folder = place.folder().ok()?;
    let profile = find(&folder.config, &target.profile).ok()?;
    let session = opening::session();
    place.restrict(&session).ok()?;
    session.provider(&profile).ok()?;
    let (_passage, session) = opening::in_passing(&session, &folder)?;
    let (saved, suffices) = session.saved_for(&profile, demand, &Terminal::new(!target.no_input)).ok()?;
    suffices.then_some(saved)
}

/// The tokens of a call, with what is asked for in them. Without a way to renew them: a negative answer.
pub(super) fn tokens(call: &Invocation, demand: &Demand) -> Result<TokenSet, Failure> {
    attempt(call, call.session.fresh(&call.profile, demand, &call.terminal))
}

/// Runs what needs fresh tokens. Without a way to renew them: a negative answer.
pub(super) fn attempt<T>(call: &Invocation, work: impl Future<Output = Result<T, AuthError>>) -> Result<T, Failure> {
    let work = async {
        match work.await {
            Err(error) if needs_login(&error) => Ok(Err(error)),
            done => done.map(Ok),
        }
    };
    call.run(work)?.map_err(|error| login_again(error.into(), &call.profile.name))
}

/// Only a login helps.
fn needs_login(error: &AuthError) -> bool {
    matches!(
        error,
        AuthError::Refused { credential_dead: true, .. }
            | AuthError::Retired(_)
            | AuthError::NeedsInteraction(_)
            | AuthError::Unsupported(_)
    )
}

fn login_again(failure: Failure, profile: &ProfileName) -> Failure {
    failure.coded(Code::LoginRequired).negative().hint(format!("log in again: `tokscope login {profile}`"))
}
