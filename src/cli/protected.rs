//! What a change in a protected environment takes: the environment's name, among the arguments or typed on the terminal.

use super::{Failure, interaction::Terminal};
use crate::text::visible;

/// Whether this is the name of the environment.
pub(super) fn is_same(given: &str, environment: &str) -> bool {
    given.trim().to_lowercase() == environment.trim().to_lowercase()
}

/// Fails where no user can be asked for the name: to be said before anything is opened or sent.
pub(super) fn askable(names: &str, environment: &str, input: bool) -> Result<(), Failure> {
    if input && Terminal::is_there() { Ok(()) } else { Err(unasked(names, environment)) }
}

/// Says these lines and asks for the name, to do `what` to the profiles of these names.
pub(super) fn confirm(names: &str, environment: &str, lines: &[String], what: &str) -> Result<(), Failure> {
    let question = format!("Type {environment} to {what}");
    let typed = Terminal::new(true).line(lines, &question).map_err(|_| unasked(names, environment))?;
    match typed.is_some_and(|typed| is_same(&typed, environment)) {
        true => Ok(()),
        false => Err(Failure::new("that is not the name of the environment; nothing was sent").negative()),
    }
}

fn unasked(names: &str, environment: &str) -> Failure {
    let environment = visible(environment);
    Failure::new(format!(
        "{names}: in the protected environment {environment}, and this run cannot ask; nothing was sent"
    ))
    .hint(format!("--yes-env {environment} confirms"))
}
