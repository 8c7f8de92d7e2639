//! What a rotation takes before anything is sent: a yes for all, and the name of each protected environment.

use super::plan::profiles;
use crate::{
    cli::{Failure, interaction::Terminal, protected},
    profile::{Profile, Protected},
    session::rotate::plan::{Plan, Row},
};

/// What was confirmed by arguments, and whether the rest can be asked for.
pub(super) struct Confirmation<'a> {
    pub(super) yes: bool,
    pub(super) environments: &'a [String],
    pub(super) input: bool,
}

impl Confirmation<'_> {
    /// Fails where a question would be needed that no one can be asked: said before anything is sent.
    pub(super) fn possible(&self, profiles: &[Profile], protected: &Protected) -> Result<(), Failure> {
        let named = |profile: &&Profile| profile.environment.as_ref().is_some_and(|name| protected.covers(name));
        let (guarded, others): (Vec<_>, Vec<_>) = profiles.iter().partition(named);
        for profile in guarded {
            let environment = profile.environment.as_deref().unwrap_or_default();
            if !self.names(environment) {
                protected::askable(profile.name.as_str(), environment, self.input)?;
            }
        }
        let can_ask = self.input && Terminal::is_there();
        if others.is_empty() || self.yes || can_ask { Ok(()) } else { Err(unasked(others.len())) }
    }

    /// Asks for what is missing. The plan was shown.
    pub(super) fn given(&self, planned: &Plan) -> Result<(), Failure> {
        let missing = self.missing(planned);
        let others = self.others(planned);
        if others > 0 && !Terminal::new(self.input).confirm(&question(others, missing.is_empty()))? {
            return Err(Failure::new("not confirmed; nothing was sent").negative());
        }
        for environment in missing {
            let of = |name: &str| protected::is_same(name, environment);
            let whose = planned.rows.iter().filter(|row| row.profile.environment.as_deref().is_some_and(of));
            let names: Vec<_> = whose.map(|row| row.profile.name.to_string()).collect();
            let lines = [
                format!("{} in the protected environment {environment}: {}", profiles(names.len()), names.join(", ")),
                "Programs that use their tokens stop working.".to_owned(),
            ];
            protected::confirm(&names.join(", "), environment, &lines, &format!("rotate {}", profiles(names.len())))?;
        }
        Ok(())
    }

    /// Whether nothing has to be asked for.
    pub(super) fn is_complete(&self, planned: &Plan) -> bool {
        self.others(planned) == 0 && self.missing(planned).is_empty()
    }

    /// The protected environments that were not named.
    fn missing<'p>(&self, planned: &'p Plan) -> Vec<&'p String> {
        planned.protected.iter().filter(|environment| !self.names(environment)).collect()
    }

    /// How many profiles outside of protected environments take a yes that was not given.
    fn others(&self, planned: &Plan) -> usize {
        let is_guarded = |name: &str| planned.protected.iter().any(|guarded| protected::is_same(guarded, name));
        let is_other = |row: &&Row| !row.profile.environment.as_deref().is_some_and(is_guarded);
        if self.yes { 0 } else { planned.rows.iter().filter(is_other).count() }
    }

    fn names(&self, environment: &str) -> bool {
        self.environments.iter().any(|given| protected::is_same(given, environment))
    }
}

fn question(count: usize, is_all: bool) -> String {
    let which = if is_all { "" } else { " outside of protected environments" };
    format!("Rotate {}{which}?", profiles(count))
}

fn unasked(count: usize) -> Failure {
    Failure::usage(format!(
        "rotating {} needs confirmation, and this run cannot ask; nothing was sent",
        profiles(count)
    ))
    .hint("--yes confirms; --dry-run shows the plan")
}
